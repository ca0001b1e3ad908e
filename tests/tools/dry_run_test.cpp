// What `append --dry-run` says would be written is what is written: every block of it, on media of each class.
#include "support/command.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_discs.hpp"

#include <fsimage/core/units.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace fsimage::test {
namespace {

constexpr std::uint32_t kFront = 32, kAnchor = 256;  // the clusters that a further session replaces

// The number in front of `word`, "1,234 blocks".
std::uint32_t count_before(const std::string& line, const std::string& word) {
  auto at = line.find(" " + word);
  std::string digits;
  while (at-- > 0 && (std::isdigit(static_cast<unsigned char>(line[at])) != 0 || line[at] == ','))
    if (line[at] != ',') digits.insert(digits.begin(), line[at]);
  return static_cast<std::uint32_t>(std::stoul(digits));
}

// "would add a session at block 7,232: 400 blocks, ..."
struct Told {
  explicit Told(const std::string& line)
      : first(static_cast<std::uint32_t>(std::stoul(line.substr(line.find("at block ") + 9)))),
        blocks(count_before(line, "blocks")) {}
  std::uint32_t first, blocks;
};

class DryRun : public ::testing::TestWithParam<std::string> {
 protected:
  DryRun() {
    in_.write("first/docs/a.txt", "one");
    in_.write("first/big.bin", std::string(900'000, 'b'));
    in_.write("second/docs/b.txt", "two");
    in_.write("second/docs/a.txt", "one, again");
    in_.write("second/new.bin", std::string(30'000, 'n'));
    ok({"create", in_ / "first", "-o", in_ / "first.iso", "-q"});
    if (!is_file()) ok({"burn", in_ / "first.iso", "--to", disc() + "?media=" + GetParam() + "&capacity=40000", "-q"});
    if (is_file()) ok({"create", in_ / "first", "-o", file(), "-q"});
  }
  bool is_file() const { return GetParam().starts_with(kImageFile); }
  std::string file() const { return in_ / "disc"; }
  std::string disc() const { return is_file() ? file() : "mock:" + file(); }
  std::uint64_t front() const { return is_file() ? 0 : front_of(GetParam()); }

  // What is written is told from what was there even where it is zeros: nothing else of the disc is.
  void fill_what_is_free(std::uint32_t from, std::uint32_t blocks) const {
    std::fstream out(file(), std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>(front() + Lba{from}.byte_offset()));
    out << std::string(std::size_t{blocks} * kBlockSize, '\x55');
  }

  Words append(const Words& more) const {
    Words words{"append", disc(), in_ / "second"};
    if (GetParam() == "file_sequential") words.emplace_back("--sequential");
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  TempFolder in_;
};

TEST_P(DryRun, TellsWhatIsWritten) {
  const DiscBytes untouched(file());
  const auto dry = ok(append({"--dry-run"})).out;
  EXPECT_TRUE(DiscBytes(file()) == untouched);
  const Told told(dry);
  if (!is_file()) fill_what_is_free(told.first, 3000);
  const DiscBytes before(file());
  EXPECT_EQ(ok(append({"--dry-run"})).out, dry);

  const Told done(ok(append({})).err);
  EXPECT_EQ(done.first, told.first);
  EXPECT_EQ(done.blocks, told.blocks);
  const DiscBytes after(file());
  const auto session_at = front() + Lba{told.first}.byte_offset();
  // A file grows by the session, whose zeros are holes; of a disc, what it held is told from what it holds.
  const auto session = is_file() ? static_cast<std::uint32_t>((after.size() - session_at) / kBlockSize)
                                 : after.changed_blocks(before, session_at);
  const auto changed_in_front = after.changed_blocks(before, front()) - after.changed_blocks(before, session_at);
  const bool replaces = is_overwritable(GetParam()) || GetParam() == kImageFile;
  EXPECT_EQ(session + (replaces ? 2 * kFront : 0), told.blocks) << dry;
  if (!replaces) {
    EXPECT_EQ(changed_in_front, 0U);
    return;
  }
  EXPECT_GT(changed_in_front, 0U);
  for (const std::uint32_t at : {0U, kAnchor})  // nothing but what is in the two clusters
    EXPECT_TRUE(after.changed_blocks(before, front() + Lba{at + kFront}.byte_offset()) ==
                after.changed_blocks(before, at == 0 ? front() + Lba{kAnchor}.byte_offset() : session_at));
}

INSTANTIATE_TEST_SUITE_P(Discs, DryRun,
                         ::testing::Values("cd-r", "dvd-r", "dvd+r", "bd-r", "dvd-rw-overwrite", "dvd+rw", "dvd-ram",
                                           "bd-re", kImageFile, "file_sequential"),
                         name_of_medium);

// Ten of a thousand files change: their content is written, and of the rest nothing but structures.
TEST(DryRunOfAFewChanges, CountsNoOldContent) {
  const TempFolder in;
  for (int i = 0; i < 1000; ++i)
    in.write("in/" + std::to_string(i % 10) + "/" + std::to_string(i), std::string(5000, 'x'));
  ok({"create", in / "in", "-o", in / "a.iso", "-q"});
  for (int i = 0; i < 10; ++i)
    in.write("in/" + std::to_string(i) + "/" + std::to_string(i * 11), std::string(5000, 'y'));
  const auto dry = ok({"append", in / "a.iso", "--update", in / "in", "--dry-run", "--map"}).out;
  EXPECT_NE(dry.find("0 files are new, 10 changed, 990 unchanged"), std::string::npos)
      << dry.substr(dry.rfind("session"));
  std::size_t contents = 0;
  for (auto at = dry.find("content /"); at != std::string::npos; at = dry.find("content /", at + 1)) ++contents;
  EXPECT_EQ(contents, 10U);
}

}  // namespace
}  // namespace fsimage::test
