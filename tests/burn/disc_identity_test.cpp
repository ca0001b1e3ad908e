#include "import/sample_volume.hpp"
#include "support/error_of.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

using test::error_of;
using test::SampleVolume;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Disc {
  Media media;
  std::shared_ptr<const ByteSource> content;
};

Media file_media(const ByteSource& content) {
  Media m;
  m.type = MediaType::file;
  m.media_class = MediaClass::overwritable;
  m.state = MediaState::appendable;
  m.next_writable = Lba{};
  m.used = blocks_for(content.size());
  return m;
}

Disc file_disc(std::shared_ptr<const ByteSource> content) {
  auto media = file_media(*content);
  return {std::move(media), std::move(content)};
}

// The same blocks as the only session of a disc that is written once.
Disc cd_r(std::shared_ptr<const ByteSource> content) {
  Media m;
  m.type = MediaType::cd_r;
  m.media_class = MediaClass::sequential;
  m.state = MediaState::appendable;
  m.used = blocks_for(content->size());
  m.sessions = {{Lba{}, Lba{m.used.value - 1}}};
  m.next_writable = Lba{m.used.value + 11'400};
  m.disc_id = "00a1b2c3";
  return {std::move(m), std::move(content)};
}

std::shared_ptr<Tree> tree_of(const std::string& name, const std::string& content) {
  auto tree = std::make_shared<Tree>(test::sample_attributes(0755));
  const auto docs = tree->add_directory(kRootNode, "docs", test::sample_attributes(0755));
  tree->add_file(docs, name, test::sample_attributes(0644), std::make_shared<MemorySource>(content));
  return tree;
}

std::shared_ptr<const ByteSource> volume(const std::string& label = "A", const std::string& name = "alpha",
                                         const std::string& content = std::string(70'000, 'a')) {
  Profile profile;
  profile.volume_name = label;
  return SampleVolume(tree_of(name, content), profile).source();
}

DiscIdentity identity_of(const Disc& disc, const DiscIdentity* like = nullptr) {
  return identify_disc(disc.media, disc.content, like);
}

TEST(DiscIdentity, SaysWhatTheDiscIs) {
  const auto disc = cd_r(volume("BACKUP 7"));
  const auto id = identity_of(disc);
  EXPECT_EQ(id.media, MediaType::cd_r);
  EXPECT_EQ(id.disc_id, "00a1b2c3");
  EXPECT_EQ(id.sessions, 1U);
  EXPECT_EQ(id.last_session, disc.media.sessions[0]);
  EXPECT_EQ(id.next_writable, disc.media.next_writable);
  EXPECT_EQ(id.used, disc.media.used);
  EXPECT_EQ(id.digest.size(), 64U);
  EXPECT_EQ(id.unreadable, 0U);
  std::set<View> views;
  for (const auto& v : id.volumes) views.insert(v.view);
  EXPECT_EQ(views, (std::set<View>{View::iso9660, View::joliet, View::udf}));
  EXPECT_EQ(id.volumes.back().name, "BACKUP 7");
}

TEST(DiscIdentity, CoversDescriptorsFoldersSamplesAndTheEnd) {
  const SampleVolume sample;
  const auto id = identity_of(file_disc(sample.source()));
  const auto covers = [&](std::uint32_t block) {
    return std::ranges::any_of(id.covered, [&](const BlockRange& r) {
      return block >= r.first.value && block - r.first.value < r.blocks.value;
    });
  };
  for (const char* label :
       {"iso9660/primary volume descriptor", "joliet/directory /docs", "udf/file entry /docs/a.txt"})
    EXPECT_TRUE(covers(sample.place(label).value)) << label;
  EXPECT_TRUE(covers(0));
  EXPECT_TRUE(covers(256));
  EXPECT_TRUE(covers(sample.blocks() - 1));
  EXPECT_FALSE(covers(sample.blocks()));
}

TEST(DiscIdentity, OfABlankDisc) {
  Media blank;
  blank.type = MediaType::bd_r;
  blank.media_class = MediaClass::sequential;
  blank.state = MediaState::blank;
  blank.next_writable = Lba{};
  const auto id = identify_disc(blank, nullptr);
  EXPECT_EQ(id.sessions, 0U);
  EXPECT_FALSE(id.last_session);
  EXPECT_TRUE(id.covered.empty());
  EXPECT_EQ(id, identify_disc(blank, std::make_shared<ZeroSource>(1 << 20)));
  EXPECT_THAT(differences(id, identity_of(cd_r(volume()))), ::testing::Not(IsEmpty()));
}

// Every disc below differs from every other, in both directions, and is itself again when it is looked at again.
TEST(DiscIdentity, TellsEveryPairApart) {
  std::vector<std::pair<std::string, Disc>> discs;
  discs.emplace_back("file", file_disc(volume()));
  discs.emplace_back("same files in other bytes", file_disc(volume("A", "alpha", std::string(70'000, 'b'))));
  discs.emplace_back("same sizes, another name", file_disc(volume("A", "omega")));
  discs.emplace_back("another label", file_disc(volume("B")));
  {
    SampleVolume longer(tree_of("alpha", std::string(70'000, 'a')), [] {
      Profile p;
      p.volume_name = "A";
      return p;
    }());
    longer.append(32);
    discs.emplace_back("something behind the image", file_disc(longer.source()));
  }
  discs.emplace_back("cd-r", cd_r(volume()));
  const auto variant = [&](const std::string& name, const std::function<void(Media&)>& change) {
    auto disc = cd_r(volume());
    change(disc.media);
    discs.emplace_back(name, disc);
  };
  variant("another disc id", [](Media& m) { m.disc_id = "00a1b2c4"; });
  variant("dvd-r", [](Media& m) { m.type = MediaType::dvd_minus_r; });
  variant("closed", [](Media& m) { m.next_writable.reset(); });
  variant("one more session", [](Media& m) {
    m.sessions.push_back({Lba{m.used.value + 11'400}, Lba{m.used.value + 11'800}});
    m.used = {m.used.value + 11'801};
  });
  variant("next address", [](Media& m) { m.next_writable = Lba{m.next_writable->value + 32}; });

  for (const auto& [name, made_for] : discs) {
    const auto expected = identity_of(made_for);
    EXPECT_EQ(identity_of(made_for), expected) << name;
    for (const auto& [other, here] : discs) {
      const auto lines = differences(identity_of(here, &expected), expected);
      if (name == other) {
        EXPECT_THAT(lines, IsEmpty()) << name;
      } else {
        EXPECT_FALSE(lines.empty()) << "made for " << name << ", burnt to " << other;
      }
    }
  }
}

// A drive's overwritable medium has blocks behind its last session: half of one that was never finished, or nothing.
TEST(DiscIdentity, WhatLiesBehindTheLastSessionOfAnOverwritableDiscDoesNotTell) {
  const auto disc = [](char behind) {
    SampleVolume sample;
    const auto end = sample.bytes().size();
    sample.append(4000);
    std::fill(sample.bytes().begin() + static_cast<std::ptrdiff_t>(end), sample.bytes().end(), std::byte(behind));
    Media m;
    m.type = MediaType::bd_re;
    m.media_class = MediaClass::overwritable;
    m.state = MediaState::appendable;
    m.next_writable = Lba{};
    return Disc{std::move(m), sample.source()};
  };
  const auto id = identity_of(disc(0));
  EXPECT_EQ(id.covered.back().first + id.covered.back().blocks, Lba{SampleVolume().blocks()});
  EXPECT_THAT(differences(identity_of(disc(7), &id), id), IsEmpty());
  EXPECT_EQ(identity_of(disc(7)), id);
}

// Any byte of a structure tells, wherever it is.
TEST(DiscIdentity, AnyByteThatIsCoveredTells) {
  const SampleVolume sample;
  const auto expected = identity_of(file_disc(sample.source()));
  for (const auto& r : expected.covered) {
    SampleVolume other;
    other.bytes()[r.first.byte_offset() + 77] ^= std::byte{1};
    const auto here = identity_of(file_disc(other.source()), &expected);
    EXPECT_NE(here.digest, expected.digest) << r.first.value;
  }
}

TEST(DiscIdentity, DifferencesSayWhatIsHereAndWhatWasExpected) {
  const auto expected = identity_of(cd_r(volume("B")));
  auto disc = cd_r(volume("A"));
  disc.media.type = MediaType::dvd_plus_r;
  disc.media.next_writable.reset();
  const auto lines = differences(identity_of(disc, &expected), expected);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], "medium: dvd+r here, cd-r on the disc that the image was made for");
  EXPECT_EQ(lines[1], "iso9660 volume: 'A' here, 'B' on the disc that the image was made for");
  EXPECT_EQ(lines[3], "udf volume: 'A' here, 'B' on the disc that the image was made for");
  EXPECT_THAT(lines[4], HasSubstr("next writable address: none here, block "));
  EXPECT_THAT(lines[5], HasSubstr("content: "));
}

// --- reading

// Fails from block `from` on, for `blocks` blocks.
class FailingDisc final : public ByteSource {
 public:
  FailingDisc(std::shared_ptr<const ByteSource> disc, std::uint32_t from, std::uint32_t blocks, std::error_code code)
      : disc_(std::move(disc)), from_(from), blocks_(blocks), code_(code) {}
  std::uint64_t size() const override { return disc_->size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    const auto first = offset / kBlockSize, end = (offset + out.size() + kBlockSize - 1) / kBlockSize;
    if (first < std::uint64_t{from_} + blocks_ && end > from_) throw Error(code_, {}, "as told");
    disc_->read_at(offset, out);
  }

 private:
  std::shared_ptr<const ByteSource> disc_;
  std::uint32_t from_, blocks_;
  std::error_code code_;
};

// The run-out blocks of a CD: they belong to it, and nobody can read them.
TEST(DiscIdentity, BlocksThatCannotBeReadAreCounted) {
  auto disc = cd_r(volume());
  const auto good = identity_of(disc);
  const auto end = disc.media.used.value;
  disc.content = std::make_shared<FailingDisc>(disc.content, end - 2, 2, std::make_error_code(std::errc::io_error));
  const auto here = identity_of(disc);
  EXPECT_EQ(here.unreadable, 2U);
  EXPECT_EQ(here, identity_of(disc));
  EXPECT_THAT(differences(identity_of(disc, &good), good), ElementsAre(HasSubstr("2 of them cannot be read here")));
}

TEST(DiscIdentity, ADiscThatHasGoneIsAnError) {
  auto disc = cd_r(volume());
  disc.content = std::make_shared<FailingDisc>(disc.content, disc.media.used.value - 1, 1, Errc::no_media);
  EXPECT_EQ(error_of([&] { identity_of(disc); }).code(), Errc::no_media);
}

TEST(DiscIdentity, CanBeStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto disc = cd_r(volume());
  EXPECT_EQ(error_of([&] { identify_disc(disc.media, disc.content, nullptr, stop.get_token()); }).code(),
            Errc::cancelled);
}

TEST(DiscIdentity, ADiscOfNothingKnown) {
  const auto noise = [](char c) { return std::make_shared<MemorySource>(std::string(300 * kBlockSize, c)); };
  const auto id = identity_of(file_disc(noise('x')));
  EXPECT_EQ(id.sessions, 0U);
  EXPECT_FALSE(differences(identity_of(file_disc(noise('y')), &id), id).empty());
}

TEST(DiscIdentity, BudgetsHold) {
  auto like = identity_of(file_disc(volume()));
  like.covered = {{Lba{0}, BlockCount{kMostCoveredBlocks + 1}}};
  EXPECT_EQ(error_of([&] { identity_of(file_disc(volume()), &like); }).code(), Errc::limit_exceeded);
  like.covered = {{Lba{0}, BlockCount{kMostCoveredBlocks}}};
  EXPECT_GT(identity_of(file_disc(volume()), &like).unreadable, 0U) << "behind the end";

  auto tree = std::make_shared<Tree>(test::sample_attributes(0755));
  for (int i = 0; i < 20'000; ++i)
    tree->add_file(kRootNode, "file " + std::to_string(i), test::sample_attributes(0644), ContentId{});
  const auto big = identity_of(file_disc(SampleVolume(tree).source()));
  std::uint64_t blocks = 0;
  for (const auto& r : big.covered) blocks += r.blocks.value;
  EXPECT_LE(blocks, 8192U);
  EXPECT_GT(blocks, 1024U);
}

// --- JSON

TEST(DiscIdentity, JsonBothWays) {
  for (const auto& disc : {cd_r(volume("\xC3\xA4 \"quoted\"\n")), file_disc(volume())}) {
    const auto id = identity_of(disc);
    EXPECT_EQ(parse_disc_identity(to_json(id)), id);
    EXPECT_EQ(to_json(parse_disc_identity(to_json(id))), to_json(id));
    EXPECT_EQ(parse_media(to_json(disc.media)), disc.media);
  }
  Media m;
  m.capacity = BlockCount{0xFFFFFFFF};
  m.free = BlockCount{7};
  m.final_session = m.write_protected = true;
  m.write_speeds = {8467, 1411};
  EXPECT_EQ(parse_media(to_json(m)), m);
}

TEST(DiscIdentity, JsonOfAFile) {
  Media m;
  m.type = MediaType::dvd_plus_r;
  m.media_class = MediaClass::sequential;
  m.state = MediaState::appendable;
  m.used = {336};
  m.sessions = {{Lba{}, Lba{335}}};
  m.next_writable = Lba{7232};
  m.write_unit = {16};
  EXPECT_EQ(
      to_json(m),
      R"({"type":"dvd+r","class":"sequential","state":"appendable","write_protected":false,"final_session":false,)"
      R"("capacity":null,"used":336,"free":null,"next_writable":7232,"write_unit":16,"sessions":[[0,335]],)"
      R"("disc_id":"","write_speeds":[]})");
}

TEST(DiscIdentity, JsonThatIsNone) {
  const auto good = to_json(identity_of(cd_r(volume())));
  const auto code_of = [](const std::string& text) { return error_of([&] { parse_disc_identity(text); }).code(); };
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& bad : std::vector<std::string>{
           std::string{},
           std::string{"{"},
           std::string{"[]"},
           std::string{"7"},
           good + "x",
           "\xEF\xBB\xBF{}",
           with("\"cd-r\"", "\"wax\""),
           with("\"sessions\":1", "\"sessions\":-1"),
           with("\"sessions\":1", "\"sessions\":1.5"),
           with("\"sessions\":1", "\"sessions\":4294967296"),
           with("\"sessions\":1", "\"sessions\":1,\"sessions\":1"),
           with("\"sessions\":1,", ""),
           with("\"last_session\":[0,", "\"last_session\":[4294967295,"),
           with("\"covered\":[[", "\"covered\":[[1,2],[0,1],["),
           with("\"covered\":[[", "\"covered\":[[0,0],["),
           with("\"covered\":[[", "\"covered\":[[4294967295,2],["),
           with("\"digest\":\"", "\"digest\":\"g"),
           with("\"volumes\":{", "\"volumes\":[],\"x\":{"),
       })
    EXPECT_EQ(code_of(bad), Errc::corrupt_structure) << bad.substr(0, 200);
  EXPECT_EQ(code_of(std::string(100, '[') + std::string(100, ']')), Errc::limit_exceeded);
  auto large = identity_of(cd_r(volume()));
  large.covered = {{Lba{0}, BlockCount{kMostCoveredBlocks + 1}}};
  EXPECT_EQ(code_of(to_json(large)), Errc::limit_exceeded);
  // Members of a later version that this one need not know.
  EXPECT_EQ(to_json(parse_disc_identity(with("{\"media\"", "{\"later\":{\"x\":[1]},\"media\""))), good);
}

}  // namespace
}  // namespace fsimage
