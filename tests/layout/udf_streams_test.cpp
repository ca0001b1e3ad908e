// Named streams and real-time files as UDF records them, what becomes of them elsewhere, and what is said of it.
#include "layout/udf_walk.hpp"
#include "support/error_of.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/import/volume_verify.hpp>
#include <fsimage/layout/tree_index.hpp>

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::UdfWalk;

std::shared_ptr<const ByteSource> bytes_source(std::string_view text) {
  return std::make_shared<const MemorySource>(text);
}

constexpr Timestamp kStreamTime{1'650'000'000'000'000'000};

Attributes stream_attributes(std::uint16_t permissions) {
  return {.modified = kStreamTime, .uid = 1000, .gid = 100, .permissions = permissions};
}

// Streams of files, folders and the root: empty ones, small ones, some of several blocks, many in one stream directory.
std::shared_ptr<Tree> tree_with_streams() {
  auto tree = std::make_shared<Tree>(stream_attributes(0755));
  auto& t = *tree;
  const auto docs = t.add_directory(kRootNode, "docs", stream_attributes(0750));
  const auto file = t.add_file(docs, "a.txt", stream_attributes(0640), bytes_source("content"));
  t.add_hard_link(t.add_directory(docs, "deep", stream_attributes(0700)), "link", file);
  t.add_stream(file, "comment", bytes_source("a file"));
  t.add_stream(file, "large", bytes_source(std::string(5000, 'l')));
  t.add_stream(file, "empty", ContentId{});
  t.add_stream(file, "*UDF Backup", bytes_source("b"));
  t.add_stream(docs, "\xC3\xA4\xE6\xBC\xA2", bytes_source("a folder"));
  t.add_stream(kRootNode, "top/level", bytes_source("the root"));
  const auto many = t.add_file(docs, "many", stream_attributes(0600), ContentId{});
  for (int i = 0; i < 200; ++i)
    t.add_stream(many, std::to_string(i) + std::string(static_cast<std::size_t>(i % 50), 'z'),
                 bytes_source(std::string(static_cast<std::size_t>(i * 11), 'm')));
  t.add_file(kRootNode, "plain", stream_attributes(0644), bytes_source("plain"));
  t.set_real_time(t.add_file(kRootNode, "film", stream_attributes(0644), bytes_source(std::string(4096, 'f'))), true);
  return tree;
}

Profile udf_profile(std::uint16_t revision, FileSystems systems = {false, false, false, true}) {
  Profile p;
  p.file_systems = systems;
  p.udf_revision = revision;
  return p;
}

// Path with the stream's name behind it, and content.
std::map<std::string, std::string> streams_of(const Tree& tree) {
  std::map<std::string, std::string> out;
  const TreeIndex index(tree);
  for (std::uint32_t rank = 0; rank < index.inode_count(); ++rank) {
    const auto n = index.first_name(rank);
    for (auto s = tree.inode(n).first_stream; s; s = tree.next_stream(s)) {
      std::string text(static_cast<std::size_t>(tree.stream_size(s)), '\0');
      if (!text.empty()) tree.contents().read_at(tree.stream_content(s), 0, std::as_writable_bytes(std::span(text)));
      out.emplace(tree.stream_path(n, s), text);
    }
  }
  return out;
}

std::vector<std::string> lines_of(const ResultImage& image) {
  std::vector<std::string> lines;
  image.for_each_part([&](const ExtentPart& p) { lines.push_back(format_part(p)); });
  return lines;
}

class UdfStreams : public ::testing::TestWithParam<std::uint16_t> {};

TEST_P(UdfStreams, AreRecorded) {
  const auto tree = tree_with_streams();
  auto profile = udf_profile(GetParam());
  profile.allow_strip = true;  // 2.00 has no real-time files
  const auto image = Plan(tree, profile).create_image();
  const UdfWalk walk(*image);
  std::map<std::string, std::string> found;
  for (const auto& [path, e] : walk.entries())
    if (path.find(':') != std::string::npos && !path.ends_with(':')) found.emplace(path, walk.content(path));
  const auto wanted = streams_of(*tree);
  EXPECT_EQ(found, wanted);
  EXPECT_EQ(walk.files, 5U) << "streams are not counted";
  EXPECT_EQ(walk.folders, 3U);
  EXPECT_EQ(walk.at("/docs/a.txt").object_size, 7U + 6 + 5000 + 1);
  EXPECT_EQ(walk.at("/docs/deep/link").streams, walk.at("/docs/a.txt").streams);
  EXPECT_EQ(walk.at("/docs/a.txt:comment").flags & 7, 3U) << "embedded";
  EXPECT_EQ(walk.at("/docs/a.txt:large").extents.size(), 1U);
  EXPECT_GT(walk.at("/docs/many:").extents.at(0).second, 2048U) << "identifiers cross blocks";
  EXPECT_EQ(walk.at("/film").file_type, GetParam() >= 0x201 ? 249U : 5U);
}

