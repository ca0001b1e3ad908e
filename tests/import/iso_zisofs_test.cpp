// Files that zisofs compressed, made here byte by byte, sound and hostile.
#include "iso_builder.hpp"
#include "sample_volume.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <zlib.h>

namespace fsimage::test {
namespace {

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

const std::string kMagic = "\x37\xE4\x53\x96\xC9\xDB\xD6\x07", kMagic2 = "\xEF\x22\x55\xA1\xBC\x1B\x95\xA0";

std::string deflated(std::string_view block) {
  std::string out(compressBound(static_cast<uLong>(block.size())), '\0');
  auto length = static_cast<uLongf>(out.size());
  EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(out.data()), &length, reinterpret_cast<const Bytef*>(block.data()),
                       static_cast<uLong>(block.size())),
            Z_OK);
  out.resize(length);
  return out;
}

// The file as it is recorded.
std::string compressed(const std::string& content, unsigned exponent, bool second = false) {
  const std::size_t block = std::size_t{1} << exponent, blocks = (content.size() + block - 1) / block;
  const std::size_t pointer = second ? 8 : 4;
  std::string head =
      second ? kMagic2 + std::string{'\0', '\6', '\1', static_cast<char>(exponent)} + number(content.size(), 8) +
                   std::string(4, '\0')
             : kMagic + number(content.size(), 4) + std::string{'\4', static_cast<char>(exponent), '\0', '\0'};
  std::string data;
  const auto start = head.size() + (blocks + 1) * pointer;
  for (std::size_t i = 0; i < blocks; ++i) {
    head += number(start + data.size(), pointer);
    const auto part = std::string_view(content).substr(i * block, block);
    if (part.find_first_not_of('\0') != part.npos) data += deflated(part);
  }
  return head + number(start + data.size(), pointer) + data;
}

std::string zf(std::uint64_t size, unsigned exponent, bool second = false, const std::string& algorithm = "pz") {
  const auto low = static_cast<std::uint32_t>(size);
  return use_field(
      "ZF", algorithm + (second ? '\6' : '\4') + static_cast<char>(exponent) + (second ? number(size, 8) : both(low)),
      second ? '\2' : '\1');
}

std::string text(std::size_t length) {
  std::string out;
  for (unsigned i = 0; out.size() < length; ++i) out += std::to_string(i * 2654435761U) + ' ';
  out.resize(length);
  return out;
}

class IsoZisofs : public ::testing::Test {
 protected:
  IsoZisofs() { builder.root_use = kSharing + px(0040755); }
  void add(const std::string& name, const std::string& recorded, const std::string& use) {
    builder.add(builder.file("F" + std::to_string(++files) + ".;1", recorded, px(0100644) + nm(name) + use));
  }
  // All of a file's content, or the error of reading it.
  std::string read(const std::string& name, std::size_t step = SIZE_MAX) {
    const auto cursor = open_volume(builder.source(), {.view = View::rockridge, .strictness = Strictness::strict});
    while (auto entry = cursor->next()) {
      if (entry->name != name) continue;
      ContentStore store;
      const auto content = cursor->content(store);
      EXPECT_EQ(store.size(content), entry->size);
      std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(entry->size, 1 << 20)), '?');
      for (std::size_t at = 0; at < out.size(); at += std::min(step, out.size() - at))
        store.read_at(content, at, std::as_writable_bytes(std::span(out).subspan(at, std::min(step, out.size() - at))));
      return out;
    }
    return "(no such file)";
  }
  Errc error_of(const std::string& name) {
    try {
      read(name);
    } catch (const Error& e) {
      EXPECT_EQ(e.where().clause, "zisofs") << e.what();
      EXPECT_TRUE(e.where().lba) << e.what();
      EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << "the path belongs into the text: " << e.what();
      return e.code() == Errc::unsupported ? Errc::unsupported : Errc::corrupt_structure;
    }
    return Errc{};
  }

  IsoBuilder builder;
  int files = 0;
};

