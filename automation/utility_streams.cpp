#include "com/image_streams.hpp"
#include "com/object.hpp"
#include "com/source_stream.hpp"
#include "numbers.hpp"
#include "server.hpp"

#include <fsimage/core/error.hpp>

#include <imapi2.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace fsimage::com::automation {
namespace {

class ZeroStream final : public SourceStream<IStream> {
 public:
  explicit ZeroStream(std::uint64_t size = 0) : SourceStream(std::make_shared<ZeroSource>(size)) {}
  HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER size) noexcept override {
    return locked([&] { set_source(std::make_shared<ZeroSource>(size.QuadPart)); });
  }

 private:
  Ptr<IStream> copy() const override { return make<ZeroStream>(size()).query<IStream>(); }
};

// Numbers of 32 bits, each made of the one before: x * 0x19660D + 0x3C6EF35F. The one at a place is found by composing
// steps by powers of two.
class RandomSource final : public ByteSource {
 public:
  RandomSource(std::uint64_t size, std::uint32_t seed) : size_(size), seed_(seed) {}
  std::uint64_t size() const override { return size_; }
  std::uint32_t seed() const { return seed_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    std::uint32_t word = after(offset / 4 + 1);
    auto within = static_cast<unsigned>(offset % 4);
    for (std::byte& b : out) {
      b = static_cast<std::byte>(word >> (8 * within));
      if (++within == 4) {
        within = 0;
        word = word * kFactor + kSummand;
      }
    }
  }

 private:
  static constexpr std::uint32_t kFactor = 0x19660D, kSummand = 0x3C6EF35F;
  std::uint32_t after(std::uint64_t steps) const {
    std::uint32_t factor = kFactor, summand = kSummand, x = seed_;
    for (; steps != 0; steps >>= 1) {
      if ((steps & 1) != 0) x = x * factor + summand;
      summand = summand * factor + summand;
      factor = factor * factor;
    }
    return x;
  }
  std::uint64_t size_;
  std::uint32_t seed_;
};

class RandomStream final : public SourceStream<IStreamPseudoRandomBased, IStream> {
 public:
  explicit RandomStream(std::uint64_t size = 0, std::uint32_t seed = 0)
      : SourceStream(std::make_shared<RandomSource>(size, seed)), seed_(seed) {}
  HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER size) noexcept override {
    return locked([&] { set_source(std::make_shared<RandomSource>(size.QuadPart, seed_)); });
  }
  HRESULT STDMETHODCALLTYPE put_Seed(ULONG seed) noexcept override {
    return locked([&] {
      seed_ = seed;
      set_source(std::make_shared<RandomSource>(size(), seed_));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Seed(ULONG* out) noexcept override {
    return locked([&] { place(out) = seed_; });
  }
  HRESULT STDMETHODCALLTYPE put_ExtendedSeed(ULONG*, ULONG) noexcept override { return not_there(); }
  HRESULT STDMETHODCALLTYPE get_ExtendedSeed(ULONG** out, ULONG* count) noexcept override {
    if (out != nullptr) *out = nullptr;
    if (count != nullptr) *count = 0;
    return not_there();
  }

 private:
  Ptr<IStream> copy() const override { return make<RandomStream>(size(), seed_).query<IStream>(); }
  HRESULT not_there() noexcept {
    return locked([] { throw Failure(E_NOTIMPL, "a seed has 32 bits, here as in IMAPI2"); });
  }
  std::uint32_t seed_;
};

// Stretches of other sources, one behind another.
class Pieces final : public ByteSource {
 public:
  struct Piece {
    std::shared_ptr<const ByteSource> of;
    std::uint64_t offset, length;
  };
  explicit Pieces(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {
    for (const auto& piece : pieces_) {
      if (piece.length > std::numeric_limits<std::uint64_t>::max() - size_)
        throw Error(Errc::too_large, {}, "the streams are too long together");
      starts_.push_back(size_);
      size_ += piece.length;
    }
  }
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    if (out.empty()) return;
    auto i = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
    for (; !out.empty(); ++i) {
      const auto within = offset - starts_[i];
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), pieces_[i].length - within));
      if (n != 0) pieces_[i].of->read_at(pieces_[i].offset + within, out.first(n));
      out = out.subspan(n);
      offset += n;
    }
  }
  bool is_bound_to_thread() const override {
    return std::ranges::any_of(pieces_, [](const Piece& piece) { return piece.of->is_bound_to_thread(); });
  }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
  std::vector<std::uint64_t> starts_;
  std::uint64_t size_ = 0;
};

