// The names in a folder or stream directory of UDF: file identifier descriptors one after the other, ECMA-167 4/8.6 and
// 4/14.4. One thread.
#pragma once

#include "udf_icb.hpp"

#include <fsimage/format/udf/file_structures.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace fsimage::volume {

struct UdfName {
  udf::FileIdentifierDescriptor fid{};
  std::uint64_t at = 0;  // byte offset
  bool shown = false;    // neither the parent nor deleted
  std::string name;      // UTF-8, as recorded; only when shown
};

// Names one after the other.
class UdfNames {
 public:
  virtual ~UdfNames() = default;
  // The one at `position`, which moves behind it. False at the end.
  virtual bool read(std::uint64_t& position, UdfName& out) = 0;
  virtual const std::vector<Piece>& pieces() const = 0;  // where they lie
};

class UdfFolder final : public UdfNames {
 public:
  // Reads where the folder lies. `whole`: all is held, for access in any order. In salvage a folder whose extents are
  // damaged is read as far as they are sound.
  UdfFolder(Walk&, const UdfVolume&, const UdfFile& folder, bool whole);

  const std::vector<Piece>& pieces() const override { return bytes_.pieces(); }

  // Throws corrupt_structure where no descriptor is; in salvage that is told, and the next sound one is looked for.
  bool read(std::uint64_t& position, UdfName& out) override;

 private:
  struct Extents {
    std::vector<Piece> pieces;
    std::vector<LogicalExtent> logical;
  };
  static Extents find(Walk&, const UdfVolume&, const UdfFile&);
  UdfFolder(Walk&, const UdfVolume&, Extents, bool whole);

  bool read_here(std::uint64_t& position, UdfName& out);
  bool find_next(std::uint64_t& position);
  bool is_tag(std::uint64_t position);
  void check_size(std::uint64_t position, const UdfName&, std::size_t size, std::uint64_t rest) const;
  void check_tag(std::uint64_t position, std::span<const std::byte> descriptor);
  void check_letter(std::uint64_t position, std::span<const std::byte> descriptor, const UdfName&) const;
  void decode_name(std::span<const std::byte> identifier, UdfName& out) const;
  std::uint32_t block_of(std::uint64_t position) const;
  Lba lba(std::uint64_t position) const { return lba_of(bytes_.source_offset(position)); }

  Walk& walk_;
  const UdfVolume& volume_;
  DirectoryBytes bytes_;
  std::vector<LogicalExtent> logical_;
};

}  // namespace fsimage::volume
