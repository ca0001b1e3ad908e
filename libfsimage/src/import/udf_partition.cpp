#include "udf_partition.hpp"

#include <algorithm>

namespace fsimage::volume {
namespace {

// Writers of later sessions have recorded blocks before the partition as negative numbers: those wrap.
std::uint64_t offset_in_row(std::uint32_t block_size, std::uint32_t start, std::uint32_t length, std::uint32_t block) {
  const auto sum = std::uint64_t{start} + block;
  return (block < length ? sum : static_cast<std::uint32_t>(sum)) * block_size;
}

class Physical final : public UdfMapping {
 public:
  Physical(std::uint32_t block_size, std::uint32_t start, std::uint32_t length)
      : block_size_(block_size), start_(start), length_(length) {}
  Piece run(std::uint32_t block, std::uint64_t bytes) const override {
    return {offset_in_row(block_size_, start_, length_, block), bytes};
  }
  std::uint64_t blocks() const override { return length_; }

 private:
  std::uint32_t block_size_, start_, length_;
};

class Sparable final : public UdfMapping {
 public:
  Sparable(std::uint32_t block_size, std::uint32_t start, std::uint32_t length, std::uint32_t packet_blocks,
           std::vector<UdfSpare> spares)
      : block_size_(block_size), start_(start), length_(length), packet_(packet_blocks), spares_(std::move(spares)) {}

  Piece run(std::uint32_t block, std::uint64_t bytes) const override {
    const auto packet = block - block % packet_;
    const auto spare = std::lower_bound(spares_.begin(), spares_.end(), packet,
                                        [](const UdfSpare& s, std::uint32_t p) { return s.original < p; });
    if (spare != spares_.end() && spare->original == packet) {
      const auto inside = block - packet;
      return {(std::uint64_t{spare->mapped} + inside) * block_size_,
              std::min(bytes, std::uint64_t{packet_ - inside} * block_size_)};
    }
    if (spare != spares_.end()) bytes = std::min(bytes, std::uint64_t{spare->original - block} * block_size_);
    return {offset_in_row(block_size_, start_, length_, block), bytes};
  }
  std::uint64_t blocks() const override { return length_; }

 private:
  std::uint32_t block_size_, start_, length_, packet_;
  std::vector<UdfSpare> spares_;
};

class Virtual final : public UdfMapping {
 public:
  Virtual(std::uint32_t block_size, std::shared_ptr<const UdfMapping> below, std::vector<std::uint32_t> entries)
      : block_size_(block_size), below_(std::move(below)), entries_(std::move(entries)) {}

  Piece run(std::uint32_t block, std::uint64_t bytes) const override {
    if (block >= entries_.size() || entries_[block] >= below_->blocks()) return {};
    const auto first = entries_[block];
    // Neighbours that lie side by side are one piece.
    std::size_t count = 1;
    while (count * block_size_ < bytes && block + count < entries_.size() && entries_[block + count] == first + count)
      ++count;
    return below_->run(first, std::min<std::uint64_t>(bytes, std::uint64_t{count} * block_size_));
  }
  std::uint64_t blocks() const override { return entries_.size(); }

 private:
  std::uint32_t block_size_;
  std::shared_ptr<const UdfMapping> below_;
  std::vector<std::uint32_t> entries_;
};

class Metadata final : public UdfMapping {
 public:
  Metadata(std::uint32_t block_size, const std::vector<Piece>& file) : block_size_(block_size) {
    places_.reserve(file.size());
    for (const Piece& p : file) {
      places_.push_back({size_, p});
      size_ += p.length;
    }
  }
  Piece run(std::uint32_t block, std::uint64_t bytes) const override {
    const auto offset = std::uint64_t{block} * block_size_;
    if (offset >= size_) return {};
    const auto after = std::upper_bound(places_.begin(), places_.end(), offset,
                                        [](std::uint64_t o, const Place& p) { return o < p.offset; });
    const Place& place = *(after - 1);
    const auto inside = offset - place.offset;
    const auto length = std::min(bytes, place.piece.length - inside);
    return {place.piece.hole() ? Piece::kHole : place.piece.at + inside, length};
  }
  std::uint64_t blocks() const override { return size_ / block_size_; }

 private:
  struct Place {
    std::uint64_t offset;  // in the file
    Piece piece;
  };
  std::uint32_t block_size_;
  std::vector<Place> places_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::shared_ptr<const UdfMapping> physical_mapping(std::uint32_t block_size, std::uint32_t start,
                                                   std::uint32_t length) {
  return std::make_shared<Physical>(block_size, start, length);
}

std::shared_ptr<const UdfMapping> sparable_mapping(std::uint32_t block_size, std::uint32_t start, std::uint32_t length,
                                                   std::uint32_t packet_blocks, std::vector<UdfSpare> spares) {
  return std::make_shared<Sparable>(block_size, start, length, packet_blocks, std::move(spares));
}

std::shared_ptr<const UdfMapping> virtual_mapping(std::uint32_t block_size, std::shared_ptr<const UdfMapping> below,
                                                  std::vector<std::uint32_t> entries) {
  return std::make_shared<Virtual>(block_size, std::move(below), std::move(entries));
}

std::shared_ptr<const UdfMapping> metadata_mapping(std::uint32_t block_size, const std::vector<Piece>& file) {
  return std::make_shared<Metadata>(block_size, file);
}

}  // namespace fsimage::volume
