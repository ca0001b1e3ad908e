#include <support/command.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

using ::testing::TestWithParam;

TEST(App, HelpTeachesAndGoesToStandardOutput) {
  const auto help = command({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const auto* word : {"create", "ls", "tree", "map", "info", "Exit codes"})
    EXPECT_NE(help.out.find(word), std::string::npos) << word;
  EXPECT_EQ(help.err, "");
}

TEST(App, NoCommandIsWrongUsage) {
  const auto nothing = command({});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_NE(nothing.err.find("usage:"), std::string::npos);
}

TEST(App, Version) { EXPECT_EQ(command({"--version"}).out.rfind("fsimage ", 0), 0U); }

class EveryCommand : public TestWithParam<const char*> {};
TEST_P(EveryCommand, ExplainsItself) {
  const auto help = command({GetParam(), "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(help.out.rfind(std::string("usage: fsimage ") + GetParam(), 0), 0U);
  EXPECT_NE(help.out.find("--help"), std::string::npos);
}
TEST_P(EveryCommand, RefusesAnUnknownOption) {
  const auto wrong = command({GetParam(), "--nonsense"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("--nonsense"), std::string::npos) << wrong.err;
  EXPECT_NE(wrong.err.find("--help"), std::string::npos);
}
TEST_P(EveryCommand, NeedsAnOperand) { EXPECT_EQ(command({GetParam()}).code, 2); }
INSTANTIATE_TEST_SUITE_P(All, EveryCommand,
                         ::testing::Values("create", "append", "burn", "ls", "tree", "extract", "diff", "map", "info",
                                           "verify", "dump", "media", "read", "erase", "close", "eject", "load"));

TEST(App, DiscsAreNamedWithEveryType) {
  const auto text = command({"discs"});
  EXPECT_EQ(text.code, 0);
  for (const auto* word : {"iso:PATH", "mock:PATH?media=TYPE", "cd-r,", "dvd+r-dl", "bd-re\n"})
    EXPECT_NE(text.out.find(word), std::string::npos) << word;
  const auto json = command({"discs", "--json"}).out;
  EXPECT_EQ(json.rfind(R"({"names":[{"name":"PATH, iso:PATH","meaning":"an image file"},)", 0), 0U) << json;
  EXPECT_NE(json.find(R"("drives":[],"types":["cd-r","cd-rw",)"), std::string::npos) << json;
}

TEST(App, UnknownCommandCannotForgeOutput) {
  const auto wrong = command({"no\nsuch"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("no\\x0asuch"), std::string::npos);
}

TEST(App, AMissingImageIsNamed) {
  for (const auto* name : {"ls", "tree", "map", "info"}) {
    const auto missing = command({name, "/no/such/image.iso"});
    EXPECT_EQ(missing.code, 1);
    EXPECT_NE(missing.err.find("/no/such/image.iso"), std::string::npos) << missing.err;
  }
}

}  // namespace
}  // namespace fsimage::test
