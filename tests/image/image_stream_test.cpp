#include "image/sample_image.hpp"

#include <fsimage/image/image_stream.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <thread>

namespace fsimage {
namespace {

using test::kSampleSize;
using test::sample_bytes;
using test::sample_image;
using Bytes = std::vector<std::byte>;

constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();

Bytes read(ImageStream& stream, std::size_t count) {
  Bytes out(count, std::byte{0xEE});
  const auto got = stream.read(out);
  EXPECT_TRUE(std::all_of(out.begin() + static_cast<std::ptrdiff_t>(got), out.end(), [](std::byte b) {
    return b == std::byte{0xEE};
  })) << "wrote past what it says it read";
  out.resize(got);
  return out;
}

Bytes part(std::size_t from, std::size_t count) {
  const auto all = sample_bytes();
  return Bytes(all.begin() + static_cast<std::ptrdiff_t>(from),
               all.begin() + static_cast<std::ptrdiff_t>(from + count));
}

// Keeps everything.
struct Collected {
  Bytes bytes;
  ImageStream::WriteFn fn() {
    return [this](std::span<const std::byte> piece) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      return piece.size();
    };
  }
};

TEST(ImageStream, NeedsAnImage) { EXPECT_THROW(ImageStream(nullptr), std::logic_error); }

TEST(ImageStream, ReadsTheImageWhateverTheChunk) {
  for (const std::size_t chunk :
       {std::size_t{1}, std::size_t{7}, std::size_t{2048}, std::size_t{2049}, std::size_t{100000}}) {
    ImageStream stream(sample_image());
    Bytes all;
    for (;;) {
      const auto got = read(stream, chunk);
      all.insert(all.end(), got.begin(), got.end());
      EXPECT_EQ(stream.position(), all.size());
      if (got.size() < chunk) break;
    }
    EXPECT_EQ(all, sample_bytes()) << "chunk " << chunk;
  }
}

TEST(ImageStream, IsShortOnlyAtTheEnd) {
  ImageStream stream(sample_image());
  stream.seek(kSampleSize - 10);
  EXPECT_EQ(read(stream, 11).size(), 10u);
  EXPECT_EQ(read(stream, 11).size(), 0u);
  stream.seek(kSampleSize - 10);
  EXPECT_EQ(read(stream, 10).size(), 10u);
  EXPECT_EQ(stream.position(), kSampleSize);
}

TEST(ImageStream, ReadsNothingIntoNothing) {
  ImageStream stream(sample_image());
  stream.seek(5);
  EXPECT_EQ(stream.read({}), 0u);
  EXPECT_EQ(stream.position(), 5u);
}

TEST(ImageStream, PastTheEndIsLegalAndReadsNothing) {
  ImageStream stream(sample_image());
  for (const std::uint64_t at : {kSampleSize, kSampleSize + 1, std::uint64_t{1} << 63, kMax}) {
    stream.seek(at);
    EXPECT_EQ(read(stream, 100).size(), 0u) << at;
    EXPECT_EQ(stream.position(), at);
    Collected to;
    const auto copied = stream.copy_to(to.fn());
    EXPECT_EQ(copied.read, 0u) << at;
    EXPECT_TRUE(to.bytes.empty());
  }
  stream.seek(2048);
  EXPECT_EQ(read(stream, 100), part(2048, 100));
}

TEST(ImageStream, CloneStartsThereAndGoesItsOwnWay) {
  ImageStream stream(sample_image());
  stream.seek(3000);
  ImageStream clone = stream.clone();
  EXPECT_EQ(clone.image(), stream.image());
  EXPECT_EQ(clone.position(), 3000u);
  EXPECT_EQ(read(clone, 500), part(3000, 500));
  EXPECT_EQ(stream.position(), 3000u);
  stream.seek(0);
  EXPECT_EQ(clone.position(), 3500u);
}

TEST(ImageStream, CloneOutlivesTheOriginal) {
  auto stream = std::make_unique<ImageStream>(sample_image());
  ImageStream clone = stream->clone();
  stream.reset();
  EXPECT_EQ(read(clone, kSampleSize), sample_bytes());
}

TEST(ImageStream, KeepsItsPlaceWhenASourceFails) {
  ImageStream stream(test::failing_image());
  stream.seek(3 * kBlockSize);
  Bytes out(2 * kBlockSize);
  EXPECT_THROW(stream.read(out), Error);
  EXPECT_EQ(stream.position(), 3u * kBlockSize);
  EXPECT_EQ(read(stream, kBlockSize).size(), kBlockSize);
}

// Long enough to be read ahead of; tells who reads it.
class LongSource final : public ByteSource {
 public:
  static constexpr std::uint64_t kSize = 3 * ImageStream::kAheadAfter;

