#include "support/error_of.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/layout/planner.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace fsimage {
namespace {

Attributes at(std::int64_t seconds) {
  Attributes a;
  a.modified = Timestamp::from_seconds(seconds);
  return a;
}

std::shared_ptr<Tree> sample() {
  auto tree = std::make_shared<Tree>(at(100));
  const auto docs = tree->add_directory(kRootNode, "docs", at(200));
  tree->add_file(docs, "a.txt", at(300), std::make_shared<MemorySource>(std::string(5000, 'a')));
  tree->add_file(docs, "empty", at(300), ContentId{});
  tree->add_hard_link(kRootNode, "again", *tree->find("/docs/a.txt"));
  return tree;
}

std::string map_of(const ResultImage& image) {
  std::string text;
  image.for_each_part([&](const ExtentPart& part) { text += format_part(part) + "\n"; });
  return text;
}

Profile with(bool iso9660, bool joliet, bool rockridge, bool udf) {
  Profile p;
  p.file_systems = {iso9660, joliet, rockridge, udf};
  return p;
}

TEST(Plan, SaysWhatAnEntryIsCalledInEachView) {
  auto tree = std::make_shared<Tree>();
  const auto folder = tree->add_directory(kRootNode, "long folder name", {});
  const auto file = tree->add_file(folder, "It's.txt", {}, std::make_shared<MemorySource>("x"));
  const auto link = tree->add_symlink(folder, "link", {}, "x");
  const Plan plan(tree, Profile());
  EXPECT_EQ(plan.name_in(View::iso9660, file), "IT_S.TXT");
  EXPECT_EQ(plan.path_in(View::iso9660, file), "/LONG_FOLDER_NAME/IT_S.TXT");
  for (const auto view : {View::joliet, View::rockridge, View::udf})
    EXPECT_EQ(plan.path_in(view, file), "/long folder name/It's.txt") << to_string(view);
  EXPECT_EQ(plan.name_in(View::udf, link), std::nullopt);
  EXPECT_EQ(plan.name_in(View::joliet, link), std::nullopt);
  EXPECT_EQ(plan.path_in(View::rockridge, link), "/long folder name/link");
  EXPECT_EQ(plan.name_in(View::udf, kRootNode), "");
  EXPECT_EQ(plan.path_in(View::iso9660, kRootNode), "/");
  EXPECT_EQ(plan.name_in(View::enhanced, file), std::nullopt);
  Profile udf_alone;
  udf_alone.allow_drop = true;
  udf_alone.file_systems = {.iso9660 = false, .joliet = false, .rockridge = false, .udf = true};
  EXPECT_EQ(Plan(tree, udf_alone).path_in(View::iso9660, file), std::nullopt);
}

TEST(Plan, SaysHowUdfRenames) {
  auto tree = std::make_shared<Tree>();
  const auto a = tree->add_file(kRootNode, "not UTF-8: \xFF", {}, ContentId{});
  Profile profile;
  profile.allow_rename = true;
  const auto name = Plan(tree, profile).name_in(View::udf, a);
  ASSERT_TRUE(name);
  EXPECT_TRUE(name->starts_with("not UTF-8: ")) << *name;
  EXPECT_NE(name, tree->name(a));
}

std::vector<std::byte> bytes_of_image(const ResultImage& image) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(image.size()));
  image.read_at(0, bytes);
  return bytes;
}

// The whole layout of a bridge image, reviewable in a diff.
TEST(Planner, TheMapOfABridgeImage) {
  const auto image = Plan(sample(), {}).create_image();
  const std::string map = map_of(*image);
  const std::string expected =
      "16+1   iso9660/primary volume descriptor\n"
      "17+1   joliet/supplementary volume descriptor\n"
      "18+1   iso9660/volume descriptor set terminator\n"
      "19+3   udf/volume recognition sequence\n"
      "32+16  udf/main volume descriptor sequence\n"
      "64+16  udf/logical volume integrity sequence\n"
      "80+1   iso9660/path table L\n"
      "81+1   iso9660/path table M\n";
  EXPECT_EQ(map.substr(0, expected.size()), expected);
  for (const auto* line : {"256+1  udf/anchor volume descriptor pointer\n", "288+1  udf/file set descriptor\n",
                           "udf/file entry /docs/empty\n", "content /again\n"})
    EXPECT_NE(map.find(line), std::string::npos) << line << map;
  EXPECT_EQ(map.find("content /docs/a.txt"), std::string::npos) << "one content for both names";
  EXPECT_EQ(image->total_blocks().value % 32, 0U);
}