std::vector<std::shared_ptr<const ByteSource>> sources_of(IStream** streams, ULONG count) {
  needed(streams);
  if (count == 0) throw Failure(E_INVALIDARG, "no streams");
  std::vector<std::shared_ptr<const ByteSource>> sources;
  for (ULONG i = 0; i < count; ++i) sources.push_back(source_of(needed(streams[i])));
  return sources;
}

class Concatenation final : public SourceStream<IStreamConcatenate, IStream> {
 public:
  Concatenation() : SourceStream(nullptr) {}
  Concatenation(std::shared_ptr<const ByteSource> source, std::vector<Pieces::Piece> parts)
      : SourceStream(std::move(source)), parts_(std::move(parts)) {}

  HRESULT STDMETHODCALLTYPE Initialize(IStream* first, IStream* second) noexcept override {
    IStream* both[]{first, second};
    return begin(both, 2);
  }
  HRESULT STDMETHODCALLTYPE Initialize2(IStream** streams, ULONG count) noexcept override {
    return begin(streams, count);
  }
  HRESULT STDMETHODCALLTYPE Append(IStream* stream) noexcept override { return add(&stream, 1); }
  HRESULT STDMETHODCALLTYPE Append2(IStream** streams, ULONG count) noexcept override { return add(streams, count); }

 private:
  Ptr<IStream> copy() const override { return make<Concatenation>(source(), parts_).query<IStream>(); }
  HRESULT begin(IStream** streams, ULONG count) noexcept {
    return locked([&] { take({}, streams, count); });
  }
  HRESULT add(IStream** streams, ULONG count) noexcept {
    return locked([&] { take(parts_, streams, count); });
  }
  void take(std::vector<Pieces::Piece> parts, IStream** streams, ULONG count) {
    for (auto& source : sources_of(streams, count)) {
      const auto size = source->size();
      parts.push_back({std::move(source), 0, size});
    }
    set_source(std::make_shared<Pieces>(parts));
    parts_ = std::move(parts);
  }
  std::vector<Pieces::Piece> parts_;
};

class Interleave final : public SourceStream<IStreamInterleave, IStream> {
 public:
  explicit Interleave(std::shared_ptr<const ByteSource> source = nullptr) : SourceStream(std::move(source)) {}

  HRESULT STDMETHODCALLTYPE Initialize(IStream** streams, ULONG* sizes, ULONG count) noexcept override {
    return locked([&] {
      needed(sizes);
      const auto sources = sources_of(streams, count);
      if (std::find(sizes, sizes + count, 0U) != sizes + count) throw Failure(E_INVALIDARG, "a share of no bytes");
      set_source(std::make_shared<Pieces>(rounds(sources, sizes)));
    });
  }

 private:
  static constexpr std::size_t kMostPieces = 4'000'000;

  Ptr<IStream> copy() const override { return make<Interleave>(source()).query<IStream>(); }
  // A share of each in turn, as long as any has some left.
  static std::vector<Pieces::Piece> rounds(const std::vector<std::shared_ptr<const ByteSource>>& sources,
                                           const ULONG* sizes) {
    std::vector<Pieces::Piece> pieces;
    std::vector<std::uint64_t> done(sources.size());
    for (bool more = true; more;) {
      more = false;
      for (std::size_t i = 0; i < sources.size(); ++i) {
        const auto n = std::min<std::uint64_t>(sizes[i], sources[i]->size() - done[i]);
        if (n == 0) continue;
        if (pieces.size() == kMostPieces)
          throw Error(Errc::limit_exceeded, {}, "the shares are too small for the streams");
        pieces.push_back({sources[i], done[i], n});
        done[i] += n;
        more = true;
      }
    }
    return pieces;
  }
};

}  // namespace

Ptr<IUnknown> create_zero_stream() { return make<ZeroStream>().query<IStream>().query<IUnknown>(); }
Ptr<IUnknown> create_random_stream() { return make<RandomStream>().query<IStream>().query<IUnknown>(); }
Ptr<IUnknown> create_concatenation() { return make<Concatenation>().query<IStream>().query<IUnknown>(); }
Ptr<IUnknown> create_interleave() { return make<Interleave>().query<IStream>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
