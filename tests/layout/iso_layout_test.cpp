#include "layout/iso_image.hpp"
#include "support/byte_source_contract.hpp"
#include "support/error_of.hpp"

#include <fsimage/format/iso9660/path_table.hpp>

#include <gmock/gmock.h>

#include <random>

namespace fsimage {
namespace {

using test::error_of;
using test::iso_attributes;
using test::IsoImage;
using test::IsoRecord;
using test::IsoWalk;
using test::kIsoFileTime;
using test::make_iso_image;
using test::text_source;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kSection = iso9660::kMaxSectionBytes;

Profile plain() {
  Profile p;
  p.file_systems.rockridge = false;
  return p;
}

Tree sample() {
  Tree t({.modified = kIsoFileTime, .permissions = 0755});
  const auto docs = t.add_directory(kRootNode, "docs", iso_attributes(0750));
  t.add_file(docs, "a.txt", iso_attributes(), text_source("hello\n"));
  t.add_file(docs, "A b.txt", iso_attributes(), text_source(std::string(3000, 'x')));
  t.add_directory(docs, "empty folder", iso_attributes(0700));
  t.add_symlink(docs, "link", iso_attributes(0777), "a.txt");
  t.add_file(kRootNode, "empty", iso_attributes(), ContentId{});
  auto hidden = iso_attributes(0400);
  hidden.hidden = true;
  t.add_file(kRootNode, "hidden", hidden, text_source("x"));
  return t;
}

// So many folders and files that every table has several blocks.
Tree large() {
  Tree t(iso_attributes(0755));
  std::mt19937 random(3);
  std::vector<NodeId> folders{kRootNode};
  for (int i = 0; i < 400; ++i)
    folders.push_back(t.add_directory(folders[random() % std::min<std::size_t>(folders.size(), 60)],
                                      "folder " + std::to_string(i), iso_attributes(0755)));
  for (int i = 0; i < 3000; ++i) {
    const auto name = std::to_string(i) + std::string(random() % 120, 'n') + ".data";
    const auto where = folders[random() % folders.size()];
    if (i % 7 == 0) {
      t.add_symlink(where, name, iso_attributes(), std::string(1 + random() % 900, 'q') + "/z");
    } else {
      t.add_file(where, name, iso_attributes(), text_source(std::to_string(i)));
    }
  }
  return t;
}

TEST(IsoLayout, Map) {
  EXPECT_EQ(make_iso_image(sample()).map(),
            "16+1   iso9660/primary volume descriptor\n"
            "17+1   joliet/supplementary volume descriptor\n"
            "18+1   iso9660/volume descriptor set terminator\n"
            "19+1   iso9660/path table L\n"
            "20+1   iso9660/path table M\n"
            "21+1   iso9660/directory /\n"
            "22+1   rockridge/continuation /\n"
            "23+1   iso9660/directory /docs\n"
            "24+1   iso9660/directory /docs/empty folder\n"
            "25+1   joliet/path table L\n"
            "26+1   joliet/path table M\n"
            "27+1   joliet/directory /\n"
            "28+1   joliet/directory /docs\n"
            "29+1   joliet/directory /docs/empty folder\n"
            "30+1   content /hidden\n"
            "31+2   content /docs/A b.txt\n"
            "33+1   content /docs/a.txt\n");
}

TEST(IsoLayout, RecordsOfThePlainView) {
  const auto i = make_iso_image(sample(), plain());
  const IsoWalk walk(i);
  const auto all = walk.all();
  std::vector<std::string> names;
  for (const auto& [name, record] : all) names.push_back(name);
  EXPECT_THAT(
      names, ElementsAre("/DOCS", "/DOCS/A.TXT;1", "/DOCS/A_B.TXT;1", "/DOCS/EMPTY_FOLDER", "/EMPTY.;1", "/HIDDEN.;1"));
  for (const auto& [name, r] : all) {
    EXPECT_TRUE(r.fixed.extent.halves_agree() && r.fixed.data_length.halves_agree() &&
                r.fixed.volume_sequence_number.halves_agree());
    EXPECT_EQ(r.fixed.volume_sequence_number.value(), 1);
    EXPECT_EQ(iso9660::from_short_date(r.fixed.recorded), Timestamp::from_seconds(kIsoFileTime.seconds())) << name;
    EXPECT_TRUE(r.use.order.empty());
  }
  const auto& big = all.at("/DOCS/A_B.TXT;1");
  EXPECT_EQ(big.fixed.data_length.value(), 3000U);
  EXPECT_EQ(i.read(big.extent(), 3000), std::vector<std::byte>(3000, std::byte{'x'}));
  EXPECT_EQ(all.at("/DOCS").fixed.data_length.value(), kBlockSize);
  EXPECT_EQ(all.at("/DOCS").fixed.flags, iso9660::file_flags::kDirectory);
  EXPECT_EQ(all.at("/HIDDEN.;1").fixed.flags, iso9660::file_flags::kHidden);
  EXPECT_EQ(all.at("/EMPTY.;1").extent(), i.terminator);
  EXPECT_EQ(all.at("/EMPTY.;1").fixed.data_length.value(), 0U);
}

TEST(IsoLayout, JolietHasNoLinksAndTheSameExtents) {
  const auto i = make_iso_image(sample());
  const auto joliet = IsoWalk(i, View::joliet).all(), primary = IsoWalk(i).all();
  std::vector<std::string> names;
  for (const auto& [name, record] : joliet) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("/docs", "/docs/A b.txt", "/docs/a.txt", "/docs/empty folder", "/empty", "/hidden"));
  EXPECT_EQ(joliet.at("/docs/A b.txt").extent(), primary.at("/DOCS/A_B.TXT;1").extent());
  EXPECT_EQ(primary.count("/DOCS/LINK.;1"), 1U);
}

TEST(IsoLayout, SelfAndParent) {
  const auto i = make_iso_image(large(), plain());
  const IsoWalk walk(i);
  const auto root = walk.folder(walk.root());
  EXPECT_EQ(root[0].extent(), walk.root());
  EXPECT_EQ(root[1].extent(), walk.root());
  for (const auto& [name, r] : walk.all()) {
    if ((r.fixed.flags & iso9660::file_flags::kDirectory) == 0) continue;
    const auto records = walk.folder(r.extent());
    EXPECT_EQ(records[0].identifier, std::string(1, '\0'));
    EXPECT_EQ(records[0].extent(), r.extent());
    EXPECT_EQ(records[0].fixed.data_length.value(), r.fixed.data_length.value());
    EXPECT_EQ(records[1].identifier, "\1");
    const auto slash = name.rfind('/');
    const auto parent = slash == 0 ? walk.root() : walk.all().at(name.substr(0, slash)).extent();
    EXPECT_EQ(records[1].extent(), parent);
    if (HasFailure()) return;
  }
}

void expect_path_tables(const IsoImage& i, View view) {
  const IsoWalk walk(i, view);
  const auto& d = walk.descriptor();
  const auto l = i.read({d.type_l_path_table.value()}, d.path_table_size.value());
  const auto m = i.read({d.type_m_path_table.value()}, d.path_table_size.value());
  iso9660::PathTableRecords little(l, iso9660::PathTableType::l), big(m, iso9660::PathTableType::m);
  struct Row {
    Lba extent;
    unsigned parent, level;
    std::string identifier;
  };
  std::vector<Row> rows;
  while (const auto r = little.next()) {
    const auto same = big.next();
    ASSERT_TRUE(same);
    EXPECT_EQ(r->extent, same->extent);
    EXPECT_EQ(r->parent, same->parent);
    const std::string id(reinterpret_cast<const char*>(r->identifier.data()), r->identifier.size());
    ASSERT_LE(r->parent, rows.size() + 1);
    rows.push_back({r->extent, r->parent, rows.empty() ? 1 : rows[r->parent - 1U].level + 1, id});
  }
  EXPECT_EQ(big.next().has_value(), false);
  ASSERT_EQ(rows.size(), i.input.index->directory_count());
  EXPECT_EQ(rows[0].identifier, std::string(1, '\0'));
  EXPECT_EQ(rows[0].parent, 1U);
  EXPECT_EQ(rows[0].extent, walk.root());
  for (std::size_t n = 1; n < rows.size(); ++n) {
    const auto key = [&](std::size_t k) { return std::tuple(rows[k].level, rows[k].parent, rows[k].identifier); };
    if (n > 1) {
      EXPECT_LT(key(n - 1), key(n)) << n;
    }
    // The parent lists it, under that identifier and at that place.
    const auto siblings = walk.folder(rows[rows[n].parent - 1].extent);
    const auto found = std::find_if(siblings.begin() + 2, siblings.end(),
                                    [&](const IsoRecord& r) { return r.identifier == rows[n].identifier; });
    ASSERT_NE(found, siblings.end());
    EXPECT_EQ(found->extent(), rows[n].extent);
  }
}

TEST(IsoLayout, PathTablesSayWhatFoldersSay) {
  Profile p;
  p.file_systems.iso1999 = true;
  const auto i = make_iso_image(large(), p);
  for (const View view : {View::iso9660, View::joliet, View::enhanced}) expect_path_tables(i, view);
}

std::shared_ptr<const ByteSource> whole(const ByteSource& s) {
  std::vector<std::byte> bytes(s.size());
  s.read_at(0, bytes);
  return std::make_shared<MemorySource>(std::move(bytes));
}

// Any window, from any thread, is a piece of the whole.
TEST(IsoLayout, GeneratedBlocksAreAByteSource) {
  const auto i = make_iso_image(large());
  for (const char* label :
       {"iso9660/directories", "joliet/directories", "iso9660/path table L", "joliet/path table M"}) {
    const auto source = i.extent(label);
    ASSERT_GT(source->size(), 3 * kBlockSize) << label;
    test::expect_byte_source(*source, *whole(*source));
  }
}

TEST(IsoLayout, SourcesOutliveTheLayout) {
  std::vector<ImageExtent> extents;
  std::shared_ptr<const ByteSource> before;
  {
    auto i = make_iso_image(sample());
    extents = i.extents;
    before = whole(*i.extent("iso9660/directories"));
  }
  for (const auto& e : extents)
    if (e.label == "iso9660/directories") {
      EXPECT_EQ(test::read_all(*e.bytes), test::read_all(*before));
    }
}

TEST(IsoLayout, PartsOfARegion) {
  const auto i = make_iso_image(large());
  for (const auto& e : i.extents) {
    const auto* region = dynamic_cast<const RegionSource*>(e.bytes.get());
    if (region == nullptr) continue;
    Lba next = e.start;
    region->for_each_part(e.start, [&](const ExtentPart& p) {
      EXPECT_EQ(p.start, next);
      next = next + p.blocks;
      for (std::uint32_t b = 0; b < p.blocks.value; ++b) {
        const auto part = region->part_at(e.start, p.start + BlockCount{b} - e.start);
        ASSERT_TRUE(part);
        EXPECT_EQ(part->label, p.label);
        EXPECT_EQ(part->start, p.start);
      }
      EXPECT_EQ(region->content_path(p.start - e.start), "");
    });
    EXPECT_EQ((next - e.start).bytes(), region->size());
    EXPECT_EQ(region->part_at(e.start, next - e.start).has_value(), false);
  }
}

TEST(IsoLayout, TheOrderOfMakingDoesNotMatter) {
  Tree forward(iso_attributes(0755)), backward(iso_attributes(0755));
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back("some name that has to be cut, number " + std::to_string(i));
  for (const auto& n : names) forward.add_file(kRootNode, n, iso_attributes(), ContentId{});
  std::reverse(names.begin(), names.end());
  for (const auto& n : names) backward.add_file(kRootNode, n, iso_attributes(), ContentId{});
  const auto a = make_iso_image(std::move(forward)), b = make_iso_image(std::move(backward));
  EXPECT_EQ(a.read({}, a.total.bytes()), b.read({}, b.total.bytes()));
}

TEST(IsoLayout, PrimaryDescriptor) {
  Profile p;
  p.volume_name = "My disc";
  p.system_id = "linux";
  p.volume_set = "Set 1";
  p.publisher = "a.b/c";
  p.data_preparer = "me";
  p.application = std::string(200, 'x');
  const auto i = make_iso_image(sample(), p);
  const auto block = i.read(Lba{16}, kBlockSize);
  const auto d = load<iso9660::PrimaryVolumeDescriptor>(block);
  EXPECT_EQ(d.header.kind(), iso9660::DescriptorType::primary);
  EXPECT_EQ(d.header.version, 1);
  EXPECT_EQ(d.volume_space_size.value(), i.total.value);
  EXPECT_EQ(d.volume_set_size.value(), 1);
  EXPECT_EQ(d.volume_sequence_number.value(), 1);
  EXPECT_EQ(d.logical_block_size.value(), 2048);
  EXPECT_EQ(d.type_l_path_table.value(), 19U);
  EXPECT_EQ(d.type_m_path_table.value(), 20U);
  EXPECT_EQ(d.optional_type_l_path_table.value(), 0U);
  EXPECT_EQ(iso9660::trimmed(d.volume_identifier), "MY_DISC");
  EXPECT_EQ(iso9660::trimmed(d.system_identifier), "LINUX");
  EXPECT_EQ(iso9660::trimmed(d.volume_set_identifier), "SET_1");
  EXPECT_EQ(iso9660::trimmed(d.publisher_identifier), "A.B/C");
  EXPECT_EQ(iso9660::trimmed(d.application_identifier), std::string(128, 'X'));
  EXPECT_EQ(d.volume_identifier.back(), ' ');
  EXPECT_EQ(iso9660::from_long_date(d.created),
            Timestamp{kIsoFileTime.ns / 1'000'000'000 * 0 + 1'700'000'000'120'000'000});
  EXPECT_EQ(d.expires.year, (std::array<char, 4>{'0', '0', '0', '0'}));
  EXPECT_EQ(d.file_structure_version, 1);
  EXPECT_EQ(d.root.record.length, 34);
  EXPECT_EQ(d.root.identifier, std::byte{0});
  EXPECT_EQ(d.root.record.extent.value(), 21U);
}

TEST(IsoLayout, SupplementaryDescriptor) {
  Profile p;
  p.volume_name = "Sch\xC3\xB6ne Disc";
  const auto i = make_iso_image(sample(), p);
  const auto block = i.read(Lba{17}, kBlockSize);
  const auto d = load<iso9660::SupplementaryVolumeDescriptor>(block);
  EXPECT_EQ(d.header.kind(), iso9660::DescriptorType::supplementary);
  EXPECT_EQ(d.header.version, 1);
  EXPECT_EQ(joliet::level_of(d.escape_sequences), 3);
  EXPECT_EQ(joliet::text_in(d.volume_identifier), u"Sch\u00F6ne Disc");
  EXPECT_EQ(d.root.record.extent.value(), 27U);
  EXPECT_EQ(d.type_l_path_table.value(), 25U);
}

// A later session counts everything before it: what Linux holds continuation areas against.
TEST(IsoLayout, LaterSession) {
  const auto i = make_iso_image(sample(), {}, Lba{10'000});
  const IsoWalk walk(i);
  EXPECT_EQ(walk.descriptor().volume_space_size.value(), i.total.value);
  EXPECT_GT(i.total.value, 10'000U);
  EXPECT_EQ(walk.root(), Lba{10'021});
  EXPECT_EQ(walk.all().at("/EMPTY.;1").extent(), Lba{10'018});
}

TEST(IsoLayout, PlacedOnce) {
  const auto tree = std::make_shared<const Tree>(sample());
  Profile p;
  p.timestamp = kIsoFileTime;
  IsoLayout layout({tree, std::make_shared<TreeIndex>(*tree), p}, View::iso9660);
  std::vector<ImageExtent> out;
  EXPECT_THROW(layout.descriptor({100}), std::logic_error);
  EXPECT_THROW(layout.emit({}, Lba{18}, out), std::logic_error);
  Allocator at(Lba{19});
  layout.place(at);
  EXPECT_EQ(at.next(), Lba{19} + layout.blocks());
  EXPECT_THROW(layout.place(at), std::logic_error);
}

Tree with_file_of(std::uint64_t size) {
  Tree t(iso_attributes(0755));
  t.add_file(kRootNode, "huge", iso_attributes(), std::make_shared<ZeroSource>(size));
  return t;
}

TEST(IsoLayout, Sections) {
  struct Row {
    std::uint64_t size;
    std::vector<std::uint32_t> lengths;
  };
  for (const auto& row :
       {Row{kSection, {0xFFFFF800}}, Row{kSection + 1, {0xFFFFF800, 1}}, Row{2 * kSection, {0xFFFFF800, 0xFFFFF800}},
        Row{2 * kSection + 2049, {0xFFFFF800, 0xFFFFF800, 2049}}}) {
    const auto i = make_iso_image(with_file_of(row.size));
    for (const bool joliet : {false, true}) {
      const IsoWalk walk(i, joliet ? View::joliet : View::iso9660);
      const auto records = walk.folder(walk.root());
      ASSERT_EQ(records.size(), 2 + row.lengths.size());
      Lba next = records[2].extent();
      for (std::size_t n = 0; n < row.lengths.size(); ++n) {
        const auto& r = records[2 + n];
        EXPECT_EQ(r.identifier, records[2].identifier);
        EXPECT_EQ(r.extent(), next);
        EXPECT_EQ(r.fixed.data_length.value(), row.lengths[n]);
        EXPECT_EQ(r.fixed.flags, n + 1 < row.lengths.size() ? iso9660::file_flags::kMultiExtent : 0);
        EXPECT_EQ(r.use.signatures(), joliet ? "" : "PX TF NM");
        next = next + blocks_for(row.lengths[n]);
      }
    }
  }
}

TEST(IsoLayout, BelowLevel3AFileIsOneSection) {
  for (const auto level : {std::uint8_t{1}, std::uint8_t{2}}) {
    Profile p;
    p.interchange_level = level;
    const auto i = make_iso_image(with_file_of(0xFFFFFFFF), p);
    EXPECT_EQ(IsoWalk(i).all().at("/HUGE.;1").fixed.data_length.value(), 0xFFFFFFFF);
    const auto error = error_of([&] { make_iso_image(with_file_of(0x1'0000'0000), p); });
    EXPECT_EQ(error.code(), Errc::not_representable);
    EXPECT_EQ(error.where().path, "/huge");
    EXPECT_THAT(error.message(), HasSubstr("interchange level"));
  }
}

// The records of one file fill more than a block of the folder.
TEST(IsoLayout, ManySections) {
  const auto i = make_iso_image(with_file_of(150 * kSection + 5));
  const IsoWalk walk(i);
  const auto records = walk.folder(walk.root());
  ASSERT_EQ(records.size(), 2U + 151);
  EXPECT_EQ(records.back().fixed.data_length.value(), 5U);
  EXPECT_EQ(records.back().extent() - records[2].extent(), BlockCount{150 * (0xFFFFF800 / 2048)});
  const auto source = i.extent("iso9660/directories");
  test::expect_byte_source(*source, *whole(*source));
}

TEST(IsoLayout, FoldersBeyondThePathTable) {
  const auto make = [](std::uint32_t with_child) {
    auto t = std::make_shared<Tree>(iso_attributes(0755));
    NodeId last;
    for (std::uint32_t n = 0; n < 65'536; ++n) {
      const auto text = std::to_string(100'000 + n);
      last = t->add_directory(kRootNode, text, iso_attributes(0755));
      if (n == with_child) t->add_directory(last, "child", iso_attributes(0755));
    }
    return t;
  };
  // Folder numbers are one more than places among the root's: number 65535 may be a parent, 65536 may not.
  Profile p;
  p.file_systems.joliet = false;
  EXPECT_NO_THROW(make_iso_image(make(65'533), p));
  const auto error = error_of([&] { make_iso_image(make(65'534), p); });
  EXPECT_EQ(error.code(), Errc::not_representable);
  EXPECT_EQ(error.where().path, "/165534/child");
  EXPECT_THAT(error.message(), HasSubstr("1 of 65538 folders"));
  EXPECT_THAT(error.message(), HasSubstr("--fs udf"));
}

TEST(IsoLayout, ProfilesOutOfRange) {
  const auto code = [](const Profile& p) { return error_of([&] { make_iso_image(sample(), p); }).code(); };
  for (const auto level : {std::uint8_t{0}, std::uint8_t{4}}) {
    Profile p;
    p.interchange_level = level;
    EXPECT_EQ(code(p), Errc::invalid_argument);
  }
  for (const auto units : {std::uint8_t{15}, std::uint8_t{104}}) {
    Profile p;
    p.joliet_name_units = units;
    EXPECT_EQ(code(p), Errc::invalid_argument);
  }
  auto p = plain();
  p.deep_folders = DeepFolders::relocate;
  EXPECT_EQ(code(p), Errc::invalid_argument);
}

TEST(IsoLayout, LongestJolietNames) {
  Profile p;
  p.joliet_name_units = 103;
  Tree t(iso_attributes(0755));
  for (char c = 'a'; c < 'u'; ++c) t.add_file(kRootNode, std::string(103, c), iso_attributes(), ContentId{});
  const auto i = make_iso_image(std::move(t), p);
  const auto all = IsoWalk(i, View::joliet).all();
  EXPECT_EQ(all.size(), 20U);
  EXPECT_EQ(all.count("/" + std::string(103, 'b')), 1U);
}

TEST(IsoLayout, IdentifierOf) {
  const auto i = make_iso_image(sample());
  const auto& tree = *i.input.tree;
  EXPECT_EQ(i.primary->identifier_of(*tree.find("/docs/A b.txt")), "A_B.TXT;1");
  EXPECT_EQ(i.joliet->identifier_of(*tree.find("/docs/A b.txt")), "A b.txt");
  EXPECT_EQ(i.primary->identifier_of(*tree.find("/docs/link")), "LINK.;1");
  EXPECT_EQ(i.joliet->identifier_of(*tree.find("/docs/link")), std::nullopt);
  EXPECT_EQ(i.primary->identifier_of(kRootNode), std::nullopt);
}

TEST(IsoLayout, KeepsAndShows) {
  Tree t(iso_attributes(0755));
  const auto upper = t.add_file(kRootNode, "UPPER.TXT", iso_attributes(), ContentId{});
  const auto lower = t.add_file(kRootNode, "lower.txt", iso_attributes(), ContentId{});
  const auto odd = t.add_file(kRootNode, "what?", iso_attributes(), ContentId{});
  const auto link = t.add_symlink(kRootNode, "LINK", iso_attributes(), "x");
  const auto i = make_iso_image(t), p = make_iso_image(t, plain());
  for (const auto n : {upper, lower, odd, link, kRootNode}) {
    EXPECT_TRUE(i.primary->keeps(n));  // Rock Ridge has them all
    EXPECT_TRUE(i.primary->shows(n));
    EXPECT_EQ(p.primary->keeps(n), n == upper || n == kRootNode);
    EXPECT_EQ(p.primary->shows(n), n != link);
    EXPECT_EQ(i.joliet->keeps(n), n != odd && n != link);
    EXPECT_EQ(i.joliet->shows(n), n != link);
  }
}

}  // namespace
}  // namespace fsimage
