// Manifests between the command and bsdtar, which both read and write them.
#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class BsdtarManifest : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/a b.txt", "hello");
    in_.write("src/docs/#=\\[x]\xc3\xa9", std::string(5000, 'd'));
    in_.write("src/docs/deep/er/file", "");
    fs::create_symlink("docs/some where", in_ / "src/link");
    fs::create_hard_link(in_ / "src/a b.txt", in_ / "src/docs/linked");
    ASSERT_EQ(::mkfifo((in_ / "src/fifo").c_str(), 0640), 0);
  }
  // In the folder of the sources.
  void run(const std::string& line) const {
    ASSERT_EQ(std::system(("cd '" + (in_ / "src") + "' && " + line).c_str()), 0) << line;
  }
  TempFolder in_;
};

TEST_F(BsdtarManifest, OfTheirsMakesTheSameImageAsTheFolder) {
  run("bsdtar -cf '" + (in_ / "list") +
      "' --format=mtree --options='!all,type,mode,uid,gid,time,size,link,device,sha256' .");
  ok({"create", in_ / "src", "-o", in_ / "folder.iso"});
  const auto before = fs::current_path();
  fs::current_path(in_.path() / "src");
  const auto made = command({"create", "--manifest", in_ / "list", "--check-digests", "-o", in_ / "manifest.iso"});
  fs::current_path(before);
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(TempFolder::read(in_ / "folder.iso") == TempFolder::read(in_ / "manifest.iso"));
}

TEST_F(BsdtarManifest, OfOursIsReadByThem) {
  ok({"create", in_ / "src", "-o", in_ / "out.iso"});
  in_.write("list", ok({"ls", "--manifest", "--digests", "--view", "rr", in_ / "out.iso"}).out);
  run("bsdtar --format=pax -cf '" + (in_ / "out.tar") + "' '@" + (in_ / "list") + "'");
  fs::create_directory(in_ / "back");
  ASSERT_EQ(std::system(("bsdtar -xpf '" + (in_ / "out.tar") + "' -C '" + (in_ / "back") + "'").c_str()), 0);
  const auto differences = command({"diff", "--view", "rr", in_ / "out.iso", in_ / "back"});
  EXPECT_EQ(differences.code, 0) << differences.out;
}

}  // namespace
}  // namespace fsimage::test
