#include "text.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace fsimage::tools {
namespace {

TEST(ToolText, Numbers) {
  EXPECT_EQ(format_bytes(0), "0 bytes");
  EXPECT_EQ(format_bytes(1023), "1023 bytes");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

TEST(ToolText, Sizes) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("700M"), 700U << 20);
  EXPECT_EQ(parse_size("16777215T"), std::uint64_t{16777215} << 40);
  for (const auto* text : {"", "M", "1.5G", "7MB", "-1", "16777216T", "99999999999999999999"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(ToolText, Modes) {
  EXPECT_EQ(format_mode('-', 0644), "-rw-r--r--");
  EXPECT_EQ(format_mode('d', 01777), "drwxrwxrwt");
  EXPECT_EQ(format_mode('-', 04755), "-rwsr-xr-x");
  EXPECT_EQ(format_mode('-', 02644), "-rw-r-Sr--");
  EXPECT_EQ(format_mode('-', 01644), "-rw-r--r-T");
}

TEST(ToolText, Times) {
  EXPECT_EQ(parse_time("@0"), Timestamp{});
  EXPECT_EQ(parse_time("@-1"), Timestamp::from_seconds(-1));
  EXPECT_EQ(parse_time("2018-07-05T14:49:01Z"), Timestamp::from_seconds(1530802141));
  EXPECT_EQ(parse_time("2018-07-05"), Timestamp::from_seconds(1530748800));
  EXPECT_EQ(format_time(Timestamp::from_seconds(1530802141)), "2018-07-05T14:49:01Z");
  for (const auto* bad : {"", "@", "@1x", "2018", "2018-7-5", "2018-02-30", "2018-07-05 14:49:01Z",
                          "2018-07-05T24:00:00Z", "2018-07-05T14:49:01", "@999999999999999999"})
    EXPECT_EQ(parse_time(bad), std::nullopt) << bad;
}

TEST(ToolText, JsonKeepsEveryByte) {
  EXPECT_EQ(json_string("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\n\x7f"), R"("\u000a\u007f")");
  EXPECT_EQ(json_string("\xe6\xb5\xb7"), "\"\xe6\xb5\xb7\"");
  EXPECT_EQ(json_string("\xff"
                        "a\xe2\x82"),
            R"("\udcffa\udce2\udc82")");
}

TEST(ToolText, FindingsAsJson) {
  std::ostringstream out;
  write_json(out, {Finding::Kind::renamed, View::joliet, "/a", "too long", "b"});
  EXPECT_EQ(out.str(), R"({"kind":"renamed","view":"joliet","path":"/a","text":"too long","to":"b"})");
}

}  // namespace
}  // namespace fsimage::tools
