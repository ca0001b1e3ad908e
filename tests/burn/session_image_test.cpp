#include "import/sample_volume.hpp"
#include "support/error_of.hpp"
#include "support/framed_file.hpp"
#include "support/host.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/burn/disc_description.hpp>
#include <fsimage/burn/session_image.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/io/file_source.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::error_of;
using test::framed_file;
using test::TempFolder;
using test::TrialImage;
using ::testing::HasSubstr;

DiscIdentity identity(MediaType type, std::optional<Lba> next_writable) {
  DiscIdentity id;
  id.media = type;
  id.disc_id = "12ab";
  id.volumes = {{View::iso9660, "OLD"}, {View::udf, "Old \xC3\xA4"}};
  id.sessions = 1;
  id.last_session = MediaSession{Lba{}, Lba{639}};
  id.next_writable = next_writable;
  id.digest = std::string(64, 'a');
  id.covered = {{Lba{0}, BlockCount{32}}, {Lba{256}, BlockCount{1}}};
  return id;
}

std::shared_ptr<const ByteSource> bytes(std::size_t blocks, std::uint32_t seed) {
  return std::make_shared<MemorySource>(test::noise(blocks * kBlockSize, seed));
}

// A session behind block 640 of an overwritable disc, whose front it replaces.
SessionImage grown() {
  std::vector<ImageExtent> extents{{Lba{656}, bytes(3, 1), "descriptors"}, {Lba{2000}, bytes(1, 2), "anchor"}};
  std::vector<ImageExtent> front{{Lba{256}, bytes(32, 3), "anchor of the disc"}, {Lba{0}, bytes(32, 4), "front"}};
  return {std::make_shared<const ResultImage>(std::move(extents), BlockCount{1376}, std::string(64, 'b'), Lba{640},
                                              std::move(front)),
          identity(MediaType::bd_re, std::nullopt)};
}

test::Bytes all_of(const ResultImage& image) {
  test::Bytes out(static_cast<std::size_t>(image.size()));
  image.read_at(0, out);
  return out;
}
test::Bytes all_of(const ByteSource& source) {
  test::Bytes out(static_cast<std::size_t>(source.size()));
  source.read_at(0, out);
  return out;
}

TEST(SessionImage, IsWhatWasSaved) {
  TempFolder folder;
  const auto path = folder / "monday.fss";
  const auto made = grown();
  save_image(*session_file(made), path);
  const auto loaded = load_session_image(path);
  EXPECT_EQ(loaded.made_for, made.made_for);
  EXPECT_EQ(loaded.image->first_block(), Lba{640});
  EXPECT_EQ(loaded.image->total_blocks(), BlockCount{1376});
  EXPECT_EQ(loaded.image->image_id(), made.image->image_id());
  EXPECT_EQ(all_of(*loaded.image), all_of(*made.image));
  ASSERT_EQ(loaded.image->replaced().size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(loaded.image->replaced()[i].start, made.image->replaced()[i].start) << "in the order of writing";
    EXPECT_EQ(loaded.image->replaced()[i].label, made.image->replaced()[i].label);
    EXPECT_EQ(all_of(*loaded.image->replaced()[i].bytes), all_of(*made.image->replaced()[i].bytes));
  }
  EXPECT_TRUE(is_session_image(FileSource(path)));
  // What was loaded can be saved again: the same file.
  save_image(*session_file(loaded), folder / "again.fss");
  EXPECT_EQ(test::read_bytes(folder / "again.fss"), test::read_bytes(path));
}

