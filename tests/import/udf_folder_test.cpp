// Names in folders of UDF: what is outside the letter, what salvage passes over, and what no tree can hold.
#include "udf_changes.hpp"
#include "udf_forms.hpp"

#include <fsimage/format/udf/extended_attributes.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

WalkResult salvage(const SampleVolume& volume, EntryOrder order) {
  return walk_volume(
      volume.source(),
      {.view = View::udf, .order = order, .session = {}, .limits = {}, .strictness = Strictness::salvage});
}
std::vector<Finding> lost(const WalkResult& walk) {
  std::vector<Finding> out;
  for (const auto& f : walk.findings)
    if (f.kind == Finding::Kind::lost) out.push_back(f);
  return out;
}

class UdfSalvage : public ::testing::TestWithParam<EntryOrder> {
 protected:
  WalkResult walk() { return salvage(volume_, GetParam()); }
  SampleVolume volume_;
};

TEST_P(UdfSalvage, ABrokenIdentifierCostsItsEntryAlone) {
  identifier(volume_, kDocs, "a.txt")[4] ^= std::byte{1};
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_FALSE(result.entries.contains("/docs/a.txt"));
  for (const auto* path : {"/docs/deep", "/docs/empty", "/docs/deep/again.txt", "/pipe"})
    EXPECT_TRUE(result.entries.contains(path)) << path;
  const auto gone = lost(result);
  ASSERT_EQ(gone.size(), 1U) << describe(result);
  EXPECT_EQ(gone[0].path, "/docs");
  EXPECT_EQ(gone[0].clause, "ECMA-167 3/7.2.3");
  EXPECT_EQ(gone[0].lba, volume_.place(kDocs));
}

TEST_P(UdfSalvage, AWrongLengthDoesNotHideWhatLiesBehind) {
  // The CRC is wrong as well, so that its lengths are not believed.
  volume_.edit<udf::FileIdentifierDescriptor>(identifier(volume_, kDocs, "a.txt"),
                                              [](auto& f) { f.identifier_length = 40; });
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  for (const auto* path : {"/docs/deep", "/docs/empty"}) EXPECT_TRUE(result.entries.contains(path)) << path;
  EXPECT_EQ(lost(result).size(), 1U) << describe(result);
}

TEST_P(UdfSalvage, AnIdentifierThatBelongsElsewhereIsNotTaken) {
  // Left over from another folder: sound, but for another block.
  const auto f = identifier(volume_, kDocs, "empty");
  volume_.edit<udf::DescriptorTag>(f, [](auto& tag) { udf::relocate(tag, tag.location.value() + 5); });
  identifier(volume_, kDocs, "deep")[4] ^= std::byte{1};
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.entries.contains("/docs/a.txt"));
  EXPECT_FALSE(result.entries.contains("/docs/empty"));
}

TEST_P(UdfSalvage, AFolderOfNoise) {
  auto block = volume_.block(kDocs);
  std::uint32_t state = 1;
  for (auto& b : block) b = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 24);
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.entries.contains("/docs"));
  EXPECT_TRUE(result.entries.contains("/pipe"));
  EXPECT_EQ(lost(result).size(), 1U);
}

TEST_P(UdfSalvage, ADamagedFileEntryIsNamed) {
  volume_.block("udf/file entry /docs/empty")[4] ^= std::byte{1};
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.entries.contains("/docs/a.txt"));
  const auto gone = lost(result);
  ASSERT_EQ(gone.size(), 1U) << describe(result);
  EXPECT_EQ(gone[0].path, "/docs/empty");
}

TEST_P(UdfSalvage, AFolderIsReadAsFarAsItsExtentsAreSound) {
  entry(kDocsEntry, [](auto& e) { e.information_length = 1'000'000; })(volume_);
  const auto result = walk();
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.entries.contains("/docs/a.txt"));
  EXPECT_TRUE(result.entries.contains("/docs/deep/again.txt"));
  ASSERT_FALSE(lost(result).empty()) << describe(result);
  EXPECT_EQ(lost(result)[0].path, "/docs");
}

INSTANTIATE_TEST_SUITE_P(Orders, UdfSalvage, ::testing::Values(EntryOrder::recorded, EntryOrder::by_name),
                         [](const auto& i) { return i.param == EntryOrder::by_name ? "by_name" : "recorded"; });

