#include "format/udf_bytes.hpp"

#include <fsimage/format/rockridge/rrip.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace fsimage::rockridge {
namespace {

using test::from_hex;
using test::hex;
using test::positions;
using Positions = std::vector<std::size_t>;
using Bytes = std::vector<std::byte>;

Bytes put(const std::function<void(Sink&)>& fn) {
  Sink measure;
  fn(measure);
  Bytes out(measure.size());
  Sink sink{std::span(out)};
  fn(sink);
  EXPECT_EQ(sink.size(), measure.size());
  return out;
}

std::vector<SystemUseEntry> entries_of(const Bytes& area) {
  SystemUseEntries walk(area);
  std::vector<SystemUseEntry> out;
  while (const auto e = walk.next()) out.push_back(*e);
  EXPECT_FALSE(walk.malformed());
  return out;
}

SystemUseEntry entry(const Bytes& area) { return *SystemUseEntries(area).next(); }

TEST(RockRidgeRrip, PositionsOfTheStandard) {
  EXPECT_EQ(positions<PosixFileAttributes>(), (Positions{0, 4, 12, 20, 28, 36}));
  EXPECT_EQ(positions<PosixDeviceNumber>(), (Positions{0, 4, 12}));
  EXPECT_EQ(positions<SymbolicLink>(), (Positions{0, 4}));
  EXPECT_EQ(positions<ComponentRecord>(), (Positions{0, 1}));
  EXPECT_EQ(positions<AlternateName>(), (Positions{0, 4}));
  EXPECT_EQ(positions<ChildLink>(), (Positions{0, 4}));
  EXPECT_EQ(positions<ParentLink>(), (Positions{0, 4}));
  EXPECT_EQ(positions<RelocatedDirectory>(), (Positions{0}));
  EXPECT_EQ(positions<TimeStamps>(), (Positions{0, 4}));
  EXPECT_EQ(positions<SparseFile>(), (Positions{0, 4, 12, 20}));
}

TEST(RockRidgeRrip, Announced) {
  Sink s;
  put_extensions_reference(s, kExtensionIdentifier, kExtensionDescriptor, kExtensionSource);
  EXPECT_EQ(s.size(), 8U + 9 + 72 + 93);
  EXPECT_TRUE(is_rock_ridge(kExtensionIdentifier));
  EXPECT_TRUE(is_rock_ridge("RRIP_1991A"));
  EXPECT_TRUE(is_rock_ridge("IEEE_P1282"));
  EXPECT_FALSE(is_rock_ridge("IEEE_128"));
}

TEST(RockRidgeRrip, PosixAttributes) {
  const PosixAttributes a{0100644, 0xFFFFFFFF, 1000, 0x01020304, 7};
  const auto area = put([&](Sink& s) { put_posix_attributes(s, a); });
  EXPECT_EQ(hex(area),
            "50 58 2c 01 a4 81 00 00 00 00 81 a4 ff ff ff ff ff ff ff ff e8 03 00 00 00 00 03 e8 "
            "04 03 02 01 01 02 03 04 07 00 00 00 00 00 00 07");
  const auto back = posix_attributes(entry(area));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->mode, a.mode);
  EXPECT_EQ(back->links, a.links);
  EXPECT_EQ(back->user, a.user);
  EXPECT_EQ(back->group, a.group);
  EXPECT_EQ(back->serial, 7U);
}

TEST(RockRidgeRrip, PosixAttributesOfVersion1_10) {
  const auto area = put([](Sink& s) { put_posix_attributes(s, {0040755, 2, 0, 0, std::nullopt}); });
  EXPECT_EQ(area.size(), 36U);
  const auto back = posix_attributes(entry(area));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->mode, 0040755U);
  EXPECT_EQ(back->serial, std::nullopt);
  Bytes cut(area.begin(), area.begin() + 35);
  cut[2] = std::byte{35};
  EXPECT_EQ(posix_attributes(entry(cut)).has_value(), false);
}

