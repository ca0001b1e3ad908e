// Damage to ISO 9660, Joliet and Rock Ridge, one kind a row: each ends in an error or is told, and at once.
#include "sample_volume.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/rockridge/rrip.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace fsimage::test {
namespace {

using iso9660::DirectoryRecord;
using iso9660::PrimaryVolumeDescriptor;

const std::string kPrimary = "iso9660/primary volume descriptor", kJoliet = "joliet/supplementary volume descriptor";
const std::string kRoot = "iso9660/directory /", kDocs = "iso9660/directory /docs",
                  kDeep = "iso9660/directory /docs/deep";

enum class Outcome { error, finding };

struct IsoDamage {
  std::string name;
  View view;
  Outcome outcome;
  std::string clause;
  std::function<void(SampleVolume&)> change;
};

void PrintTo(const IsoDamage& d, std::ostream* out) { *out << d.name; }

class VolumeDamageIso : public ::testing::TestWithParam<IsoDamage> {};

TEST_P(VolumeDamageIso, IsToldAtOnce) {
  const auto& damage = GetParam();
  SampleVolume volume;
  damage.change(volume);
  for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
    const auto walk = walk_volume(volume.source(), {.view = damage.view, .order = order, .session = {}, .limits = {}});
    if (damage.outcome == Outcome::error) {
      ASSERT_TRUE(walk.error) << describe(walk);
      EXPECT_TRUE(walk.error->code() == Errc::corrupt_structure || walk.error->code() == Errc::limit_exceeded ||
                  walk.error->code() == Errc::unsupported)
          << walk.error->what();
      EXPECT_EQ(walk.error->where().clause, damage.clause) << walk.error->what();
      EXPECT_TRUE(walk.error->where().lba) << walk.error->what();
    } else {
      EXPECT_FALSE(walk.error) << describe(walk);
      EXPECT_TRUE(walk.has_finding(damage.clause)) << describe(walk);
    }
  }
}

auto primary(std::function<void(PrimaryVolumeDescriptor&)> change) {
  return [change](SampleVolume& v) { v.edit<PrimaryVolumeDescriptor>(v.block(kPrimary), change); };
}
auto record(std::string folder, std::string identifier, std::function<void(DirectoryRecord&)> change) {
  return [=](SampleVolume& v) { v.edit<DirectoryRecord>(v.record(folder, identifier), change); };
}
template <WireStruct T>
auto field(std::string folder, std::string identifier, std::string signature, std::function<void(T&)> change) {
  return [=](SampleVolume& v) { v.edit<T>(SampleVolume::field(v.record(folder, identifier), signature), change); };
}
// The long name needs a continuation area.
const std::string kLongIdentifier = std::string(30, 'N') + ".;1";
auto continuation(std::function<void(rockridge::ContinuationArea&, SampleVolume&)> change) {
  return [=](SampleVolume& v) {
    const auto ce = SampleVolume::field(v.record(kRoot, kLongIdentifier), "CE");
    v.edit<rockridge::ContinuationArea>(ce, [&](auto& area) { change(area, v); });
  };
}
std::uint32_t root_of(SampleVolume& v) { return v.place(kRoot).value; }