TEST(SessionImage, HasItsPayloadAligned) {
  TempFolder folder;
  const auto path = folder / "s";
  save_image(*session_file(grown()), path);
  const auto file = test::text_of(test::read_bytes(path));
  const auto line_end = file.find('\n'), json_end = file.find('\n', line_end + 1);
  const auto line = file.substr(0, line_end);
  EXPECT_TRUE(std::regex_match(line, std::regex("fsimage session 1 [0-9]+ [0-9a-f]+"))) << line;
  EXPECT_THAT(file.substr(line_end + 1, json_end - line_end),
              ::testing::StartsWith("{\"image_id\":\"" + std::string(64, 'b') +
                                    "\",\"first\":640,\"blocks\":1376,"
                                    "\"replaced\":[[256,32,\"anchor of the disc\"],[0,32,\"front\"]],\"made_for\":{"));
  const auto payload = (json_end + 4096) / 4096 * 4096;
  EXPECT_EQ(file.size(), payload + (1376 + 64) * kBlockSize);
  EXPECT_EQ(file.substr(payload + 16 * kBlockSize, 3 * kBlockSize), test::text_of(test::noise(3 * kBlockSize, 1)));
  EXPECT_LT(test::allocated_bytes(path), 400'000U) << "gaps are holes";
}

TEST(SessionImage, OfAWholeDisc) {
  TempFolder folder;
  TrialImage trial;
  save_image(*session_file({trial.image()}), folder / "s");
  const auto loaded = load_session_image(folder / "s");
  EXPECT_FALSE(loaded.made_for);
  EXPECT_EQ(loaded.image->first_block(), Lba{});
  EXPECT_EQ(all_of(*loaded.image), trial.bytes());
}

TEST(SessionImage, MustSayWhichDiscItContinues) {
  auto session = grown();
  session.made_for.reset();
  EXPECT_EQ(error_of([&] { session_file(session); }).code(), Errc::invalid_argument);
  session.made_for = identity(MediaType::dvd_plus_r, Lba{640});
  EXPECT_THAT(error_of([&] { session_file(session); }).message(), HasSubstr("written once"));
  session.image =
      std::make_shared<const ResultImage>(std::vector<ImageExtent>{}, BlockCount{32}, std::string(64, 'c'), Lba{640});
  session_file(session);
  session.made_for->next_writable = Lba{656};
  EXPECT_THAT(error_of([&] { session_file(session); }).message(), HasSubstr("next writable address"));
}

TEST(SessionImage, PlainImagesAreWholeDiscs) {
  TempFolder folder;
  const test::SampleVolume sample;
  const auto content = all_of(*sample.source());
  const auto path = folder.write("plain.iso", test::text_of(content));
  const auto loaded = load_session_image(path);
  EXPECT_FALSE(loaded.made_for);
  EXPECT_EQ(loaded.image->first_block(), Lba{});
  EXPECT_EQ(all_of(*loaded.image), content);
  EXPECT_EQ(loaded.image->image_id(), load_session_image(path).image->image_id());

  // Its blocks know their paths.
  const auto fresh = Plan(test::sample_tree(), test::SampleVolume::special_files()).create_image();
  fresh->for_each_part([&](const ExtentPart& part) {
    EXPECT_EQ(loaded.image->path_at(part.start), fresh->path_at(part.start)) << part.label;
  });
  ASSERT_TRUE(loaded.image->find_content("/docs/a.txt"));
  EXPECT_EQ(loaded.image->find_content("/docs/a.txt")->start, fresh->find_content("/docs/a.txt")->start);

  auto other = content;
  other.back() ^= std::byte{1};
  EXPECT_NE(load_session_image(folder.write("other.iso", test::text_of(other))).image->image_id(),
            loaded.image->image_id());
}

TEST(SessionImage, PlainImagesOfNothingKnown) {
  TempFolder folder;
  const auto loaded = load_session_image(folder.write("x.img", std::string(5000, 'x')));
  EXPECT_EQ(loaded.image->total_blocks(), BlockCount{3});
  EXPECT_EQ(loaded.image->path_at(Lba{1}), "");
  ASSERT_TRUE(loaded.image->part_at(Lba{1}));
  EXPECT_EQ(loaded.image->part_at(Lba{1})->label, "saved image");
  EXPECT_EQ(error_of([&] { load_session_image(folder.write("empty", "")); }).code(), Errc::not_found);
  EXPECT_EQ(error_of([&] { load_session_image(folder / "none"); }).code(), std::errc::no_such_file_or_directory);
  save_description({}, folder / "disc");
  EXPECT_EQ(error_of([&] { load_session_image(folder / "disc"); }).code(), Errc::invalid_argument);
}

TEST(SessionImage, AChangedFileIsNoticed) {
  TempFolder folder;
  const auto path = folder.write("plain.iso", std::string(40'960, 'x'));
  const auto loaded = load_session_image(path);
  loaded.image->check_sources();
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  const auto e = error_of([&] { loaded.image->check_sources(); });
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, path);
  // Reading it does not tell.
  EXPECT_EQ(error_of([&] { loaded.image->check_after_reading(); }).code(), Errc::source_changed);
}

TEST(SessionImage, KeepsADigestOfItsPayload) {
  TempFolder folder;
  auto session = grown();
  session.payload_digest = content_digest(*session.image);
  const auto path = folder / "s";
  save_image(*session_file(session), path);
  check_payload(load_session_image(path));
  for (const std::uint64_t back : {std::uint64_t{1}, std::uint64_t{33} * kBlockSize, std::uint64_t{80} * kBlockSize}) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(std::filesystem::file_size(path) - back);
    file.seekg(at);
    const auto old = file.get();
    file.seekp(at);
    file.put(static_cast<char>(old ^ 8));
    file.flush();
    EXPECT_EQ(error_of([&] { check_payload(load_session_image(path)); }).code(), Errc::verification_failed) << back;
    file.seekp(at);
    file.put(static_cast<char>(old));
  }
}

// --- damage and malice

Error failure_of(const std::string& file) {
  return error_of([&] { load_session_image(std::make_shared<MemorySource>(file), "the file"); });
}

TEST(SessionImage, ACutOrChangedHeaderIsNoticed) {
  TempFolder folder;
  save_image(*session_file(grown()), folder / "s");
  const auto whole = test::text_of(test::read_bytes(folder / "s"));
  const auto json = whole.find('\n') + 1, json_end = whole.find('\n', json);
  for (std::size_t at = 16; at < json_end; ++at) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto e = failure_of(changed);
    ASSERT_TRUE(e.code() == Errc::corrupt_structure || e.code() == Errc::unsupported ||
                e.code() == Errc::limit_exceeded)
        << at << " " << e.what();
    ASSERT_EQ(e.where().path, "the file");
  }
  for (const std::size_t cut : {json - 1, json, json + 1, json_end - 1, json_end, json_end + 1, whole.size() - 1})
    EXPECT_EQ(failure_of(whole.substr(0, cut)).code(), Errc::corrupt_structure) << cut;
  EXPECT_THAT(failure_of(whole.substr(0, whole.size() - kBlockSize)).message(), HasSubstr("cut off"));
  EXPECT_THAT(failure_of(whole + "x").message(), HasSubstr("too long"));
  auto later = whole;
  later.replace(0, 17, "fsimage session 2");
  EXPECT_EQ(failure_of(later).code(), Errc::unsupported);
}