TEST(RockRidgeRrip, SmallEntries) {
  EXPECT_EQ(hex(put([](Sink& s) { put_device_number(s, 0x103, 300); })),
            "50 4e 14 01 03 01 00 00 00 00 01 03 2c 01 00 00 00 00 01 2c");
  EXPECT_EQ(hex(put([](Sink& s) { put_child_link(s, Lba{20}); })), "43 4c 0c 01 14 00 00 00 00 00 00 14");
  EXPECT_EQ(hex(put([](Sink& s) { put_parent_link(s, Lba{20}); })), "50 4c 0c 01 14 00 00 00 00 00 00 14");
  EXPECT_EQ(hex(put([](Sink& s) { put_relocated(s); })), "52 45 04 01");
}

TEST(RockRidgeRrip, TimeStamps) {
  const auto stamps = from_hex("01 02 03 04 05 06 07 11 12 13 14 15 16 17 21 22 23 24 25 26 27");
  const auto area = put([&](Sink& s) {
    put_time_stamps(s, time_flags::kModify | time_flags::kAccess | time_flags::kAttributes, stamps);
  });
  EXPECT_EQ(hex(Bytes(area.begin(), area.begin() + 6)), "54 46 1a 01 0e 01");
  const auto tf = entry(area);
  EXPECT_EQ(hex(*time_stamp(tf, time_flags::kModify)), "01 02 03 04 05 06 07");
  EXPECT_EQ(hex(*time_stamp(tf, time_flags::kAccess)), "11 12 13 14 15 16 17");
  EXPECT_EQ(hex(*time_stamp(tf, time_flags::kAttributes)), "21 22 23 24 25 26 27");
  EXPECT_EQ(time_stamp(tf, time_flags::kCreation).has_value(), false);
  EXPECT_EQ(time_stamp(tf, time_flags::kBackup).has_value(), false);
}

TEST(RockRidgeRrip, TimeStampsOfOtherWriters) {
  auto long_form = from_hex("54 46 27 01 82");
  long_form.resize(39, std::byte{'1'});  // room for two
  EXPECT_EQ(time_stamp(entry(long_form), time_flags::kModify)->size(), 17U);
  auto both = from_hex("54 46 27 01 83");
  both.resize(39, std::byte{'1'});
  EXPECT_EQ(time_stamp(entry(both), time_flags::kModify)->data(), both.data() + 22);
  const auto cut = from_hex("54 46 0b 01 03 01 02 03 04 05 06");  // two announced, not even one there
  EXPECT_EQ(time_stamp(entry(cut), time_flags::kCreation).has_value(), false);
  const auto no_flags = from_hex("54 46 04 01");
  EXPECT_EQ(time_stamp(entry(no_flags), time_flags::kModify).has_value(), false);
}

std::optional<std::string> name_of(const Bytes& area) {
  NameCollector name;
  for (const auto& e : entries_of(area)) name.add(e);
  return name.name();
}

TEST(RockRidgeRrip, AlternateName) {
  EXPECT_EQ(hex(put([](Sink& s) { put_alternate_name(s, "ab"); })), "4e 4d 07 01 00 61 62");
  for (const std::size_t length : {1U, 249U, 250U, 251U, 255U, 500U, 501U, 1024U}) {
    const std::string name(length, 'n');
    const auto area = put([&](Sink& s) { put_alternate_name(s, name); });
    const auto parts = entries_of(area);
    EXPECT_EQ(parts.size(), (length + 249) / 250);
    for (std::size_t i = 0; i < parts.size(); ++i)
      EXPECT_EQ(parts[i].as<AlternateName>()->flags, i + 1 < parts.size() ? kContinue : 0);
    EXPECT_EQ(name_of(area), name);
  }
}

TEST(RockRidgeRrip, AlternateNamesOfOtherWriters) {
  EXPECT_EQ(name_of(from_hex("4e 4d 05 01 02")), std::nullopt);     // "."
  EXPECT_EQ(name_of(from_hex("4e 4d 06 01 01 61")), std::nullopt);  // the rest is missing
  EXPECT_EQ(name_of(from_hex("4e 4d 04 01")), std::nullopt);
  EXPECT_EQ(name_of({}), std::nullopt);
  const auto too_long = put([](Sink& s) { put_alternate_name(s, std::string(NameCollector::kMaxName + 1, 'n')); });
  EXPECT_EQ(name_of(too_long), std::nullopt);
}

std::optional<std::string> target_of(const Bytes& area) {
  TargetCollector target;
  for (const auto& e : entries_of(area)) target.add(e);
  return target.target();
}