TEST(Planner, TheSameTreeGivesTheSameBytesAndIdentity) {
  const Plan first(sample(), {}), second(sample(), {});
  EXPECT_EQ(first.image_id(), second.image_id());
  EXPECT_EQ(first.image_id().size(), 64U);
  EXPECT_EQ(bytes_of_image(*first.create_image()), bytes_of_image(*second.create_image()));
  auto other = sample();
  other->add_directory(kRootNode, "more", at(1));
  EXPECT_NE(Plan(other, {}).image_id(), first.image_id());
  Profile named;
  named.volume_name = "OTHER";
  EXPECT_NE(Plan(sample(), named).image_id(), first.image_id());
}

TEST(Planner, DatesComeFromTheNewestEntry) {
  EXPECT_EQ(Plan(sample(), {}).profile().timestamp, Timestamp::from_seconds(300));
  EXPECT_EQ(Plan(std::make_shared<Tree>(), {}).profile().timestamp, Timestamp{});
  Profile p;
  p.timestamp = Timestamp::from_seconds(7);
  EXPECT_EQ(Plan(sample(), p).profile().timestamp, Timestamp::from_seconds(7));
}

TEST(Planner, EveryCombinationOfFileSystemsIsAnImage) {
  for (int bits = 0; bits < 16; ++bits)
    for (const bool iso : {false, true}) {
      auto p = with(iso, iso && (bits & 1) != 0, iso && (bits & 2) != 0, (bits & 4) != 0);
      p.file_systems.iso1999 = iso && (bits & 8) != 0;
      if (!iso && !p.file_systems.udf) {
        EXPECT_THROW(Plan(sample(), p), Error);
        continue;
      }
      auto allowing = p;
      allowing.allow_rename = true;
      const auto image = Plan(sample(), allowing).create_image();
      EXPECT_EQ(image->total_blocks().value % 32, 0U);
      EXPECT_EQ(image->part_at(Lba{16}).has_value(), true);
    }
}

// Folders, files, links and names that collide, put into the tree in an order of its own.
std::shared_ptr<Tree> shuffled(unsigned seed) {
  std::vector<std::string> paths;
  for (const char* folder : {"a", "a/b", "a/b/c", "Docs & more", "x/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15"})
    for (const char* name : {"Read me.txt", "read me.txt", "READ_ME.TXT", "caf\xC3\xA9", "link", "twin"})
      paths.push_back(std::string(folder) + "/" + name);
  std::mt19937 random(seed);
  std::shuffle(paths.begin(), paths.end(), random);
  auto tree = std::make_shared<Tree>(at(100));
  std::optional<NodeId> twin;
  for (const auto& path : paths) {
    const auto slash = path.rfind('/');
    const auto folder = tree->make_path(path.substr(0, slash), at(200));
    const auto name = path.substr(slash + 1);
    if (name == "link") {
      tree->add_symlink(folder, name, at(300), "../target");
    } else if (name == "twin" && twin) {
      tree->add_hard_link(folder, name, *twin);
    } else {
      const auto file =
          tree->add_file(folder, name, at(300), std::make_shared<MemorySource>(name == "twin" ? name : path));
      if (name == "twin") twin = file;
    }
  }
  return tree;
}

// Read by two threads, in pieces that are none of the image's own.
std::vector<std::byte> bytes_by_threads(const ResultImage& image) {
  constexpr std::size_t kPiece = 12'345;
  std::vector<std::byte> bytes(static_cast<std::size_t>(image.size()));
  const auto read = [&](std::size_t first) {
    for (auto at = first * kPiece; at < bytes.size(); at += 2 * kPiece)
      image.read_at(at, std::span(bytes).subspan(at, std::min(kPiece, bytes.size() - at)));
  };
  std::thread other(read, 1);
  read(0);
  other.join();
  return bytes;
}

