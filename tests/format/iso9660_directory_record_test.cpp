#include "format/udf_bytes.hpp"
#include "support/error_of.hpp"

#include <fsimage/format/iso9660/directory_record.hpp>

#include <gtest/gtest.h>

namespace fsimage::iso9660 {
namespace {

using test::error_of;
using test::from_hex;
using test::hex;
using Bytes = std::vector<std::byte>;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

Bytes encoded(const DirectoryEntry& e) {
  Sink measure;
  encode(e, measure);
  Bytes out(measure.size());
  Sink sink{std::span(out)};
  encode(e, sink);
  EXPECT_EQ(sink.size(), out.size());
  return out;
}

Bytes padded(Bytes b, std::size_t size = kBlockSize) {
  b.resize(size);
  return b;
}

TEST(Iso9660DirectoryRecord, PositionsOfTheStandard) {
  EXPECT_EQ(test::positions<DirectoryRecord>(), (std::vector<std::size_t>{0, 1, 2, 10, 18, 25, 26, 27, 28, 32}));
}

TEST(Iso9660DirectoryRecord, Root) {
  const auto self = kSelfIdentifier;
  DirectoryEntry e;
  e.extent = Lba{23};
  e.data_length = 2048;
  e.recorded = to_short_date(Timestamp::from_seconds(1'704'067'200));
  e.flags = file_flags::kDirectory;
  e.identifier = {&self, 1};
  EXPECT_EQ(hex(encoded(e)),
            "22 00 17 00 00 00 00 00 00 17 00 08 00 00 00 00 08 00 7c 01 01 00 00 00 00 02 00 00 01 00 00 01 01 00");
}

TEST(Iso9660DirectoryRecord, EveryFieldAtItsEnd) {
  DirectoryEntry e;
  e.extent = Lba{0xFFFFFFFE};
  e.data_length = kMaxSectionBytes;
  e.recorded = {255, 12, 31, 23, 59, 59, -48};
  e.flags = file_flags::kHidden | file_flags::kMultiExtent;
  e.identifier = bytes("A.;1");
  e.system_use = bytes("xyz");
  EXPECT_EQ(hex(encoded(e)),
            "2a 00 fe ff ff ff ff ff ff fe 00 f8 ff ff ff ff f8 00 ff 0c 1f 17 3b 3b d0 81 00 00 01 00 00 01 04 "
            "41 2e 3b 31 00 78 79 7a 00");
}

TEST(Iso9660DirectoryRecord, SystemUseBeginsAtAnEvenOffsetAndLengthIsEven) {
  for (const std::string id : {"A", "AB", "ABC"})
    for (const std::string use : {"", "1", "12", "123"}) {
      DirectoryEntry e;
      e.identifier = bytes(id);
      e.system_use = bytes(use);
      const auto block = padded(encoded(e));
      EXPECT_EQ(std::to_integer<unsigned>(block[0]) % 2, 0U);
      DirectoryRecords records(block);
      const auto r = records.next();
      ASSERT_TRUE(r);
      EXPECT_EQ((r->system_use.data() - block.data()) % 2, 0);
      ASSERT_GE(r->system_use.size(), use.size());
      EXPECT_EQ(hex(r->system_use.first(use.size())), hex(bytes(use)));
      EXPECT_LE(r->system_use.size(), use.size() + 1);
      EXPECT_EQ(records.next().has_value(), false);
    }
}

TEST(Iso9660DirectoryRecord, RoomIsExactlyWhatFits) {
  for (std::size_t length = 1; length <= 222; ++length) {
    const Bytes id(length, std::byte{'A'});
    DirectoryEntry e;
    e.identifier = id;
    const Bytes use(system_use_room(length));
    EXPECT_EQ(use.size() % 2, 0U);
    if (33 + length > kMaxRecordLength) {
      EXPECT_EQ(use.size(), 0U);
      continue;
    }
    e.system_use = use;
    EXPECT_EQ(encoded(e).size(), kMaxRecordLength) << length;
    const Bytes more(use.size() + 1);
    e.system_use = more;
    EXPECT_EQ(error_of([&] { encoded(e); }).code(), Errc::too_large);
  }
  EXPECT_EQ(system_use_room(222), 0U);
  EXPECT_EQ(system_use_room(255), 0U);
}

TEST(Iso9660DirectoryRecord, WalksOverSectors) {
  DirectoryEntry e;
  e.identifier = bytes("FIRST.;1");
  auto extent = padded(encoded(e));
  e.identifier = bytes("SECOND.;1");
  e.flags = file_flags::kDirectory;
  const auto second = padded(encoded(e));
  extent.insert(extent.end(), second.begin(), second.end());
  DirectoryRecords records(extent);
  const auto a = records.next();
  ASSERT_TRUE(a);
  EXPECT_EQ(a->offset, 0U);
  EXPECT_FALSE(a->is_directory() || a->is_self() || a->is_parent());
  const auto b = records.next();
  ASSERT_TRUE(b);
  EXPECT_EQ(b->offset, kBlockSize);
  EXPECT_TRUE(b->is_directory());
  EXPECT_EQ(records.next().has_value(), false);
  EXPECT_EQ(records.next().has_value(), false);
}

TEST(Iso9660DirectoryRecord, SelfAndParent) {
  for (const auto id : {kSelfIdentifier, kParentIdentifier}) {
    DirectoryEntry e;
    e.identifier = {&id, 1};
    const auto block = padded(encoded(e));
    const auto r = DirectoryRecords(block).next();
    ASSERT_TRUE(r);
    EXPECT_EQ(r->is_self(), id == kSelfIdentifier);
    EXPECT_EQ(r->is_parent(), id == kParentIdentifier);
  }
}

// A broken record costs its sector, not the folder.
TEST(Iso9660DirectoryRecord, GoesOnAfterABrokenRecord) {
  struct Row {
    std::size_t at;
    int length, identifier_length;
    const char* clause;
  };
  for (const Row row :
       {Row{0, 33, 4, "ECMA-119 9.1.10"}, Row{0, 32, 1, "ECMA-119 9.1.1"}, Row{0, 1, 1, "ECMA-119 9.1.1"},
        Row{0, 34, 0, "ECMA-119 9.1.10"}, Row{0, 254, 222, "ECMA-119 9.1.10"}, Row{2000, 200, 4, "ECMA-119 6.8.1.1"}}) {
    Bytes extent(3 * kBlockSize);
    if (row.at != 0) {  // records up to there
      DirectoryEntry e;
      const Bytes id(7, std::byte{'A'});
      e.identifier = id;
      const auto filler = encoded(e);
      ASSERT_EQ(row.at % filler.size(), 0U);
      for (std::size_t i = 0; i < row.at; i += filler.size())
        std::copy(filler.begin(), filler.end(), extent.begin() + static_cast<std::ptrdiff_t>(i));
    }
    extent[row.at] = static_cast<std::byte>(row.length);
    if (row.at + 32 < kBlockSize) extent[row.at + 32] = static_cast<std::byte>(row.identifier_length);
    DirectoryEntry e;
    e.identifier = bytes("GOOD");
    const auto good = encoded(e);
    std::copy(good.begin(), good.end(), extent.begin() + kBlockSize);
    DirectoryRecords records(extent);
    for (std::size_t i = 0; i < row.at / 40; ++i) ASSERT_TRUE(records.next());
    const auto error = error_of([&] { records.next(); });
    EXPECT_EQ(error.code(), Errc::corrupt_structure);
    EXPECT_EQ(error.where().clause, row.clause);
    const auto next = records.next();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->offset, kBlockSize);
    EXPECT_EQ(records.next().has_value(), false);
  }
}

TEST(Iso9660DirectoryRecord, AnExtentThatEndsInsideASector) {
  const auto bytes_of_extent = from_hex("22 00 17");
  DirectoryRecords records(bytes_of_extent);
  EXPECT_EQ(error_of([&] { records.next(); }).code(), Errc::corrupt_structure);
  EXPECT_EQ(records.next().has_value(), false);
}

}  // namespace
}  // namespace fsimage::iso9660
