#include <fsimage/format/udf/permissions.hpp>

#include <gtest/gtest.h>

namespace fsimage::udf {
namespace {

struct Mode {
  const char* name;
  std::uint16_t mode;
  std::uint32_t permissions;
  std::uint16_t flags;
};
class UdfPermissions : public ::testing::TestWithParam<Mode> {};

TEST_P(UdfPermissions, BothWays) {
  const auto& p = GetParam();
  EXPECT_EQ(to_permissions(p.mode), p.permissions);
  EXPECT_EQ(to_icb_flags(p.mode), p.flags);
  EXPECT_EQ(from_permissions(p.permissions) | from_icb_flags(p.flags), p.mode);
}

INSTANTIATE_TEST_SUITE_P(Ecma167_4_14_9_5, UdfPermissions,
                         ::testing::Values(Mode{"none", 0, 0, 0}, Mode{"others_execute", 0001, 0x0001, 0},
                                           Mode{"others_write", 0002, 0x0002, 0}, Mode{"others_read", 0004, 0x0004, 0},
                                           Mode{"group_execute", 0010, 0x0020, 0}, Mode{"group_write", 0020, 0x0040, 0},
                                           Mode{"group_read", 0040, 0x0080, 0}, Mode{"owner_execute", 0100, 0x0400, 0},
                                           Mode{"owner_write_brings_attributes_and_delete", 0200, 0x6800, 0},
                                           Mode{"owner_read", 0400, 0x1000, 0}, Mode{"readable", 0444, 0x1084, 0},
                                           Mode{"usual_file", 0644, 0x7884, 0}, Mode{"everything", 0777, 0x7ce7, 0},
                                           Mode{"set_user_id", 04000, 0, 0x40}, Mode{"set_group_id", 02000, 0, 0x80},
                                           Mode{"sticky", 01000, 0, 0x100},
                                           Mode{"all_twelve_bits", 07777, 0x7ce7, 0x1c0}),
                         [](const auto& i) { return i.param.name; });

TEST(UdfPermissionsRead, OfADiscThatWindowsWrote) {
  EXPECT_EQ(from_permissions(0x35ad), 0555);  // read, execute and change attributes for all
  EXPECT_EQ(from_permissions(0x318c), 0444);
}

TEST(UdfPermissionsRead, OtherFlagsAreNoModes) { EXPECT_EQ(from_icb_flags(0xFE3F), 0); }

}  // namespace
}  // namespace fsimage::udf