TEST(Planner, EveryCombinationIsTheSameFromEveryTreeMadeAlike) {
  for (int bits = 1; bits < 32; ++bits) {
    const auto has = [&](int bit) { return (bits & bit) != 0; };
    if (!has(1) && has(2 | 4 | 8)) continue;
    Profile p;
    p.file_systems = {.iso9660 = has(1), .joliet = has(2), .rockridge = has(4), .udf = has(16), .iso1999 = has(8)};
    p.deep_folders = has(4) ? DeepFolders::relocate : DeepFolders::keep;
    p.rock_ridge_version = has(16) ? kRockRidge110 : kRockRidge112;
    p.relaxed_identifiers.lower_case = has(8);
    p.udf_revision = has(2) ? 0x0250 : 0x0102;
    p.allow_rename = p.allow_drop = true;
    if (has(2)) p.left_out = {{View::joliet, "/x"}, {View::joliet, "/a/b"}};
    const auto first = Plan(shuffled(1), p).create_image();
    if (has(2)) std::swap(p.left_out[0], p.left_out[1]);
    const auto second = Plan(shuffled(2), p).create_image();
    EXPECT_EQ(first->image_id(), second->image_id()) << bits;
    ASSERT_EQ(bytes_of_image(*first), bytes_by_threads(*second)) << bits;
  }
}

TEST(Planner, AProfileThatContradictsItself) {
  for (const auto& p :
       {with(false, true, false, true), with(false, false, true, true), with(false, false, false, false)})
    EXPECT_THROW(Plan(sample(), p), Error);
  Profile deep = with(true, true, false, false);
  deep.deep_folders = DeepFolders::relocate;
  EXPECT_THROW(Plan(sample(), deep), Error);
}

TEST(Planner, WhatNoViewKeepsIsRefusedByPath) {
  auto tree = sample();
  tree->add_symlink(*tree->find("/docs"), "link", at(1), "target");
  try {
    Plan(tree, with(false, false, false, true));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::not_representable);
    EXPECT_EQ(e.where().path, "/docs/link");
  }
  Profile dropping = with(false, false, false, true);
  dropping.allow_drop = true;
  const Plan plan(tree, dropping);
  const auto counts = plan.count_findings();
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts[0].kind, Finding::Kind::dropped);
  EXPECT_EQ(counts[0].view, View::udf);
  EXPECT_EQ(counts[0].count, 1U);
  EXPECT_EQ(counts[0].first.path, "/docs/link");
  EXPECT_NO_THROW(Plan(tree, {})) << "Rock Ridge keeps it";
}

// "kind view path", of what another profile's wishes would refuse.
std::vector<std::string> all_refused(const Plan& plan, const Profile& allowing) {
  std::vector<std::string> out;
  plan.for_each_refused(allowing, [&](const Finding& f) {
    out.push_back(std::string(to_string(f.kind)) + " " + std::string(to_string(f.view)) + " " + f.path);
  });
  return out;
}

