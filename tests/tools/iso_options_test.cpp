// What create and append let their users say about ISO 9660.
#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fsimage::test {
namespace {

class IsoOptions : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/Docs/Read me.txt", "hello");
    in_.write("src/Docs/notes.tmp", "x");
    in_.write("src/COPYING", "free");
    image_ = in_ / "out.iso";
  }
  CommandResult create(std::vector<std::string> more) {
    std::vector<std::string> args{"create", in_ / "src", "-o", image_};
    args.insert(args.end(), more.begin(), more.end());
    return command(args);
  }
  std::string list(const std::string& view) const { return command({"ls", "--view", view, image_}).out; }
  std::string info() const { return command({"info", image_}).out; }
  void expect_sound() const {
    const auto verified = command({"verify", image_});
    EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
  }
  TempFolder in_;
  std::string image_;
};

TEST_F(IsoOptions, Iso1999IsAViewOfItsOwnAndStaysOne) {
  const auto made = create({"--fs", "iso1999", "--level", "1"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(list("1999"), "/COPYING\n/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n");
  EXPECT_EQ(list("iso"), "/COPYING\n/DOCS\n/DOCS/NOTES.TMP\n/DOCS/READ_ME.TXT\n");
  EXPECT_TRUE(has(info(), "ISO 9660:1999"));
  expect_sound();
  const auto map = command({"map", image_}).out;
  EXPECT_TRUE(has(map, "enhanced/directory /Docs")) << map;

  in_.write("more/caf\xC3\xA9", "x");
  const auto more = command({"append", image_, in_ / "more"});
  ASSERT_EQ(more.code, 0) << more.err;
  EXPECT_EQ(list("1999"), "/COPYING\n/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n/caf\xC3\xA9\n");
  EXPECT_EQ(command({"ls", "--view", "1999", "--session", "1", image_}).out,
            "/COPYING\n/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n");
  expect_sound();
}

TEST_F(IsoOptions, EveryViewAtOnce) {
  const auto made = create({"--fs", "iso9660,joliet,rockridge,udf,iso1999", "--rock-ridge", "1.10"});
  ASSERT_EQ(made.code, 0) << made.err;
  for (const auto* view : {"udf", "rr", "joliet", "1999"})
    EXPECT_EQ(list(view), "/COPYING\n/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n") << view;
  EXPECT_TRUE(has(info(), "RRIP_1991A"));
  expect_sound();
  ASSERT_EQ(command({"append", image_, "--remove", "/COPYING"}).code, 0);
  EXPECT_EQ(list("1999"), "/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n");
  EXPECT_TRUE(has(info(), "RRIP_1991A")) << "the version stays";
  expect_sound();
}

TEST_F(IsoOptions, RelaxedNames) {
  ASSERT_EQ(create({"--fs", "iso9660", "--relaxed", "untranslated"}).code, 0);
  EXPECT_EQ(list("iso"), "/COPYING\n/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n");
  expect_sound();
  ASSERT_EQ(create({"--fs", "iso9660", "--relaxed", "lower-case,no-version", "--allow", "rename"}).code, 0);
  EXPECT_EQ(list("iso"), "/COPYING\n/Docs\n/Docs/Read_me.txt\n/Docs/notes.tmp\n");
  ASSERT_EQ(command({"append", image_, "--remove", "/COPYING"}).code, 0);
  EXPECT_EQ(list("iso"), "/Docs\n/Docs/Read_me.txt\n/Docs/notes.tmp\n") << "names are made as before";
  EXPECT_EQ(create({"--relaxed", "upper-case"}).code, 2);
  EXPECT_EQ(create({"--relaxed", "dots", "--level", "1"}).code, 1);
}

TEST_F(IsoOptions, ByTheLetterAndRestricted) {
  in_.write("src/caf\xC3\xA9", "x");
  const auto name = create({"--restricted-names"});
  EXPECT_EQ(name.code, 1);
  EXPECT_TRUE(has(name.err, "caf\xC3\xA9")) << name.err;
  ASSERT_EQ(create({"--strict-compliance"}).code, 0);
  EXPECT_EQ(create({"--strict-compliance", "--joliet-names", "80"}).code, 1);
  EXPECT_EQ(create({"--strict-compliance", "--relaxed", "ascii"}).code, 1);
  in_.write("src/1/2/3/4/5/6/7/8/9", "x");
  const auto deep = create({"--strict-compliance"});
  EXPECT_EQ(deep.code, 1);
  EXPECT_TRUE(has(deep.err, "src/1/2/3/4/5/6/7/8")) << deep.err;
  EXPECT_EQ(create({"--strict-compliance", "--deep", "relocate"}).code, 0);
  EXPECT_EQ(create({}).code, 0);
}

TEST_F(IsoOptions, TextsAreShownAndStay) {
  const std::vector<std::string> texts{
      "--publisher",     "Jo & Co", "--preparer",       "Me",       "--application",     "Tests",
      "--system-id",     "None",    "--volume-set",     "Set of 3", "--volume-set-size", "3",
      "--volume-number", "2",       "--copyright-file", "COPYING",  "--hidden",          "*.tmp"};
  const auto made = create(texts);
  ASSERT_EQ(made.code, 0) << made.err;
  for (int session = 1; session <= 2; ++session) {
    const auto text = info();
    for (const auto* line : {"JO & CO", "Jo & Co", "Set of 3", "SET_OF_3", "COPYING.;1", "2 of 3", "Tests", "NONE"})
      EXPECT_TRUE(has(text, line)) << line << text;
    EXPECT_TRUE(has(command({"ls", "--json", image_}).out, R"("hidden":true)")) << session;
    if (session == 1) {
      ASSERT_EQ(command({"append", image_, "--move", "/Docs=/docs"}).code, 0);
    }
  }
  ASSERT_EQ(command({"append", image_, "--remove", "/COPYING", "--publisher", "Others"}).code, 0);
  EXPECT_FALSE(has(info(), "COPYING"));
  EXPECT_TRUE(has(info(), "Others"));
}

TEST_F(IsoOptions, WhatIsHiddenIsInTheOtherViews) {
  const auto made = create({"--hide", "*.tmp", "--hide-joliet", "/Docs", "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(has(made.out, "left out as asked")) << made.out;
  EXPECT_EQ(list("rr"), "/COPYING\n/Docs\n/Docs/Read me.txt\n");
  EXPECT_EQ(list("iso"), "/COPYING\n/DOCS\n/DOCS/READ_ME.TXT\n");
  EXPECT_EQ(list("joliet"), "/COPYING\n");
  EXPECT_EQ(list("udf"), "/COPYING\n/Docs\n/Docs/Read me.txt\n/Docs/notes.tmp\n");
  const auto none = create({"--hide", "*.bak"});
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(has(none.err, "--hide matches no entry")) << none.err;
  EXPECT_EQ(
      create({"--fs", "iso9660,joliet", "--allow", "rename", "--hide", "COPYING", "--hide-joliet", "COPYING"}).code, 1)
      << "no view has it then";
}

TEST_F(IsoOptions, DeepFoldersGoWhereTheyAreToldToGo) {
  in_.write("src/1/2/3/4/5/6/7/8/9/deep.txt", "deep");
  for (const auto* level : {"1", "2", "3"}) {
    ASSERT_EQ(create({"--fs", "rockridge", "--deep", "relocate", "--moved-folder", ".moved", "--level", level}).code,
              0);
    EXPECT_TRUE(has(list("iso"), "/_MOVED/8/9/DEEP.TXT\n")) << list("iso");
    EXPECT_TRUE(has(info(), "deep=relocate moved=.moved\n")) << info();
    EXPECT_TRUE(has(list("rr"), "/1/2/3/4/5/6/7/8/9/deep.txt\n"));
    EXPECT_FALSE(has(list("rr"), "moved"));
    expect_sound();
    ASSERT_EQ(command({"append", image_, "--remove", "/COPYING"}).code, 0);
    EXPECT_TRUE(has(list("iso"), "/_MOVED/8/9/DEEP.TXT\n")) << "folders go where they went before" << list("iso");
    EXPECT_TRUE(has(list("rr"), "/1/2/3/4/5/6/7/8/9/deep.txt\n"));
    expect_sound();
  }
}

TEST_F(IsoOptions, WrongOnesAreToldAtOnce) {
  using Words = std::vector<std::string>;
  for (const auto& words :
       {Words{"--level", "4"}, Words{"--deep", "down"}, Words{"--rock-ridge", "1.11"}, Words{"--joliet-names", "104"},
        Words{"--volume-set-size", "70000"}, Words{"--volume-number", "0"}, Words{"--fs", "iso2000"}})
    EXPECT_EQ(create(words).code, 2) << words[0];
  EXPECT_EQ(create({"--copyright-file", "nothing"}).code, 1);
  EXPECT_EQ(create({"--volume-number", "2"}).code, 1);
  EXPECT_EQ(command({"append", image_, "--level", "9", in_ / "src"}).code, 2) << "before the disc is looked at";
}

}  // namespace
}  // namespace fsimage::test