TEST_P(UdfStreams, ComeBackAndAreInTheMap) {
  for (const FileSystems systems : {FileSystems{}, FileSystems{false, false, false, true}}) {
    const auto tree = tree_with_streams();
    auto profile = udf_profile(GetParam(), systems);
    profile.allow_strip = true;
    const std::shared_ptr<const ResultImage> image = Plan(tree, profile).create_image();
    const auto source = std::make_shared<ImageSource>(image);
    Tree read;
    std::vector<Finding> findings;
    import_file_system(read, source, {.strictness = Strictness::strict, .on_finding = [&](const Finding& f) {
                                        findings.push_back(f);
                                      }});
    EXPECT_TRUE(findings.empty());
    EXPECT_EQ(streams_of(read), streams_of(*tree));
    EXPECT_EQ(read.inode(*read.find("/film")).real_time, GetParam() >= 0x201);
    std::vector<std::string> map;
    map_volumes(source, {}, [&](const VolumePart& p) { map.push_back(format_part({p.start, p.blocks, p.label})); });
    auto planned = lines_of(*image);
    if (GetParam() < 0x250) {  // what a metadata file's blocks are for is said in another way
      EXPECT_EQ(map, planned);
      EXPECT_THAT(map, ::testing::Contains(::testing::HasSubstr("udf/stream directory entry /docs/a.txt")));
      EXPECT_THAT(map, ::testing::Contains(::testing::EndsWith("udf/file entry /:top/level")));
    }
    EXPECT_THAT(map, ::testing::Contains(::testing::EndsWith("content /docs/a.txt:large")));
    EXPECT_TRUE(verify_volumes(source, {}, {}).sound());
  }
}

INSTANTIATE_TEST_SUITE_P(Revisions, UdfStreams, ::testing::Values(0x200, 0x201, 0x250, 0x260),
                         [](const auto& i) { return std::to_string(i.param); });

TEST(UdfStreams, TheOrderInWhichTheyWereAddedDoesNotCount) {
  auto one = std::make_shared<Tree>(), two = std::make_shared<Tree>();
  for (const auto& [tree, names] : {std::pair{one, std::vector{"a", "b", "c"}}, {two, std::vector{"c", "a", "b"}}}) {
    const auto file = tree->add_file(kRootNode, "f", {}, ContentId{});
    for (const auto* name : names) tree->add_stream(file, name, bytes_source(std::string(3000, *name)));
  }
  const Plan a(one, udf_profile(0x201)), b(two, udf_profile(0x201));
  EXPECT_EQ(a.image_id(), b.image_id());
  std::vector<std::byte> x(static_cast<std::size_t>(a.total_blocks().bytes())), y(x.size());
  a.create_image()->read_at(0, x);
  b.create_image()->read_at(0, y);
  EXPECT_EQ(x, y);
  one->add_stream(*one->find("/f"), "d", ContentId{});
  EXPECT_NE(Plan(one, udf_profile(0x201)).image_id(), b.image_id());
}

TEST(UdfStreams, AreRefusedWhereNoViewKeepsThem) {
  const auto tree = tree_with_streams();
  for (const auto revision : {0x102, 0x150}) {
    auto profile = udf_profile(static_cast<std::uint16_t>(revision), {true, true, false, true});
    const auto e = test::error_of([&] { Plan(tree, profile); });
    EXPECT_EQ(e.code(), Errc::not_representable);
    EXPECT_EQ(e.where().path, "/");
    EXPECT_THAT(e.message(), ::testing::HasSubstr("--allow strip"));
    profile.allow_strip = true;
    std::map<View, std::vector<std::string>> stripped;
    Plan(tree, profile).for_each_finding([&](const Finding& f) {
      if (f.kind == Finding::Kind::stripped) stripped[f.view].push_back(f.path);
    });
    const std::vector<std::string> all{"/", "/docs", "/film", "/docs/a.txt", "/docs/many"};
    EXPECT_THAT(stripped.at(View::udf), ::testing::UnorderedElementsAreArray(all));
    EXPECT_THAT(stripped.at(View::iso9660), ::testing::UnorderedElementsAreArray(all));
    EXPECT_THAT(stripped.at(View::joliet), ::testing::UnorderedElementsAreArray(all));
  }
}

