#include "import/sample_volume.hpp"
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/burn/disc_description.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/io/file_source.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <string>

namespace fsimage {
namespace {

using test::error_of;
using test::SampleVolume;
using test::TempFolder;
using ::testing::HasSubstr;

Media media_of(const ByteSource& content) {
  Media m;
  m.type = MediaType::dvd_plus_rw;
  m.media_class = MediaClass::overwritable;
  m.state = MediaState::appendable;
  m.next_writable = Lba{};
  m.used = blocks_for(content.size());
  m.write_unit = {16};
  return m;
}

// A large file in the midst of small ones.
std::shared_ptr<const ByteSource> disc() {
  auto tree = test::sample_tree();
  const auto large = test::noise(4 << 20, 3);
  tree->add_file(kRootNode, "large.bin", test::sample_attributes(0644), std::make_shared<MemorySource>(large));
  return SampleVolume(tree).source();
}

DiscDescription described(const std::shared_ptr<const ByteSource>& content = disc()) {
  return describe_disc(media_of(*content), content, "the disc");
}

// Names, types, sizes, places: all but the bytes of contents.
std::string listing(const std::shared_ptr<const ByteSource>& content, View view) {
  std::string out;
  const auto session = choose_session(content, 0, session_hint(media_of(*content)));
  VolumeOptions options;
  options.view = view;
  options.session = session.start;
  const auto cursor = open_volume(session.source, options);
  while (const auto entry = cursor->next()) {
    out += cursor->origin() + " " + std::to_string(entry->size) + " " + entry->target;
    if (entry->type == FileType::regular)
      for (const auto& e : cursor->extents()) out += " " + std::to_string(e.offset) + "+" + std::to_string(e.length);
    out += '\n';
  }
  return out;
}

TEST(DiscDescription, ServesEveryViewWithoutTheDisc) {
  TempFolder folder;
  const auto content = disc();
  const auto made = described(content);
  save_description(made, folder / "disc.fsdisc");
  const auto loaded = load_description(folder / "disc.fsdisc");
  EXPECT_EQ(loaded.media, made.media);
  EXPECT_EQ(loaded.identity, made.identity);
  for (const auto& d : {made, loaded}) {
    EXPECT_EQ(d.content->size(), content->size());
    for (const View view : {View::udf, View::rockridge, View::joliet, View::iso9660}) {
      EXPECT_FALSE(listing(content, view).empty());
      EXPECT_EQ(listing(d.content, view), listing(content, view)) << to_string(view);
    }
    // The identity of a description is that of its disc, and can be had from it.
    EXPECT_EQ(identify_disc(d.media, d.content), d.identity);
  }
  EXPECT_LT(std::filesystem::file_size(folder / "disc.fsdisc"), content->size() / 4);
}

TEST(DiscDescription, HasTheFrontOfADiscThatIsRewrittenThere) {
  const auto content = disc();
  const auto d = described(content);
  for (const std::uint64_t block : {0U, 256U}) {
    test::Bytes wanted(32 * kBlockSize), found(32 * kBlockSize);
    content->read_at(block * kBlockSize, wanted);
    d.content->read_at(block * kBlockSize, found);
    EXPECT_EQ(found, wanted) << block;
  }
}

TEST(DiscDescription, ContentIsAnErrorThatSaysWhatToDo) {
  const auto content = disc();
  const auto d = described(content);
  std::uint32_t refused = 0;
  for (std::uint32_t block = 0; block < content->size() / kBlockSize; ++block) {
    std::array<std::byte, kBlockSize> wanted, found;
    content->read_at(Lba{block}.byte_offset(), wanted);
    try {
      d.content->read_at(Lba{block}.byte_offset(), found);
      ASSERT_EQ(found, wanted) << block;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), std::errc::io_error);
      EXPECT_EQ(e.where().lba, Lba{block});
      EXPECT_EQ(e.where().path, "the disc");
      EXPECT_THAT(e.message(), HasSubstr("give the disc itself"));
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000U) << "the large file is not in it";
}

class Sparse final : public ByteSource {
 public:
  std::uint64_t size() const override { return std::uint64_t{100} << 30; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    for (auto& b : out) b = offset < head_.size() ? head_[offset++] : std::byte{};
  }
  Run run_at(std::uint64_t offset) const override {
    Run run;
    run.kind = offset < head_.size() ? Run::Kind::bytes : Run::Kind::zeros;
    run.length = (offset < head_.size() ? head_.size() : size()) - offset;
    return run;
  }