INSTANTIATE_TEST_SUITE_P(
    Descriptors, VolumeDamageIso,
    ::testing::Values(IsoDamage{"block_size_0", View::iso9660, Outcome::finding, "ECMA-119 8.4.12",
                                primary([](auto& d) { d.logical_block_size = 0; })},
                      IsoDamage{"block_size_odd", View::iso9660, Outcome::finding, "ECMA-119 8.4.12",
                                primary([](auto& d) { d.logical_block_size = 2049; })},
                      IsoDamage{"block_size_512", View::iso9660, Outcome::finding, "ECMA-119 8.4.12",
                                primary([](auto& d) { d.logical_block_size = 512; })},
                      IsoDamage{"block_size_halves", View::iso9660, Outcome::finding, "ECMA-119 8.4.12",
                                primary([](auto& d) { d.logical_block_size.big = 0; })},
                      IsoDamage{"no_terminator", View::iso9660, Outcome::finding, "ECMA-119 8.3",
                                [](SampleVolume& v) {
                                  std::ranges::fill(v.block("iso9660/volume descriptor set terminator"), std::byte{});
                                }},
                      IsoDamage{"endless_descriptors", View::iso9660, Outcome::error, "ECMA-119 6.8.1",
                                [](SampleVolume& v) {
                                  const std::vector<std::byte> one(v.block(kPrimary).begin(), v.block(kPrimary).end());
                                  for (std::uint32_t b = 17; b < v.blocks(); ++b)
                                    std::ranges::copy(one, v.block(Lba{b}).begin());
                                  v.edit<PrimaryVolumeDescriptor>(v.block(kPrimary),
                                                                  [&](auto& d) { d.root.record.extent = v.blocks(); });
                                }},
                      IsoDamage{"root_length_0", View::iso9660, Outcome::finding, "ECMA-119 6.8.2.2",
                                primary([](auto& d) { d.root.record.data_length = 0; })},
                      IsoDamage{"root_length_huge", View::iso9660, Outcome::finding, "ECMA-119 9.1.4",
                                primary([](auto& d) { d.root.record.data_length = 0xFFFFFFFF; })},
                      IsoDamage{"root_beyond_end", View::iso9660, Outcome::error, "ECMA-119 6.8.1",
                                primary([](auto& d) { d.root.record.extent = 0xFFFFFFFF; })},
                      IsoDamage{"root_halves", View::iso9660, Outcome::finding, "ECMA-119 9.1.3",
                                primary([](auto& d) { d.root.record.extent.big = 1; })},
                      IsoDamage{"volume_larger_than_image", View::iso9660, Outcome::finding, "ECMA-119 8.4.8",
                                primary([](auto& d) { d.volume_space_size = 0xFFFFFFFF; })},
                      IsoDamage{"joliet_root_beyond_end", View::joliet, Outcome::error, "ECMA-119 6.8.1",
                                [](SampleVolume& v) {
                                  v.edit<iso9660::SupplementaryVolumeDescriptor>(
                                      v.block(kJoliet), [](auto& d) { d.root.record.extent = 0x7FFFFFFF; });
                                }}),
    [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Records, VolumeDamageIso,
    ::testing::Values(IsoDamage{"length_1", View::iso9660, Outcome::error, "ECMA-119 9.1.1",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.length = 1; })},
                      IsoDamage{"length_33", View::iso9660, Outcome::error, "ECMA-119 9.1.10",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.length = 33; })},
                      IsoDamage{"identifier_length_255", View::iso9660, Outcome::error, "ECMA-119 9.1.10",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.identifier_length = 255; })},
                      IsoDamage{"identifier_length_0", View::iso9660, Outcome::error, "ECMA-119 9.1.10",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.identifier_length = 0; })},
                      IsoDamage{"record_leaves_the_folder", View::iso9660, Outcome::finding, "ECMA-119 9.1.4",
                                [](SampleVolume& v) {
                                  const auto inside = v.record(kDocs, "A.TXT;1").data() - v.block(kDocs).data() + 10;
                                  v.edit<DirectoryRecord>(v.record(kRoot, "DOCS"), [&](auto& r) {
                                    r.data_length = static_cast<std::uint32_t>(inside);
                                  });
                                }},
                      IsoDamage{"length_0", View::iso9660, Outcome::finding, "ECMA-119 6.8.1.1",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.length = 0; })},
                      IsoDamage{"length_255", View::iso9660, Outcome::finding, "ECMA-119 9.1.12",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.length = 255; })},
                      IsoDamage{"content_beyond_end", View::iso9660, Outcome::finding, "ECMA-119 9.1.3",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.extent = 0xFFFFFFFE; })},
                      IsoDamage{"content_longer_than_image", View::rockridge, Outcome::finding, "ECMA-119 9.1.3",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.data_length = 0xFFFFFFFF; })},
                      IsoDamage{"halves_differ", View::iso9660, Outcome::finding, "ECMA-119 9.1.4",
                                record(kDocs, "A.TXT;1", [](auto& r) { r.data_length.big = 1; })},
                      IsoDamage{
                          "multi_extent_never_ends", View::iso9660, Outcome::finding, "ECMA-119 9.1.6",
                          record(kDocs, "EMPTY.;1", [](auto& r) { r.flags |= iso9660::file_flags::kMultiExtent; })},
                      IsoDamage{
                          "multi_extent_mixed_names", View::iso9660, Outcome::finding, "ECMA-119 9.1.6",
                          record(kDocs, "A.TXT;1", [](auto& r) { r.flags |= iso9660::file_flags::kMultiExtent; })},
                      IsoDamage{"folder_beyond_end", View::iso9660, Outcome::error, "ECMA-119 6.8.1",
                                record(kDocs, "DEEP", [](auto& r) { r.extent = 0x00FFFFFF; })},
                      IsoDamage{"folder_of_4_gib", View::iso9660, Outcome::finding, "ECMA-119 9.1.4",
                                record(kDocs, "DEEP", [](auto& r) { r.data_length = 0xFFFFF800; })},
                      IsoDamage{"folder_length_odd", View::iso9660, Outcome::finding, "ECMA-119 6.8.1.3",
                                record(kDocs, "DEEP", [](auto& r) { r.data_length = r.data_length.value() - 1; })},
                      IsoDamage{"folder_is_its_own_child", View::iso9660, Outcome::finding, "ECMA-119 6.8.2",
                                [](SampleVolume& v) {
                                  v.edit<DirectoryRecord>(v.record(kDocs, "DEEP"),
                                                          [&](auto& r) { r.extent = v.place(kDocs).value; });
                                }},
                      IsoDamage{"folder_is_the_root", View::rockridge, Outcome::finding, "ECMA-119 6.8.2",
                                [](SampleVolume& v) {
                                  v.edit<DirectoryRecord>(v.record(kDocs, "DEEP"),
                                                          [&](auto& r) { r.extent = root_of(v); });
                                }},
                      IsoDamage{"a_file_called_slash", View::iso9660, Outcome::finding, "cannot be a name",
                                [](SampleVolume& v) {
                                  const auto r = v.record(kDocs, "A.TXT;1");
                                  r[33 + 1] = std::byte{'/'};
                                }},
                      IsoDamage{"joliet_odd_length", View::joliet, Outcome::finding, "ECMA-119 9.1.11",
                                [](SampleVolume& v) {
                                  v.edit<DirectoryRecord>(
                                      v.record("joliet/directory /docs", std::string("\0e\0m\0p\0t\0y", 10)),
                                      [](auto& r) { r.identifier_length = 9; });
                                }}),
    [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    RockRidge, VolumeDamageIso,
    ::testing::
        Values(IsoDamage{"susp_length_0", View::rockridge, Outcome::finding, "SUSP 1.12 4.1",
                         field<rockridge::SystemUseHeader>(kDocs, "A.TXT;1", "PX", [](auto& h) { h.length = 0; })},
               IsoDamage{"susp_length_3", View::rockridge, Outcome::finding, "SUSP 1.12 4.1",
                         field<rockridge::SystemUseHeader>(kDocs, "A.TXT;1", "NM", [](auto& h) { h.length = 3; })},
               IsoDamage{"susp_length_255", View::rockridge, Outcome::finding, "SUSP 1.12 4.1",
                         field<rockridge::SystemUseHeader>(kDocs, "A.TXT;1", "NM", [](auto& h) { h.length = 255; })},
               IsoDamage{"px_short", View::rockridge, Outcome::finding, "RRIP 1.12 4.1.1",
                         field<rockridge::SystemUseHeader>(kDocs, "A.TXT;1", "PX", [](auto& h) { h.length = 12; })},
               IsoDamage{"type_contradicts", View::rockridge, Outcome::finding, "RRIP 1.12 4.1.1",
                         field<rockridge::PosixFileAttributes>(kDocs, "A.TXT;1", "PX",
                                                               [](auto& p) { p.mode = 0040755; })},
               IsoDamage{
                   "name_with_slash", View::rockridge, Outcome::finding, "cannot be a name",
                   [](SampleVolume& v) { SampleVolume::field(v.record(kDocs, "A.TXT;1"), "NM")[5] = std::byte{'/'}; }},
               IsoDamage{
                   "name_with_nul", View::rockridge, Outcome::finding, "cannot be a name",
                   [](SampleVolume& v) { SampleVolume::field(v.record(kDocs, "A.TXT;1"), "NM")[6] = std::byte{}; }},
               IsoDamage{
                   "symlink_component_leaves_its_field", View::rockridge, Outcome::finding, "RRIP 1.12 4.1.3",
                   [](SampleVolume& v) { SampleVolume::field(v.record(kDeep, "LINK.;1"), "SL")[6] = std::byte{200}; }},
               IsoDamage{
                   "symlink_without_target", View::rockridge, Outcome::finding, "without a target",
                   [](SampleVolume& v) { SampleVolume::field(v.record(kDeep, "LINK.;1"), "SL")[0] = std::byte{'X'}; }},
               IsoDamage{
                   "device_without_number", View::rockridge, Outcome::finding, "RRIP 1.12 4.1.2",
                   [](SampleVolume& v) { SampleVolume::field(v.record(kRoot, "TTY.;1"), "PN")[0] = std::byte{'X'}; }},
               IsoDamage{"continuation_beyond_end", View::rockridge, Outcome::error, "SUSP 1.12 5.1",
                         continuation([](auto& ce, auto&) { ce.block = 0xFFFFFFFF; })},
               IsoDamage{"continuation_offset_huge", View::rockridge, Outcome::error, "SUSP 1.12 5.1",
                         continuation([](auto& ce, auto&) { ce.offset = 0xFFFFFFFF; })},
               IsoDamage{"continuation_length_huge", View::rockridge, Outcome::error, "SUSP 1.12 5.1",
                         continuation([](auto& ce, auto&) { ce.length = 0xFFFFFFFF; })},
               IsoDamage{"continuation_leaves_its_block", View::rockridge, Outcome::finding, "SUSP 1.12 5.1",
                         continuation([](auto& ce, auto&) { ce.length = 2049; })},
               IsoDamage{"continuation_of_itself", View::rockridge, Outcome::error, "SUSP 1.12 5.1",
                         [](SampleVolume& v) {
                           const auto r = v.record(kRoot, kLongIdentifier);
                           const auto ce = SampleVolume::field(r, "CE");
                           v.edit<rockridge::ContinuationArea>(ce, [&](auto& area) {
                             area.block = root_of(v);
                             area.offset = static_cast<std::uint32_t>(ce.data() - v.block(kRoot).data());
                             area.length = static_cast<std::uint32_t>(ce.size());
                           });
                         }},
               IsoDamage{"child_link_to_nowhere", View::rockridge, Outcome::finding, "RRIP 1.12 4.1.5.1",
                         [](SampleVolume& v) {
                           const auto px = SampleVolume::field(v.record(kDocs, "A.TXT;1"), "PX");
                           Sink sink(px.first(sizeof(rockridge::ChildLink)));
                           rockridge::put_child_link(sink, Lba{5});
                           px[12] = std::byte{'X'}, px[13] = std::byte{'X'},
                           px[14] = std::byte{static_cast<unsigned char>(px.size() - 12)};
                         }},
               IsoDamage{"child_link_to_the_root", View::rockridge, Outcome::finding, "ECMA-119 6.8.2",
                         [](SampleVolume& v) {
                           const auto px = SampleVolume::field(v.record(kDocs, "A.TXT;1"), "PX");
                           Sink sink(px.first(sizeof(rockridge::ChildLink)));
                           rockridge::put_child_link(sink, v.place(kRoot));
                           px[12] = std::byte{'X'}, px[13] = std::byte{'X'},
                           px[14] = std::byte{static_cast<unsigned char>(px.size() - 12)};
                         }}),
    [](const auto& i) { return i.param.name; });