// Beside Rock Ridge as extended attributes, as far as those go.
TEST(UdfStreams, LieBesideRockRidgeAsFarAsTheyFit) {
  auto tree = std::make_shared<Tree>(stream_attributes(0755));
  const auto folder = tree->add_directory(kRootNode, "d", stream_attributes(0755));
  const auto file = tree->add_file(folder, "f", stream_attributes(0644), ContentId{});
  tree->add_hard_link(kRootNode, "link", file);
  for (const auto n : {kRootNode, folder, file}) tree->add_stream(n, "small", bytes_source("s"));
  for (int i = 0; i < 20; ++i) tree->add_stream(file, "m" + std::to_string(i), bytes_source(std::string(1900, 'm')));
  const auto wanted = streams_of(*tree);
  for (const FileSystems systems : {FileSystems{true, false, true, false}, FileSystems{true, true, true, true}}) {
    const auto profile = udf_profile(0x201, systems);
    const std::shared_ptr<const ResultImage> image = Plan(tree, profile).create_image();
    const auto source = std::make_shared<ImageSource>(image);
    Tree read;
    import_file_system(read, source, {.view = View::rockridge, .strictness = Strictness::strict});
    EXPECT_EQ(streams_of(read), wanted);
    EXPECT_TRUE(verify_volumes(source, {}, {}).sound());
  }
  tree->add_stream(file, "large", bytes_source(std::string(50'000, 'l')));
  tree->add_stream(folder, std::string(251, 'n'), bytes_source("x"));
  EXPECT_EQ(test::error_of([&] {
              Plan(tree, udf_profile(0x201, {true, false, true, false}));
            }).code(),
            Errc::not_representable);
  std::vector<std::string> stripped;
  const Plan plan(tree, udf_profile(0x201, {true, false, true, true}));
  plan.for_each_finding([&](const Finding& f) {
    if (f.kind == Finding::Kind::stripped) stripped.push_back(std::string(to_string(f.view)) + f.path);
  });
  EXPECT_THAT(stripped, ::testing::ElementsAre("rockridge/d:" + std::string(251, 'n'), "rockridge/link:large"));
  Tree read;
  const std::shared_ptr<const ResultImage> image = plan.create_image();
  import_file_system(read, std::make_shared<ImageSource>(image), {.view = View::rockridge});
  EXPECT_EQ(streams_of(read), wanted) << "all but those";
}

TEST(UdfStreams, OfNamesThatDoNotFitAreLeftOut) {
  auto tree = std::make_shared<Tree>();
  const auto file = tree->add_file(kRootNode, "f", {}, ContentId{});
  tree->add_stream(file, std::string(255, 'n'), bytes_source("x"));
  tree->add_stream(file, "\xFF", bytes_source("x"));
  tree->add_stream(file, std::string(254, 'n'), bytes_source("x"));
  EXPECT_EQ(test::error_of([&] { Plan(tree, udf_profile(0x201)); }).code(), Errc::not_representable);
  auto profile = udf_profile(0x201);
  profile.allow_strip = true;
  const Plan plan(tree, profile);
  std::vector<std::string> paths;
  plan.for_each_finding([&](const Finding& f) { paths.push_back(f.path); });
  EXPECT_EQ(paths, (std::vector<std::string>{"/f:" + std::string(255, 'n'), "/f:\xFF"}));
  const UdfWalk walk(*plan.create_image());
  EXPECT_EQ(walk.content("/f:" + std::string(254, 'n')), "x");
}

// Where the file's own entry has no room for the extents, they continue elsewhere, as those of files do.
TEST(UdfStreams, MayBeOfAnySize) {
  constexpr std::uint64_t kSize = 300ULL << 30;
  auto tree = std::make_shared<Tree>();
  tree->add_stream(kRootNode, "huge", std::make_shared<ZeroSource>(kSize));
  for (const auto revision : {0x201, 0x250}) {
    const auto image = Plan(tree, udf_profile(static_cast<std::uint16_t>(revision))).create_image();
    const UdfWalk walk(*image);
    EXPECT_EQ(walk.at("/:huge").size, kSize);
    EXPECT_GT(walk.at("/:huge").allocation_extents, 0U);
  }
}

TEST(UdfStreams, ChangedSourcesAreNamed) {
  struct Gone final : ByteSource {
    std::uint64_t size() const override { return 10; }
    void read_at(std::uint64_t, std::span<std::byte>) const override { throw Error(Errc::source_changed, {}, "gone"); }
  };
  auto tree = std::make_shared<Tree>();
  tree->add_stream(kRootNode, "s", std::make_shared<Gone>());
  const auto image = Plan(tree, udf_profile(0x201)).create_image();
  const auto e = test::error_of([&] {
    std::vector<std::byte> all(static_cast<std::size_t>(image->size()));
    image->read_at(0, all);
  });
  EXPECT_EQ(e.where().path, "/:s");
}

}  // namespace
}  // namespace fsimage
