#include "layout/iso_image.hpp"
#include "support/byte_source_contract.hpp"
#include "support/error_of.hpp"

#include <fsimage/format/iso9660/path_table.hpp>

#include <gmock/gmock.h>

namespace fsimage {
namespace {

using test::error_of;
using test::iso_attributes;
using test::IsoImage;
using test::IsoRecord;
using test::IsoWalk;
using test::kIsoFileTime;
using test::make_iso_image;
using test::rock_ridge_attributes;
using test::rock_ridge_name;
using test::rock_ridge_target;
using test::text_source;
using ::testing::ElementsAre;

namespace rr = rockridge;

const IsoRecord& named(const std::vector<IsoRecord>& records, std::string_view name) {
  for (const auto& r : records)
    if (rock_ridge_name(r) == name) return r;
  throw std::logic_error("no entry " + std::string(name));
}

std::vector<IsoRecord> root_of(const IsoImage& i) {
  const IsoWalk walk(i);
  return walk.folder(walk.root());
}

std::optional<Timestamp> stamp(const IsoRecord& r, std::uint8_t flag) {
  const auto bytes = rr::time_stamp(*r.use.find("TF"), flag);
  return bytes ? iso9660::from_short_date(load<iso9660::ShortDate>(*bytes)) : std::nullopt;
}

TEST(IsoLayoutRockRidge, RootAnnouncesTheProtocol) {
  const auto i = make_iso_image(Tree(iso_attributes(0755)));
  const auto root = root_of(i);
  ASSERT_EQ(root.size(), 2U);
  EXPECT_EQ(root[0].use.signatures(), "SP PX TF CE ER");
  EXPECT_EQ(root[1].use.signatures(), "PX TF");
  const auto sp = root[0].use.find("SP")->as<rr::SharingProtocolIndicator>();
  EXPECT_EQ(sp->skipped, 0);
  EXPECT_EQ(rr::extension_text(*root[0].use.find("ER"))->identifier, "IEEE_1282");
  // The area lies directly behind the folder's records.
  ASSERT_EQ(root[0].use.areas.size(), 1U);
  EXPECT_EQ(root[0].use.areas[0].block.value(), root[0].extent().value + 1);
  EXPECT_EQ(root[0].use.areas[0].offset.value(), 0U);
  EXPECT_EQ(root[0].use.areas[0].length.value(), 182U);
}

TEST(IsoLayoutRockRidge, Attributes) {
  Tree t(iso_attributes(0751));
  const auto file =
      t.add_file(kRootNode, "file", {.modified = kIsoFileTime, .uid = 1000, .gid = 70'000, .permissions = 06755},
                 text_source("x"));
  t.add_hard_link(kRootNode, "same file", file);
  const auto folder = t.add_directory(kRootNode, "folder", iso_attributes(01777));
  for (const char* name : {"one", "two"}) t.add_directory(folder, name, iso_attributes());
  t.add_file(folder, "three", iso_attributes(), ContentId{});
  const auto i = make_iso_image(std::move(t));
  const auto root = root_of(i);
  const auto px = rock_ridge_attributes(named(root, "file"));
  EXPECT_EQ(px.mode, rr::mode::kRegular | 06755U);
  EXPECT_EQ(px.user, 1000U);
  EXPECT_EQ(px.group, 70'000U);
  EXPECT_EQ(px.links, 2U);
  EXPECT_EQ(px.serial, rock_ridge_attributes(named(root, "same file")).serial);
  EXPECT_EQ(named(root, "file").extent(), named(root, "same file").extent());
  const auto folder_px = rock_ridge_attributes(named(root, "folder"));
  EXPECT_EQ(folder_px.mode, rr::mode::kDirectory | 01777U);
  EXPECT_EQ(folder_px.links, 4U);  // its name, its own ".", two folders' ".."
  EXPECT_NE(folder_px.serial, px.serial);
  EXPECT_EQ(rock_ridge_attributes(root[0]).links, 3U);
  EXPECT_EQ(rock_ridge_attributes(root[0]).mode, rr::mode::kDirectory | 0751U);
  const IsoWalk walk(i);
  const auto inside = walk.folder(named(root, "folder").extent());
  EXPECT_EQ(rock_ridge_attributes(inside[0]).mode, folder_px.mode);
  EXPECT_EQ(rock_ridge_attributes(inside[0]).serial, folder_px.serial);
  EXPECT_EQ(rock_ridge_attributes(inside[1]).serial, rock_ridge_attributes(root[0]).serial);
}

TEST(IsoLayoutRockRidge, SerialNumbersAreRanksFromOne) {
  Tree t(iso_attributes(0755));
  t.add_file(kRootNode, "b", iso_attributes(), ContentId{});
  t.add_file(kRootNode, "a", iso_attributes(), ContentId{});
  const auto i = make_iso_image(std::move(t));
  const auto root = root_of(i);
  EXPECT_EQ(rock_ridge_attributes(root[0]).serial, 1U);
  EXPECT_EQ(rock_ridge_attributes(named(root, "a")).serial, 2U);
  EXPECT_EQ(rock_ridge_attributes(named(root, "b")).serial, 3U);
}

TEST(IsoLayoutRockRidge, Types) {
  Tree t(iso_attributes(0755));
  t.add_symlink(kRootNode, "link", iso_attributes(0777), "/usr/../lib");
  t.add_special(kRootNode, "block", FileType::block_device, iso_attributes(0660), {259, 300});
  t.add_special(kRootNode, "char", FileType::char_device, iso_attributes(0666), {1, 3});
  t.add_special(kRootNode, "fifo", FileType::fifo, iso_attributes(0600));
  t.add_special(kRootNode, "socket", FileType::socket, iso_attributes(0600));
  const auto i = make_iso_image(std::move(t));
  const auto root = root_of(i);
  const std::pair<const char*, std::uint32_t> rows[] = {
      {"link", 0120777}, {"block", 0060660}, {"char", 0020666}, {"fifo", 0010600}, {"socket", 0140600}};
  for (const auto& [name, mode] : rows) {
    const auto& r = named(root, name);
    EXPECT_EQ(rock_ridge_attributes(r).mode, mode);
    EXPECT_EQ(r.fixed.data_length.value(), 0U);
    EXPECT_EQ(r.extent(), i.terminator);
    EXPECT_EQ(r.fixed.flags, 0);
  }
  EXPECT_EQ(rock_ridge_target(named(root, "link")), "/usr/../lib");
  const auto pn = named(root, "block").use.find("PN")->as<rr::PosixDeviceNumber>();
  EXPECT_EQ(pn->high.value(), 259U);
  EXPECT_EQ(pn->low.value(), 300U);
  EXPECT_EQ(named(root, "fifo").use.signatures(), "PX TF NM");
}

TEST(IsoLayoutRockRidge, Times) {
  Tree t(iso_attributes(0755));
  const auto at = [](std::int64_t s) { return Timestamp::from_seconds(s); };
  t.add_file(kRootNode, "file", {.modified = at(1000), .accessed = at(2000), .changed = at(3000)}, ContentId{});
  t.add_file(kRootNode, "unset", {}, ContentId{});
  Profile all;
  all.all_times = true;
  for (const bool every : {false, true}) {
    const auto i = make_iso_image(t, every ? all : Profile{});
    const auto root = root_of(i);
    const auto& r = named(root, "file");
    EXPECT_EQ(r.use.find("TF")->as<rr::TimeStamps>()->flags, 0x0E);
    EXPECT_EQ(stamp(r, rr::time_flags::kModify), at(1000));
    EXPECT_EQ(stamp(r, rr::time_flags::kAccess), at(every ? 2000 : 1000));
    EXPECT_EQ(stamp(r, rr::time_flags::kAttributes), at(every ? 3000 : 1000));
    EXPECT_EQ(iso9660::from_short_date(r.fixed.recorded), at(1000));
    EXPECT_EQ(stamp(named(root, "unset"), rr::time_flags::kModify), at(test::kIsoImageTime.seconds()));
  }
}

TEST(IsoLayoutRockRidge, NamesOfEveryLength) {
  Tree t(iso_attributes(0755));
  std::vector<std::string> names;
  for (std::size_t length = 1; length <= 255; ++length)
    names.push_back(std::string(length, static_cast<char>('a' + length % 26)));
  for (const auto& n : names) t.add_file(kRootNode, n, iso_attributes(), ContentId{});
  t.add_file(kRootNode, "\xFF not UTF-8 \xC3", iso_attributes(), ContentId{});
  const auto i = make_iso_image(std::move(t));
  const auto root = root_of(i);
  ASSERT_EQ(root.size(), names.size() + 3);
  for (const auto& n : names) EXPECT_EQ(rock_ridge_name(named(root, n)), n);
  EXPECT_NO_THROW(named(root, "\xFF not UTF-8 \xC3"));
  for (const auto& r : root)
    for (const auto& area : r.use.areas) EXPECT_LE(area.offset.value() + area.length.value(), kBlockSize);
}

TEST(IsoLayoutRockRidge, TargetsOfEveryLength) {
  Tree t(iso_attributes(0755));
  std::vector<std::size_t> lengths;
  for (std::size_t n = 1; n < 400; n += 3) lengths.push_back(n);
  for (std::size_t n = 1900; n < 2100; ++n) lengths.push_back(n);
  for (const auto n : {4000U, 4100U, 10'000U, 65'535U}) lengths.push_back(n);
  const auto target = [](std::size_t n) {
    std::string text;
    while (text.size() < n) text += text.size() % 3 == 0 ? "../" : "component";
    return text.substr(0, n);
  };
  for (const auto n : lengths) t.add_symlink(kRootNode, std::to_string(n), iso_attributes(0777), target(n));
  const auto i = make_iso_image(std::move(t));
  const auto root = root_of(i);
  for (const auto n : lengths) {
    const auto& r = named(root, std::to_string(n));
    EXPECT_EQ(rock_ridge_target(r), target(n)) << n;
    for (std::size_t a = 0; a < r.use.areas.size(); ++a) {
      const auto& area = r.use.areas[a];
      EXPECT_LE(area.offset.value() + area.length.value(), kBlockSize);
      if (a + 1 < r.use.areas.size()) {
        EXPECT_GT(area.length.value(), kBlockSize - 300) << "areas of a chain are full";
      }
    }
  }
  EXPECT_GT(named(root, "65535").use.areas.size(), 20U);
}

// Continuation areas of a folder never overlap, and lie between its records and the next folder.
TEST(IsoLayoutRockRidge, ContinuationAreasAreApart) {
  Tree t(iso_attributes(0755));
  const auto folder = t.add_directory(kRootNode, "folder", iso_attributes());
  for (int n = 0; n < 300; ++n) {
    const auto text = std::to_string(n);
    if (n % 3 == 0)
      t.add_file(folder, text + std::string(static_cast<std::size_t>(n % 240), 'x'), iso_attributes(), ContentId{});
    if (n % 3 == 1)
      t.add_symlink(folder, text, iso_attributes(), std::string(static_cast<std::size_t>(n * 7 + 1), 'y'));
    if (n % 3 == 2) t.add_file(folder, text, iso_attributes(), ContentId{});
  }
  t.add_directory(kRootNode, "next", iso_attributes());
  const auto i = make_iso_image(std::move(t));
  const auto root = root_of(i);
  const auto& entry = named(root, "folder");
  const auto begin = (entry.extent() + blocks_for(entry.fixed.data_length.value())).byte_offset();
  const auto end = named(root, "next").extent().byte_offset();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> areas;
  for (const auto& r : IsoWalk(i).folder(entry.extent()))
    for (const auto& a : r.use.areas)
      areas.emplace_back(Lba{a.block.value()}.byte_offset() + a.offset.value(), a.length.value());
  ASSERT_GT(areas.size(), 100U);
  std::sort(areas.begin(), areas.end());
  EXPECT_EQ(areas.front().first, begin);
  for (std::size_t n = 1; n < areas.size(); ++n) EXPECT_LE(areas[n - 1].first + areas[n - 1].second, areas[n].first);
  EXPECT_LE(areas.back().first + areas.back().second, end);
  EXPECT_GT(areas.back().first + areas.back().second, end - kBlockSize);
  const auto source = i.extent("iso9660/directories");
  test::expect_byte_source(*source, MemorySource(test::read_all(*source)));
}

Tree deep(unsigned levels) {
  Tree t(iso_attributes(0755));
  NodeId at = kRootNode;
  for (unsigned level = 2; level <= levels; ++level) {
    at = t.add_directory(at, "level " + std::to_string(level), iso_attributes(0755));
    t.add_file(at, "file", iso_attributes(), text_source(std::to_string(level)));
  }
  return t;
}

Profile deep_profile(DeepFolders treatment) {
  Profile p;
  p.deep_folders = treatment;
  return p;
}

TEST(IsoLayoutRockRidge, DeepFoldersStay) {
  const auto i = make_iso_image(deep(20));
  EXPECT_EQ(IsoWalk(i).all().count("/LEVEL_2/LEVEL_3/LEVEL_4/LEVEL_5/LEVEL_6/LEVEL_7/LEVEL_8/LEVEL_9/LEVEL_10/FILE.;1"),
            1U);
  const auto findings = i.findings();
  EXPECT_EQ(std::count_if(findings.begin(), findings.end(),
                          [](const Finding& f) { return f.kind == Finding::Kind::deviation; }),
            1);
}

TEST(IsoLayoutRockRidge, DeepFoldersAreRefused) {
  EXPECT_NO_THROW(make_iso_image(deep(8), deep_profile(DeepFolders::refuse)));
  const auto error = error_of([] { make_iso_image(deep(9), deep_profile(DeepFolders::refuse)); });
  EXPECT_EQ(error.code(), Errc::not_representable);
  EXPECT_EQ(error.where().path, "/level 2/level 3/level 4/level 5/level 6/level 7/level 8/level 9");
  EXPECT_EQ(error.where().clause, "ECMA-119 6.8.2.1");
}

// Follows the tree as Rock Ridge means it: CL instead of the placeholder, nothing that has RE.
void collect(const IsoWalk& walk, Lba at, const std::string& path, std::vector<std::string>& out) {
  const auto records = walk.folder(at);
  for (std::size_t n = 2; n < records.size(); ++n) {
    const auto& r = records[n];
    if (r.use.find("RE")) continue;
    const auto name = path + "/" + rock_ridge_name(r);
    out.push_back(name);
    if (const auto cl = r.use.find("CL")) {
      EXPECT_EQ(r.fixed.flags & iso9660::file_flags::kDirectory, 0);
      const Lba moved{cl->as<rr::ChildLink>()->location.value()};
      const auto inside = walk.folder(moved);
      EXPECT_EQ(inside[1].use.find("PL")->as<rr::ParentLink>()->location.value(), at.value);
      EXPECT_EQ(rock_ridge_attributes(inside[0]).serial, rock_ridge_attributes(r).serial);
      EXPECT_EQ(rock_ridge_attributes(inside[1]).serial, rock_ridge_attributes(records[0]).serial);
      collect(walk, moved, name, out);
    } else if ((r.fixed.flags & iso9660::file_flags::kDirectory) != 0) {
      EXPECT_EQ(walk.folder(r.extent())[1].use.find("PL").has_value(), false);
      collect(walk, r.extent(), name, out);
    }
  }
}

TEST(IsoLayoutRockRidge, DeepFoldersAreMoved) {
  const auto i = make_iso_image(deep(24), deep_profile(DeepFolders::relocate));
  const IsoWalk walk(i);
  std::vector<std::string> expected, got;
  std::string path;
  for (int level = 2; level <= 24; ++level) {
    path += "/level " + std::to_string(level);
    expected.push_back(path);
    expected.push_back(path + "/file");
  }
  collect(walk, walk.root(), "", got);
  std::sort(expected.begin(), expected.end());
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, expected);

  // Nothing is deeper than eight levels for who knows no Rock Ridge; what was moved may have had to move again.
  for (const auto& [name, record] : walk.all()) EXPECT_LE(std::count(name.begin(), name.end(), '/'), 8) << name;
  const auto moved = walk.folder(walk.all().at("/RR_MOVED").extent());
  std::vector<std::string> names;
  for (std::size_t n = 2; n < moved.size(); ++n) {
    names.push_back(moved[n].identifier);
    EXPECT_TRUE(moved[n].use.find("RE"));
  }
  EXPECT_THAT(names, ElementsAre("LEVEL_15", "LEVEL_21", "LEVEL_9"));
  EXPECT_TRUE(walk.all().at("/RR_MOVED").use.find("RE"));
  EXPECT_EQ(IsoWalk(i, View::joliet).all().count("/rr_moved"), 0U);  // Joliet leaves them where they are
}

// libarchive does not yet know what continuation areas hold when it asks whether a folder was moved.
TEST(IsoLayoutRockRidge, WhatMovedIsSaidInTheRecord) {
  Tree t({.modified = kIsoFileTime});
  NodeId at = kRootNode;
  for (int level = 2; level <= 9; ++level)
    at = t.add_directory(at, std::string(250, static_cast<char>('a' + level)), iso_attributes(0755));
  const auto i = make_iso_image(std::move(t), deep_profile(DeepFolders::relocate));
  int links = 0, moved = 0;
  for (const auto& [path, record] : IsoWalk(i).all()) {
    const auto& order = record.use.order;
    const auto continued = std::find(order.begin(), order.end(), "CE");
    const auto in_record = [&](const char* signature) {
      return std::find(order.begin(), continued, signature) != continued;
    };
    EXPECT_EQ(in_record("CL"), record.use.find("CL").has_value()) << path;
    EXPECT_EQ(in_record("RE"), record.use.find("RE").has_value()) << path;
    links += in_record("CL") && continued != order.end();
    moved += in_record("RE") && continued != order.end();
  }
  EXPECT_EQ(links, 1);
  EXPECT_EQ(moved, 1);
}

// As genisoimage has them, and libarchive needs them when moved folders hold folders that moved again.
TEST(IsoLayoutRockRidge, WhatWasMovedLiesFirst) {
  Profile p = deep_profile(DeepFolders::relocate);
  p.file_systems.joliet = false;
  const auto i = make_iso_image(deep(16), p);
  std::vector<std::size_t> depths;  // of the folders, in the order of their addresses; RR_MOVED: 99
  i.image->for_each_part([&](const ExtentPart& part) {
    if (!part.label.starts_with("iso9660/directory ")) return;
    const auto path = part.label.substr(18);
    depths.push_back(path == "/rr_moved" ? 99
                     : path == "/"       ? 1
                                         : 1 + static_cast<std::size_t>(std::ranges::count(path, '/')));
  });
  EXPECT_THAT(depths, ElementsAre(1, 99, 9, 10, 11, 12, 13, 14, 15, 16, 2, 3, 4, 5, 6, 7, 8));
  const auto folders = i.extent("iso9660/directories");
  std::vector<std::byte> whole(folders->size());
  folders->read_at(0, whole);
  test::expect_byte_source(*folders, MemorySource(whole));
}

TEST(IsoLayoutRockRidge, MovedFoldersOfOneName) {
  Tree t = deep(8);
  NodeId eighth = *t.find("/level 2/level 3/level 4/level 5/level 6/level 7/level 8");
  NodeId seventh = t.parent(eighth);
  const auto other = t.add_directory(seventh, "other", iso_attributes(0755));
  for (const auto where : {eighth, other})
    t.add_file(t.add_directory(where, "same", iso_attributes(0755)), "x", iso_attributes(), ContentId{});
  t.add_directory(kRootNode, "RR_MOVED", iso_attributes(0755));
  t.add_file(kRootNode, "rr_moved", iso_attributes(), ContentId{});
  const auto i = make_iso_image(std::move(t), deep_profile(DeepFolders::relocate));
  const IsoWalk walk(i);
  const auto all = walk.all();
  EXPECT_EQ(all.count("/RR_MOVED/SAME") + all.count("/RR_MOVED/SAME1"), 2U);
  EXPECT_EQ(rock_ridge_name(all.at("/RR_MOVED")), "rr_moved_1");
  EXPECT_EQ(rock_ridge_name(all.at("/RR_MOVED1")), "RR_MOVED");
  EXPECT_EQ(rock_ridge_name(all.at("/RR_MOVED2.;1")), "rr_moved");
  std::vector<std::string> got;
  collect(walk, walk.root(), "", got);
  EXPECT_EQ(std::count(got.begin(), got.end(), "/level 2/level 3/level 4/level 5/level 6/level 7/other/same/x"), 1);
}

// The path table lists moved folders where they have been moved to.
TEST(IsoLayoutRockRidge, PathTableOfMovedFolders) {
  const auto i = make_iso_image(deep(10), deep_profile(DeepFolders::relocate));
  const auto d = IsoWalk(i).descriptor();
  const auto table = i.read({d.type_l_path_table.value()}, d.path_table_size.value());
  iso9660::PathTableRecords records(table, iso9660::PathTableType::l);
  std::vector<std::pair<std::string, unsigned>> rows;
  while (const auto r = records.next())
    rows.emplace_back(std::string(reinterpret_cast<const char*>(r->identifier.data()), r->identifier.size()),
                      r->parent);
  using Row = std::pair<std::string, unsigned>;
  EXPECT_THAT(rows, ElementsAre(Row(std::string(1, '\0'), 1), Row("LEVEL_2", 1), Row("RR_MOVED", 1), Row("LEVEL_3", 2),
                                Row("LEVEL_9", 3), Row("LEVEL_4", 4), Row("LEVEL_10", 5), Row("LEVEL_5", 6),
                                Row("LEVEL_6", 8), Row("LEVEL_7", 9), Row("LEVEL_8", 10)));
}

}  // namespace
}  // namespace fsimage