 private:
  const test::Bytes head_ = [] {
    SampleVolume v;
    return test::Bytes(v.bytes().begin(), v.bytes().end());
  }();
};

// 100 GiB of nothing behind a volume cost nothing.
TEST(DiscDescription, HolesAreNotStored) {
  TempFolder folder;
  const auto sparse = std::make_shared<Sparse>();
  auto media = media_of(*sparse);
  save_description(describe_disc(media, sparse, "sparse"), folder / "d");
  EXPECT_LT(std::filesystem::file_size(folder / "d"), 400'000U);
  const auto loaded = load_description(folder / "d");
  EXPECT_EQ(listing(loaded.content, View::udf), listing(sparse, View::udf));
}

TEST(DiscDescription, OfABlankDisc) {
  TempFolder folder;
  Media blank;
  blank.type = MediaType::cd_rw;
  blank.media_class = MediaClass::sequential;
  blank.state = MediaState::blank;
  blank.next_writable = Lba{};
  save_description(describe_disc(blank, nullptr, "blank"), folder / "d");
  const auto loaded = load_description(folder / "d");
  EXPECT_EQ(loaded.media, blank);
  EXPECT_EQ(loaded.content, nullptr);
}

TEST(DiscDescription, IsReadableWithoutThisLibrary) {
  TempFolder folder;
  save_description(described(), folder / "d");
  std::ifstream in(folder / "d", std::ios::binary);
  std::string line, json;
  std::getline(in, line);
  std::getline(in, json);
  EXPECT_TRUE(std::regex_match(line, std::regex("fsimage disc 1 [0-9]+ [0-9a-f]+"))) << line;
  EXPECT_THAT(json, ::testing::StartsWith("{\"media\":{\"type\":\"dvd+rw\""));
  EXPECT_EQ(json.back(), '}');
  EXPECT_TRUE(is_description(FileSource(folder / "d")));
}

// --- damage

void change_byte(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto c = static_cast<char>(file.get() ^ 1);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(c);
}

TEST(DiscDescription, DamageIsNoticed) {
  TempFolder folder;
  const auto path = folder / "d";
  save_description(described(), path);
  const auto size = std::filesystem::file_size(path);
  const auto payload = test::text_of(test::read_bytes(path)).find("\x78\x9C");  // RFC 1950: of a zlib stream
  ASSERT_NE(payload, std::string::npos);
  const auto damaged = [&](std::uint64_t at) {
    save_description(described(), path);
    change_byte(path, at);
    return error_of([&] {
      const auto d = load_description(path);
      test::Bytes front(32 * kBlockSize);
      d.content->read_at(0, front);
    });
  };
  for (const std::uint64_t at : {0U, 3U, 9U}) EXPECT_EQ(damaged(at).code(), Errc::not_found) << at;
  EXPECT_EQ(damaged(13).code(), Errc::unsupported);
  for (const std::uint64_t at : {15U, 25U, 300U, 1000U}) {
    EXPECT_EQ(damaged(at).code(), Errc::corrupt_structure) << at;
    EXPECT_EQ(damaged(at).where().path, path);
  }
  EXPECT_EQ(damaged(payload + 20).code(), Errc::corrupt_structure);

  for (const std::uint64_t cut :
       {std::uint64_t{0}, std::uint64_t{10}, std::uint64_t{50}, std::uint64_t{500}, size - 1}) {
    save_description(described(), path);
    std::filesystem::resize_file(path, cut);
    const auto e = error_of([&] { load_description(path); });
    EXPECT_EQ(e.code(), cut < 13 ? Errc::not_found : Errc::corrupt_structure) << cut;
  }
  EXPECT_EQ(error_of([&] { load_description(folder / "none"); }).code(), std::errc::no_such_file_or_directory);
}

TEST(StructureBlocks, ChunksThatLie) {
  using Chunk = StructureBlocks::Chunk;
  const auto made = [](std::vector<Chunk> chunks) {
    StructureBlocks(100 * kBlockSize, std::move(chunks), std::make_shared<ZeroSource>(1000), "d");
  };
  const std::string digest(64, '0');
  made({});
  made({{Lba{0}, BlockCount{100}, 0, 0, {}}});
  made({{Lba{0}, BlockCount{1}, 0, 1000, digest}, {Lba{1}, BlockCount{99}, 0, 1000, digest}});
  for (const auto& bad : std::vector<std::vector<Chunk>>{
           {{Lba{0}, BlockCount{0}, 0, 0, {}}},
           {{Lba{0}, BlockCount{101}, 0, 0, {}}},
           {{Lba{0xFFFFFFFF}, BlockCount{0xFFFFFFFF}, 0, 0, {}}},
           {{Lba{1}, BlockCount{2}, 0, 0, {}}, {Lba{2}, BlockCount{1}, 0, 0, {}}},
           {{Lba{1}, BlockCount{2}, 0, 0, {}}, {Lba{0}, BlockCount{1}, 0, 0, {}}},
           {{Lba{0}, BlockCount{1}, 1, 1000, digest}},
           {{Lba{0}, BlockCount{1}, 0xFFFFFFFFFFFFFFFF, 1000, digest}},
           {{Lba{0}, BlockCount{257}, 0, 1000, digest}},
       })
    EXPECT_EQ(error_of([&] { made(bad); }).code(), Errc::corrupt_structure);
}

}  // namespace
}  // namespace fsimage
