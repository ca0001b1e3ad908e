#include "layout/udf_image.hpp"
#include "layout/udf_walk.hpp"

#include <fsimage/format/udf/permissions.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <gmock/gmock.h>

#include <random>
#include <stdexcept>
#include <thread>

namespace fsimage {
namespace {

using test::make_udf_image;
using test::text_source;
using test::UdfImage;
using test::UdfWalk;
using ::testing::ElementsAre;

constexpr Timestamp kFileTime{1'650'000'000'987'654'321};

Attributes attributes(std::uint16_t permissions = 0644) { return {.modified = kFileTime, .permissions = permissions}; }

// A folder of so many files that its identifiers fill several blocks, folders below folders, hard links, empty things.
Tree udf_sample() {
  Tree t({.modified = kFileTime, .permissions = 0755});
  const auto docs = t.add_directory(kRootNode, "docs", attributes(0750));
  t.add_file(docs, "a.txt", {.modified = kFileTime, .uid = 1000, .gid = 100, .permissions = 04711},
             text_source("hello\n"));
  t.add_directory(docs, "empty folder", attributes(0700));
  const auto deep = t.add_directory(docs, "deep", attributes(0755));
  const auto shared = t.add_file(deep, "shared", attributes(), text_source(std::string(5000, 's')));
  t.add_hard_link(kRootNode, "also shared", shared);
  t.add_hard_link(docs, "shared too", shared);
  t.add_file(kRootNode, "empty", attributes(), ContentId{});
  auto hidden = attributes(0400);
  hidden.hidden = true;
  t.add_file(kRootNode, "hidden", hidden, text_source("x"));
  t.add_file(kRootNode, "one block", attributes(), text_source(std::string(2048, '1')));
  t.add_file(kRootNode, "one more byte", attributes(), text_source(std::string(2049, '2')));
  const auto many = t.add_directory(kRootNode, "many", attributes(0755));
  for (int i = 0; i < 500; ++i)
    t.add_file(many, "file number " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 50), 'z'),
               attributes(), text_source(std::to_string(i)));
  return t;
}

std::shared_ptr<const ByteSource> metadata(const UdfImage& u) { return u.extent("udf/metadata"); }

std::vector<std::byte> all_of(const ByteSource& s) {
  std::vector<std::byte> out(s.size());
  s.read_at(0, out);
  return out;
}

TEST(UdfLayout, EveryEntryReadsBackAsItIs) {
  const auto u = make_udf_image(udf_sample());
  const UdfWalk walk(*u.image);
  std::size_t seen = 1;
  for (std::uint32_t d = 0; d < u.index->directory_count(); ++d)
    for (const NodeId n : u.index->entries(d)) {
      ++seen;
      const auto path = u.tree->path(n);
      ASSERT_TRUE(walk.entries().count(path)) << path;
      const auto& e = walk.at(path);
      const auto& inode = u.tree->inode(n);
      EXPECT_EQ(e.file_type, inode.type == FileType::directory ? 4U : 5U) << path;
      EXPECT_EQ(udf::from_permissions(e.permissions) | udf::from_icb_flags(static_cast<std::uint16_t>(e.flags)),
                inode.attributes.permissions);
      EXPECT_EQ(e.uid, inode.attributes.uid);
      EXPECT_EQ(e.gid, inode.attributes.gid);
      EXPECT_EQ(e.characteristics & 1, inode.attributes.hidden ? 1U : 0U) << path;
      EXPECT_EQ(udf::from_wire(load<udf::WireTimestamp>(e.modified)), Timestamp{1'650'000'000'987'654'000});
      EXPECT_EQ(e.accessed, e.modified);
      EXPECT_EQ(e.changed, e.modified);
      if (inode.type != FileType::regular) continue;
      std::string text(inode.size, '\0');
      u.tree->contents().read_at(inode.content, 0, std::as_writable_bytes(std::span(text)));
      EXPECT_EQ(walk.content(path), text) << path;
    }
  EXPECT_EQ(walk.entries().size(), seen);
  EXPECT_TRUE(u.findings.empty());
}

TEST(UdfLayout, LinkCountIsTheNumberOfIdentifiers) {
  const auto u = make_udf_image(udf_sample());
  const UdfWalk walk(*u.image);
  for (const auto& [path, e] : walk.entries()) EXPECT_EQ(e.links, walk.names_of(e.icb)) << path;
  EXPECT_EQ(walk.at("/docs/deep/shared").links, 3U);
  EXPECT_EQ(walk.at("/also shared").icb, walk.at("/docs/deep/shared").icb);
  EXPECT_EQ(walk.at("/").links, 3U);      // its own parent, /docs and /many
  EXPECT_EQ(walk.at("/docs").links, 3U);  // its name, and two folders in it
}

