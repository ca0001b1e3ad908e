#include <fsimage/core/finding.hpp>

#include <gtest/gtest.h>

#include <set>

namespace fsimage {
namespace {

TEST(Finding, EveryViewAndKindHasItsOwnWord) {
  std::set<std::string_view> views, kinds;
  for (const auto v : {View::none, View::iso9660, View::enhanced, View::joliet, View::rockridge, View::udf})
    views.insert(to_string(v));
  for (const auto k : {Finding::Kind::renamed, Finding::Kind::collided, Finding::Kind::dropped, Finding::Kind::clamped,
                       Finding::Kind::deviation, Finding::Kind::lost})
    kinds.insert(to_string(k));
  EXPECT_EQ(views.size(), 5U);
  EXPECT_EQ(kinds.size(), 5U);
  EXPECT_EQ(to_string(static_cast<View>(99)), "unknown");
}

}  // namespace
}  // namespace fsimage
