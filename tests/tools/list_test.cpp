#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class Listing : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/docs/a.txt", "hello");
    in_.write("src/docs/sub/deep.txt", "x");
    in_.write("src/z\nnewline", "y");
    fs::create_symlink("docs/a.txt", in_.path() / "src/link");
    fs::permissions(in_ / "src/docs/a.txt", fs::perms(0640));
    image_ = in_ / "out.iso";
    const auto made = command({"create", in_ / "src", "-o", image_});
    ASSERT_EQ(made.code, 0) << made.err;
  }
  TempFolder in_;
  std::string image_;
};

TEST_F(Listing, OnePathAndBelow) {
  EXPECT_EQ(command({"ls", image_, "docs"}).out, "/docs\n/docs/a.txt\n/docs/sub\n/docs/sub/deep.txt\n");
  EXPECT_EQ(command({"ls", image_, "/docs/sub/"}).out, "/docs/sub\n/docs/sub/deep.txt\n");
  const auto missing = command({"ls", image_, "/doc"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("/doc"), std::string::npos);
}

TEST_F(Listing, LongShowsModesSizesAndTargets) {
  const auto listed = command({"ls", "-l", "--view", "rr", image_});
  EXPECT_NE(listed.out.find("-rw-r----- 1 "), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find(" 5 2"), std::string::npos) << listed.out;
  EXPECT_NE(listed.out.find("/link -> docs/a.txt\n"), std::string::npos) << listed.out;
}

TEST_F(Listing, ControlCharactersAreShownNotSent) {
  EXPECT_NE(command({"ls", image_}).out.find("/z\\x0anewline\n"), std::string::npos);
  EXPECT_NE(command({"ls", "--json", image_}).out.find(R"("path":"/z\u000anewline")"), std::string::npos);
}

TEST_F(Listing, JsonIsAnObjectALine) {
  const auto listed = command({"ls", "--json", "--view", "rr", image_, "/docs/a.txt"});
  EXPECT_EQ(listed.out.rfind(R"({"path":"/docs/a.txt","type":"file","mode":416,)", 0), 0U) << listed.out;
}

TEST_F(Listing, TreeCounts) {
  const auto shown = command({"tree", "--view", "rr", image_});
  EXPECT_NE(shown.out.find("  docs/\n    a.txt  5 bytes\n    sub/\n      deep.txt  1 bytes\n"), std::string::npos)
      << shown.out;
  EXPECT_NE(shown.out.find("2 folders, 4 files"), std::string::npos) << shown.out;
}

TEST_F(Listing, AnUnknownViewIsWrongUsage) { EXPECT_EQ(command({"ls", "--view", "hfs", image_}).code, 2); }

TEST_F(Listing, InfoNamesTheVolumes) {
  const auto described = command({"info", image_});
  EXPECT_EQ(described.code, 0) << described.err;
  for (const auto* word : {"ISO 9660", "Joliet", "Rock Ridge", "UDF 1.02", "FSIMAGE"})
    EXPECT_NE(described.out.find(word), std::string::npos) << word << '\n' << described.out;
}

}  // namespace
}  // namespace fsimage::test
