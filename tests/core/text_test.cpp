#include <fsimage/core/text.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(Text, Utf8RoundTrip) {
  for (const std::string_view text : {"", "plain",
                                      "Gr\xc3\xbc\xc3\x9f"
                                      "e",
                                      "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x98\x80", "e\xcc\x81"}) {
    const auto utf16 = to_utf16(text);
    ASSERT_TRUE(utf16) << text;
    EXPECT_EQ(to_utf8(*utf16), text);
    EXPECT_TRUE(is_utf8(text));
  }
  EXPECT_EQ(to_utf16("\xf0\x9f\x98\x80"), u"\xD83D\xDE00");
  EXPECT_EQ(to_utf16("\xf4\x8f\xbf\xbf"), u"\xDBFF\xDFFF");
}

class NotUtf8 : public ::testing::TestWithParam<std::string_view> {};
TEST_P(NotUtf8, IsRefusedAndReplaced) {
  EXPECT_FALSE(is_utf8(GetParam()));
  EXPECT_FALSE(to_utf16(GetParam()));
  EXPECT_EQ(to_utf16_lossy(GetParam(), u'_').front(), u'_');
}
INSTANTIATE_TEST_SUITE_P(Forms, NotUtf8,
                         ::testing::Values("\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe2\x82",
                                           "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                                           "\xff"));

TEST(Text, LossyKeepsWhatIsSound) {
  EXPECT_EQ(to_utf16_lossy("a\xff"
                           "b\xe2\x82",
                           u'_'),
            u"a_b__");
}

TEST(Text, UnpairedSurrogatesSurvive) { EXPECT_EQ(to_utf8(u"\xD800x"), "\xed\xa0\x80x"); }

TEST(Text, NamesThatATreeMayHold) {
  EXPECT_TRUE(is_valid_name("a"));
  EXPECT_TRUE(is_valid_name("..."));
  EXPECT_TRUE(is_valid_name("\xff"));
  EXPECT_TRUE(is_valid_name(std::string(255, 'x')));
  for (const auto& bad : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                          std::string("a\0b", 3), std::string(256, 'x')})
    EXPECT_FALSE(is_valid_name(bad)) << bad;
}

TEST(Text, PrintableEscapesControlsAndForeignBytes) {
  EXPECT_EQ(printable("a\tb\x7f"), "a\\x09b\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // C1 control
  EXPECT_EQ(printable("\xff\xc3\xbc"), "\\xff\xc3\xbc");
  EXPECT_EQ(printable("plain, \xc3\xbc\n"), "plain, \xc3\xbc\\x0a");
}

TEST(Text, Ascii) {
  EXPECT_TRUE(is_ascii("abc~"));
  EXPECT_FALSE(is_ascii("\xc3\xbc"));
}

}  // namespace
}  // namespace fsimage
