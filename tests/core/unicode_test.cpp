#include <fsimage/core/unicode.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(Unicode, Normalize) {
  const std::string together = "caf\u00e9 \u00c5\u1e9b\u0323", apart = "cafe\u0301 A\u030a\u017f\u0323\u0307";
  EXPECT_EQ(normalize(apart, Normalization::nfc), together);
  EXPECT_EQ(normalize(together, Normalization::nfd), apart);
  EXPECT_EQ(normalize(apart, Normalization::keep), apart);
  EXPECT_EQ(normalize("\uac00", Normalization::nfd), "\u1100\u1161");  // Hangul
  EXPECT_EQ(normalize("\u212b", Normalization::nfc), "\u00c5");        // a character that has no form of its own
  EXPECT_EQ(normalize("plain.txt", Normalization::nfd), "plain.txt");
  EXPECT_EQ(normalize("e\u0301\xff", Normalization::nfc), "e\u0301\xff") << "not UTF-8: not touched";
}

TEST(Unicode, NormalizingTwiceChangesNothing) {
  for (const auto form : {Normalization::nfc, Normalization::nfd})
    for (char32_t c = 0xA0; c < 0x3100; ++c) {
      std::string text;
      if (c < 0x800) {
        text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
      } else {
        text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                static_cast<char>(0x80 | (c & 0x3F))};
      }
      const auto once = normalize(text, form);
      ASSERT_EQ(normalize(once, form), once);
    }
}

TEST(Unicode, Transliterate) {
  EXPECT_EQ(transliterate("Stra\u00dfe \u00c4rger \u00c6r\u00f8sk\u00f8bing \u0141\u00f3d\u017a \u0130zmir \ufb01x"),
            "Strasse Arger AEroskobing Lodz Izmir fix");
  EXPECT_EQ(transliterate("e\u0301"), "e");
  EXPECT_EQ(transliterate("\u4e2d \u0416"), "\u4e2d \u0416") << "no letters of Latin";
  EXPECT_EQ(transliterate("\u00e9\xff"), "\u00e9\xff");
}

}  // namespace
}  // namespace fsimage
