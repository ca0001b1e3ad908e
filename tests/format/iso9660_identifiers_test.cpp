#include <fsimage/format/iso9660/identifiers.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace fsimage::iso9660 {
namespace {

struct NameCase {
  const char* label;
  const char* name;
  const char* file3;  // at level 3, and 2
  const char* file1;
  const char* folder3;
  const char* folder1;
};
class Names : public ::testing::TestWithParam<NameCase> {};
TEST_P(Names, Map) {
  const auto& c = GetParam();
  EXPECT_EQ(map_name(c.name, false, {3}).identifier, c.file3);
  EXPECT_EQ(map_name(c.name, false, {2}).identifier, c.file3);
  EXPECT_EQ(map_name(c.name, false, {1}).identifier, c.file1);
  EXPECT_EQ(map_name(c.name, true, {3}).identifier, c.folder3);
  EXPECT_EQ(map_name(c.name, true, {1}).identifier, c.folder1);
}
INSTANTIATE_TEST_SUITE_P(
    Ecma119_7_5, Names,
    ::testing::Values(
        NameCase{"kept", "README.TXT", "README.TXT", "README.TXT", "README_TXT", "README_T"},
        NameCase{"lower_case", "readme", "README", "README", "README", "README"},
        NameCase{"last_dot_counts", "a.tar.gz", "A_TAR.GZ", "A_TAR.GZ", "A_TAR_GZ", "A_TAR_GZ"},
        NameCase{"leading_dot", ".profile", ".PROFILE", ".PRO", "_PROFILE", "_PROFILE"},
        NameCase{"trailing_dot", "name.", "NAME", "NAME", "NAME_", "NAME_"},
        NameCase{"dots", "...", "__", "__", "___", "___"},
        NameCase{"separators", "a;1 b", "A_1_B", "A_1_B", "A_1_B", "A_1_B"},
        NameCase{"one_for_each_character", "\xC3\xA9\xE6\x96\x87\xF0\x9F\x98\x80.x", "___.X", "___.X", "____X",
                 "____X"},
        NameCase{"one_for_each_stray_byte", "a\xFF\xC3z\xE6\x96", "A__Z__", "A__Z__", "A__Z__", "A__Z__"},
        NameCase{"stray_byte_beside_characters", "\xFF\xF0\x9F\x98\x80", "__", "__", "__", "__"},
        NameCase{"long_name", "abcdefghijklmnopqrstuvwxyz0123456789.html", "ABCDEFGHIJKLMNOPQRSTUVWXYZ.HTML",
                 "ABCDEFGH.HTM", "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "ABCDEFGH"},
        NameCase{"long_extension", "ab.abcdefghijklmnopqrstuvwxyz0123456789", "AB.ABCDEFGHIJKLMNOPQRSTUVWXYZ01",
                 "AB.ABC", "AB_ABCDEFGHIJKLMNOPQRSTUVWXYZ01", "AB_ABCDE"},
        NameCase{"both_long", "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnop", "ABCDEFGHIJKLMNOPQRSTUV.ABCDEFGH",
                 "ABCDEFGH.ABC", "ABCDEFGHIJKLMNOPQRSTUVWXYZ_ABCD", "ABCDEFGH"}),
    [](const auto& i) { return i.param.label; });

TEST(Iso9660Identifiers, LongestFileIdentifierIsOf30Characters) {
  const auto id = map_name(std::string(200, 'x') + "." + std::string(50, 'y'), false, {3}).identifier;
  EXPECT_EQ(id.size() - 1, 30U);
  EXPECT_EQ(map_name(std::string(255, 'x'), false, {3}).identifier, std::string(30, 'X'));
  EXPECT_EQ(map_name(std::string(255, 'x'), true, {3}).identifier, std::string(31, 'X'));
}

struct RelaxedCase {
  const char* label;
  IdentifierRules rules;
  const char* name;
  const char* file;  // as recorded
  const char* folder;
};
class RelaxedNames : public ::testing::TestWithParam<RelaxedCase> {};
TEST_P(RelaxedNames, Map) {
  const auto& [label, rules, name, file, folder] = GetParam();
  EXPECT_EQ(recorded_file_identifier(map_name(name, false, rules).identifier, rules.relaxed), file);
  EXPECT_EQ(map_name(name, true, rules).identifier, folder);
}
constexpr RelaxedIdentifiers kCase{.lower_case = true}, kAscii{.full_ascii = true}, kDots{.several_dots = true},
    kLong{.long_names = true}, kBare{.no_version = true, .no_trailing_dot = true},
    kAll{true, true, true, true, true, true};
INSTANTIATE_TEST_SUITE_P(
    Beyond_Ecma119_7_5, RelaxedNames,
    ::testing::Values(
        RelaxedCase{"lower_case", {3, kCase}, "Read me.txt", "Read_me.txt;1", "Read_me_txt"},
        RelaxedCase{"lower_case_of_level_1", {1, kCase}, "readme first.html", "readme_f.htm;1", "readme_f"},
        RelaxedCase{"ascii", {3, kAscii}, "a+b c;d*.t~t", "A+B C_D_.T~T;1", "A+B C_D__T~T"},
        RelaxedCase{"space_at_the_end", {3, kAscii}, "a. ", "A__.;1", "A__"},
        RelaxedCase{"several_dots", {2, kDots}, "a.tar.gz", "A.TAR.GZ;1", "A.TAR.GZ"},
        RelaxedCase{"dots_at_the_end", {3, kDots}, "a...", "A__.;1", "A___"},
        RelaxedCase{"long_file",
                    {3, kLong},
                    "abcdefghijklmnopqrstuvwxyz0123456789.html",
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345.HTML;1",
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"},
        RelaxedCase{"bare", {3, kBare}, "readme", "README", "README"},
        RelaxedCase{"untranslated", {3, kAll}, "The File (2).tar.gz", "The File (2).tar.gz", "The File (2).tar.gz"},
        RelaxedCase{"untranslated_characters", {3, kAll}, "caf\xC3\xA9", "caf_", "caf_"}),
    [](const auto& i) { return i.param.label; });

TEST(Iso9660Identifiers, WhoKeepsItsName) {
  for (const char* name : {"A", "README.TXT", ".PROFILE", "A_B.C", "0"})
    EXPECT_TRUE(map_name(name, false, {3}).kept) << name;
  for (const char* name : {"a", "A.", "A.B.C", "A B", "\xC3\x89"})
    EXPECT_FALSE(map_name(name, false, {3}).kept) << name;
  EXPECT_FALSE(map_name("A.B", true, {3}).kept);
  EXPECT_TRUE(map_name("ABCDEFGHI", false, {2}).kept);
  EXPECT_FALSE(map_name("ABCDEFGHI", false, {1}).kept);
}

TEST(Iso9660Identifiers, CounterTakesTheEndOfTheNamePart) {
  const auto with = [](std::string_view plain, bool directory, unsigned digits, std::uint8_t level) {
    const auto p = counter_place(plain, directory, digits, {level});
    return p.prefix + std::string(digits, '#') + p.suffix;
  };
  EXPECT_EQ(with("README.TXT", false, 1, 1), "README#.TXT");
  EXPECT_EQ(with("ABCDEFGH.TXT", false, 1, 1), "ABCDEFG#.TXT");
  EXPECT_EQ(with("ABCDEFGH", false, 3, 1), "ABCDE###");
  EXPECT_EQ(with("ABCDEFGH", true, 8, 1), "########");
  EXPECT_EQ(with(std::string(30, 'A'), false, 2, 3), std::string(28, 'A') + "##");
  EXPECT_EQ(with(std::string(31, 'A'), true, 2, 3), std::string(29, 'A') + "##");
  EXPECT_EQ(with(".PROFILE", false, 1, 3), "#.PROFILE");
  // An extension that leaves a counter no room gives way.
  EXPECT_EQ(with("A." + std::string(29, 'B'), false, 8, 3), "########." + std::string(22, 'B'));
}

TEST(Iso9660Identifiers, AsRecordedAndBack) {
  EXPECT_EQ(recorded_file_identifier("README"), "README.;1");
  EXPECT_EQ(recorded_file_identifier("README.TXT"), "README.TXT;1");
  EXPECT_EQ(recorded_file_identifier(".PROFILE"), ".PROFILE;1");
  EXPECT_EQ(without_version("README.;1"), "README");
  EXPECT_EQ(without_version("README.TXT;32767"), "README.TXT");
  EXPECT_EQ(without_version("README.TXT"), "README.TXT");
  EXPECT_EQ(without_version("README."), "README");
  EXPECT_EQ(without_version(";1"), ";1");
  EXPECT_EQ(without_version("A;"), "A");
  EXPECT_EQ(without_version("A;B"), "A;B");
  EXPECT_EQ(without_version("A;1;2"), "A;1");
  EXPECT_EQ(without_version("."), ".");
}

// ECMA-119 9.3: name, then extension, both as if padded with spaces; the newest version first.
TEST(Iso9660Identifiers, OrderOfRecords) {
  const std::vector<std::string> ordered{".A;1",  "A.;2",  "A.;1",  "A.A;10", "A.A;9", "A.A;1",
                                         "A.B;1", "A0.;1", "AA.;1", "AA.A;1", "A_.;1", "B.;1"};
  auto shuffled = ordered;
  std::reverse(shuffled.begin(), shuffled.end());
  std::sort(shuffled.begin(), shuffled.end(),
            [](const auto& a, const auto& b) { return compare_records(a, false, b, false) < 0; });
  EXPECT_EQ(shuffled, ordered);
  EXPECT_EQ(compare_records("A.;1", false, "A", true), std::strong_ordering::less);  // no version counts as 0
  EXPECT_EQ(compare_records("A.;1", false, "A.;01", false), std::strong_ordering::equal);
  EXPECT_EQ(compare_records("A", true, "A.B;1", false), std::strong_ordering::less);
}

TEST(Iso9660Identifiers, OrderOfFolders) {
  EXPECT_EQ(compare_directories("A", "AA"), std::strong_ordering::less);
  EXPECT_EQ(compare_directories("A_", "AZ"), std::strong_ordering::greater);
  EXPECT_EQ(compare_directories("A", "A  "), std::strong_ordering::equal);
}

TEST(Iso9660Identifiers, TextOfDescriptors) {
  EXPECT_EQ(to_d_characters("My disc 2"), "MY_DISC_2");
  EXPECT_EQ(to_a_characters("http://a.b/?c=[d]"), "HTTP://A.B/?C=_D_");
  EXPECT_EQ(to_d_characters("\xC3\x84rger"), "_RGER");
  EXPECT_FALSE(is_a_character('\0'));
  EXPECT_FALSE(is_a_character('#'));
  EXPECT_FALSE(is_d_character(' '));
}

// The short way, against the rule spelled out: capitals, '_' for what is no d-character, the last dot stays.
TEST(Iso9660Identifiers, PlainNamesTheShortWay) {
  for (unsigned c = 1; c < 0x100; ++c)
    for (const std::size_t at : {0U, 2U, 4U, 6U}) {
      std::string name = "Ab.c_.9";
      name[at] = static_cast<char>(c);
      std::string out = "before";
      const auto kept = append_plain_name(name, {}, out);
      if (c >= 0x80) {
        EXPECT_EQ(kept, std::nullopt);
        EXPECT_EQ(out, "before");
        continue;
      }
      std::string wanted;
      for (std::size_t i = 0; i < name.size(); ++i) {
        const auto capital = static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
        wanted += is_d_character(capital) || i == name.rfind('.') ? capital : '_';
      }
      if (wanted.ends_with('.')) wanted.pop_back();
      EXPECT_EQ(out, "before" + wanted) << name;
      EXPECT_EQ(kept, wanted == name) << name;
    }
  std::string out;
  EXPECT_EQ(append_plain_name(std::string(31, 'A'), {}, out), std::nullopt);
  EXPECT_EQ(append_plain_name(std::string(27, 'A') + ".TXT", {}, out), true);
  EXPECT_EQ(append_plain_name(std::string(28, 'A') + ".TXT", {}, out), std::nullopt);
  EXPECT_EQ(append_plain_name("A", {.interchange_level = 1}, out), std::nullopt);
  EXPECT_EQ(append_plain_name("A", {.relaxed = {.lower_case = true}}, out), std::nullopt);
}

}  // namespace
}  // namespace fsimage::iso9660
