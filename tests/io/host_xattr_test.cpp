#include <fsimage/io/host_xattr.hpp>

#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>
#include <support/temp_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fsimage {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HostXattrTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const HostMetadata probe{.xattrs = {{"user.probe", ""}}};
    if (writer_->set_metadata(probe)) GTEST_SKIP() << "the file system of " << folder_.path() << " has none";
  }
  test::TempFolder folder_;
  std::shared_ptr<const WritableFolder> writer_ = WritableFolder::open(folder_.path().string());
  std::shared_ptr<const HostFolder> reader_ = HostFolder::open(folder_.path().string(), HostFolder::Access::reach);
};

TEST_F(HostXattrTest, AreSetAndRead) {
  const std::vector<HostXattr> some{{"user.a", "\0\1\xff"s}, {"user.b", ""}, {"user.c", std::string(1000, 'c')}};
  auto file = writer_->make_file("file", 0600, Existing::refuse);
  EXPECT_FALSE(file.finish({.permissions = 0400, .xattrs = some}));
  EXPECT_EQ(reader_->xattrs("file", Links::keep), some) << "in the order of their names, whatever the permissions";
  const auto sub = writer_->make_folder("sub", 0700);
  EXPECT_FALSE(sub->set_metadata({.permissions = 0500, .xattrs = {some[0]}}));
  EXPECT_THAT(reader_->xattrs("sub", Links::keep), ElementsAre(some[0]));
  EXPECT_THAT(reader_->xattrs(), ElementsAre(HostXattr{"user.probe", ""}));
}

TEST_F(HostXattrTest, OfALinkAreNotThoseOfItsTarget) {
  auto file = writer_->make_file("file", 0600, Existing::refuse);
  EXPECT_FALSE(file.finish({.xattrs = {{"user.a", "1"}}}));
  EXPECT_FALSE(writer_->make_symlink("link", "file", {}, Existing::refuse));
  EXPECT_THAT(reader_->xattrs("link", Links::keep), IsEmpty());
  EXPECT_THAT(reader_->xattrs("link", Links::follow), ElementsAre(HostXattr{"user.a", "1"}));
  // No system lets users give one to a link; the file that it leads to must not get it.
  const auto missing = writer_->make_symlink("other", "file", {.xattrs = {{"user.b", "2"}}}, Existing::refuse);
  EXPECT_EQ(missing.xattrs.size(), 1U);
  EXPECT_THAT(reader_->xattrs("file", Links::keep), ElementsAre(HostXattr{"user.a", "1"}));
}

TEST_F(HostXattrTest, WhatIsRefusedIsNamedAndTheRestSet) {
  auto file = writer_->make_file("file", 0600, Existing::refuse);
  const auto missing = file.finish({.permissions = 0640,
                                    .xattrs = {{"nonsense", "1"},
                                               {"user."s + std::string(300, 'n'), "2"},
                                               {"user.nul\0byte"s, "3"},
                                               {"user.kept", "4"},
                                               {"user.large", std::string(100'000, 'x')}}});
  EXPECT_FALSE(missing.error);
  ASSERT_EQ(missing.xattrs.size(), 4U);
  EXPECT_EQ(missing.xattrs[0].first, "nonsense");
  EXPECT_THAT(reader_->xattrs("file", Links::keep), ElementsAre(HostXattr{"user.kept", "4"}));
  EXPECT_EQ(reader_->stat("file", Links::keep).mode & 07777U, 0640U);
}

}  // namespace
}  // namespace fsimage
