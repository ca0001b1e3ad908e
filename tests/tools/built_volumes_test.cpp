// Volumes of forms that no writer at hand makes, through the commands: extended attributes, named streams, discs written once.
#include <import/iso_builder.hpp>
#include <import/udf_forms.hpp>
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

class BuiltVolumes : public ::testing::Test {
 protected:
  BuiltVolumes() {
    IsoBuilder iso;
    const auto al = use_field("AL", std::string("\0\0\4\3one\0\2\xFF\1\0\3\5no\0\1t", 19));
    iso.root_use = kSharing + px(0040755);
    iso.add(iso.file("A.;1", "a", px(0100644) + nm("a") + al));
    in_.write("attributes.iso", iso.build());
    write("streams.udf", udf::Revision::v2_00, make_streams);
    write("states.udf", udf::Revision::v2_00, [](UdfBuilder& b) {
      make_virtual(b);
      add_state(b, kFirstTable);
    });
  }
  void write(const std::string& name, udf::Revision revision, const std::function<void(UdfBuilder&)>& make) {
    UdfBuilder b(2048, revision);
    make(b);
    in_.write(name, as_text(b.bytes()));
  }
  bool keeps_xattrs() const {
    return !WritableFolder::open(in_.path().string())->set_metadata({.xattrs = {{"user.probe", ""}}});
  }
  std::vector<HostXattr> xattrs(const std::string& below, const char* name) const {
    return HostFolder::open(in_ / below, HostFolder::Access::reach)->xattrs(name, Links::keep);
  }
  TempFolder in_;
};

TEST_F(BuiltVolumes, ExtendedAttributesAreListed) {
  const auto done = command({"ls", "--json", in_ / "attributes.iso"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr(R"("xattrs":{"user.one":"ff01","trusted.no":"74"}})"));
  EXPECT_TRUE(done.err.empty()) << done.err;
}

TEST_F(BuiltVolumes, ThoseOfUsersAreRestoredAndCompared) {
  if (!keeps_xattrs()) GTEST_SKIP() << "the file system of " << in_.path() << " has none";
  const auto image = in_ / "attributes.iso";
  const auto done = command({"extract", image, "-C", in_ / "out"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("other than \"user.\" of 1 entry"));
  EXPECT_THAT(xattrs("out", "a"), ElementsAre(HostXattr{"user.one", "\xFF\1"}));
  EXPECT_EQ(command({"diff", "--xattrs", image, in_ / "out"}).out, "");
  ASSERT_EQ(command({"extract", image, "-C", in_ / "none", "--xattrs=none"}).code, 0);
  EXPECT_THAT(xattrs("none", "a"), IsEmpty());
  EXPECT_EQ(command({"diff", image, in_ / "none"}).code, 0) << "without the option they do not count";
  const auto differing = command({"diff", "--xattrs", image, in_ / "none"});
  EXPECT_EQ(differing.code, 1);
  EXPECT_THAT(differing.out, HasSubstr("~ /a: xattrs user.one=2 "));
}

TEST_F(BuiltVolumes, NamedStreamsAreRestoredAsExtendedAttributes) {
  if (!keeps_xattrs()) GTEST_SKIP() << "the file system of " << in_.path() << " has none";
  const auto done = command({"extract", in_ / "streams.udf", "-C", in_ / "out"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(xattrs("out/sub", "b.txt"),
              ElementsAre(HostXattr{"user.one", kTextOne}, HostXattr{"user.two", kTextTwo}));
}

TEST_F(BuiltVolumes, WhichExtendedAttributesIsAWord) {
  EXPECT_EQ(command({"extract", in_ / "attributes.iso", "-C", in_ / "out", "--xattrs=some"}).code, 2);
}

TEST_F(BuiltVolumes, EarlierStatesOfADiscWrittenOnceAreSessions) {
  const auto image = in_ / "states.udf";
  const auto info = command({"info", image});
  EXPECT_EQ(info.code, 0) << info.err;
  EXPECT_THAT(info.out, HasSubstr("as the virtual allocation table at LBA 1023 knows it"));
  ASSERT_EQ(command({"extract", image, "-C", in_ / "newest"}).code, 0);
  ASSERT_EQ(command({"extract", image, "-C", in_ / "first", "--session", "1"}).code, 0);
  EXPECT_EQ(TempFolder::read(in_ / "newest/a.txt"), kNewerText);
  EXPECT_EQ(TempFolder::read(in_ / "first/a.txt"), UdfBuilder(2048, udf::Revision::v2_00).text_a());
  EXPECT_EQ(command({"ls", image, "--session", "3"}).code, 1);
}

}  // namespace
}  // namespace fsimage::test