TEST_F(IsoZisofs, BlocksOfEverySize) {
  for (const unsigned exponent : {15U, 16U, 17U}) {
    const auto content = text(300'001);
    add("one" + std::to_string(exponent), compressed(content, exponent), zf(content.size(), exponent));
    add("two" + std::to_string(exponent), compressed(content, exponent, true),
        zf(content.size(), exponent, true, "PZ"));
  }
  for (const auto* exponent : {"15", "16", "17"})
    for (const auto* version : {"one", "two"})
      for (const std::size_t step : {std::size_t{SIZE_MAX}, std::size_t{4096}, std::size_t{100'003}})
        EXPECT_EQ(read(std::string(version) + exponent, step), text(300'001)) << version << exponent << ' ' << step;
}

TEST_F(IsoZisofs, EmptyBlocksAreZeros) {
  const auto content = std::string(70'000, '\0') + text(1000) + std::string(100'000, '\0');
  add("sparse", compressed(content, 15), zf(content.size(), 15));
  EXPECT_EQ(read("sparse"), content);
}

TEST_F(IsoZisofs, ContentThatFillsItsBlocksExactly) {
  const auto content = text(65536);
  add("exact", compressed(content, 15), zf(content.size(), 15));
  EXPECT_EQ(read("exact"), content);
}

TEST_F(IsoZisofs, FilesWithoutTheEntryStayAsTheyAre) {
  const auto recorded = compressed(text(5000), 15);
  add("raw", recorded, {});
  EXPECT_EQ(read("raw"), recorded);
}

TEST_F(IsoZisofs, OtherCompressionsAreRefusedByName) {
  add("xz", "anything", zf(100, 17, true, "XZ"));
  EXPECT_EQ(error_of("xz"), Errc::unsupported);
  auto other = compressed(text(5000), 15, true);
  other[10] = 4;  // Zstandard, says the header
  add("zstd", other, zf(5000, 15, true, "PZ"));
  EXPECT_EQ(error_of("zstd"), Errc::unsupported);
}

TEST_F(IsoZisofs, HostileFilesAreErrorsWithTheirPath) {
  const auto good = compressed(text(100'000), 15);
  const auto use = zf(100'000, 15);
  const auto changed = [&](std::size_t at, const std::string& to) {
    auto copy = good;
    return copy.replace(at, to.size(), to);
  };
  add("no-header", std::string(4096, 'x'), use);
  add("cut", good.substr(0, 10), use);
  add("cut-pointers", good.substr(0, 24), use);
  add("cut-data", good.substr(0, 4000), use);
  add("exponent", changed(13, "\x40"), use);
  add("header-size", changed(12, std::string(1, '\0')), use);
  add("size-differs", good, zf(99'999, 15));
  add("size-huge", changed(8, number(0xFFFFFFFF, 4)), zf(0xFFFFFFFF, 15));
  add("pointer-beyond", changed(20, number(0xFFFFFFF0, 4)), use);
  add("pointers-backwards", changed(16, number(good.size(), 4)), use);
  add("garbage", changed(40, std::string(2000, 'g')), use);
  add(
      "not-all",
      [&] {
        // A block that decompresses to less than it should.
        const auto data = deflated("short");
        return kMagic + number(32768, 4) + "\4\x0F" + std::string(2, '\0') + number(24, 4) +
               number(24 + data.size(), 4) + data;
      }(),
      zf(32768, 15));
  add(
      "bomb",
      [&] {
        const auto data = deflated(std::string(1 << 20, 'b'));  // a megabyte where 32 KiB should be
        return kMagic + number(32768, 4) + "\4\x0F" + std::string(2, '\0') + number(24, 4) +
               number(24 + data.size(), 4) + data;
      }(),
      zf(32768, 15));
  for (const auto* name : {"no-header", "cut", "cut-pointers", "cut-data", "exponent", "header-size", "size-differs",
                           "pointer-beyond", "pointers-backwards", "garbage", "not-all", "bomb"})
    EXPECT_EQ(error_of(name), Errc::corrupt_structure) << name;
}

TEST_F(IsoZisofs, ASizeOf64BitsCostsNothingUntilItIsRead) {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 47;
  auto huge = compressed(text(5000), 15, true);
  huge.replace(12, 8, number(kHuge, 8));
  add("huge", huge, zf(kHuge, 15, true, "PZ"));
  EXPECT_EQ(error_of("huge"), Errc::corrupt_structure);
}

TEST_F(IsoZisofs, ManyThreadsReadOneFile) {
  const auto content = text(400'000);
  add("shared", compressed(content, 15), zf(content.size(), 15));
  const auto cursor = open_volume(builder.source(), {.view = View::rockridge});
  ASSERT_TRUE(cursor->next());
  ContentStore store;
  const auto id = cursor->content(store);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::string part(777, '?');
      for (std::size_t at = t * 1000; at + part.size() <= content.size(); at += 9973) {
        store.read_at(id, at, std::as_writable_bytes(std::span(part)));
        wrong += part != content.substr(at, part.size());
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace fsimage::test
