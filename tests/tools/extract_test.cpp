#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class Extracting : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/docs/a.txt", "hello");
    in_.write("src/docs/b.bin", std::string(70'000, 'b'));
    in_.write("src/z.txt", "z");
    fs::create_symlink("docs/a.txt", in_.path() / "src/link");
    fs::create_hard_link(in_ / "src/z.txt", in_ / "src/docs/z again");
    fs::permissions(in_ / "src/docs/a.txt", fs::perms(0640));
    image_ = in_ / "out.iso";
    const auto made = command({"create", in_ / "src", "-o", image_});
    ASSERT_EQ(made.code, 0) << made.err;
  }
  CommandResult extract(std::vector<std::string> more) {
    std::vector<std::string> args{"extract", image_, "-C", in_ / "out"};
    args.insert(args.end(), more.begin(), more.end());
    return command(args);
  }
  TempFolder in_;
  std::string image_;
};

TEST_F(Extracting, EverythingFromTheViewThatKeepsLinks) {
  const auto done = extract({});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("1 folders, 3 files, 1 hard links, 1 symbolic links, "), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("from rockridge"), std::string::npos) << done.err;
  EXPECT_EQ(TempFolder::read(in_ / "out/docs/b.bin"), std::string(70'000, 'b'));
  EXPECT_EQ(fs::read_symlink(in_.path() / "out/link"), "docs/a.txt");
  EXPECT_TRUE(fs::equivalent(in_ / "out/z.txt", in_ / "out/docs/z again"));
  EXPECT_EQ(fs::status(in_ / "out/docs/a.txt").permissions(), fs::perms(0640));
}

TEST_F(Extracting, PathsAndPatterns) {
  EXPECT_EQ(extract({"docs/a.txt", "z*"}).code, 0);
  EXPECT_TRUE(fs::exists(in_ / "out/docs/a.txt"));
  EXPECT_TRUE(fs::exists(in_ / "out/z.txt"));
  EXPECT_FALSE(fs::exists(in_ / "out/docs/b.bin"));
  EXPECT_FALSE(fs::exists(in_ / "out/link"));
}

TEST_F(Extracting, APatternThatMatchesNothingFails) {
  const auto done = extract({"z.txt", "nothing"});
  EXPECT_EQ(done.code, 1);
  EXPECT_NE(done.err.find("nothing: the image holds no such entry"), std::string::npos) << done.err;
  EXPECT_TRUE(fs::exists(in_ / "out/z.txt"));
}

TEST_F(Extracting, WhatIsThereIsAnErrorUnlessOverwritten) {
  in_.write("out/z.txt", "old");
  const auto refused = extract({});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("/z.txt: "), std::string::npos) << refused.err;
  EXPECT_EQ(TempFolder::read(in_ / "out/z.txt"), "old");
  EXPECT_EQ(extract({"--overwrite"}).code, 0);
  EXPECT_EQ(TempFolder::read(in_ / "out/z.txt"), "z");
}

TEST_F(Extracting, JsonReports) {
  in_.write("out/z.txt", "old");
  const auto done = extract({"--json", "--view", "joliet"});
  EXPECT_EQ(done.code, 1);
  EXPECT_NE(done.out.find(R"("view":"joliet","folders":1,"files":3,"hard_links":0,"symlinks":0,)"), std::string::npos)
      << done.out;
  EXPECT_NE(done.out.find(R"("failed":1,"errors":[)"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find(R"({"path":"/z.txt","text":")"), std::string::npos) << done.out;
  EXPECT_TRUE(done.err.empty()) << done.err;
}

// An image that ends early: what lies behind its end is named, the rest is there.
TEST_F(Extracting, ACutImageGivesWhatItHas) {
  const auto map = command({"create", in_ / "src", "-o", in_ / "mapped.iso", "--map"}).out;
  const auto line = map.rfind('\n', map.find("content /docs/b.bin"));
  const auto block = std::stoull(map.substr(line == std::string::npos ? 0 : line + 1));
  ASSERT_GT(block, 0U) << map;
  fs::resize_file(image_, (block + 2) * 2048);
  for (const auto* how : {"--view=rr", "--salvage"}) {
    fs::remove_all(in_ / "out");
    const auto done = extract({how});
    EXPECT_EQ(done.code, 1);
    EXPECT_NE(done.err.find("/docs/b.bin: "), std::string::npos) << done.err;
    EXPECT_EQ(TempFolder::read(in_ / "out/docs/a.txt"), "hello");
    const auto whole = TempFolder::read(in_ / "src/docs/b.bin");
    if (how == std::string("--salvage")) {
      auto rest = whole;
      std::fill(rest.begin() + 2 * 2048, rest.end(), '\0');
      EXPECT_EQ(TempFolder::read(in_ / "out/docs/b.bin"), rest);
      EXPECT_NE(done.err.find("bytes 4096 to " + std::to_string(whole.size() - 1)), std::string::npos) << done.err;
    } else {
      EXPECT_FALSE(fs::exists(in_ / "out/docs/b.bin"));
    }
    EXPECT_TRUE(fs::is_symlink(in_.path() / "out/link"));
  }
}

TEST_F(Extracting, WrongUsage) {
  EXPECT_EQ(command({"extract"}).code, 2);
  EXPECT_EQ(extract({"--owner", "--no-owner"}).code, 2);
  EXPECT_EQ(extract({""}).code, 2);
  EXPECT_EQ(extract({"--view", "hfs"}).code, 2);
}

TEST_F(Extracting, AnAskedStopIsExitCodeThree) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(command({"extract", image_, "-C", in_ / "out"}, {}, stop.get_token()).code, 3);
}

TEST_F(Extracting, AViewThatIsNotThere) {
  const auto done = command({"extract", in_.write("none.iso", std::string(100'000, 'x')), "-C", in_ / "out"});
  EXPECT_EQ(done.code, 1);
  EXPECT_FALSE(fs::exists(in_ / "out")) << "nothing is made before there is something to restore";
}

}  // namespace
}  // namespace fsimage::test
