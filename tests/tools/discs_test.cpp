#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fsimage::test {
namespace {

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (auto& c : name) c = c == '-' ? '_' : c == '+' ? 'p' : c;
  return name;
}

class Disc : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    in_.write("first/docs/a.txt", "one");
    in_.write("first/big.bin", std::string(200'000, 'b'));
    in_.write("second/docs/b.txt", "two");
    in_.write("second/docs/a.txt", "one, again");
    in_.write("fourth/c.txt", "three");
    ok({"create", in_ / "first", "-o", in_ / "first.iso", "-q"});
  }
  std::string fresh(const std::string& file = "disc") const {
    return "mock:" + in_ / file + "?media=" + GetParam() + "&capacity=90000";
  }
  std::string disc(const std::string& file = "disc") const { return "mock:" + in_ / file; }
  std::string listing(const Words& more = {}) const {
    Words words{"ls", disc()};
    words.insert(words.end(), more.begin(), more.end());
    return ok(words).out;
  }
  TempFolder in_;
};

// Blank, burnt, continued, saved and burnt later, changed, brought up to date, closed.
TEST_P(Disc, FiveSessions) {
  ok({"burn", in_ / "first.iso", "--to", fresh(), "--verify"});
  ok({"append", disc(), in_ / "second", "--verify"});
  ok({"media", disc(), "--save", in_ / "disc.fsd"});
  ok({"create", "--onto", in_ / "disc.fsd", "third=" + in_ / "fourth", "-o", in_ / "third.fss"});
  ok({"burn", in_ / "third.fss", "--to", disc(), "--verify", "--receipt", in_ / "receipt.json"});
  EXPECT_NE(TempFolder::read(in_ / "receipt.json").find(R"("verification": "passed")"), std::string::npos);
  ok({"append", disc(), "--remove", "/docs/b.txt", "--move", "/big.bin=/large.bin", "--verify"});
  ok({"append", disc(), "--update", "docs=" + in_ / "first/docs", "--verify", "--close"});

  for (const auto view : {"rr", "joliet", "udf"})
    EXPECT_EQ(listing({"--view", view}), "/docs\n/docs/a.txt\n/large.bin\n/third\n/third/c.txt\n") << view;
  EXPECT_EQ(listing({"--session", "2"}), "/big.bin\n/docs\n/docs/a.txt\n/docs/b.txt\n");
  EXPECT_EQ(listing({"--session", "1"}), "/big.bin\n/docs\n/docs/a.txt\n");
  ok({"extract", disc(), "-C", in_ / "out", "-q"});
  EXPECT_EQ(TempFolder::read(in_ / "out/large.bin"), std::string(200'000, 'b'));
  EXPECT_EQ(TempFolder::read(in_ / "out/docs/a.txt"), "one");
  EXPECT_EQ(command({"verify", disc()}).code, 0);

  ok({"read", disc(), "-o", in_ / "copy.iso", "-q"});
  EXPECT_EQ(ok({"ls", in_ / "copy.iso"}).out, listing());
  EXPECT_EQ(ok({"ls", in_ / "copy.iso", "--session", "2"}).out, listing({"--session", "2"}));
}

// A session that was made for one disc goes onto no other, and onto no other state of its own.
TEST_P(Disc, ASavedSessionKnowsItsDisc) {
  ok({"burn", in_ / "first.iso", "--to", fresh(), "-q"});
  ok({"burn", in_ / "first.iso", "--to", fresh("other"), "-q"});
  ok({"create", "--onto", disc(), in_ / "second", "-o", in_ / "s.fss", "-q"});
  const auto before = ok({"media", disc("other"), "--json"}).out;
  const auto refused = command({"burn", in_ / "s.fss", "--to", disc("other")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("this is not the disc"), std::string::npos) << refused.err;
  EXPECT_EQ(ok({"media", disc("other"), "--json"}).out, before);
  EXPECT_EQ(command({"burn", in_ / "s.fss", "--to", fresh("blank")}).code, 1);
  ok({"burn", in_ / "s.fss", "--to", disc(), "-q"});
  EXPECT_EQ(command({"burn", in_ / "s.fss", "--to", disc()}).code, 1);  // once is enough
  EXPECT_EQ(listing(), "/big.bin\n/docs\n/docs/a.txt\n/docs/b.txt\n");
}

TEST_P(Disc, OnlyBlankOnesTakeWholeImages) {
  ok({"burn", in_ / "first.iso", "--to", fresh(), "--simulate", "-q"});
  EXPECT_NE(ok({"media", disc()}).out.find("blank"), std::string::npos);
  ok({"burn", in_ / "first.iso", "--to", disc(), "-q"});
  EXPECT_EQ(command({"burn", in_ / "first.iso", "--to", disc()}).code, 1);
  const auto erased = command({"erase", disc(), "-q"});
  const bool rewritable = GetParam().find("w") != std::string::npos || GetParam() == "dvd-ram" || GetParam() == "bd-re";
  EXPECT_EQ(erased.code, rewritable ? 0 : 1) << erased.err;
  EXPECT_EQ(command({"burn", in_ / "first.iso", "--to", disc(), "-q"}).code, rewritable ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(Media, Disc,
                         ::testing::Values("cd-r", "cd-rw", "dvd-r", "dvd-rw", "dvd-rw-overwrite", "dvd+r", "dvd+r-dl",
                                           "dvd+rw", "dvd-ram", "bd-r", "bd-re"),
                         test_name);

TEST(Discs, AClosedDiscTakesNoMore) {
  const TempFolder in;
  in.write("a/x", "x");
  ok({"create", in / "a", "-o", in / "a.iso", "-q"});
  const auto disc = "mock:" + in / "disc";
  ok({"burn", in / "a.iso", "--to", disc + "?media=cd-r&capacity=20000", "--close", "-q"});
  const auto more = command({"append", disc, in / "a"});
  EXPECT_EQ(more.code, 1);
  EXPECT_NE(more.err.find("closed"), std::string::npos) << more.err;
  EXPECT_EQ(command({"ls", disc}).out, "/x\n");
}

TEST(Discs, SeveralCopiesOfAWholeImageOnly) {
  const TempFolder in;
  in.write("a/x", "x");
  ok({"create", in / "a", "-o", in / "a.iso", "-q"});
  EXPECT_EQ(command({"burn", in / "a.iso", "--to", "mock:" + in / "d?media=cd-r", "--copies", "0"}).code, 2);
  EXPECT_EQ(command({"burn", in / "a.iso"}).code, 2);
  EXPECT_EQ(command({"burn", "--to", "mock:" + in / "d?media=cd-r"}).code, 2);
  EXPECT_EQ(command({"burn", in / "a.iso", "--to", "mock:" + in / "d?media=floppy"}).code, 1);
  EXPECT_EQ(command({"burn", in / "a.iso", "--to", "mock:" + in / "d?media=cd-r", "--verify=perhaps"}).code, 2);
}

TEST(Discs, HowTheyAreNamed) {
  const auto out = ok({"discs"}).out;
  EXPECT_NE(out.find("iso:PATH"), std::string::npos);
  EXPECT_NE(out.find("mock:PATH"), std::string::npos);
  EXPECT_EQ(command({"discs", "x"}).code, 2);
  EXPECT_EQ(command({"media", "mock:/nowhere/disc"}).code, 1);
  EXPECT_EQ(command({"media"}).code, 2);
  EXPECT_EQ(command({"create", "x", "-o", "y", "--update"}).code, 2);
  EXPECT_EQ(command({"create", "x", "-o", "y", "--onto", "z", "--fs", "udf"}).code, 2);
}

}  // namespace
}  // namespace fsimage::test
