#include <fsimage/core/finding.hpp>

#include <gtest/gtest.h>

#include <set>

namespace fsimage {
namespace {

TEST(Finding, EveryViewAndKindHasItsOwnWord) {
  std::set<std::string_view> views, kinds;
  for (const auto v : {View::none, View::iso9660, View::enhanced, View::joliet, View::rockridge, View::udf})
    views.insert(to_string(v));
  for (const auto k : {Finding::Kind::renamed, Finding::Kind::cut, Finding::Kind::collided, Finding::Kind::dropped,
                       Finding::Kind::stripped, Finding::Kind::clamped, Finding::Kind::deviation, Finding::Kind::lost})
    kinds.insert(to_string(k));
  EXPECT_EQ(views.size(), 6U);
  EXPECT_EQ(kinds.size(), 8U);
  EXPECT_EQ(to_string(static_cast<View>(99)), "unknown");
}

TEST(Finding, LocatedTextSaysWhere) {
  Finding f{.kind = Finding::Kind::deviation,
            .view = View::udf,
            .path = "/a",
            .text = "odd",
            .to = {},
            .lba = {},
            .clause = {}};
  EXPECT_EQ(located_text(f), "odd");
  f.lba = Lba{19};
  f.clause = "ECMA-119 9.1.3";
  EXPECT_EQ(located_text(f), "odd [LBA 19] [ECMA-119 9.1.3]");
}

}  // namespace
}  // namespace fsimage