TEST(VolumeDamageIsoContent, BeyondTheEndIsRefusedByName) {
  SampleVolume volume;
  volume.edit<DirectoryRecord>(volume.record(kDocs, "A.TXT;1"), [](auto& r) { r.extent = 0x00FFFFFF; });
  const auto walk = walk_volume(volume, View::rockridge);
  ASSERT_FALSE(walk.error);
  ASSERT_TRUE(walk.refused.contains("/docs/a.txt")) << describe(walk);
  EXPECT_EQ(walk.refused.at("/docs/a.txt").code(), Errc::corrupt_structure);
  EXPECT_EQ(walk.refused.at("/docs/a.txt").where().path, "/docs/a.txt");
  EXPECT_EQ(walk.refused.at("/docs/a.txt").where().clause, "ECMA-119 9.1.3");
  EXPECT_EQ(walk.contents.size(), 4U) << "all others can be read";
}

TEST(VolumeDamageIsoContent, ZerosEndASectorNotAFolder) {
  // A length of 0 leads to the next sector, ECMA-119 6.8.1.1: the entries before it stay.
  SampleVolume volume;
  volume.edit<DirectoryRecord>(volume.record(kDocs, "DEEP"), [](auto& r) { r.length = 0; });
  const auto walk = walk_volume(volume, View::iso9660);
  EXPECT_FALSE(walk.error) << describe(walk);
  EXPECT_TRUE(walk.entries.contains("/DOCS/A.TXT"));
  EXPECT_FALSE(walk.entries.contains("/DOCS/DEEP"));
}

