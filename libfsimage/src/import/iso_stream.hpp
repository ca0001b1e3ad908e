// Entries of one folder of ISO 9660, Joliet or Rock Ridge, from its directory records (ECMA-119 9.1). One thread.
#pragma once

#include "iso_fields.hpp"
#include "volume_view.hpp"

#include <fsimage/format/iso9660/directory_record.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::volume {

struct IsoNaming {
  View view = View::iso9660;  // iso9660, joliet or rockridge
  std::uint8_t skipped = 0;   // Rock Ridge: bytes before a record's fields, SUSP 5.3
  std::uint64_t root_at = 0;  // byte offset of the root's extent
};

class IsoStream final : public DirectoryStream {
 public:
  IsoStream(Walk&, const DirectoryRef&, EntryOrder, IsoNaming);
  bool next(VolumeEntry& out) override;
  const std::vector<Piece>& pieces() const override { return bytes_.pieces(); }

 private:
  using Record = iso9660::DirectoryRecordView;

  void sort_by_name();
  // What begins at `position`, which moves behind it. The folder's own records and its parent's are passed over.
  enum class Parsed { shown, hidden, end };
  Parsed parse(std::uint64_t& position, VolumeEntry& out);
  std::optional<Record> record_at(std::uint64_t& position);
  bool fill(const Record&, VolumeEntry& out);
  void add_sections(const Record& first, std::uint64_t& position, VolumeEntry& out);
  bool add_section(const Record&, VolumeEntry& out);
  std::string name_of(const Record&);
  void set_name(std::string name, VolumeEntry& out);
  bool apply_fields(RockRidgeFields&, const Record&, VolumeEntry& out);
  bool apply_posix(const RockRidgeFields&, const Record&, VolumeEntry& out);
  bool follow_child(Lba child, VolumeEntry& out);
  bool hides_relocated(const VolumeEntry&);
  void check_halves(const Record&);
  std::span<const std::byte> fields_of(std::span<const std::byte> system_use) const;

  Walk& walk_;
  IsoNaming naming_;
  DirectoryBytes bytes_;
  bool root_;
  std::uint64_t position_ = 0;
  std::optional<NameOrder> order_;
  std::size_t next_in_order_ = 0;
  std::uint64_t record_at_ = 0;  // of the record at hand, in the source
  Lba record_lba_;               // its sector
};

// Attributes of a folder from the first record in it: what Rock Ridge keeps for a root and for a relocated folder.
// Throws as the stream does.
struct IsoSelf {
  iso9660::DirectoryRecord record;
  RockRidgeFields fields;
};
std::optional<IsoSelf> read_self(Walk&, std::uint64_t at, IsoNaming, std::vector<EntryStructure>* areas = nullptr);

// Attributes as the fields give them, on top of what the record gave.
void apply_attributes(const RockRidgeFields&, Attributes&);
Attributes record_attributes(const iso9660::DirectoryRecord&);

}  // namespace fsimage::volume
