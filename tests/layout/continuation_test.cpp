#include "support/error_of.hpp"

#include <fsimage/burn/media.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/layout/continuation.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace fsimage {
namespace {

using Bytes = std::vector<std::byte>;
using Listing = std::map<std::string, std::string>;  // path to content, "/" behind folders' paths

Bytes bytes_of_text(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// A medium that is written to as a drive does: the image's blocks at their place, then those that it replaces.
class TrialDisc {
 public:
  explicit TrialDisc(MediaClass media_class, BlockCount gap = {}) : class_(media_class), gap_(gap) {}

  void burn(const ResultImage& image) {
    const auto at = image.first_block().byte_offset();
    Bytes session(image.size());
    image.read_at(0, session);  // from the disc, too
    bytes_.resize(std::max<std::uint64_t>(bytes_.size(), at + image.size()));
    std::copy(session.begin(), session.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
    for (const auto& e : image.replaced())
      e.bytes->read_at(0, std::span(bytes_).subspan(e.start.byte_offset(), e.bytes->size()));
    starts_.push_back(image.first_block());
  }

  // As it is now, and for as long as the disc is not burnt to.
  std::shared_ptr<const ByteSource> read() const { return std::make_shared<Reading>(bytes_); }
  const std::vector<Lba>& starts() const { return starts_; }
  const Bytes& bytes() const { return bytes_; }

  Media media() const {
    Media m;
    m.type = class_ == MediaClass::sequential ? MediaType::cd_r : MediaType::file;
    m.media_class = class_;
    m.used = blocks_for(bytes_.size());
    m.state = bytes_.empty() ? MediaState::blank : MediaState::appendable;
    for (const Lba start : starts_) m.sessions.push_back({start, start});
    m.next_writable = class_ == MediaClass::sequential ? Lba{m.used.value} + gap_ : Lba{};
    return m;
  }

 private:
  struct Reading final : ByteSource {
    explicit Reading(const Bytes& all) : bytes(all) {}
    std::uint64_t size() const override { return bytes.size(); }
    void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      check_range(offset, out.size());
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    }
    std::span<const std::byte> bytes;
  };
  MediaClass class_;
  BlockCount gap_;
  Bytes bytes_;
  std::vector<Lba> starts_;
};

Listing list(const std::shared_ptr<const ByteSource>& source, Lba session, View view) {
  Listing out;
  std::vector<std::string> findings;
  const auto cursor = open_volume(source, {.view = view, .session = session, .strictness = Strictness::strict});
  ContentStore store;
  while (const auto entry = cursor->next()) {
    if (entry->type == FileType::directory) {
      out[cursor->origin() + "/"] = "";
      continue;
    }
    const auto content = cursor->content(store);
    std::string text(store.size(content), '\0');
    if (content) store.read_at(content, 0, std::as_writable_bytes(std::span(text)));
    out[cursor->origin()] = text;
  }
  return out;
}

void expect_all_views(const std::shared_ptr<const ByteSource>& source, Lba session, const Listing& expected) {
  for (const View view : {View::rockridge, View::joliet, View::udf})
    EXPECT_EQ(list(source, session, view), expected) << to_string(view) << " at " << session.value;
}

struct Author {
  FileSystemImage image;
  Listing expected;

  void put(const std::string& path, const std::string& text) {
    auto& tree = image.tree();
    const auto slash = path.rfind('/');
    const auto folder = tree.make_path(path.substr(0, slash), {.permissions = 0755});
    const auto name = path.substr(slash + 1);
    if (const auto old = tree.child(folder, name)) tree.remove(*old);
    tree.add_file(folder, name, {.modified = Timestamp::from_seconds(1'600'000'000)},
                  std::make_shared<MemorySource>(bytes_of_text(text)));
    for (std::size_t at = path.find('/', 1); at != path.npos; at = path.find('/', at + 1))
      expected[path.substr(0, at + 1)] = "";
    expected[path] = text;
  }
  void remove(const std::string& path) {
    image.tree().remove(*image.tree().find(path));
    expected.erase(path);
  }
};

class Continuing : public ::testing::TestWithParam<MediaClass> {};

TEST_P(Continuing, FiveSessionsShowOldAndNewInEveryView) {
  TrialDisc disc(GetParam(), GetParam() == MediaClass::sequential ? BlockCount{6900} : BlockCount{});
  Listing expected;
  std::vector<Listing> history;
  for (int session = 1; session <= 5; ++session) {
    Author author;
    author.expected = expected;
    if (session == 1) {
      author.image.profile().volume_name = "Trial Disc";
      author.put("/docs/readme.txt", "the first");
      author.put("/docs/old.txt", std::string(5000, 'o'));
    } else {
      author.image.continue_disc(disc.read(), disc.media());
      EXPECT_EQ(author.image.profile().volume_name, "Trial Disc");
      author.put("/session" + std::to_string(session) + "/new.txt", "session " + std::to_string(session));
      author.put("/docs/readme.txt", std::string(2048, static_cast<char>('a' + session)));
      if (session == 3) author.remove("/docs/old.txt");
    }
    const auto plan = author.image.plan();
    if (session > 1) {
      EXPECT_EQ(plan.kept().again, 0U);
      EXPECT_GT(plan.kept().files, 0U);
    }
    disc.burn(*plan.create_image());
    expected = author.expected;
    history.push_back(expected);
    const auto starts = GetParam() == MediaClass::sequential ? disc.starts() : std::vector<Lba>{};
    expect_all_views(disc.read(), disc.starts().back(), expected);
    const auto newest = choose_session(disc.read(), 0, {.starts = starts});
    EXPECT_EQ(newest.start, disc.starts().back());
    EXPECT_EQ(find_sessions(disc.read()).size(), static_cast<std::size_t>(session));
    if (GetParam() == MediaClass::overwritable) expect_all_views(disc.read(), Lba{}, expected);
  }
  for (std::size_t n = 0; n < history.size(); ++n) {
    const auto session = choose_session(disc.read(), static_cast<std::uint32_t>(n + 1));
    EXPECT_EQ(session.start, disc.starts()[n]);
    expect_all_views(session.source, session.start, history[n]);
  }
}

TEST_P(Continuing, WhatStaysIsNotWrittenAgain) {
  TrialDisc disc(GetParam());
  Author first;
  const std::string big(3'000'000, 'b');
  first.put("/big", big);
  disc.burn(*first.image.create_result_image());
  const auto where = list(disc.read(), {}, View::udf);

  FileSystemImage next;
  next.continue_disc(disc.read(), disc.media());
  next.tree().move(*next.tree().find("/big"), kRootNode, "moved");
  const auto plan = next.plan();
  EXPECT_EQ(plan.kept().files, 1U);
  EXPECT_EQ(plan.kept().blocks, blocks_for(big.size()));
  EXPECT_LT(plan.total_blocks(), BlockCount{700});  // descriptors and anchors
  EXPECT_FALSE(plan.create_image()->find_content("/moved"));
  disc.burn(*plan.create_image());
  expect_all_views(disc.read(), disc.starts().back(), {{"/moved", big}});
}

// They come from the UDF view, whichever view the session is made from; large ones stay where they are.
TEST_P(Continuing, NamedStreamsStay) {
  TrialDisc disc(GetParam());
  Author first;
  first.put("/docs/a", "content");
  first.put("/film", "film");
  auto& tree = first.image.tree();
  tree.add_stream(*tree.find("/docs/a"), "small", std::make_shared<MemorySource>("s"));
  tree.add_stream(*tree.find("/docs/a"), "large", std::make_shared<MemorySource>(std::string(100'000, 'l')));
  tree.add_stream(*tree.find("/docs"), "of a folder", std::make_shared<MemorySource>("f"));
  tree.add_stream(kRootNode, "of the root", std::make_shared<MemorySource>("r"));
  tree.set_real_time(*tree.find("/film"), true);
  first.image.profile().udf_revision = 0x201;
  disc.burn(*first.image.create_result_image());
  for (int session = 2; session <= 3; ++session) {
    FileSystemImage next;
    std::vector<Finding> findings;
    next.continue_disc(disc.read(), disc.media(), {.on_finding = [&](const Finding& f) { findings.push_back(f); }});
    EXPECT_TRUE(findings.empty());
    const auto plan = next.plan();
    EXPECT_EQ(plan.kept().files, 3U);
    EXPECT_EQ(plan.kept().again, 0U);
    disc.burn(*plan.create_image());
  }
  Tree read;
  import_file_system(read, disc.read(), {.view = View::udf});
  const auto text = [&](std::string_view path, std::string_view name) {
    const auto s = read.find_stream(*read.find(path), name);
    std::string out(s ? static_cast<std::size_t>(read.stream_size(s)) : 0, '\0');
    if (s) read.contents().read_at(read.stream_content(s), 0, std::as_writable_bytes(std::span(out)));
    return out;
  };
  EXPECT_EQ(text("/docs/a", "small"), "s");
  EXPECT_EQ(text("/docs/a", "large"), std::string(100'000, 'l'));
  EXPECT_EQ(text("/docs", "of a folder"), "f");
  EXPECT_EQ(text("/", "of the root"), "r");
  EXPECT_TRUE(read.inode(*read.find("/film")).real_time);
}

TEST_P(Continuing, SmallFilesGoOnLyingInTheirEntries) {
  for (const bool embedded : {true, false}) {
    TrialDisc disc(GetParam());
    Author first;
    first.put("/a", "small");
    first.put("/b", std::string(5000, 'b'));
    first.image.profile().file_systems = {.iso9660 = false, .joliet = false, .rockridge = false, .udf = true};
    first.image.profile().udf_embedded_files = embedded;
    disc.burn(*first.image.create_result_image());
    Author next;
    next.image.continue_disc(disc.read(), disc.media());
    EXPECT_EQ(next.image.profile().udf_embedded_files, embedded);
    next.expected = first.expected;
    next.put("/c", "small too");
    disc.burn(*next.image.create_result_image());
    EXPECT_EQ(list(disc.read(), disc.starts().back(), View::udf), next.expected);
  }
}

TEST_P(Continuing, ASessionThatChangesNothing) {
  TrialDisc disc(GetParam());
  Author first;
  first.put("/a", "content");
  disc.burn(*first.image.create_result_image());
  FileSystemImage next;
  next.continue_disc(disc.read(), disc.media());
  disc.burn(*next.create_result_image());
  expect_all_views(disc.read(), disc.starts().back(), first.expected);
}

TEST_P(Continuing, AHundredSessions) {
  TrialDisc disc(GetParam());
  Author first;
  first.put("/0", "0");
  disc.burn(*first.image.create_result_image());
  auto expected = first.expected;
  for (int n = 1; n < 100; ++n) {
    Author next;
    next.expected = expected;
    next.image.continue_disc(disc.read(), disc.media());
    next.put("/" + std::to_string(n), std::to_string(n));
    disc.burn(*next.image.create_result_image());
    expected = next.expected;
  }
  expect_all_views(disc.read(), disc.starts().back(), expected);
  EXPECT_EQ(find_sessions(disc.read()).size(), 100U);
}

TEST_P(Continuing, EverySubsetOfFileSystemsStaysWhatItIs) {
  for (const FileSystems fs :
       {FileSystems{true, false, false, false}, FileSystems{true, true, false, false},
        FileSystems{true, false, true, false}, FileSystems{true, true, true, false},
        FileSystems{false, false, false, true}, FileSystems{true, true, false, true},
        FileSystems{true, false, false, false, true}, FileSystems{true, true, true, true, true}}) {
    TrialDisc disc(GetParam());
    Author first;
    first.image.profile().file_systems = fs;
    first.put("/FOLDER/FILE.TXT", "one");
    disc.burn(*first.image.create_result_image());
    Author next;
    next.expected = first.expected;
    next.image.continue_disc(disc.read(), disc.media());
    EXPECT_EQ(next.image.profile().file_systems, fs);
    next.put("/FOLDER/NEW.TXT", "two");
    disc.burn(*next.image.create_result_image());
    const auto session = disc.starts().back();
    for (const auto& [there, view] : {std::pair{fs.iso9660, View::iso9660}, std::pair{fs.joliet, View::joliet},
                                      std::pair{fs.rockridge, View::rockridge}, std::pair{fs.udf, View::udf},
                                      std::pair{fs.iso1999, View::enhanced}})
      if (there) {
        EXPECT_EQ(list(disc.read(), session, view), next.expected) << to_string(view);
        if (GetParam() == MediaClass::overwritable) {
          EXPECT_EQ(list(disc.read(), {}, view), next.expected);
        }
      }
  }
}

TEST_P(Continuing, EveryRevisionOfUdfStaysWhatItIs) {
  for (const auto& [revision, bridge] : {std::pair{0x0150, false}, std::pair{0x0200, false}, std::pair{0x0201, true},
                                         std::pair{0x0250, true}, std::pair{0x0260, false}}) {
    // The partition's clusters are none of the sessions', as on a CD.
    TrialDisc disc(GetParam(), GetParam() == MediaClass::sequential ? BlockCount{6901} : BlockCount{});
    std::vector<Listing> history;
    for (int session = 1; session <= 3; ++session) {
      Author author;
      auto& profile = author.image.profile();
      if (session == 1) {
        profile.file_systems = {bridge, bridge, bridge, true};
        profile.udf_revision = static_cast<std::uint16_t>(revision);
        profile.redundant_udf_metadata = bridge;
        author.put("/docs/old", std::string(5000, 'o'));
      } else {
        author.expected = history.back();
        author.image.continue_disc(disc.read(), disc.media());
        EXPECT_EQ(profile.udf_revision, revision);
        EXPECT_EQ(profile.redundant_udf_metadata, bridge || revision < 0x0250);
        author.put("/docs/" + std::to_string(session), std::to_string(session));
      }
      const auto plan = author.image.plan();
      EXPECT_EQ(plan.kept().again, 0U);
      disc.burn(*plan.create_image());
      history.push_back(author.expected);
      EXPECT_EQ(list(disc.read(), disc.starts().back(), View::udf), author.expected);
      if (GetParam() == MediaClass::overwritable) {
        EXPECT_EQ(list(disc.read(), {}, View::udf), author.expected);
      }
    }
    for (std::size_t n = 0; n < history.size(); ++n) {
      const auto session = choose_session(disc.read(), static_cast<std::uint32_t>(n + 1));
      EXPECT_EQ(list(session.source, session.start, View::udf), history[n]) << revision << ' ' << n;
    }
    FileSystemImage other;
    other.continue_disc(disc.read(), disc.media());
    other.profile().udf_revision = 0x0102;
    EXPECT_EQ(test::error_of([&] { other.plan(); }).code(), Errc::invalid_argument);
  }
}

TEST_P(Continuing, WhatLiesInFileEntriesIsWrittenAgain) {
  TrialDisc disc(GetParam());
  Author first;
  first.image.profile().file_systems = {false, false, false, true};
  first.image.profile().udf_embedded_files = true;
  first.put("/small", "in its entry");
  first.put("/large", std::string(5000, 'l'));
  disc.burn(*first.image.create_result_image());
  for (const bool embedded : {true, false, true}) {
    FileSystemImage next;
    next.profile().udf_embedded_files = embedded;
    next.continue_disc(disc.read(), disc.media());
    const auto plan = next.plan();
    EXPECT_EQ(plan.kept().files + plan.kept().again, 2U);
    disc.burn(*plan.create_image());
    EXPECT_EQ(list(disc.read(), disc.starts().back(), View::udf), first.expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Media, Continuing, ::testing::Values(MediaClass::sequential, MediaClass::overwritable),
                         [](const auto& i) {
                           return std::string(i.param == MediaClass::sequential ? "Sequential" : "Overwritable");
                         });

TEST(Continuation, TheSameHistoryGivesTheSameBytes) {
  const auto make = [] {
    TrialDisc disc(MediaClass::overwritable);
    Author first;
    first.put("/a", "content");
    disc.burn(*first.image.create_result_image());
    Author next;
    next.image.continue_disc(disc.read(), disc.media());
    next.put("/b", "more");
    const auto image = next.image.create_result_image();
    disc.burn(*image);
    return std::pair(disc.bytes(), image->image_id());
  };
  EXPECT_EQ(make(), make());
}

// Without UDF trees and contents begin inside the first cluster of a session: not their copies at the front of the disc.
TEST(Continuation, NothingButDescriptorsGoesToTheFront) {
  TrialDisc disc(MediaClass::overwritable);
  Author first;
  first.image.profile().file_systems.udf = false;
  first.put("/OLD.BIN", std::string(3000, 'o'));
  disc.burn(*first.image.create_result_image());
  const Bytes before = disc.bytes();
  Author next;
  next.expected = first.expected;
  next.image.continue_disc(disc.read(), disc.media());
  next.put("/NEW.BIN", std::string(1'000'000, 'n'));
  const auto plan = next.image.plan();
  EXPECT_EQ(plan.kept().again, 1U);  // it lies in the cluster that is written anew
  const auto image = plan.create_image();
  ASSERT_EQ(image->replaced().size(), 1U);
  Bytes front(kCluster.bytes());
  image->replaced()[0].bytes->read_at(0, front);
  const auto descriptors_end = static_cast<std::ptrdiff_t>(Lba{16 + 3}.byte_offset());
  EXPECT_TRUE(std::equal(front.begin(), front.begin() + 16 * kBlockSize, before.begin()));
  EXPECT_TRUE(std::equal(front.begin() + descriptors_end, front.end(), before.begin() + descriptors_end));
  disc.burn(*image);
  for (const View view : {View::rockridge, View::joliet}) {
    EXPECT_EQ(list(disc.read(), {}, view), next.expected);
    const auto sessions = find_sessions(disc.read());
    ASSERT_EQ(sessions.size(), 2U);
    EXPECT_EQ(list(sessions[0].source, sessions[0].start, view), first.expected);
  }
}

TEST(Continuation, MediaThatTakeNoMoreAreRefused) {
  TrialDisc disc(MediaClass::sequential);
  Author first;
  first.put("/a", "content");
  disc.burn(*first.image.create_result_image());
  const auto refusal = [&](auto change) {
    auto media = disc.media();
    change(media);
    return test::error_of([&] { FileSystemImage().continue_disc(disc.read(), media); }).code();
  };
  EXPECT_EQ(refusal([](Media& m) { m.state = MediaState::closed; }), Errc::session_conflict);
  EXPECT_EQ(refusal([](Media& m) { m.state = MediaState::blank; }), Errc::session_conflict);
  EXPECT_EQ(refusal([](Media& m) { m.state = MediaState::damaged; }), Errc::session_conflict);
  EXPECT_EQ(refusal([](Media& m) { m.state = MediaState::absent; }), Errc::no_media);
  EXPECT_EQ(refusal([](Media& m) { m.write_protected = true; }), Errc::write_protected);
  EXPECT_EQ(refusal([](Media& m) { m.next_writable.reset(); }), Errc::session_conflict);
}

TEST(Continuation, AFailedOneLeavesTheImageAsItWas) {
  FileSystemImage image;
  image.tree().add_directory(kRootNode, "mine", {});
  TrialDisc disc(MediaClass::overwritable);
  Author first;
  first.put("/mine", "a file where a folder is");
  disc.burn(*first.image.create_result_image());
  EXPECT_EQ(test::error_of([&] { image.continue_disc(disc.read(), disc.media()); }).code(), Errc::duplicate_path);
  EXPECT_EQ(image.continuation(), nullptr);
  EXPECT_TRUE(image.tree().is_directory(*image.tree().find("/mine")));
}

TEST(Continuation, ContradictionsAreRefused) {
  const auto tree = std::make_shared<Tree>();
  const auto refused = [&](Continuation c, bool udf) {
    Profile p;
    p.file_systems.udf = udf;
    return test::error_of([&] { Plan(tree, p, std::make_shared<Continuation>(std::move(c))); }).code();
  };
  const Bytes cluster(kCluster.bytes());
  EXPECT_EQ(refused({.start = Lba{640}, .partition = {}}, true), Errc::invalid_argument);
  EXPECT_EQ(refused({.start = Lba{640}, .partition = PartitionStart{Lba{288}}}, false), Errc::invalid_argument);
  EXPECT_EQ(refused({.start = Lba{100}, .partition = PartitionStart{Lba{288}}}, true), Errc::invalid_argument);
  EXPECT_EQ(refused({.start = Lba{641}, .front = cluster}, false), Errc::invalid_argument);
  EXPECT_EQ(refused({.start = Lba{640}, .front = Bytes(10)}, false), Errc::invalid_argument);
  EXPECT_EQ(refused({.start = Lba{640}, .partition = PartitionStart{Lba{288}}, .front = cluster}, true),
            Errc::invalid_argument);
  EXPECT_EQ(refused({.start = Lba{640}, .boot_record = Bytes(10)}, false), Errc::invalid_argument);
}

}  // namespace
}  // namespace fsimage