// --- outside the letter

struct Letter {
  std::string name, clause;
  std::function<void(SampleVolume&)> change;
};
void PrintTo(const Letter& l, std::ostream* out) { *out << l.name; }

class UdfLetter : public ::testing::TestWithParam<Letter> {};

TEST_P(UdfLetter, IsAcceptedAndTold) {
  SampleVolume volume;
  const auto whole = walk_volume(volume, View::udf);
  GetParam().change(volume);
  const auto walk = walk_volume(volume, View::udf);
  ASSERT_FALSE(walk.error) << describe(walk);
  EXPECT_EQ(walk.paths, whole.paths);
  EXPECT_TRUE(walk.has_finding("[" + GetParam().clause + "]")) << describe(walk);
  const auto strict = walk_volume(
      volume.source(), {.view = View::udf, .order = {}, .session = {}, .limits = {}, .strictness = Strictness::strict});
  ASSERT_TRUE(strict.error);
  EXPECT_EQ(strict.error->where().clause, GetParam().clause) << strict.error->what();
}

const std::string kRecognition = "udf/volume recognition sequence";

INSTANTIATE_TEST_SUITE_P(
    Rows, UdfLetter,
    ::testing::Values(
        Letter{"location", "ECMA-167 3/7.2.8",
               [](SampleVolume& v) {
                 v.edit<udf::DescriptorTag>(identifier(v, kDocs, "a.txt"), [](auto& tag) { udf::relocate(tag, 1); });
               }},
        Letter{"version_number", "UDF 2.3.4.1", fid(kDocs, "a.txt", [](auto& f) { f.version_number = 2; })},
        Letter{"padding", "ECMA-167 4/14.4.9",
               [](SampleVolume& v) {
                 const auto f = identifier(v, kDocs, "deep");
                 ASSERT_EQ(f.back(), std::byte{}) << "there is padding";
                 f.back() = std::byte{1};
                 SampleVolume::reseal(f);
               }},
        Letter{"nsr_of_another_edition", "ECMA-167 3/9.1",
               [](SampleVolume& v) { v.block(v.place(kRecognition) + BlockCount{1})[5] = std::byte{'3'}; }},
        Letter{"no_recognition", "ECMA-167 2/8.3",
               [](SampleVolume& v) { std::ranges::fill(v.block(kRecognition), std::byte{}); }},
        Letter{"recognition_without_end", "ECMA-167 2/8.3.1",
               [](SampleVolume& v) { std::ranges::fill(v.block(v.place(kRecognition) + BlockCount{2}), std::byte{}); }},
        Letter{"unknown_revision", "UDF 2.1.5.3", logical_volume([](auto& d) { d.domain.suffix[0] = std::byte{9}; })},
        Letter{"partition_contents", "ECMA-167 3/10.5.5",
               partition([](auto& p) { p.contents = udf::plain_identifier("+NSR03"); })},
        Letter{"volume_left_open", "ECMA-167 3/10.10.3",
               [](SampleVolume& v) {
                 v.edit_sealed<udf::LogicalVolumeIntegrityDescriptor>(v.block("udf/logical volume integrity sequence"),
                                                                      [](auto& d) { d.integrity_type = 0; });
               }},
        Letter{
            "no_integrity", "ECMA-167 3/8.8.2",
            [](SampleVolume& v) { std::ranges::fill(v.block("udf/logical volume integrity sequence"), std::byte{}); }},
        Letter{"no_reserve", "UDF 2.2.3.2",
               [](SampleVolume& v) {
                 for (std::uint32_t i = 0; i < 16; ++i)
                   std::ranges::fill(v.block(v.place(kReserve) + BlockCount{i}), std::byte{});
               }}),
    [](const auto& i) { return i.param.name; });

// --- what no tree can hold