std::shared_ptr<Tree> with_losses() {
  auto tree = sample();
  tree->add_symlink(kRootNode, "link", at(1), "target");
  tree->add_directory(kRootNode, std::string(100, 'n'), at(1));
  tree->add_directory(kRootNode, "a?", at(1));
  tree->add_directory(kRootNode, "old", at(-3'000'000'000));
  return tree;
}

TEST(Planner, StrictCompliance) {
  auto tree = sample();
  auto folder = kRootNode;
  for (int level = 2; level <= 9; ++level) folder = tree->add_directory(folder, std::to_string(level), at(1));
  EXPECT_NO_THROW(Plan(tree, {}));
  Profile strict;
  strict.strict_file_system_compliance = true;
  EXPECT_EQ(test::error_of([&] { Plan(tree, strict); }).where().path, "/2/3/4/5/6/7/8/9");
  EXPECT_NO_THROW(Plan(sample(), strict));
  strict.joliet_name_units = 103;
  EXPECT_EQ(test::error_of([&] { Plan(sample(), strict); }).code(), Errc::invalid_argument);
}

TEST(Planner, AllThatIsRefusedIsToldAtOnce) {
  auto joliet = with(true, true, false, false);
  joliet.allow_rename = joliet.allow_drop = joliet.allow_clamp = true;
  const Plan plan(with_losses(), joliet);
  EXPECT_EQ(all_refused(plan, joliet), std::vector<std::string>{});
  EXPECT_EQ(all_refused(plan, {}),
            (std::vector<std::string>{"renamed none /a?", "dropped none /link",
                                      "renamed none /" + std::string(100, 'n'), "clamped none /old"}));
  Profile renaming;
  renaming.allow_rename = renaming.allow_clamp = true;
  EXPECT_EQ(all_refused(plan, renaming), std::vector<std::string>{"dropped none /link"});
  EXPECT_EQ(all_refused(Plan(with_losses(), {}), {}), std::vector<std::string>{})
      << "Rock Ridge and UDF keep all of it";
}

TEST(Planner, AnExactImageLosesNothingInAnyView) {
  const Plan plan(with_losses(), {});
  Profile exact;
  exact.exact = true;
  EXPECT_EQ(
      all_refused(plan, exact),
      (std::vector<std::string>{"clamped rockridge /old", "renamed joliet /a?", "dropped joliet /link",
                                "cut joliet /" + std::string(100, 'n'), "clamped joliet /old", "dropped udf /link"}));
  exact.allow_drop = exact.allow_clamp = true;
  EXPECT_EQ(all_refused(plan, exact).size(), 2U);
  EXPECT_THROW(Plan(with_losses(), exact), Error);
  exact.allow_rename = true;
  EXPECT_NO_THROW(Plan(with_losses(), exact));
}

TEST(Planner, ATimeThatNoViewHolds) {
  auto tree = std::make_shared<Tree>(at(1));
  tree->add_directory(kRootNode, "A", at(-3'000'000'000));
  EXPECT_NO_THROW(Plan(tree, with(true, true, true, true))) << "UDF holds it";
  auto iso = with(true, true, true, false);
  EXPECT_EQ(test::error_of([&] { Plan(tree, iso); }).where().path, "/A");
  iso.allow_clamp = true;
  EXPECT_NO_THROW(Plan(tree, iso));
}

TEST(Planner, LargeFilesBeginOnAHostBlock) {
  auto tree = std::make_shared<Tree>(at(1));
  for (int i = 0; i < 9; ++i)
    tree->add_file(kRootNode, "f" + std::to_string(i), at(1),
                   std::make_shared<ZeroSource>(i % 2 == 0 ? 64 * 1024 : 2000));
  Plan(tree, {}).create_image()->for_each_part([&](const ExtentPart& part) {
    const bool large = part.blocks.value >= 32 && part.label.starts_with("content ");
    EXPECT_TRUE(!large || part.start.value % 2 == 0) << part.label;
  });
}

TEST(Planner, TheImageOutlivesPlanAndTree) {
  std::shared_ptr<const ResultImage> image;
  {
    auto tree = sample();
    image = Plan(tree, {}).create_image();
  }
  const auto content = image->find_content("/again");
  ASSERT_TRUE(content);
  std::vector<std::byte> bytes(5000);
  image->read_at(content->start.byte_offset(), bytes);
  EXPECT_EQ(bytes[4999], std::byte{'a'});
  EXPECT_EQ(image->path_at(content->start), "/again");
}

TEST(Planner, VolumeNamesAreKnownBeforeThePlan) {
  Profile p;
  p.volume_name = "Report 2026, second half of the year";
  EXPECT_EQ(volume_name_in(View::udf, p), p.volume_name);
  EXPECT_EQ(volume_name_in(View::joliet, p), "Report 2026, sec");
  EXPECT_EQ(volume_name_in(View::iso9660, p), "REPORT_2026__SECOND_HALF_OF_THE_");
  std::vector<std::string> told;
  Plan(sample(), p).for_each_finding([&](const Finding& f) {
    if (f.path == "/") told.push_back(f.to);
  });
  for (const auto view : {View::joliet, View::iso9660})
    EXPECT_EQ(std::count(told.begin(), told.end(), volume_name_in(view, p)), 1) << to_string(view);
}

}  // namespace
}  // namespace fsimage