TEST(UdfLayout, NamesInAFolderThatHangsNowhereDoNotCount) {
  Tree t;
  const auto file = t.add_file(kRootNode, "file", attributes(), text_source("x"));
  t.add_hard_link(kRootNode, "name", file);
  t.add_hard_link(t.make_directory(attributes()), "elsewhere", file);
  const auto u = make_udf_image(std::move(t));
  EXPECT_EQ(UdfWalk(*u.image).at("/file").links, 2U);
}

TEST(UdfLayout, UniqueIdsAreZeroForTheRootAndFromSixteenOn) {
  const auto u = make_udf_image(udf_sample());
  const UdfWalk walk(*u.image);
  std::map<std::uint64_t, std::uint32_t> icb_of_id;
  for (const auto& [path, e] : walk.entries()) {
    const auto& [id, icb] = *icb_of_id.try_emplace(e.unique_id, e.icb).first;
    EXPECT_EQ(icb, e.icb) << path;
    EXPECT_TRUE(id >= 16 || path == "/") << path;
  }
  EXPECT_EQ(walk.at("/").unique_id, 0U);
  EXPECT_EQ(test::u64(walk.block(walk.integrity()), 40), icb_of_id.rbegin()->first + 1);
}

TEST(UdfLayout, EntriesStandInTheOrderOfTheIndex) {
  Tree t;
  for (const char* name : {"b", "a", "c", "B", "\u00e9", "a.txt"})
    t.add_file(kRootNode, name, attributes(), ContentId{});
  const auto u = make_udf_image(std::move(t));
  EXPECT_THAT(UdfWalk(*u.image).order("/"), ElementsAre("/B", "/a", "/a.txt", "/b", "/c", "/\u00e9"));
}

TEST(UdfLayout, EmptyFileHasNoExtent) {
  const auto u = make_udf_image(udf_sample());
  const UdfWalk walk(*u.image);
  EXPECT_EQ(walk.at("/empty").size, 0U);
  EXPECT_TRUE(walk.at("/empty").extents.empty());
  EXPECT_EQ(walk.at("/one more byte").blocks, 2U);
}

TEST(UdfLayout, AnyWindowIsTheSameAsInTheWhole) {
  const auto u = make_udf_image(udf_sample());
  const auto source = metadata(u);
  const auto whole = all_of(*source);
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    const auto at = random() % whole.size();
    const auto n = std::min<std::size_t>(whole.size() - at, random() % 7000);
    std::vector<std::byte> window(n);
    source->read_at(at, window);
    ASSERT_TRUE(std::equal(window.begin(), window.end(), whole.begin() + static_cast<std::ptrdiff_t>(at)))
        << at << '+' << n;
  }
  for (std::size_t at = 2047; at < whole.size(); at += 2048) {
    std::vector<std::byte> window(std::min<std::size_t>(2, whole.size() - at));
    source->read_at(at, window);
    ASSERT_TRUE(std::equal(window.begin(), window.end(), whole.begin() + static_cast<std::ptrdiff_t>(at))) << at;
  }
  std::vector<std::byte> beyond(2);
  EXPECT_THROW(source->read_at(whole.size() - 1, beyond), std::logic_error);
}

TEST(UdfLayout, ManyThreadsReadTheSame) {
  const auto u = make_udf_image(udf_sample());
  const auto whole = all_of(*metadata(u));
  std::vector<std::vector<std::byte>> read(4, std::vector<std::byte>(whole.size()));
  std::vector<std::thread> threads;
  for (auto& out : read)
    threads.emplace_back([&] {
      constexpr std::size_t kPiece = 3000;
      for (std::size_t at = 0; at < out.size(); at += kPiece)
        metadata(u)->read_at(at, std::span(out).subspan(at, std::min(kPiece, out.size() - at)));
    });
  for (auto& t : threads) t.join();
  for (const auto& out : read) EXPECT_EQ(out, whole);
}

TEST(UdfLayout, BytesDoNotDependOnTheOrderInWhichTheTreeWasMade) {
  const auto build = [](std::vector<std::string> names, unsigned seed) {
    std::shuffle(names.begin(), names.end(), std::mt19937(seed));
    Tree t({.modified = kFileTime});
    const auto d = t.add_directory(kRootNode, "d", attributes());
    for (const auto& name : names)
      t.add_file(name.size() % 2 != 0 ? d : kRootNode, name, attributes(), text_source(name));
    return make_udf_image(std::move(t));
  };
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i)
    names.push_back(std::string(static_cast<std::size_t>(i), 'n') + "x" + std::to_string(i));
  for (int i = 0; i < 50; ++i) names.push_back(std::string(252, 'l') + std::to_string(100 + i));
  EXPECT_EQ(all_of(*metadata(build(names, 1))), all_of(*metadata(build(names, 2))));
}