class UdfStreams : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kDirectory = 20;
  UdfStreams() {
    built_.add_physical_map();
    built_.put_tree(space_, space_, 40);
    built_.put_volume(built_.long_ad(0, 0, 2 * 2048));
    put_directory({"a", "b c"});
    put_b(built_.long_ad(0, kDirectory, 2048), {});
  }
  void put_directory(const std::vector<std::string>& names) {
    auto fids = built_.identifier(kDirectory, "", built_.long_ad(0, UdfBuilder::kFileB, 2048),
                                  udf::kFidDirectory | udf::kFidParent);
    for (const auto& name : names)
      fids = joined({fids, built_.identifier(kDirectory, name, built_.long_ad(0, 30, 2048))});
    UdfBuilder::File file;
    file.type = udf::IcbFileType::stream_directory;
    file.size = fids.size();
    file.area = fids;
    built_.put_file(space_, kDirectory, file);
  }
  void put_b(const udf::LongAllocationDescriptor& streams, const Bytes& attributes) {
    UdfBuilder::File file;
    file.size = UdfBuilder::kTextB.size();
    file.area = text_bytes(UdfBuilder::kTextB);
    file.unique_id = 18;
    file.streams = streams;
    file.attributes = attributes;
    built_.put_file(space_, UdfBuilder::kFileB, file);
  }
  std::vector<Finding> dropped() {
    const auto walk = walk_volume(built_.source(), {.view = View::udf});
    EXPECT_FALSE(walk.error) << describe(walk);
    EXPECT_EQ(walk.contents.at("/sub/b.txt"), UdfBuilder::kTextB);
    std::vector<Finding> out;
    for (const auto& f : walk.findings)
      if (f.kind == Finding::Kind::dropped) out.push_back(f);
    return out;
  }
  UdfBuilder built_{2048, udf::Revision::v2_01};
  UdfBuilder::Space space_ = UdfBuilder::physical();
};

TEST_F(UdfStreams, AreNamed) {
  auto gone = dropped();
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].path, "/sub/b.txt");
  EXPECT_EQ(gone[0].text, "2 named streams: a, b c");
  put_directory({"only"});
  EXPECT_EQ(dropped().at(0).text, "1 named stream: only");
  put_directory({});
  EXPECT_TRUE(dropped().empty());
  put_directory(std::vector<std::string>(20, "x"));
  EXPECT_NE(dropped().at(0).text.find("20 named streams"), std::string::npos);
  EXPECT_NE(dropped().at(0).text.find("and others"), std::string::npos);
}

TEST_F(UdfStreams, OfTheRootAsWell) {
  const auto block = built_.block(UdfBuilder::kStart + UdfBuilder::kRoot);
  auto root = load<udf::ExtendedFileEntry>(block);
  root.stream_directory_icb = built_.long_ad(0, kDirectory, 2048);
  store(block, root);
  udf::seal(block.first(sizeof root + root.allocation_descriptors_length.value()),
            udf::TagIdentifier::extended_file_entry, UdfBuilder::kRoot, built_.version());
  const auto gone = dropped();
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].path, "/");
}

TEST_F(UdfStreams, AStreamDirectoryThatIsNone) {
  for (const auto block : {UdfBuilder::kSub, 200U, 5000U}) {
    put_b(built_.long_ad(0, block, 2048), {});
    EXPECT_EQ(dropped().at(0).text, "named streams that cannot be read");
  }
}

TEST(UdfUniqueIds, AreNotSharedByTheLetter) {
  UdfBuilder built(2048, udf::Revision::v1_02);
  make_physical(built);
  const VolumeOptions strict{
      .view = View::udf, .order = {}, .session = {}, .limits = {}, .strictness = Strictness::strict};
  EXPECT_FALSE(walk_volume(built.source(), strict).error);
  UdfBuilder::File file;
  file.size = UdfBuilder::kTextB.size();
  file.area = text_bytes(UdfBuilder::kTextB);
  file.unique_id = 17;  // that of /a.txt
  built.put_file(UdfBuilder::physical(), UdfBuilder::kFileB, file);
  const auto walk = walk_volume(built.source(), strict);
  ASSERT_TRUE(walk.error);
  EXPECT_EQ(walk.error->where().clause, "UDF 3.2.1.1");
  EXPECT_EQ(walk.error->where().path, "/sub/b.txt");
  EXPECT_FALSE(walk_volume(built.source(), {.view = View::udf}).error);
}