  static std::span<const std::byte> part(std::uint64_t offset, std::size_t count) {
    static const auto all = test::pattern(kSize, 5);
    return std::span(all).subspan(static_cast<std::size_t>(offset), count);
  }

  std::uint64_t size() const override { return kSize; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    const bool here = std::this_thread::get_id() == home_;
    if (!here) ++elsewhere;
    if (is_bound_to_thread() && !here) throw Error(Errc::busy, {}, "the wrong thread");
    if (offset + out.size() > bad_from) throw Error(Errc::read_failed, {}, "damaged");
    std::memcpy(out.data(), part(offset, out.size()).data(), out.size());
  }

  mutable std::atomic<int> elsewhere = 0;
  bool bound = false;
  bool is_bound_to_thread() const override { return bound; }
  std::uint64_t bad_from = kSize;

 private:
  const std::thread::id home_ = std::this_thread::get_id();
};

struct LongImage {
  std::shared_ptr<LongSource> source = std::make_shared<LongSource>();
  ImageStream stream{std::make_shared<const ResultImage>(std::vector<ImageExtent>{{Lba{0}, source, "long"}},
                                                         blocks_for(LongSource::kSize), std::string(64, 'c'))};

  // Reads on to there, and looks at each byte.
  void read_to(std::uint64_t end, std::size_t piece = 128 * 1024) { check(stream, end, piece); }
  static void check(ImageStream& from, std::uint64_t end, std::size_t piece) {
    Bytes out(piece);
    while (from.position() < end) {
      const auto at = from.position();
      const auto got =
          from.read(std::span(out).first(static_cast<std::size_t>(std::min<std::uint64_t>(piece, end - at))));
      ASSERT_GT(got, 0U);
      ASSERT_EQ(std::memcmp(out.data(), LongSource::part(at, got).data(), got), 0) << at;
    }
  }
};

TEST(ImageStreamAhead, BeginsWhenMuchWasReadInOrder) {
  LongImage image;
  image.read_to(ImageStream::kAheadAfter);
  EXPECT_EQ(image.source->elsewhere, 0);
  image.read_to(LongSource::kSize, 100'001);
  EXPECT_GT(image.source->elsewhere, 0);
  EXPECT_EQ(read(image.stream, 1).size(), 0U);
}

TEST(ImageStreamAhead, EndsWithAJump) {
  LongImage image;
  image.read_to(ImageStream::kAheadAfter + 1000);
  image.stream.seek(image.stream.position());  // none
  image.read_to(ImageStream::kAheadAfter + 2000);
  image.stream.seek(5);
  const int then = image.source->elsewhere;
  EXPECT_GT(then, 0);
  image.read_to(ImageStream::kAheadAfter);
  EXPECT_EQ(image.source->elsewhere, then);
  image.read_to(LongSource::kSize);
  EXPECT_GT(image.source->elsewhere, then);
}

TEST(ImageStreamAhead, OfACloneIsItsOwn) {
  LongImage image;
  image.read_to(ImageStream::kAheadAfter + 1000);
  ImageStream clone = image.stream.clone();
  LongImage::check(clone, LongSource::kSize, 70'000);
  image.read_to(ImageStream::kAheadAfter + 300'000);
  image.stream = clone;
  EXPECT_EQ(image.stream.position(), LongSource::kSize);
}

TEST(ImageStreamAhead, LosesNothingBeforeWhatCannotBeRead) {
  LongImage image;
  image.source->bad_from = ImageStream::kAheadAfter + 3'000'000;
  image.read_to(image.source->bad_from, 1000);
  Bytes out(10);
  for (int i = 0; i < 2; ++i) EXPECT_THROW(image.stream.read(out), Error);
  EXPECT_EQ(image.stream.position(), image.source->bad_from);
  image.source->bad_from = LongSource::kSize;
  image.read_to(LongSource::kSize);
}

TEST(ImageStreamAhead, ReadsOnItsOwnThreadWhatIsBoundToIt) {
  LongImage image;
  image.source->bound = true;
  image.read_to(LongSource::kSize);
  EXPECT_EQ(image.source->elsewhere, 0);
}

TEST(ImageStreamAhead, CopiesAsWell) {
  LongImage image;
  std::uint64_t at = 0;
  const auto copied = image.stream.copy_to([&](std::span<const std::byte> piece) {
    EXPECT_EQ(std::memcmp(piece.data(), LongSource::part(at, piece.size()).data(), piece.size()), 0) << at;
    at += piece.size();
    return piece.size();
  });
  EXPECT_EQ(copied.written, LongSource::kSize);
  EXPECT_GT(image.source->elsewhere, 0);
}

TEST(ImageStreamCopy, AllOfIt) {
  ImageStream stream(test::large_image());
  Collected to;
  std::size_t largest = 0;
  const auto copied = stream.copy_to([&](std::span<const std::byte> piece) {
    largest = std::max(largest, piece.size());
    return to.fn()(piece);
  });
  EXPECT_EQ(copied.read, test::kLargeSize);
  EXPECT_EQ(copied.written, test::kLargeSize);
  EXPECT_EQ(to.bytes, test::pattern(test::kLargeSize, 4));
  EXPECT_EQ(stream.position(), test::kLargeSize);
  EXPECT_LE(largest, ImageStream::kCopyPiece);
}

TEST(ImageStreamCopy, CountsFromThePositionAndStopsThere) {
  ImageStream stream(sample_image());
  stream.seek(2000);
  Collected to;
  const auto copied = stream.copy_to(to.fn(), 100);
  EXPECT_EQ(copied.read, 100u);
  EXPECT_EQ(copied.written, 100u);
  EXPECT_EQ(to.bytes, part(2000, 100));
  EXPECT_EQ(stream.position(), 2100u);
}

TEST(ImageStreamCopy, MoreThanThereIsIsTheRest) {
  ImageStream stream(sample_image());
  stream.seek(kSampleSize - 5);
  Collected to;
  EXPECT_EQ(stream.copy_to(to.fn(), 6).read, 5u);
  EXPECT_EQ(to.bytes, part(kSampleSize - 5, 5));
}

TEST(ImageStreamCopy, NothingOnRequest) {
  ImageStream stream(sample_image());
  const auto copied =
      stream.copy_to([](std::span<const std::byte>) -> std::size_t { throw std::logic_error("called"); }, 0);
  EXPECT_EQ(copied.read, 0u);
  EXPECT_EQ(copied.written, 0u);
}

TEST(ImageStreamCopy, EndsWithATargetThatIsFull) {
  ImageStream stream(test::large_image());
  std::size_t room = ImageStream::kCopyPiece + 1000;
  const auto copied = stream.copy_to([&](std::span<const std::byte> piece) {
    const auto took = std::min(room, piece.size());
    room -= took;
    return took;
  });
  EXPECT_EQ(copied.written, ImageStream::kCopyPiece + 1000);
  EXPECT_EQ(copied.read, 2 * ImageStream::kCopyPiece);
  EXPECT_EQ(stream.position(), copied.read);
}

TEST(ImageStreamCopy, CountsNoMoreThanWasOffered) {
  ImageStream stream(sample_image());
  EXPECT_EQ(stream.copy_to([](std::span<const std::byte> piece) { return piece.size() * 2; }).written, kSampleSize);
}

TEST(ImageStreamCopy, StandsAfterTheLastPieceWhenSomethingThrows) {
  ImageStream stream(test::failing_image());
  Collected to;
  stream.seek(kBlockSize);
  EXPECT_THROW(stream.copy_to(to.fn()), Error);
  EXPECT_EQ(stream.position(), kBlockSize + to.bytes.size());

  ImageStream second(sample_image());
  EXPECT_THROW(second.copy_to([](std::span<const std::byte>) -> std::size_t { throw std::runtime_error("disk"); }),
               std::runtime_error);
  EXPECT_EQ(second.position(), kSampleSize);
}

TEST(ImageStream, StatTellsSizeTypeAndImage) {
  const auto stat = ImageStream(sample_image()).stat();
  EXPECT_EQ(stat.size, kSampleSize);
  EXPECT_EQ(stat.type, ImageStream::Type::stream);
  EXPECT_EQ(stat.image_id, std::string(64, 'a'));
}

}  // namespace
}  // namespace fsimage