TEST(VolumeDamageIsoContent, NamesTooLongForATreeAreCutAndMarked) {
  SampleVolume volume;
  // Two alternate names of 250 bytes: one record, one name of 480.
  std::vector<std::byte> area(500);
  Sink sink{std::span(area)};
  rockridge::put_alternate_name(sink, std::string(480, 'x'));
  const Lba at{volume.blocks()};
  volume.append(1);
  std::ranges::copy(std::span(area).first(sink.size()), volume.block(at).begin());
  const auto ce = SampleVolume::field(volume.record(kRoot, kLongIdentifier), "CE");
  volume.edit<rockridge::ContinuationArea>(
      ce, [&](auto& c) { c.block = at.value, c.offset = 0, c.length = static_cast<std::uint32_t>(sink.size()); });
  const auto walk = walk_volume(volume, View::rockridge);
  ASSERT_FALSE(walk.error) << describe(walk);
  ASSERT_EQ(walk.findings.size(), 1U) << describe(walk);
  EXPECT_EQ(walk.findings[0].kind, Finding::Kind::renamed);
  EXPECT_TRUE(is_valid_name(walk.findings[0].to));
  EXPECT_EQ(walk.findings[0].to.size(), 255U);
  EXPECT_TRUE(walk.entries.contains("/" + walk.findings[0].to));
}

// However the image is cut, what remains is listed or the place is named.
TEST(VolumeDamageIsoContent, EveryTruncationIsSurvived) {
  const SampleVolume whole;
  for (const View view : {View::iso9660, View::joliet, View::rockridge})
    for (std::uint32_t blocks = 0; blocks < 400; ++blocks) {
      SampleVolume volume = whole;
      if (blocks >= volume.blocks()) break;
      volume.cut(blocks);
      const auto walk = walk_volume(volume, view);
      EXPECT_TRUE(walk.error || !walk.findings.empty()) << blocks;
    }
}

}  // namespace
}  // namespace fsimage::test
