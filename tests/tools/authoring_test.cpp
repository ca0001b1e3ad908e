#include "authoring.hpp"

#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <string>

namespace fsimage::tools {
namespace {

struct Operand {
  const char *text, *target, *source;
  friend std::ostream& operator<<(std::ostream& out, const Operand& o) { return out << o.text; }
};
class Operands : public ::testing::TestWithParam<Operand> {};
TEST_P(Operands, AreSplitAtTheFirstSign) {
  const auto& [text, target, source] = GetParam();
  const auto graft = parse_graft(text);
  EXPECT_EQ(graft.target, target);
  EXPECT_EQ(graft.source, source);
}
INSTANTIATE_TEST_SUITE_P(Forms, Operands,
                         ::testing::Values(Operand{"a", "/", "a"}, Operand{"t=s", "t", "s"}, Operand{"/=s", "/", "s"},
                                           Operand{"t/=s", "t/", "s"}, Operand{"t=a=b", "t", "a=b"},
                                           Operand{R"(a\=b)", "/", "a=b"}, Operand{R"(a\=b=c)", "a=b", "c"},
                                           Operand{R"(t=a\=b)", "t", "a=b"}, Operand{R"(t\\=s)", R"(t\)", "s"},
                                           Operand{R"(t\\\=u=s)", R"(t\=u)", "s"}, Operand{R"(a\b)", "/", R"(a\b)"},
                                           Operand{R"(a\\b\)", "/", R"(a\\b\)"}, Operand{R"(t=s\)", "t", R"(s\)"}));

TEST(Operands, WithoutASourceAreWrong) {
  for (const auto* text : {"", "=", "t=", "=s"}) EXPECT_THROW(parse_graft(text), UsageError) << text;
}

TEST(Moves, NeedBothNames) {
  EXPECT_EQ(parse_move(R"(/a\=b=/c=d)").source, "/a=b");
  EXPECT_EQ(parse_move(R"(/a\=b=/c=d)").target, "/c=d");
  for (const auto* text : {"", "=", "/a", "/a=", "=/b", R"(/a\=/b)"})
    EXPECT_THROW(parse_move(text), UsageError) << text;
}

TEST(Moves, AWrongOneIsWrongUsageThatNamesTheOption) {
  const test::TempFolder folder;
  folder.write("in/a", "a");
  ASSERT_EQ(test::command({"create", folder / "in", "-o", folder / "x.iso"}).code, 0);
  const auto wrong = test::command({"append", folder / "x.iso", "--move", "/a"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("--move takes FROM=TO, and '/a' is not that"), std::string::npos) << wrong.err;
}

TEST(Operands, AFileWithASignInItsNameIsHintedAt) {
  const test::TempFolder folder;
  folder.write("k=v", "a");
  const auto wrong = test::command({"create", folder / "k=v", "-o", folder / "x.iso"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("write '\\=' for the '=' of a name"), std::string::npos) << wrong.err;
  EXPECT_EQ(test::command({"create", folder / "k\\=v", "-o", folder / "x.iso"}).code, 0);
  EXPECT_EQ(test::command({"ls", folder / "x.iso"}).out, "/k=v\n");
}

}  // namespace
}  // namespace fsimage::tools
