#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/attribute_rules.hpp>

#include <gtest/gtest.h>

#include <ostream>

namespace fsimage {
namespace {

struct Chmod {
  const char* text;
  unsigned before, file, folder;
  friend std::ostream& operator<<(std::ostream& out, const Chmod& c) { return out << c.text; }
};
class Modes : public ::testing::TestWithParam<Chmod> {};
TEST_P(Modes, AreThoseOfChmod) {
  const auto& [text, before, file, folder] = GetParam();
  const ModeChange change(text);
  EXPECT_EQ(change.apply(static_cast<std::uint16_t>(before), false), file);
  EXPECT_EQ(change.apply(static_cast<std::uint16_t>(before), true), folder);
}
INSTANTIATE_TEST_SUITE_P(Forms, Modes,
                         ::testing::Values(Chmod{"644", 0777, 0644, 0644}, Chmod{"07777", 0, 07777, 07777},
                                           Chmod{"0", 0777, 0, 0}, Chmod{"u+rwX,go-w", 0066, 0644, 0744},
                                           Chmod{"u=rwX,go=rX", 0100, 0755, 0755}, Chmod{"a+X", 0644, 0644, 0755},
                                           Chmod{"a+X", 0744, 0755, 0755}, Chmod{"+x", 0600, 0711, 0711},
                                           Chmod{"go=u", 0751, 0777, 0777}, Chmod{"g=o,o=", 0751, 0710, 0710},
                                           Chmod{"=", 07777, 0, 0}, Chmod{"u+s,g+s,+t", 0755, 07755, 07755},
                                           Chmod{"g=rx", 07777, 05757, 05757}, Chmod{"u-s", 06755, 02755, 02755},
                                           Chmod{"o+s", 0755, 0755, 0755}, Chmod{"u=rw-w+x", 0, 0500, 0500},
                                           Chmod{"ug+w-x", 0511, 0621, 0621}));

TEST(Modes, ThatAreNone) {
  for (const auto* text : {"", "8", "10000", "644x", "u", "rwx", "u+q", "u+r,", ",u+r", "u+ru", "b+r", "77777777777"})
    EXPECT_EQ(test::error_of([&] { ModeChange{text}; }).code(), Errc::invalid_argument) << text;
}

TEST(AttributeRules, NothingChangesByItself) {
  const Attributes a{.modified = {5}, .accessed = {6}, .uid = 7, .gid = 8, .permissions = 04711};
  const auto b = AttributeRules().apply(FileType::regular, a);
  EXPECT_EQ(b.modified, a.modified);
  EXPECT_EQ(b.accessed, a.accessed);
  EXPECT_EQ(b.uid, 7U);
  EXPECT_EQ(b.gid, 8U);
  EXPECT_EQ(b.permissions, 04711);
}

TEST(AttributeRules, MapsComeBeforeTheOwnerForTheRest) {
  const AttributeRules rules{.users = {{1000, 1}, {1, 2}}, .groups = {{5, 6}}, .uid = 0};
  EXPECT_EQ(rules.apply(FileType::regular, {.uid = 1000, .gid = 5}).uid, 1U);
  EXPECT_EQ(rules.apply(FileType::regular, {.uid = 1000, .gid = 5}).gid, 6U);
  EXPECT_EQ(rules.apply(FileType::regular, {.uid = 33, .gid = 7}).uid, 0U);
  EXPECT_EQ(rules.apply(FileType::regular, {.uid = 33, .gid = 7}).gid, 7U);
}

TEST(AttributeRules, LinksKeepTheirMode) {
  const AttributeRules rules{.mode = ModeChange("0")};
  EXPECT_EQ(rules.apply(FileType::symlink, {.permissions = 0777}).permissions, 0777);
  EXPECT_EQ(rules.apply(FileType::fifo, {.permissions = 0777}).permissions, 0);
}

TEST(AttributeRules, TimesAreSetOrClamped) {
  AttributeRules rules{.modified = Timestamp{10}};
  EXPECT_EQ(rules.apply(FileType::regular, {.modified = {5}}).modified.ns, 10);
  rules.clamp_modified = true;
  EXPECT_EQ(rules.apply(FileType::regular, {.modified = {5}}).modified.ns, 5);
  EXPECT_EQ(rules.apply(FileType::regular, {.modified = {15}}).modified.ns, 10);
}

}  // namespace
}  // namespace fsimage