TEST(SessionImage, HeadersThatLie) {
  const std::string id = "\"image_id\":\"" + std::string(64, 'a') + "\"";
  const auto header = [&](const std::string& first, const std::string& blocks, const std::string& replaced = "[]",
                          const std::string& rest = "") {
    return "{" + id + ",\"first\":" + first + ",\"blocks\":" + blocks + ",\"replaced\":" + replaced + rest + "}";
  };
  const std::string block(kBlockSize, 'x');
  const auto bound = ",\"made_for\":" + to_json(identity(MediaType::bd_re, std::nullopt));
  const auto write_once = ",\"made_for\":" + to_json(identity(MediaType::bd_r, Lba{64}));
  load_session_image(std::make_shared<MemorySource>(framed_file("session", header("0", "1"), block)), "x");
  load_session_image(std::make_shared<MemorySource>(framed_file(
                         "session", header("64", "1", "[[0,1,\"a\"],[63,1,\"b\"]]", bound), block + block + block)),
                     "x");
  struct Case {
    const char* name;
    std::string json;
    std::size_t blocks;
  };
  for (const auto& c : std::vector<Case>{
           {"no blocks", header("0", "0"), 0},
           {"beyond 32 bits", header("4294967295", "4294967295", "[]", bound), 1},
           {"more than there is", header("0", "4294967295"), 1},
           {"less than there is", header("0", "1"), 2},
           {"continues nothing", header("64", "1"), 1},
           {"another address", header("65", "1", "[]", write_once), 1},
           {"replaces what is written once", header("64", "1", "[[0,1,\"\"]]", write_once), 2},
           {"replaces itself", header("64", "1", "[[63,2,\"\"]]", bound), 3},
           {"replaces at its start", header("64", "1", "[[64,1,\"\"]]", bound), 2},
           {"replaces twice", header("64", "1", "[[3,2,\"\"],[0,4,\"\"]]", bound), 7},
           {"replaces nothing", header("64", "1", "[[0,0,\"\"]]", bound), 1},
           {"replaces past 32 bits", header("64", "1", "[[1,4294967295,\"\"]]", bound), 1},
           {"no array", header("64", "1", "{}", bound), 1},
           {"no id", "{\"first\":0,\"blocks\":1,\"replaced\":[]}", 1},
           {"no object", "[]", 1},
       }) {
    std::string payload;
    for (std::size_t i = 0; i < c.blocks; ++i) payload += block;
    EXPECT_EQ(failure_of(framed_file("session", c.json, payload)).code(), Errc::corrupt_structure) << c.name;
  }
  std::string many = "[[0,1,\"\"]";
  for (int i = 1; i <= 1024; ++i) many += ",[" + std::to_string(i) + ",1,\"\"]";
  EXPECT_EQ(failure_of(framed_file("session", header("5000", "1", many + "]", bound))).code(), Errc::limit_exceeded);
}

}  // namespace
}  // namespace fsimage
