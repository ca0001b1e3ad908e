// The blocks of an IsoLayout as sources: generated when read, from the shared tables. Immutable, thread-safe.
#pragma once

#include "iso_records.hpp"

namespace fsimage {

class IsoFolderRegion final : public RegionSource {
 public:
  IsoFolderRegion(std::shared_ptr<const IsoTables> tables, IsoAddresses at)
      : tables_(std::move(tables)), at_(std::move(at)) {}

  std::uint64_t size() const override { return tables_->folder_blocks().bytes(); }
  bool is_bound_to_thread() const override { return tables_->tree().contents().is_bound_to_thread(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  void for_each_part(Lba at, const PartFn&) const override;
  std::optional<ExtentPart> part_at(Lba at, BlockCount offset) const override;
  std::string content_path(BlockCount) const override { return {}; }
  void check_sources(Lba at) const override;

 private:
  // Fill one block; the buffer is zero.
  void make_records(IsoRecords&, std::uint32_t f, std::uint32_t block, std::span<std::byte, kBlockSize> out) const;
  void make_continuation(IsoRecords&, std::uint32_t f, std::uint32_t block, std::span<std::byte, kBlockSize> out) const;
  ExtentPart records_part(Lba at, std::uint32_t f) const;
  ExtentPart continuation_part(Lba at, std::uint32_t f) const;

  std::shared_ptr<const IsoTables> tables_;
  IsoAddresses at_;
};

class IsoPathTable final : public ByteSource {
 public:
  IsoPathTable(std::shared_ptr<const IsoTables> tables, iso9660::PathTableType type, Lba folders)
      : tables_(std::move(tables)), type_(type), folders_(folders) {}

  std::uint64_t size() const override { return tables_->path_table_bytes(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::shared_ptr<const IsoTables> tables_;
  iso9660::PathTableType type_;
  Lba folders_;
};

}  // namespace fsimage