// From revision 2.00 on, a name and its entry have the same.
TEST(UdfUniqueIds, OfNameAndEntryAgree) {
  UdfBuilder built(2048, udf::Revision::v2_01);
  make_physical(built);
  UdfBuilder::File file;
  file.unique_id = 99;
  built.put_file(UdfBuilder::physical(), UdfBuilder::kFileB, file);
  const auto walk = walk_volume(built.source(), {.view = View::udf});
  EXPECT_FALSE(walk.error);
  EXPECT_TRUE(walk.has_finding("UDF 2.3.4.3")) << describe(walk);
  file.links = 2;
  built.put_file(UdfBuilder::physical(), UdfBuilder::kFileB, file);
  EXPECT_FALSE(walk_volume(built.source(), {.view = View::udf}).has_finding("UDF 2.3.4.3")) << "a further name";
}

// A device whose number lies in a file of extended attributes, ECMA-167 4/9.1.
TEST(UdfAttributeFile, IsRead) {
  UdfBuilder built(2048, udf::Revision::v1_02);
  make_physical(built);
  const auto space = UdfBuilder::physical();
  udf::ExtendedAttributeHeaderDescriptor header{};
  header.implementation_attributes = header.application_attributes = udf::kNoAttributes;
  udf::DeviceSpecificationAttribute device{};
  device.header.type = 12;
  device.header.subtype = 1;
  device.header.length = sizeof device;
  device.major = 4;
  device.minor = 64;
  auto head = joined({bytes_of(header)});
  udf::seal(head, udf::TagIdentifier::extended_attribute_header_descriptor, 30, 2);
  UdfBuilder::File attributes;
  attributes.type = udf::IcbFileType::extended_attributes;
  attributes.area = joined({head, bytes_of(device)});
  attributes.size = attributes.area.size();
  built.put_file(space, 30, attributes);
  UdfBuilder::File file;
  file.type = udf::IcbFileType::character_device;
  file.unique_id = 18;
  built.put_file(space, UdfBuilder::kFileB, file);
  const auto block = built.block(space.lsn(UdfBuilder::kFileB));
  auto entry = load<udf::FileEntry>(block);
  entry.extended_attribute_icb = built.long_ad(0, 30, 2048);
  built.put_sealed(space, UdfBuilder::kFileB, udf::TagIdentifier::file_entry, joined({bytes_of(entry)}));
  auto walk = walk_volume(built.source(), {.view = View::udf});
  EXPECT_TRUE(walk.findings.empty()) << describe(walk);
  EXPECT_EQ(walk.entries.at("/sub/b.txt").device.major, 4U);
  EXPECT_EQ(walk.entries.at("/sub/b.txt").device.minor, 64U);
  entry.extended_attribute_icb = built.long_ad(0, UdfBuilder::kFileA, 2048);
  built.put_sealed(space, UdfBuilder::kFileB, udf::TagIdentifier::file_entry, joined({bytes_of(entry)}));
  walk = walk_volume(built.source(), {.view = View::udf});
  EXPECT_TRUE(walk.entries.contains("/sub/b.txt"));
  EXPECT_TRUE(walk.has_finding("ECMA-167 4/9.1")) << describe(walk);
}

TEST_F(UdfStreams, ExtendedAttributesThatSaySomething) {
  const auto attribute = [](std::string_view name, std::byte value) {
    udf::UseAttribute use{};
    use.header.type = 2048;
    use.header.subtype = 1;
    use.use_length = 12;
    use.header.length = sizeof use + 12;
    use.identifier = udf::plain_identifier(name);
    Bytes body(12);
    body[5] = value;
    return joined({bytes_of(use), body});
  };
  const auto all = [&](const Bytes& attributes) {
    udf::ExtendedAttributeHeaderDescriptor header{};
    header.implementation_attributes = sizeof header;
    header.application_attributes = udf::kNoAttributes;
    auto bytes = joined({bytes_of(header)});
    udf::seal(bytes, udf::TagIdentifier::extended_attribute_header_descriptor, UdfBuilder::kFileB, 3);
    return joined({bytes, attributes});
  };
  put_b({}, all(joined({attribute("*UDF FreeEASpace", std::byte{7}), attribute("*UDF Mac FinderInfo", std::byte{1})})));
  EXPECT_EQ(dropped().at(0).text, "the extended attribute *UDF Mac FinderInfo");
  put_b({},
        all(joined({attribute("*UDF DVD CGMS Info", std::byte{7}), attribute("*UDF Mac FinderInfo", std::byte{0})})));
  EXPECT_TRUE(dropped().empty()) << "space that is kept free, and zeros";
}

}  // namespace
}  // namespace fsimage::test
