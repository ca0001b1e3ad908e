// Extended attributes of host files through the commands: into an image, out of it, and through further sessions.
#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class KeptXattrs : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/docs/a.txt", "hello");
    in_.write("src/plain", "plain");
    const auto set = [&](const std::string& folder, std::vector<HostXattr> xattrs) {
      return WritableFolder::open(folder)->set_metadata({.xattrs = std::move(xattrs)});
    };
    if (set(in_ / "src", {{"user.top", "the root"}})) GTEST_SKIP() << "no extended attributes in " << in_.path();
    ASSERT_TRUE(!set(in_ / "src/docs", {{"user.empty", ""}, {"user.large", std::string(3000, 'l')}}));
  }
  std::vector<HostXattr> xattrs(const std::string& below, const char* name = nullptr) const {
    const auto folder = HostFolder::open(in_ / below, HostFolder::Access::reach);
    return name == nullptr ? folder->xattrs() : folder->xattrs(name, Links::keep);
  }
  void expect_restored(const std::string& image, const std::string& to, const std::string& view = "udf") {
    const auto done = command({"extract", image, "-C", in_ / to, "--view", view});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_THAT(xattrs(to), ElementsAre(HostXattr{"user.top", "the root"}));
    EXPECT_THAT(xattrs(to + "/docs"),
                ElementsAre(HostXattr{"user.empty", ""}, HostXattr{"user.large", std::string(3000, 'l')}));
    EXPECT_THAT(xattrs(to, "plain"), IsEmpty());
  }
  TempFolder in_;
};

TEST_F(KeptXattrs, AreNamedStreamsThatComeBack) {
  const auto image = in_ / "out.iso";
  const auto made = command({"create", in_ / "src", "-o", image, "--xattrs", "user", "--udf-revision", "2.01"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.err, Not(HasSubstr("stripped")));
  expect_restored(image, "back");
  EXPECT_THAT(command({"map", image}).out, HasSubstr("content /docs:large"));
  EXPECT_THAT(command({"ls", "--json", image, "--view", "udf"}).out, HasSubstr(R"("user.empty":"")"));
  EXPECT_EQ(command({"verify", image}).code, 0);
  EXPECT_EQ(command({"diff", "--xattrs", image, in_ / "src", "--view", "udf"}).out, "");
}

TEST_F(KeptXattrs, LieBesideRockRidgeToo) {
  const auto image = in_ / "out.iso";
  const auto made = command({"create", in_ / "src", "-o", image, "--xattrs", "user"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.err, Not(HasSubstr("stripped"))) << "UDF 1.02 has no streams, which is no loss";
  expect_restored(image, "back", "rr");
  EXPECT_EQ(command({"verify", image}).code, 0);
  in_.write("new/docs/b.txt", "new");
  ASSERT_EQ(command({"append", image, in_ / "new"}).code, 0);
  expect_restored(image, "second", "rr");
}

TEST_F(KeptXattrs, StayInFurtherSessions) {
  const auto image = in_ / "out.iso";
  ASSERT_EQ(command({"create", in_ / "src", "-o", image, "--xattrs", "user", "--udf-revision", "2.50"}).code, 0);
  in_.write("new/docs/b.txt", "new");
  ASSERT_EQ(command({"append", image, in_ / "new"}).code, 0);
  expect_restored(image, "second");
  expect_restored(image, "second, beside Rock Ridge", "rr");
  const auto mirror = command({"append", image, in_ / "src", "--update"});  // says nothing of attributes
  ASSERT_EQ(mirror.code, 0) << mirror.err;
  expect_restored(image, "third");
  ASSERT_TRUE(!WritableFolder::open(in_ / "src/docs")->set_metadata({.xattrs = {{"user.large", "small"}}}));
  ASSERT_EQ(command({"append", image, in_ / "src", "--update", "--xattrs", "user"}).code, 0);
  ASSERT_EQ(command({"extract", image, "-C", in_ / "fourth", "--view", "udf"}).code, 0);
  EXPECT_THAT(xattrs("fourth/docs"), ElementsAre(HostXattr{"user.empty", ""}, HostXattr{"user.large", "small"}));
}

TEST_F(KeptXattrs, WhereNothingKeepsThemIsRefused) {
  const auto refused =
      command({"create", in_ / "src", "-o", in_ / "out.iso", "--xattrs", "user", "--fs", "iso9660,joliet,udf"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("--allow strip"));
  const auto allowed = command({"create", in_ / "src", "-o", in_ / "out.iso", "--xattrs", "user", "--fs",
                                "iso9660,joliet,udf", "--allow", "strip"});
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_THAT(allowed.err, HasSubstr("udf: 2 stripped (UDF before 2.00 has no named streams), for example /"));
  const auto without = command({"create", in_ / "src", "-o", in_ / "out.iso"});
  EXPECT_EQ(without.code, 0) << without.err;
  EXPECT_EQ(command({"create", in_ / "src", "-o", in_ / "out.iso", "--xattrs", "some"}).code, 2);
}

}  // namespace
}  // namespace fsimage::test
