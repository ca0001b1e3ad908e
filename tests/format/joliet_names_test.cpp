#include <fsimage/core/text.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

namespace fsimage::joliet {
namespace {

constexpr std::string_view kFace = "\xF0\x9F\x98\x80";  // U+1F600, two units

std::string repeat(std::string_view text, std::size_t n) {
  std::string out;
  while (n-- > 0) out += text;
  return out;
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) out += part;
  return out;
}

std::string mapped(std::string_view name, bool directory = false, unsigned units = kStandardUnits) {
  return to_utf8(map_name(name, directory, units).identifier);
}

TEST(JolietNames, EscapeSequences) {
  const auto level = [](std::string_view text) {
    std::array<char, 32> field{};
    std::copy(text.begin(), text.end(), field.begin());
    return level_of(field);
  };
  EXPECT_EQ(level(kEscapeLevel1), 1);
  EXPECT_EQ(level(kEscapeLevel2), 2);
  EXPECT_EQ(level(kEscapeLevel3), 3);
  EXPECT_EQ(level("%/G"), std::nullopt);
  EXPECT_EQ(level(""), std::nullopt);
  EXPECT_EQ(level_of({}), std::nullopt);
}

TEST(JolietNames, KeptAsTheyAre) {
  for (const std::string& name :
       {std::string("Read Me.txt"), std::string("\xC3\xBCn\xC3\xAF.\xE6\x96\x87"), std::string(kFace),
        std::string(".profile"), std::string("a<b>|\"c"), std::string("a.b.c "), repeat("x", 64), repeat(kFace, 32)}) {
    EXPECT_EQ(mapped(name), name);
    EXPECT_TRUE(map_name(name, false, kStandardUnits).kept) << name;
    EXPECT_TRUE(map_name(name, true, kStandardUnits).kept) << name;
  }
}

TEST(JolietNames, Replaced) {
  const std::pair<std::string, std::string> rows[] = {{"a*b/c:d;e?f\\g", "a_b_c_d_e_f_g"},
                                                      {"tab\there\x1F", "tab_here_"},
                                                      {"bad\xFF\xC3name", "bad__name"},
                                                      {"\xED\xA0\x80", "___"},
                                                      {"end.", "end_"},
                                                      {"end...", "end___"},
                                                      {"...", "___"},
                                                      {"a;1", "a_1"}};
  for (const auto& [name, id] : rows) {
    EXPECT_EQ(mapped(name), id);
    EXPECT_EQ(mapped(name, true), id);
    EXPECT_FALSE(map_name(name, false, kStandardUnits).kept) << name;
  }
}

TEST(JolietNames, CutBeforeTheExtension) {
  const auto x = [](std::size_t n, std::string_view end) { return join({repeat("x", n), end}); };
  EXPECT_EQ(mapped(x(65, ".html")), x(59, ".html"));
  EXPECT_EQ(mapped(x(65, ".html"), true), x(64, ""));
  EXPECT_EQ(mapped(x(200, ".html"), false, 103), x(98, ".html"));
  EXPECT_EQ(mapped(join({".", x(100, "")})), join({".", x(63, "")}));    // all of it is name
  EXPECT_EQ(mapped(join({"a.", x(100, "")})), join({"a.", x(62, "")}));  // no extension of such length
  EXPECT_EQ(mapped(x(70, ".yyyyyyyyyyyyyyy")), x(48, ".yyyyyyyyyyyyyyy"));
  EXPECT_EQ(mapped(x(63, ".y zzzzzzzzzzzzzzzzzzzzzzzzzzz")), x(63, "_"));  // cut behind the dot: as any dot at the end
  EXPECT_FALSE(map_name(x(65, ""), false, kStandardUnits).kept);
}

TEST(JolietNames, APairOfSurrogatesIsNeverCut) {
  const auto faces = [](std::string_view before, std::size_t n, std::string_view after) {
    return join({before, repeat(kFace, n), after});
  };
  EXPECT_EQ(mapped(faces("x", 40, "")), faces("x", 31, ""));
  EXPECT_EQ(mapped(faces("", 40, "")), faces("", 32, ""));
  EXPECT_EQ(mapped(faces("", 40, ".ab")), faces("", 30, ".ab"));
  for (unsigned digits = 1; digits <= kMaxCounterDigits; ++digits) {
    const auto p = counter_place(map_name(repeat(kFace, 32), false, 64).identifier, false, digits, 64);
    EXPECT_EQ(p.prefix.size(), (64 - digits) / 2 * 2);
    EXPECT_TRUE(to_utf16(to_utf8(p.prefix)));
  }
}

TEST(JolietNames, CounterStandsBeforeTheExtension) {
  const auto place = [](std::u16string_view id, bool directory, unsigned digits) {
    const auto p = counter_place(id, directory, digits, 16);
    return to_utf8(p.prefix) + std::string(digits, '#') + to_utf8(p.suffix);
  };
  EXPECT_EQ(place(u"a.txt", false, 1), "a#.txt");
  EXPECT_EQ(place(u"a.txt", true, 1), "a.txt#");
  EXPECT_EQ(place(u"abcdefghijkl.txt", false, 2), "abcdefghij##.txt");
  EXPECT_EQ(place(u"abcdefghijkl.txt", true, 2), "abcdefghijkl.t##");
  EXPECT_EQ(place(u".profile", false, 1), ".profile#");
  EXPECT_EQ(place(u"abcdefghijkl.txt", false, 8), "abcd########.txt");
}

TEST(JolietNames, BigEndianBothWays) {
  const auto bytes = to_big_endian(u"A\u6587");
  EXPECT_EQ(bytes, std::string("\0A\x65\x87", 4));
  EXPECT_EQ(from_big_endian(std::as_bytes(std::span(bytes))), u"A\u6587");
  EXPECT_EQ(from_big_endian(std::as_bytes(std::span(bytes)).first(3)), u"A");
}

TEST(JolietNames, WithoutVersion) {
  EXPECT_EQ(without_version(u"a.txt;1"), u"a.txt");
  EXPECT_EQ(without_version(u"a.txt"), u"a.txt");
  EXPECT_EQ(without_version(u"a.;12"), u"a");
  EXPECT_EQ(without_version(u"a;b"), u"a;b");
  EXPECT_EQ(without_version(u"a;"), u"a;");
  EXPECT_EQ(without_version(u"a.."), u"a");
  EXPECT_EQ(without_version(u";1"), u";1");
  EXPECT_EQ(without_version(u"."), u".");
}

TEST(JolietNames, OrderOfRecords) {
  const std::vector<std::u16string> ordered{u".x",   u"a",   u"a.A", u"a.B",     u"a .A",
                                            u"a!.A", u"a-b", u"ab",  u"a\u00E9", u"b"};
  auto shuffled = ordered;
  std::reverse(shuffled.begin(), shuffled.end());
  std::sort(shuffled.begin(), shuffled.end(),
            [](const auto& a, const auto& b) { return compare_records(a, false, b, false) < 0; });
  EXPECT_EQ(shuffled, ordered);
  // A folder has no extension.
  EXPECT_EQ(compare_records(u"a.b", true, u"a b", false), std::strong_ordering::greater);
  EXPECT_EQ(compare_records(u"a.b", false, u"a b", false), std::strong_ordering::less);
  EXPECT_EQ(compare_directories(u"a", u"a!"), std::strong_ordering::less);
  EXPECT_EQ(compare_directories(u"a.b", u"a b"), std::strong_ordering::greater);
}

TEST(JolietNames, FoldsCase) {
  const std::u16string small = u"az\u00E0\u00FE\u00FF\u0101\u017E\u03C9\u03C2\u0430\u0451\u0561\u1E01\uFF41";
  const std::u16string large = u"AZ\u00C0\u00DE\u0178\u0100\u017D\u03A9\u03A3\u0410\u0401\u0531\u1E00\uFF21";
  ASSERT_EQ(small.size(), large.size());
  for (std::size_t i = 0; i < small.size(); ++i) {
    EXPECT_EQ(fold_case(small[i]), large[i]) << i;
    EXPECT_EQ(fold_case(large[i]), large[i]) << i;
  }
  for (const char16_t u : std::u16string_view(u"\u00F7\u00D7\u6587_0\u0130\u0131")) EXPECT_EQ(fold_case(u), u);
  // Nothing folds to what folds on.
  for (unsigned u = 0; u < 0x10000; ++u) {
    const auto folded = fold_case(static_cast<char16_t>(u));
    EXPECT_EQ(fold_case(folded), folded) << u;
  }
}

// The short way says what the long way says, of every character at every place.
TEST(JolietNames, PlainNamesTheShortWay) {
  const auto check = [](const std::string& name) {
    const auto mapped = map_name(name, false, 8);
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    std::u16string out = u"before";
    EXPECT_EQ(append_plain_name(name, 8, out), mapped.kept && ascii) << name;
    EXPECT_EQ(out, mapped.kept && ascii ? u"before" + mapped.identifier : u"before") << name;
  };
  for (unsigned c = 1; c < 0x100; ++c)
    for (const std::size_t at : {0U, 1U, 2U}) {
      std::string name = "a.b";
      name[at] = static_cast<char>(c);
      check(name);
    }
  for (const auto* name : {"12345678", "123456789", "a..", "..", "\xc3\xa9"}) check(name);
}

TEST(JolietNames, TextOfDescriptors) {
  std::array<char, 37> field;
  EXPECT_TRUE(put_text(field, "Disc"));
  EXPECT_EQ(std::string_view(field.data(), 10), std::string_view("\0D\0i\0s\0c\0 ", 10));
  EXPECT_EQ(field[36], '\0');
  EXPECT_EQ(text_in(field), u"Disc");
  std::array<char, 32> volume;
  EXPECT_TRUE(put_text(volume, "0123456789abcdef"));
  EXPECT_FALSE(put_text(volume, "0123456789abcdefg"));
  EXPECT_EQ(text_in(volume), u"0123456789abcdef");
  EXPECT_FALSE(put_text(volume, "123456789abcdef" + std::string(kFace)));
  EXPECT_EQ(text_in(volume), u"123456789abcdef");
  EXPECT_FALSE(put_text(volume, "a\nb"));
  EXPECT_FALSE(put_text(volume, "a\xFF"));
  EXPECT_TRUE(put_text(volume, ""));
  EXPECT_EQ(text_in(volume), u"");
  EXPECT_EQ(text_in(std::array<char, 4>{'\0', 'A', '\0', '\0'}), u"A");
}

}  // namespace
}  // namespace fsimage::joliet
