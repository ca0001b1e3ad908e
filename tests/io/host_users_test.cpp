#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_users.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(HostUsers, RootIsKnownAndNobodyElseByChance) {
  EXPECT_EQ(host_user_id("root"), 0U);
  EXPECT_EQ(host_group_id("root"), 0U);
  for (const auto* name : {"", "no-such-user", "0"}) {
    EXPECT_FALSE(host_user_id(name)) << name;
    EXPECT_FALSE(host_group_id(name)) << name;
  }
}

TEST(HostUsers, RootMaySetOwners) { EXPECT_EQ(may_set_owners(), effective_user() == 0); }

}  // namespace
}  // namespace fsimage
