#include <fsimage/format/rockridge/aaip.hpp>

#include <fsimage/format/rockridge/rrip.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fsimage::rockridge {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// AL entries with these component areas; all but the last say that another follows.
std::vector<RecordedAttribute> attributes_of(const std::vector<std::string>& areas, bool* sound = nullptr,
                                             bool open = false) {
  AttributeCollector collector;
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const bool more = i + 1 < areas.size() || open;
    const auto bytes = "AL"s + static_cast<char>(areas[i].size() + 5) + '\1' + (more ? '\1' : '\0') + areas[i];
    const auto view = std::as_bytes(std::span(bytes));
    collector.add({load<SystemUseHeader>(view), view});
  }
  bool whole = false;
  auto out = collector.attributes(whole);
  if (sound != nullptr)
    *sound = whole;
  else
    EXPECT_TRUE(whole);
  return out;
}

MATCHER_P2(Is, name, value, "") { return arg.name == name && arg.value == value; }

// The record that xorriso 1.5.4 wrote for a file with three attributes and an access control list, byte for byte.
TEST(Aaip, NamesAndValuesAsXorrisoWritesThem) {
  const auto recorded =
      attributes_of({"\x00\x06\x03small\x00\x05hello\x00\x04\x03"
                     "bin\x00\x05\x00\x01\x02\xff\x00\x00\x06\x03"
                     "empty\x00\x00\x00\x00\x00\x0b\x16\xae\x01{4\xcc\x02\xff\xfeVd"s});
  ASSERT_THAT(recorded, ElementsAre(Is("user.small", "hello"), Is("user.bin", "\0\1\2\xff\0"s), Is("user.empty", ""),
                                    Is("", "\x16\xae\x01{4\xcc\x02\xff\xfeVd"s)));
  const auto acl = decode_acl(recorded.back().value);
  ASSERT_TRUE(acl);
  using enum AclEntry::Type;
  EXPECT_THAT(acl->access, ElementsAre(AclEntry{owner, 6, 0}, AclEntry{user, 6, 123}, AclEntry{owning_group, 4, 0},
                                       AclEntry{group, 4, 65534}, AclEntry{mask, 6, 0}, AclEntry{others, 4, 0}));
  EXPECT_THAT(acl->inherited, IsEmpty());
}

// AAIP 2.0 "AL", the example: a component record may go on in the next entry.
TEST(Aaip, RecordsGoOnInTheNextEntry) {
  const std::string content(255, 'c');
  const auto recorded =
      attributes_of({"\0\4name\1\xff"s + content.substr(0, 242), content.substr(242) + "\0\7content\0\3one\0\4more"s});
  EXPECT_THAT(recorded, ElementsAre(Is("name", content + "content"), Is("one", "more")));
}

TEST(Aaip, NamespacesAreSpelledOut) {
  const auto recorded =
      attributes_of({"\0\2\2s\0\0\0\2\3u\0\0\0\2\4i\0\0\0\2\5t\0\0\0\2\6c\0\0\0\5\1\3"
                     "abc\0\0\0\10user.xyz\0\0"s});
  EXPECT_THAT(recorded, ElementsAre(Is("system.s", ""), Is("user.u", ""), Is("isofs.i", ""), Is("trusted.t", ""),
                                    Is("security.c", ""), Is("\3abc", ""), Is("user.xyz", "")));
}

// Whatever the lengths, records end inside their entries, entries inside a record's 255 bytes.
TEST(Aaip, WhatIsWrittenReadsBack) {
  std::string text;
  for (std::size_t i = 0; i < 700; ++i) text += static_cast<char>(i * 7);
  for (const std::size_t name : {1U, 2U, 120U, 246U, 247U, 248U, 250U})
    for (const std::size_t value : {0U, 1U, 100U, 241U, 242U, 243U, 244U, 247U, 248U, 249U, 250U, 700U}) {
      const std::string n(name, 'n'), v = text.substr(0, value);
      const std::vector<UserAttribute> written{{n, v}, {"b", ""}, {"c", "x"}};
      Sink measure;
      put_user_attributes(measure, written);
      std::vector<std::byte> bytes(measure.size());
      Sink out{std::span(bytes)};
      put_user_attributes(out, written);
      AttributeCollector collector;
      for (std::span<const std::byte> rest = bytes; !rest.empty();) {
        const auto header = load<SystemUseHeader>(rest);
        ASSERT_EQ(header.signature, (std::array{'A', 'L'}));
        ASSERT_LE(header.length, rest.size());
        collector.add({header, rest.first(header.length)});
        rest = rest.subspan(header.length);
      }
      bool sound = false;
      EXPECT_THAT(collector.attributes(sound), ElementsAre(Is("user." + n, v), Is("user.b", ""), Is("user.c", "x")));
      EXPECT_TRUE(sound);
    }
}

