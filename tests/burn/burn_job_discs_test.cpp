// Sessions that are saved and burnt later, on simulated discs of every kind: onto the disc that they were made for, and onto
// no other, nor onto that disc in another state.
#include "support/error_of.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/burn/burn_job.hpp>
#include <fsimage/burn/disc_description.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/io/cached_source.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using test::error_of;
using test::TempFolder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Files = std::map<std::string, std::string>;

Attributes attributes() { return {.modified = Timestamp::from_seconds(1'600'000'000), .permissions = 0644}; }

void put(FileSystemImage& image, const Files& files) {
  auto& tree = image.tree();
  for (const auto& [name, text] : files) {
    if (const auto old = tree.child(kRootNode, name)) tree.remove(*old);
    tree.add_file(kRootNode, name, attributes(), std::make_shared<MemorySource>(text));
  }
}

Files read_files(const std::shared_ptr<const ByteSource>& content, const Media& media) {
  const auto session = choose_session(content, 0, session_hint(media));
  VolumeOptions options;
  options.view = View::udf;
  options.session = session.start;
  const auto cursor = open_volume(session.source, options);
  ContentStore store;
  Files out;
  while (const auto entry = cursor->next()) {
    std::string text(static_cast<std::size_t>(entry->size), '\0');
    store.read_at(cursor->content(store), 0, std::as_writable_bytes(std::span(text)));
    out[entry->name] = std::move(text);
  }
  return out;
}

// Blocks that a disc of three sessions needs where drives leave gaps.
const std::map<std::string, std::uint32_t>& session_gaps() {
  static const std::map<std::string, std::uint32_t> gaps{{"cd-r", 30'000},   {"cd-rw", 30'000}, {"dvd-r", 50'000},
                                                         {"dvd-rw", 50'000}, {"dvd+r", 12'000}, {"dvd+r-dl", 12'000}};
  return gaps;
}

std::shared_ptr<const ByteSource> content_of(Recorder& recorder) {
  return std::make_shared<CachedSource>(recorder.read_back());
}

SessionImage first_session(const Files& files) {
  FileSystemImage image;
  image.profile().volume_name = "BACKUP";
  put(image, files);
  return {image.create_result_image()};
}

SessionImage next_session(Recorder& recorder, const Files& files) {
  const auto media = recorder.media();
  const auto content = content_of(recorder);
  FileSystemImage image;
  image.continue_disc(content, media);
  put(image, files);
  return {image.create_result_image(), identify_disc(media, content)};
}

void burn(const SessionImage& session, Recorder& recorder) {
  BurnJobOptions options;
  options.verify = VerifyLevel::full;
  BurnJob job(session, options);
  EXPECT_EQ(job.run(recorder).verification, BurnReceipt::Verification::passed);
}

void expect_refused(const SessionImage& session, Recorder& recorder, const std::string& why) {
  const auto before = recorder.media();
  const auto e = error_of([&] { BurnJob(session).run(recorder); });
  EXPECT_EQ(e.code(), Errc::disc_mismatch) << why;
  EXPECT_THAT(e.message(), HasSubstr("not the disc that the image was made for")) << why;
  auto after = recorder.media();
  if (after.type == MediaType::file) after.free = before.free;  // others write to that file system, too
  EXPECT_EQ(after, before) << why;
}

// As a program does it that saves now and burns on another day.
SessionImage saved_in(const TempFolder& folder, const SessionImage& session, const std::string& name) {
  save_image(*session_file(session), folder / name);
  return load_session_image(folder / name);
}

class SavedSessions : public ::testing::TestWithParam<std::string> {
 protected:
  // The same serial number for all: nothing but what is on them tells the discs apart.
  std::unique_ptr<MockRecorder> disc(const std::string& name) {
    MockOptions options;
    options.path = folder_ / name;
    options.media = GetParam();
    // Room for the gaps between sessions.
    options.capacity = session_gaps().contains(GetParam()) ? session_gaps().at(GetParam()) : 6'000;
    options.serial = 7;
    options.polls = 1;
    return std::make_unique<MockRecorder>(options);
  }

  SessionImage saved(const SessionImage& session, const std::string& name) { return saved_in(folder_, session, name); }

  TempFolder folder_;
};

TEST_P(SavedSessions, GoOntoTheirDiscAlone) {
  const auto a = disc("a"), b = disc("b"), empty = disc("empty");
  // Of the same names, sizes and times.
  Files on_a{{"alpha", std::string(120'000, 'a')}, {"omega", "1"}};
  Files on_b{{"alpha", std::string(120'000, 'b')}, {"omega", "2"}};
  burn(saved(first_session(on_a), "a1"), *a);
  burn(saved(first_session(on_b), "b1"), *b);
  EXPECT_EQ(a->media().disc_id, b->media().disc_id);

  for (int session = 2; session <= 3; ++session) {
    const auto number = std::to_string(session);
    const Files more{{"new" + number, std::string(5000, 'n')}, {"omega", number}};
    const auto for_a = saved(next_session(*a, more), "a" + number);
    expect_refused(for_a, *b, "another disc");
    expect_refused(for_a, *empty, "a blank disc");
    burn(for_a, *a);
    expect_refused(for_a, *a, "the disc has gone on");
    burn(saved(next_session(*b, more), "b" + number), *b);
    for (const auto& [name, text] : more) on_a[name] = on_b[name] = text;
    EXPECT_EQ(read_files(content_of(*a), a->media()), on_a);
    EXPECT_EQ(read_files(content_of(*b), b->media()), on_b);
  }
  for (const auto* recorder : {a.get(), b.get(), empty.get()}) EXPECT_THAT(recorder->violations(), IsEmpty());
}

// A session that is made from a description is the one that is made from the disc, and goes onto it.
TEST_P(SavedSessions, CanBeMadeWithoutTheDisc) {
  const auto a = disc("a");
  const Files old{{"alpha", std::string(300'000, 'a')}, {"small", "s"}}, more{{"beta", "b"}};
  burn(first_session(old), *a);
  save_description(describe_disc(a->media(), a->read_back(), "a"), folder_ / "a.fsdisc");

  const auto described = load_description(folder_ / "a.fsdisc");
  FileSystemImage image;
  image.continue_disc(described.content, described.media);
  put(image, more);
  const SessionImage without{image.create_result_image(), described.identity};
  const auto with = next_session(*a, more);
  EXPECT_EQ(without.image->image_id(), with.image->image_id());
  EXPECT_EQ(content_digest(*without.image), content_digest(*with.image));
  EXPECT_EQ(*without.made_for, *with.made_for);
  burn(saved(without, "a2"), *a);
  EXPECT_EQ(read_files(content_of(*a), a->media()), (Files{{"alpha", old.at("alpha")}, {"small", "s"}, {"beta", "b"}}));
}

// An image file is a disc like any other.
TEST(SavedSessionsForFiles, GoOntoTheirFileAlone) {
  const TempFolder folder;
  Files files{{"alpha", std::string(120'000, 'a')}};
  IsoFileRecorder a(folder / "a.iso"), b(folder / "b.iso");
  burn(first_session(files), a);
  burn(first_session({{"alpha", std::string(120'000, 'b')}}), b);
  for (int session = 2; session <= 4; ++session) {
    const auto number = std::to_string(session);
    const Files more{{"new" + number, std::string(5000, 'n')}};
    const auto for_a = saved_in(folder, next_session(a, more), "a" + number);
    expect_refused(for_a, b, "another file");
    burn(for_a, a);
    expect_refused(for_a, a, "the file has grown");
    burn(saved_in(folder, next_session(b, more), "b" + number), b);
    files.insert(more.begin(), more.end());
    EXPECT_EQ(read_files(a.read_back(), a.media()), files);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SavedSessions, ::testing::ValuesIn(mock_media_names()), [](const auto& i) {
  auto name = i.param;
  for (auto& c : name) c = c == '-' ? '_' : c == '+' ? 'p' : c;
  return name;
});

}  // namespace
}  // namespace fsimage
