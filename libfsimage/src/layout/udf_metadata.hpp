// The blocks that lead the partition, generated when they are read. Immutable, thread-safe.
#pragma once

#include "udf_file_entry.hpp"
#include "udf_tables.hpp"
#include "udf_volume.hpp"

#include <fsimage/image/result_image.hpp>

#include <memory>

namespace fsimage {

class UdfMetadata final : public RegionSource {
 public:
  // `mirror`: the same bytes, under labels that say so.
  UdfMetadata(std::shared_ptr<const UdfTables>, std::shared_ptr<const ContentPlacement>, UdfVolume,
              bool mirror = false);

  std::uint64_t size() const override { return tables_->blocks().bytes(); }
  bool is_bound_to_thread() const override { return tables_->in().tree->contents().is_bound_to_thread(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  void for_each_part(Lba at, const PartFn&) const override;
  std::optional<ExtentPart> part_at(Lba at, BlockCount offset) const override;
  std::string content_path(BlockCount offset) const override;
  void check_sources(Lba at) const override;

 private:
  Lbn lbn(std::uint32_t block) const;
  Lbn body_of(std::uint32_t rank) const;
  std::uint64_t size_of(std::uint32_t rank) const;
  NodeId owner_of(const UdfBlock&) const;
  void put_streams(std::uint32_t rank, UdfEntry&) const;
  void put_content(std::uint32_t rank, ContentId, bool embedded, std::span<std::byte> room, UdfEntry&) const;
  void put_stream(const UdfBlock&, std::span<std::byte> out) const;
  void put_block(std::uint32_t block, const UdfBlock&, std::span<std::byte> out) const;
  void put_folder_entry(const UdfBlock&, std::span<std::byte> out) const;
  void put_entry(const UdfBlock&, std::span<std::byte> out) const;
  void put_continuation(std::uint32_t block, const UdfBlock&, std::span<std::byte> out) const;
  void put_identifiers(std::uint32_t block, const UdfBlock&, std::span<std::byte> out) const;
  std::size_t put_item(std::uint32_t folder, std::uint32_t item, Lbn at, std::span<std::byte> out) const;
  std::size_t put_stream_item(std::uint32_t folder, std::uint32_t item, Lbn at, std::span<std::byte> out) const;
  std::string path_of(const UdfBlock&) const;
  std::string label(const UdfBlock&) const;

  std::shared_ptr<const UdfTables> tables_;
  std::shared_ptr<const ContentPlacement> content_;
  UdfVolume volume_;
  bool mirror_;
  Lbn first_;
};

// Targets of symbolic links, UdfTables::target_blocks().
class UdfTargets final : public RegionSource {
 public:
  explicit UdfTargets(std::shared_ptr<const UdfTables> tables) : tables_(std::move(tables)) {}

  std::uint64_t size() const override { return tables_->target_blocks().bytes(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  void for_each_part(Lba at, const PartFn&) const override;
  std::optional<ExtentPart> part_at(Lba at, BlockCount offset) const override;
  std::string content_path(BlockCount) const override { return {}; }

 private:
  std::shared_ptr<const UdfTables> tables_;
};

}  // namespace fsimage
