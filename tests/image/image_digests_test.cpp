#include <fsimage/image/image_digests.hpp>

#include "support/error_of.hpp"
#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/content_region.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

constexpr BlockCount kTotal{700};

// Contents of many sizes, some of which go over several pieces, and one that is nothing but zeros.
struct Contents {
  std::shared_ptr<ContentStore> store = std::make_shared<ContentStore>();
  std::vector<std::vector<std::byte>> bytes;
  std::shared_ptr<const ResultImage> image;

  Contents() {
    std::vector<ContentRegion::Placed> placed;
    BlockCount at{3};
    const auto add = [&](std::vector<std::byte> content) {
      const auto size = content.size();
      const auto id = store->add_source(std::make_shared<MemorySource>(content), "c");
      placed.push_back({at, id, static_cast<std::uint32_t>(placed.size())});
      bytes.push_back(std::move(content));
      at += blocks_for(size) + BlockCount{placed.size() % 3 == 0 ? 5U : 0U};
    };
    std::uint32_t seed = 1;
    for (const std::size_t size : {1U, 2048U, 2049U, 100'000U, 65'536U, 300'001U, 7U, 4096U})
      add(test::noise(size, seed++));
    add(std::vector<std::byte>(200'000));
    add(test::noise(5'000, seed));
    const BlockCount region{kTotal.value - 20};
    image = std::make_shared<const ResultImage>(
        std::vector<ImageExtent>{{Lba{2}, std::make_shared<MemorySource>(test::noise(3'000, 99)), "metadata"},
                                 {Lba{10},
                                  std::make_shared<ContentRegion>(
                                      store, placed, region, [](std::uint32_t n) { return "/" + std::to_string(n); }),
                                  "content"}},
        kTotal, "id");
  }

  std::vector<std::byte> all() const {
    std::vector<std::byte> out(static_cast<std::size_t>(image->size()));
    image->read_at(0, out);
    return out;
  }
  void expect(ImageDigests& digests) const {
    EXPECT_EQ(to_hex(digests.image()), to_hex(sha256_of(all())));
    for (std::uint32_t i = 0; i < bytes.size(); ++i) {
      const auto known = digests.content(ContentId{i});
      ASSERT_TRUE(known) << i;
      EXPECT_EQ(to_hex(*known), to_hex(sha256_of(bytes[i]))) << i;
    }
    EXPECT_FALSE(digests.content(ContentId{static_cast<std::uint32_t>(bytes.size())}));
  }
};

TEST(ImageDigests, InPiecesOfAnyLength) {
  const Contents contents;
  const auto all = contents.all();
  for (const std::size_t piece : {512U, 2048U, 65'536U, 250'000U, 10'000'000U}) {
    ImageDigests digests(contents.image);
    for (std::size_t at = 0; at < all.size(); at += piece)
      digests.add(at, at, std::span(all).subspan(at, std::min(piece, all.size() - at)));
    contents.expect(digests);
  }
}

TEST(ImageDigests, ZerosMayBeLeftOut) {
  const Contents contents;
  const auto all = contents.all();
  ImageDigests digests(contents.image);
  std::size_t from = 0;
  for (std::size_t at = 0; at < all.size(); at += 1024) {
    const auto piece = std::span(all).subspan(at, 1024);
    if (std::all_of(piece.begin(), piece.end(), [](std::byte b) { return b == std::byte{}; })) continue;
    digests.add(from, at, piece);
    from = at + piece.size();
  }
  EXPECT_LT(from, all.size());
  contents.expect(digests);
}

TEST(ImageDigests, BySeveralThreads) {
  const Contents contents;
  const auto all = contents.all();
  for (const std::size_t piece : {3'000U, 70'000U}) {
    ImageDigests digests(contents.image);
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (;;) {
        const auto at = next++ * piece;
        if (at >= all.size()) return;
        digests.add(at, at, std::span(all).subspan(at, std::min(piece, all.size() - at)));
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    for (auto& thread : threads) thread.join();
    contents.expect(digests);
  }
}

TEST(ImageDigests, NobodyWaitsForWhatDoesNotCome) {
  const Contents contents;
  const auto all = contents.all();
  ImageDigests digests(contents.image);
  std::thread late([&] {
    EXPECT_EQ(test::error_of([&] { digests.add(4096, 4096, std::span(all).first(10)); }).code(), Errc::read_failed);
  });
  const auto why = [](Errc code) { return std::make_exception_ptr(Error(code, {}, "no more")); };
  digests.give_up(why(Errc::read_failed));
  digests.give_up(why(Errc::busy));
  late.join();
}

}  // namespace
}  // namespace fsimage
