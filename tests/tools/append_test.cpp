#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class Appending : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("old/docs/a.txt", "hello");
    in_.write("old/big.bin", std::string(300'000, 'b'));
    disc_ = in_ / "disc.iso";
    const auto made = command({"create", in_ / "old", "-o", disc_, "--label", "Holiday"});
    ASSERT_EQ(made.code, 0) << made.err;
    in_.write("new/docs/a.txt", "hello again");
    in_.write("new/docs/c.txt", "new");
  }
  CommandResult append(std::vector<std::string> more) {
    std::vector<std::string> args{"append", disc_};
    args.insert(args.end(), more.begin(), more.end());
    return command(args);
  }
  std::string list(std::vector<std::string> more = {}) {
    std::vector<std::string> args{"ls", disc_};
    args.insert(args.end(), more.begin(), more.end());
    return command(args).out;
  }
  std::string text(const std::string& path, std::vector<std::string> more = {}) {
    const TempFolder out;
    std::vector<std::string> args{"extract", disc_, path, "-C", out.path().string()};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(command(args).code, 0);
    return TempFolder::read(out / path);
  }
  TempFolder in_;
  std::string disc_;
};

TEST_F(Appending, NewFilesComeAndOldOnesStay) {
  const auto done = append({in_ / "new"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("1 contents stay where they are"), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("1 files are new, 1 changed, 0 unchanged"), std::string::npos) << done.err;
  for (const auto view : {"rr", "joliet", "udf"})
    EXPECT_EQ(list({"--view", view}), "/big.bin\n/docs\n/docs/a.txt\n/docs/c.txt\n") << view;
  EXPECT_EQ(text("docs/a.txt"), "hello again");
  EXPECT_EQ(text("big.bin"), std::string(300'000, 'b'));
  EXPECT_EQ(text("docs/a.txt", {"--session", "1"}), "hello");
  EXPECT_NE(command({"info", disc_}).out.find("Holiday"), std::string::npos);
}

TEST_F(Appending, AnUpdateIsAMirrorThatWritesOnlyWhatChanged) {
  in_.write("old/docs/a.txt", "HELLO");  // the same size, another time
  fs::last_write_time(in_ / "old/docs/a.txt", fs::last_write_time(in_ / "old/big.bin") + std::chrono::seconds(5));
  ASSERT_EQ(append({"added=" + (in_ / "new")}).code, 0);
  const auto before = fs::file_size(disc_);
  const auto done = append({"--update", in_ / "old"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.err.find("0 files are new, 1 changed, 1 unchanged"), std::string::npos) << done.err;
  EXPECT_EQ(list(), "/big.bin\n/docs\n/docs/a.txt\n");
  EXPECT_EQ(text("docs/a.txt"), "HELLO");
  EXPECT_LT(fs::file_size(disc_) - before, 1'500'000U);
}

TEST_F(Appending, RemovesAndMoves) {
  const auto done = append({"--remove", "/docs/a.txt", "--move", "/big.bin=/else/where/large.bin", "-V", "Other"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(list(), "/docs\n/else\n/else/where\n/else/where/large.bin\n");
  EXPECT_EQ(text("else/where/large.bin"), std::string(300'000, 'b'));
  EXPECT_NE(command({"info", disc_}).out.find("Other"), std::string::npos);
  EXPECT_EQ(list({"--session", "1"}), "/big.bin\n/docs\n/docs/a.txt\n");
}

TEST_F(Appending, ADryRunTellsWhatIsWrittenAndWritesNothing) {
  const auto before = TempFolder::read(disc_);
  const auto dry = append({in_ / "new", "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_EQ(TempFolder::read(disc_), before);
  const auto done = append({in_ / "new"});
  const auto blocks = [](const std::string& line) {
    const auto at = line.find("block", line.find("session"));
    return line.substr(at, line.find(" blocks") - at);
  };
  EXPECT_EQ(blocks(dry.out), blocks(done.err)) << dry.out << done.err;
}

TEST_F(Appending, ASequentialFileKeepsItsFront) {
  const auto before = TempFolder::read(disc_);
  ASSERT_EQ(append({in_ / "new", "--sequential"}).code, 0);
  EXPECT_EQ(TempFolder::read(disc_).substr(0, before.size()), before);
  EXPECT_EQ(list(), "/big.bin\n/docs\n/docs/a.txt\n/docs/c.txt\n");
  EXPECT_EQ(list({"--session", "1"}), "/big.bin\n/docs\n/docs/a.txt\n");
}

TEST_F(Appending, WhatCannotBeDoneIsSaidAndLeavesTheDiscAlone) {
  const auto before = TempFolder::read(disc_);
  EXPECT_EQ(append({}).code, 2);
  EXPECT_EQ(append({"--update"}).code, 2);
  const auto gone = append({"--remove", "/nothing"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_NE(gone.err.find("/nothing"), std::string::npos) << gone.err;
  EXPECT_EQ(append({in_ / "no source"}).code, 1);
  EXPECT_EQ(append({"--move", "/docs=/docs/inside"}).code, 1);
  EXPECT_EQ(TempFolder::read(disc_), before);
  EXPECT_EQ(command({"append", in_ / "none.iso", in_ / "new"}).code, 1);
  in_.write("blank.iso", "");
  const auto blank = command({"append", in_ / "blank.iso", in_ / "new"});
  EXPECT_EQ(blank.code, 1);
  EXPECT_NE(blank.err.find("blank"), std::string::npos) << blank.err;
  in_.write("noise.iso", std::string(1'000'000, 'x'));
  EXPECT_EQ(command({"append", in_ / "noise.iso", in_ / "new"}).code, 1);
}

}  // namespace
}  // namespace fsimage::test