TEST(Aaip, WhatCannotBeIsSaidAndTheRestKept) {
  bool sound = true;
  for (const auto& name : {"\7x"s, "\1"s, "a\0b"s}) {
    const auto area = "\0"s + static_cast<char>(name.size()) + name + "\0\1v\0\1n\0\1w"s;
    EXPECT_THAT(attributes_of({area}, &sound), ElementsAre(Is("n", "w"))) << name;
    EXPECT_FALSE(sound) << name;
  }
  for (const auto& area : {"\0\1n"s, "\0\1n\0\2v"s, "\0"s, "\0\1n\1\1v"s, "\0\1n\0"s}) {
    EXPECT_THAT(attributes_of({area}, &sound), IsEmpty());
    EXPECT_FALSE(sound) << ::testing::PrintToString(area);
  }
  EXPECT_THAT(attributes_of({"\0\1n\0\1v"s}, &sound, true), ElementsAre(Is("n", "v")));
  EXPECT_FALSE(sound) << "another entry was to follow";
}

TEST(Aaip, AttributesHaveALimit) {
  AttributeCollector collector;
  const auto entry = "AL\xff\1\1"s + std::string(250, '\0');
  const auto view = std::as_bytes(std::span(entry));
  for (std::size_t i = 0; i <= AttributeCollector::kMaxBytes / 250; ++i)
    collector.add({load<SystemUseHeader>(view), view});
  bool sound = true;
  EXPECT_EQ(collector.attributes(sound).size(), AttributeCollector::kMaxCount);
  EXPECT_FALSE(sound);
}

TEST(Aaip, AListForWhatAFolderHolds) {
  const auto acl = decode_acl("\x17\x35\x65\x81\x17\x35\x57\x65\xAF\x01\x7b"s);
  ASSERT_TRUE(acl);
  using enum AclEntry::Type;
  EXPECT_THAT(acl->access, ElementsAre(AclEntry{owner, 7, 0}, AclEntry{owning_group, 5, 0}, AclEntry{others, 5, 0}));
  EXPECT_EQ(acl->inherited.size(), 5U);
  EXPECT_EQ(acl->inherited.back(), (AclEntry{user, 7, 123}));
}

TEST(Aaip, ListsThatCannotBe) {
  EXPECT_FALSE(decode_acl("\xAE"s)) << "no qualifier";
  EXPECT_FALSE(decode_acl("\xAE\x05\1\2\3\4\5"s)) << "a number of five bytes";
  EXPECT_FALSE(decode_acl("\xAE\x02\1"s)) << "cut short";
  EXPECT_FALSE(decode_acl("\xAE\xff"s)) << "cut short, and to go on";
  EXPECT_FALSE(decode_acl("\xA6"s)) << "a user without number";
  const auto others = decode_acl("\x08\x03\0\1\2\xF7\x23\x16"s);  // names of users; types of other versions
  ASSERT_TRUE(others);
  EXPECT_EQ(others->access.size(), 1U);
}

// As setfacl(1) had Linux store it.
TEST(Aaip, AListInTheFormOfLinux) {
  using enum AclEntry::Type;
  EXPECT_EQ(
      linux_acl({{others, 4, 0}, {owner, 6, 0}, {mask, 6, 0}, {group, 4, 65534}, {owning_group, 4, 0}, {user, 6, 123}}),
      "\2\0\0\0\1\0\6\0\xff\xff\xff\xff\2\0\6\0{\0\0\0\4\0\4\0\xff\xff\xff\xff"
      "\x08\0\4\0\xfe\xff\0\0\x10\0\6\0\xff\xff\xff\xff\x20\0\4\0\xff\xff\xff\xff"s);
}

}  // namespace
}  // namespace fsimage::rockridge
