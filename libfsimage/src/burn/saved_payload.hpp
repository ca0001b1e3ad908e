// An image that lies in a file, as one extent that still knows its parts. Private to burn.
#pragma once

#include <fsimage/image/result_image.hpp>
#include <fsimage/io/open_file.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fsimage {

class SavedPayload final : public RegionSource {
 public:
  // `bytes` lie on the disc from `first` on. `file`, which may be null, is where they come from.
  SavedPayload(std::shared_ptr<const ByteSource> bytes, Lba first, std::shared_ptr<const OpenFile> file);

  std::uint64_t size() const override { return bytes_->size(); }
  bool is_bound_to_thread() const override { return bytes_->is_bound_to_thread(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override { bytes_->read_at(offset, out); }
  Run run_at(std::uint64_t offset) const override { return bytes_->run_at(offset); }

  void for_each_part(Lba at, const PartFn&) const override;
  std::optional<ExtentPart> part_at(Lba at, BlockCount offset) const override;
  std::string content_path(BlockCount offset) const override;
  void check_sources(Lba at) const override;

 private:
  // Ascending and disjoint, by offset: `start` counts from the payload's first block.
  const std::vector<ExtentPart>& parts() const;
  void map_parts() const;

  std::shared_ptr<const ByteSource> bytes_;
  Lba first_;
  std::shared_ptr<const OpenFile> file_;
  Fingerprint as_loaded_;
  mutable std::once_flag mapped_;
  mutable std::vector<ExtentPart> parts_;
};

}  // namespace fsimage
