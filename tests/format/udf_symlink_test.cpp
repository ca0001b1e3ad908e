#include "format/udf_bytes.hpp"

#include <fsimage/format/udf/symlink.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

using test::from_hex;
using test::hex;

struct Link {
  const char* name;
  std::string target;
  const char* bytes;
};
class UdfSymlink : public ::testing::TestWithParam<Link> {};

std::vector<std::byte> encoded(std::string_view target, bool* exact = nullptr) {
  Sink measure;
  encode_symlink(target, measure);
  std::vector<std::byte> out(measure.size());
  Sink sink(out);
  const bool same = encode_symlink(target, sink);
  if (exact != nullptr) *exact = same;
  return out;
}

TEST_P(UdfSymlink, BothWays) {
  bool exact = false;
  EXPECT_EQ(hex(encoded(GetParam().target, &exact)), GetParam().bytes);
  EXPECT_TRUE(exact);
  EXPECT_EQ(decode_symlink(from_hex(GetParam().bytes)), GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(Ecma167_4_14_16, UdfSymlink,
                         ::testing::Values(Link{"name", "a", "05 02 00 00 08 61"}, Link{"root", "/", "02 00 00 00"},
                                           Link{"absolute", "/b/c", "02 00 00 00 05 02 00 00 08 62 05 02 00 00 08 63"},
                                           Link{"parent_and_self", "../.", "03 00 00 00 04 00 00 00"},
                                           Link{"wide", "\u4e2d", "05 03 00 00 10 4e 2d"},
                                           Link{"dots_in_a_name", "..a", "05 04 00 00 08 2e 2e 61"}),
                         [](const auto& i) { return i.param.name; });

struct Changed {
  const char* name;
  std::string target, reads_back;
};
class UdfSymlinkChanged : public ::testing::TestWithParam<Changed> {};

TEST_P(UdfSymlinkChanged, SaysSo) {
  bool exact = true;
  const auto bytes = encoded(GetParam().target, &exact);
  EXPECT_FALSE(exact);
  EXPECT_EQ(decode_symlink(bytes), GetParam().reads_back);
}

INSTANTIATE_TEST_SUITE_P(Ecma167_4_14_16, UdfSymlinkChanged,
                         ::testing::Values(Changed{"doubled_slash", "a//b", "a/b"},
                                           Changed{"slash_at_the_end", "a/", "a"}, Changed{"two_roots", "//a", "/a"},
                                           Changed{"no_utf8",
                                                   "a\xff"
                                                   "b",
                                                   "a_b"},
                                           Changed{"long_component", std::string(255, 'x'), std::string(254, 'x')}),
                         [](const auto& i) { return i.param.name; });

TEST(UdfSymlinkRead, BothRoots) {
  EXPECT_EQ(decode_symlink(from_hex("01 00 00 00 05 02 00 00 08 61")), "/a");
  EXPECT_EQ(decode_symlink(from_hex("02 00 00 00 05 02 00 00 08 61")), "/a");
}

TEST(UdfSymlinkRead, Damaged) {
  for (const char* bytes : {"05", "05 02 00", "05 02 00 00 08", "06 00 00 00", "00 00 00 00", "05 00 00 00",
                            "05 02 00 00 09 61", "05 02 00 00 08 2f", "05 02 00 00 08 00"})
    EXPECT_EQ(decode_symlink(from_hex(bytes)), std::nullopt) << bytes;
  EXPECT_EQ(decode_symlink({}), "");
}

}  // namespace
}  // namespace fsimage::udf
