#include "saved_payload.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_map.hpp>

#include <algorithm>
#include <iterator>

namespace fsimage {
namespace {

// The payload where it will be, behind zeros: a session's own structures all lie in it.
class InPlace final : public ByteSource {
 public:
  InPlace(std::shared_ptr<const ByteSource> bytes, Lba first) : bytes_(std::move(bytes)), start_(first.byte_offset()) {}
  std::uint64_t size() const override { return start_ + bytes_->size(); }
  bool is_bound_to_thread() const override { return bytes_->is_bound_to_thread(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    if (offset < start_) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), start_ - offset));
      std::ranges::fill(out.first(n), std::byte{});
      out = out.subspan(n);
      offset += n;
    }
    if (!out.empty()) bytes_->read_at(offset - start_, out);
  }

 private:
  std::shared_ptr<const ByteSource> bytes_;
  std::uint64_t start_;
};

constexpr const char* kUnknownPart = "saved image";

}  // namespace

SavedPayload::SavedPayload(std::shared_ptr<const ByteSource> bytes, Lba first, std::shared_ptr<const OpenFile> file)
    : bytes_(std::move(bytes)), first_(first), file_(std::move(file)) {
  if (file_) as_loaded_ = file_->fingerprint();
}

void SavedPayload::map_parts() const {
  const auto end = first_ + blocks_for(size());
  std::vector<ExtentPart> found;
  try {
    const auto in_place = std::make_shared<InPlace>(bytes_, first_);
    VolumeOptions options;
    options.session = first_.value != 0 ? first_ : choose_session(in_place).start;
    options.strictness = Strictness::salvage;
    map_volumes(in_place, options, [&](const VolumePart& part) {
      if (part.start >= first_ && part.start < end && part.blocks.value != 0)
        found.push_back({Lba{(part.start - first_).value}, std::min(part.blocks, end - part.start), part.label});
    });
  } catch (const Error& e) {
    if (e.code().category() != error_category()) throw;  // what is no volume that is known here has no parts
  }
  Lba free_from{};
  for (auto& part : found) {  // in address order; damaged volumes may have parts upon one another
    if (part.start < free_from) continue;
    free_from = part.start + part.blocks;
    parts_.push_back(std::move(part));
  }
}

const std::vector<ExtentPart>& SavedPayload::parts() const {
  std::call_once(mapped_, [this] { map_parts(); });
  return parts_;
}

void SavedPayload::for_each_part(Lba at, const PartFn& fn) const {
  if (parts().empty()) fn({at, blocks_for(size()), kUnknownPart});
  for (const auto& part : parts()) fn({at + BlockCount{part.start.value}, part.blocks, part.label});
}

std::optional<ExtentPart> SavedPayload::part_at(Lba at, BlockCount offset) const {
  if (parts().empty()) return ExtentPart{at, blocks_for(size()), kUnknownPart};
  const auto next =
      std::ranges::upper_bound(parts(), offset.value, {}, [](const ExtentPart& p) { return p.start.value; });
  if (next == parts().begin()) return std::nullopt;
  const auto& part = *std::prev(next);
  if (offset.value - part.start.value >= part.blocks.value) return std::nullopt;
  return ExtentPart{at + BlockCount{part.start.value}, part.blocks, part.label};
}

std::string SavedPayload::content_path(BlockCount offset) const {
  const auto part = part_at({}, offset);
  return part && part->label.starts_with(kContentLabel) ? part->label.substr(kContentLabel.size()) : std::string();
}

void SavedPayload::check_sources(Lba) const {
  if (file_ && file_->fingerprint() != as_loaded_)
    throw Error(Errc::source_changed, {.path = file_->path(), .lba = {}, .clause = {}},
                "the saved image was changed since it was opened");
}

}  // namespace fsimage
