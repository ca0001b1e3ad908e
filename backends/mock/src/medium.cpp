#include "medium.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

#include <cstring>
#include <vector>

namespace fsimage::mock {
namespace {

std::uint64_t offset_of(std::uint32_t block) { return Medium::kBlocksAt + Lba{block}.byte_offset(); }

}  // namespace

Medium::Medium(const std::string& path, const std::optional<NewMedium>& when_missing)
    : file_(path, when_missing ? UpdateFile::Missing::create : UpdateFile::Missing::refuse) {
  if (file_.size() != 0 || !when_missing) {
    load();
    return;
  }
  const auto& kind = *when_missing->kind;
  const auto wanted = when_missing->capacity.value_or(kind.capacity);
  const auto capacity = wanted - wanted % kind.unit;
  if (capacity == 0 || wanted > kind.capacity)
    throw Error(Errc::invalid_argument, {.path = path, .lba = {}, .clause = {}},
                "a " + std::string(kind.name) + " has " + std::to_string(kind.unit) + " to " +
                    std::to_string(kind.capacity) + " blocks");
  set_state(MediumState::blank(kind, capacity, when_missing->serial));
}

void Medium::load() {
  constexpr std::size_t kUsual = std::size_t{16} << 10;  // few headers are longer
  std::vector<std::byte> slot;
  const auto decoded_at = [&](std::uint64_t at, std::size_t length) {
    slot.resize(length);
    file_.read_at(at, slot);
    return decode({reinterpret_cast<const char*>(slot.data()), slot.size()});
  };
  bool found = false;
  for (const std::uint64_t at : {std::uint64_t{0}, kSlotSize}) {
    auto decoded = decoded_at(at, kUsual);
    if (!decoded) decoded = decoded_at(at, kSlotSize);
    if (!decoded || (found && decoded->sequence <= sequence_)) continue;
    found = true;
    sequence_ = decoded->sequence;
    state_ = std::move(decoded->state);
  }
  if (!found) throw Error(Errc::corrupt_structure, {.path = path(), .lba = {}, .clause = {}}, "not a simulated medium");
  state_.pad_to_unit();  // a drive finds the end of what was recorded in whole units
}

void Medium::set_state(MediumState state) {
  const auto header = encode(state, sequence_ + 1);
  if (header.size() > kSlotSize)
    throw Error(Errc::limit_exceeded, {.path = path(), .lba = {}, .clause = {}}, "too many tracks");
  file_.write_at((sequence_ + 1) % 2 * kSlotSize, std::as_bytes(std::span(header)));
  ++sequence_;
  state_ = std::move(state);
}

void Medium::read(std::uint32_t block, std::span<std::byte> out) const { file_.read_at(offset_of(block), out); }

// A disc that is overwritten with zeros takes no space in the file: somebody erases one of 25 GB.
void Medium::write(std::uint32_t block, std::span<const std::byte> bytes) {
  constexpr std::size_t kWorthAHole = std::size_t{32} << 10;
  const bool zeros = bytes.size() >= kWorthAHole && bytes.front() == std::byte{0} &&
                     std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
  if (zeros) {
    file_.write_zeros(offset_of(block), bytes.size());
  } else {
    file_.write_at(offset_of(block), bytes);
  }
}

void Medium::forget_blocks() { file_.set_size(kBlocksAt); }

}  // namespace fsimage::mock
