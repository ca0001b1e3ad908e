// What is a session, and what only looks like one. Real ones are in sessions_foreign_test.cpp.
#include "sample_volume.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/import/sessions.hpp>
#include <support/error_of.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

namespace fsimage::test {
namespace {

WalkResult walk_session(const Session& session, View view = View::none) {
  return walk_volume(session.source, {.view = view, .session = session.start});
}

// A volume, then zeros up to 100 GiB.
class Sparse final : public ByteSource {
 public:
  explicit Sparse(std::shared_ptr<const ByteSource> head) : head_(std::move(head)) {}
  std::uint64_t size() const override { return std::uint64_t{100} << 30; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::fill(out, std::byte{});
    if (offset >= head_->size()) return;
    head_->read_at(offset,
                   out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), head_->size() - offset))));
  }
  Run run_at(std::uint64_t offset) const override {
    if (offset < head_->size()) return {.length = head_->size() - offset, .file = {}};
    return {.kind = Run::Kind::zeros, .length = size() - offset, .file = {}};
  }

 private:
  std::shared_ptr<const ByteSource> head_;
};

TEST(Sessions, OfWhatIsNoDisc) {
  for (const std::uint64_t size : {0U, 1U, 2048U, 40'000U, 600U * 2048U}) {
    EXPECT_TRUE(find_sessions(std::make_shared<ZeroSource>(size)).empty()) << size;
    EXPECT_EQ(error_of([&] { choose_session(std::make_shared<ZeroSource>(size)); }).code(), Errc::not_found) << size;
  }
}

TEST(Sessions, OneImageIsOne) {
  const SampleVolume volume;
  const auto sessions = find_sessions(volume.source());
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].number, 1U);
  EXPECT_EQ(sessions[0].start, Lba{});
  EXPECT_FALSE(sessions[0].rebuilt);
  EXPECT_TRUE(sessions[0].found.has(View::udf));
  EXPECT_EQ(walk_session(sessions[0]).paths, walk_volume(volume, View::udf).paths);
  const auto error = error_of([&] { choose_session(volume.source(), 2); });
  EXPECT_EQ(error.code(), Errc::not_found);
  EXPECT_NE(error.message().find("there are 1"), std::string::npos) << error.message();
}

// What lies in a file, or behind the end, is not a session: its addresses do not fit its place.
TEST(Sessions, AnImageInsideIsNone) {
  const SampleVolume inner;
  auto tree = sample_tree();
  tree->add_file(kRootNode, "inner.iso", sample_attributes(0644), inner.source());
  SampleVolume volume(tree);
  EXPECT_EQ(find_sessions(volume.source()).size(), 1U);
  volume.append(5000);
  const auto at = std::size_t{volume.blocks() - 4096} * kBlockSize;
  SampleVolume behind;
  const auto bytes = behind.bytes();
  std::copy(bytes.begin(), bytes.end(), volume.bytes().begin() + static_cast<std::ptrdiff_t>(at));
  EXPECT_EQ(find_sessions(volume.source()).size(), 1U);
}

// A head that claims to be the copy of a session at the far end of 100 GiB of nothing.
TEST(Sessions, AreNotSoughtInHoles) {
  const auto start = std::clock();
  EXPECT_EQ(find_sessions(std::make_shared<Sparse>(SampleVolume().source())).size(), 1U);
  EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC);
}

// On a medium that can be written anywhere, what nothing leads to is left of a session that was never finished.
TEST(Sessions, BehindAFrontThatLeads) {
  SampleVolume first;
  FileSystemImage next;
  Media medium;
  medium.type = MediaType::file;
  medium.media_class = MediaClass::overwritable;
  medium.state = MediaState::appendable;
  medium.used = BlockCount{first.blocks()};
  next.continue_disc(first.source(), medium);
  const auto second = next.create_result_image();
  std::vector<std::byte> bytes(first.bytes().begin(), first.bytes().end());
  const auto at = static_cast<std::size_t>(second->first_block().byte_offset());
  const auto length = static_cast<std::size_t>(second->size());
  bytes.resize(at + length + (std::size_t{2} << 20));  // a medium is longer than what is on it
  second->read_at(0, std::span(bytes).subspan(at, length));
  const auto unfinished = std::make_shared<MemorySource>(bytes);
  EXPECT_EQ(find_sessions(unfinished).size(), 2U);
  const auto told = find_sessions(unfinished, {.front_leads = true});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].start, Lba{});

  for (const auto& e : second->replaced())
    e.bytes->read_at(0, std::span(bytes).subspan(static_cast<std::size_t>(e.start.byte_offset()),
                                                 static_cast<std::size_t>(e.bytes->size())));
  const auto finished = find_sessions(std::make_shared<MemorySource>(bytes), {.front_leads = true});
  ASSERT_EQ(finished.size(), 2U);
  EXPECT_TRUE(finished[0].rebuilt);
  EXPECT_EQ(finished[1].start, second->first_block());
}

// A drive's table of contents is believed, whatever lies there.
TEST(Sessions, StartsThatADriveTells) {
  const SampleVolume volume;
  const std::vector starts{Lba{64}, Lba{0}, Lba{64}, Lba{0xFFFF'FF00}};
  const auto sessions = find_sessions(volume.source(), {.starts = starts});
  ASSERT_EQ(sessions.size(), 3U);
  EXPECT_EQ(sessions[1].start, Lba{64});
  EXPECT_FALSE(sessions[1].found.has(View::iso9660));
  EXPECT_EQ(sessions[2].found.most_advanced(), View::none);
  EXPECT_EQ(sessions[0].end, Lba{64});

  const auto with_ends = find_sessions(volume.source(), {.starts = starts, .ends = {Lba{60}, Lba{0}, Lba{70}}});
  ASSERT_EQ(with_ends.size(), 3U);
  EXPECT_EQ(with_ends[0].end, Lba{60});
  EXPECT_EQ(with_ends[0].source->size(), Lba{60}.byte_offset());
  EXPECT_EQ(with_ends[1].end, Lba{70});
}

}  // namespace
}  // namespace fsimage::test