TEST(RockRidgeRrip, SymbolicLinkComponents) {
  const std::pair<const char*, const char*> rows[] = {
      {"a/bc", "53 4c 0c 01 00 00 01 61 00 02 62 63"}, {"/", "53 4c 07 01 00 08 00"},
      {"/a", "53 4c 0a 01 00 08 00 00 01 61"},         {"..", "53 4c 07 01 00 04 00"},
      {"./..", "53 4c 09 01 00 02 00 04 00"},          {"a//b/", "53 4c 0f 01 00 00 01 61 00 00 00 01 62 00 00"},
      {"...", "53 4c 0a 01 00 00 03 2e 2e 2e"}};
  for (const auto& row : rows) {
    const auto area = put([&](Sink& s) { put_symbolic_link(s, row.first); });
    EXPECT_EQ(hex(area), row.second) << row.first;
    EXPECT_EQ(target_of(area), row.first);
  }
}

// Wherever entries meet: the same target comes back, and each entry but the last ends inside a component.
TEST(RockRidgeRrip, SymbolicLinksOfAnyLength) {
  for (const std::string unit : {"x", "ab/", "../", "./", "/", "a/../b//", "component-of-some-length/", "n"}) {
    std::string all;
    for (std::size_t length = 1; length <= 1400; length += length < 200 || length > 600 ? 37 : 1) {
      while (all.size() < length) all += unit;
      const auto target = all.substr(0, length);
      const auto area = put([&](Sink& s) { put_symbolic_link(s, target); });
      ASSERT_EQ(target_of(area), target);
      const auto parts = entries_of(area);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool last = i + 1 == parts.size();
        ASSERT_EQ(parts[i].as<SymbolicLink>()->flags, last ? 0 : kContinue);
        auto rest = parts[i].tail(sizeof(SymbolicLink));
        ComponentRecord component{};
        while (!rest.empty()) {
          component = load<ComponentRecord>(rest);
          rest = rest.subspan(sizeof component + component.length);
        }
        ASSERT_EQ(component.flags & kContinue, last ? 0 : kContinue) << target.size() << " of " << unit;
      }
    }
  }
}

TEST(RockRidgeRrip, LongestSymbolicLink) {
  const std::string target(TargetCollector::kMaxTarget, 'x');
  EXPECT_EQ(target_of(put([&](Sink& s) { put_symbolic_link(s, target); })), target);
  EXPECT_EQ(target_of(put([&](Sink& s) { put_symbolic_link(s, target + "x"); })), std::nullopt);
}

TEST(RockRidgeRrip, LinksToTheRootOfTheVolumeAreKnownAsSuch) {
  for (const auto& [flag, volume] : {std::pair{"10", true}, {"08", false}}) {
    const auto area = from_hex("53 4c 07 01 00 " + std::string(flag) + " 00");
    TargetCollector target;
    for (const auto& e : entries_of(area)) target.add(e);
    EXPECT_EQ(target.target(), "/");
    EXPECT_EQ(target.volume_root(), volume);
  }
}

TEST(RockRidgeRrip, SymbolicLinksOfOtherWriters) {
  EXPECT_EQ(target_of(from_hex("53 4c 08 01 01 00 01 61 | 53 4c 08 01 00 00 01 62")), "a/b");  // whole components
  EXPECT_EQ(target_of(from_hex("53 4c 08 01 01 01 01 61 | 53 4c 08 01 00 00 01 62")), "ab");   // halves of one
  EXPECT_EQ(target_of(from_hex("53 4c 08 01 01 00 01 61")), std::nullopt);                     // the rest is missing
  EXPECT_EQ(target_of(from_hex("53 4c 08 01 00 00 02 61")), std::nullopt);                     // leaves the entry
  EXPECT_EQ(target_of(from_hex("53 4c 06 01 00 00")), std::nullopt);
  EXPECT_EQ(target_of(from_hex("53 4c 07 01 00 20 00")), std::nullopt);   // the name of a host
  EXPECT_EQ(target_of(from_hex("53 4c 0a 01 00 10 00 00 01 61")), "/a");  // from the root of the volume
  EXPECT_EQ(target_of(from_hex("53 4c 04 01")), std::nullopt);
  EXPECT_EQ(target_of({}), std::nullopt);
}

}  // namespace
}  // namespace fsimage::rockridge
