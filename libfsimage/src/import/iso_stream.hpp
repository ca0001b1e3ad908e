// Entries of one folder of ISO 9660, ISO 9660:1999, Joliet or Rock Ridge, from its directory records (ECMA-119 9.1). One
// thread.
#pragma once

#include "iso_content.hpp"
#include "iso_fields.hpp"
#include "iso_names.hpp"
#include "iso_path_table.hpp"
#include "iso_records.hpp"
#include "iso_relocated.hpp"
#include "volume_view.hpp"
#include "zisofs_source.hpp"

#include <fsimage/format/iso9660/directory_record.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::volume {

// What all folders of a volume share.
struct IsoContext {
  const IsoVolume& volume;
  const IsoPathTables* tables = nullptr;  // in salvage, for folders whose records are gone
  std::shared_ptr<ZisofsCache> cache{};
  IsoRelocated* relocated = nullptr;  // in salvage, for folders whose CL is gone
};

class IsoStream final : public DirectoryStream {
 public:
  IsoStream(Walk&, const IsoContext&, const DirectoryRef&, EntryOrder);
  bool next(VolumeEntry& out) override;
  const std::vector<Piece>& pieces() const override { return records_.pieces(); }

 private:
  using Record = IsoRecords::Record;

  void sort_by_name();
  // What begins at `position`, which moves behind it. The folder's own records and its parent's are passed over.
  enum class Parsed { shown, hidden, end };
  Parsed parse(std::uint64_t& position, VolumeEntry& out);
  std::optional<Parsed> parse_record(std::uint64_t& position, VolumeEntry& out);
  Parsed parse_table(std::uint64_t& position, VolumeEntry& out);
  bool fill(Record&, VolumeEntry& out);
  bool fill_rock_ridge(const Record&, const RecordedName&, VolumeEntry& out);
  void add_sections(const Record& first, std::uint64_t& position, VolumeEntry& out);
  bool add_section(const Record&, std::vector<FileSection>& sections, VolumeEntry& out);
  void finish_content(std::vector<FileSection> sections, VolumeEntry& out);
  void lose_end(const FileSection&, VolumeEntry& out);
  bool settle_losses(VolumeEntry& out);
  void set_name(std::string name, VolumeEntry& out);
  void make_unique(std::string_view version, VolumeEntry& out);
  bool apply_fields(RockRidgeFields&, const Record&, VolumeEntry& out);
  bool apply_posix(const RockRidgeFields&, const Record&, VolumeEntry& out);
  bool follow_child(Lba child, VolumeEntry& out);
  void tell_xattrs(const VolumeEntry&);
  bool hides_relocated(const VolumeEntry&);
  bool is_orphan(std::uint64_t folder) const {
    return context_.relocated != nullptr && context_.relocated->is_orphan(folder);
  }
  void tell(const UnequalHalves&);

  Walk& walk_;
  IsoContext context_;
  const IsoVolume& volume_;
  bool root_;
  std::uint64_t folder_at_;
  IsoRecords records_;
  std::uint64_t position_ = 0;

  std::optional<NameOrder> order_;
  std::size_t next_in_order_ = 0;
  UniqueNames names_;
  std::map<std::uint64_t, std::string> renamed_;  // by the position of the record, for the pass in order

  OffsetSet folders_;                        // in salvage: those that records told of
  std::span<const TableFolder> from_table_;  // in salvage: all that the path table tells of
  std::string version_;                      // of the entry at hand
  std::optional<rockridge::CompressedFile> zisofs_;
  std::vector<LostRange> lost_;  // of its content
};

// Attributes of a folder from the first record in it: what Rock Ridge keeps for a root and for a relocated folder.
// Throws as the stream does.
struct IsoSelf {
  iso9660::DirectoryRecord record;
  RockRidgeFields fields;
};
// Extended attributes in the fields of the record at that byte offset; none when there is no such record any more.
std::vector<ExtendedAttribute> read_record_xattrs(Walk&, const IsoVolume&, std::uint64_t record_at);
std::optional<IsoSelf> read_self(Walk&, const IsoVolume&, std::uint64_t at,
                                 std::vector<EntryStructure>* areas = nullptr);

// Attributes as the fields give them, on top of what the record gave.
void apply_attributes(const RockRidgeFields&, Attributes&);
Attributes record_attributes(const iso9660::DirectoryRecord&);

}  // namespace fsimage::volume