TEST(UdfLayout, PartsTileTheMetadataAndAreFoundByBlock) {
  const auto u = make_udf_image(udf_sample());
  const auto source = std::dynamic_pointer_cast<const RegionSource>(metadata(u));
  ASSERT_TRUE(source);
  const Lba start = u.places().metadata;
  auto next = start;
  source->for_each_part(start, [&](const ExtentPart& part) {
    ASSERT_EQ(part.start, next);
    next = part.start + part.blocks;
    for (auto at = part.start; at < next; at = at + BlockCount{1}) {
      const auto found = source->part_at(start, at - start);
      ASSERT_TRUE(found);
      ASSERT_EQ(found->start, part.start);
      ASSERT_EQ(found->blocks, part.blocks);
      ASSERT_EQ(found->label, part.label);
    }
  });
  EXPECT_EQ(next, start + u.layout->metadata_blocks());
  EXPECT_EQ(source->size(), u.layout->metadata_blocks().bytes());
  EXPECT_FALSE(source->part_at(start, u.layout->metadata_blocks()));
  EXPECT_EQ(source->content_path({0}), "");
}

TEST(UdfLayout, MapOfASmallTree) {
  Tree t;
  const auto docs = t.add_directory(kRootNode, "docs", attributes());
  const auto a = t.add_file(docs, "a.txt", attributes(), text_source("a"));
  t.add_hard_link(docs, "b.txt", a);
  t.add_file(kRootNode, "z", attributes(), text_source(std::string(3000, 'z')));
  const auto u = make_udf_image(std::move(t));
  EXPECT_EQ(u.map(),
            "16+3   udf/volume recognition sequence\n"
            "32+16  udf/main volume descriptor sequence\n"
            "64+16  udf/logical volume integrity sequence\n"
            "256+1  udf/anchor volume descriptor pointer\n"
            "288+1  udf/file set descriptor\n"
            "289+1  udf/file set terminator\n"
            "290+1  udf/file entry /\n"
            "291+1  udf/directory /\n"
            "292+1  udf/file entry /z\n"
            "293+1  udf/file entry /docs\n"
            "294+1  udf/directory /docs\n"
            "295+1  udf/file entry /docs/a.txt\n"
            "296+2  content /z\n"
            "298+1  content /docs/a.txt\n"
            "320+16 udf/reserve volume descriptor sequence\n"
            "336+272 udf/anchor volume descriptor pointers\n");
}

TEST(UdfLayout, TimesAsTheProfileAsks) {
  const Attributes all{.modified = Timestamp::from_seconds(4),
                       .accessed = Timestamp::from_seconds(3),
                       .changed = Timestamp::from_seconds(2)};
  const auto make = [&](bool all_times) {
    Tree t;
    t.add_file(kRootNode, "all", all, ContentId{});
    t.add_file(kRootNode, "unset", Attributes{}, ContentId{});
    Profile p;
    p.all_times = all_times;
    return make_udf_image(std::move(t), p);
  };
  const auto time = [](const test::Block& b) { return udf::from_wire(load<udf::WireTimestamp>(b)); };
  const auto plain = make(false), full = make(true);
  const UdfWalk w(*plain.image), wf(*full.image);
  EXPECT_EQ(time(w.at("/all").accessed), Timestamp::from_seconds(4));
  EXPECT_EQ(time(w.at("/all").changed), Timestamp::from_seconds(4));
  EXPECT_EQ(time(wf.at("/all").accessed), Timestamp::from_seconds(3));
  EXPECT_EQ(time(wf.at("/all").modified), Timestamp::from_seconds(4));
  EXPECT_EQ(time(wf.at("/all").changed), Timestamp::from_seconds(2));
  EXPECT_EQ(time(w.at("/unset").modified)->seconds(), test::kImageTime.seconds());
}

TEST(UdfLayout, PlacingComesFirst) {
  PlanInput in;
  in.tree = std::make_shared<const Tree>();
  in.index = std::make_shared<const TreeIndex>(*in.tree);
  in.profile.timestamp = Timestamp{};
  UdfLayout layout(in, test::kImageId);
  std::vector<ImageExtent> extents;
  EXPECT_THROW(layout.emit(std::make_shared<const ContentPlacement>(), extents), std::logic_error);
  Allocator late(Lba{30});
  EXPECT_THROW(layout.place_front(late), std::logic_error);  // the recognition sequence ends behind block 32
}

TEST(UdfLayout, ContentBeforeThePartitionIsOurMistake) {
  Tree t;
  t.add_file(kRootNode, "a", attributes(), text_source("a"));
  auto u = make_udf_image(std::move(t));
  auto content = *u.content;
  std::fill(content.at.begin(), content.at.end(), Lba{100});
  u.extents.clear();
  u.layout->emit(std::make_shared<const ContentPlacement>(content), u.extents);
  EXPECT_THROW(all_of(*metadata(u)), std::logic_error);
}

}  // namespace
}  // namespace fsimage
