// Whatever block the power is lost at while a further session is written, a disc shows the old state or the new one, never a
// mixture: the new session comes first, what leads to it last.
#include "mock_trees.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fsimage {
namespace {

namespace fs = std::filesystem;
using test::list;
using test::Listing;
using test::put;

class MockPower : public test::EachMedium {
 protected:
  void first_session() {
    MockRecorder recorder(options("first"));
    FileSystemImage image;
    put(image.tree(), "a.txt", "old");
    recorder.burn(*image.create_result_image(), {}, {}, {});
  }

  // Burns a second session onto a copy of the first disc. Gives every block that is replaced, and every one of the session.
  std::vector<std::uint32_t> second_session(const std::string& fault) {
    fs::copy_file(folder_ / "first", folder_ / "disc", fs::copy_options::overwrite_existing);
    MockRecorder recorder(options("disc", fault));
    FileSystemImage image;
    image.continue_disc(recorder.read_back(), recorder.media());
    put(image.tree(), "a.txt", "new");
    put(image.tree(), "b.txt", "added");
    const auto result = image.create_result_image();
    std::vector<std::uint32_t> blocks;
    for (const auto& extent : result->replaced())
      for (std::uint32_t i = 0; i < blocks_for(extent.bytes->size()).value; ++i)
        blocks.push_back(extent.start.value + i);
    for (std::uint32_t i = 0; i < result->total_blocks().value; ++i) blocks.push_back(result->first_block().value + i);
    try {
      recorder.burn(*result, {}, {}, {});
      EXPECT_TRUE(fault.empty());
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), std::errc::no_such_device);
    }
    expect_no_violations(recorder);
    return blocks;
  }

  // What somebody sees who knows no more than where the first session starts: on overwritable media the front.
  Listing state(View view) {
    MockRecorder recorder(options("disc"));
    return list(choose_session(recorder.read_back(), 1, {.starts = {Lba{0}}}), view);
  }
  using States = std::map<View, Listing>;
  static States states(const Session& session) {
    States out;
    for (const View view : {View::rockridge, View::joliet, View::udf}) out[view] = list(session, view);
    return out;
  }
  States front_states() {
    MockRecorder recorder(options("disc"));
    return states(choose_session(recorder.read_back(), 1, {.starts = {Lba{0}}}));
  }
  // What our own readers take for the newest session.
  States newest_states() {
    MockRecorder recorder(options("disc"));
    return states(choose_session(recorder.read_back(), 0, session_hint(recorder.media())));
  }
};
INSTANTIATE_TEST_SUITE_P(All, MockPower, ::testing::ValuesIn(mock_media_names()), test::name_of_medium);

TEST_P(MockPower, ACutLeavesTheOldOrTheNewState) {
  const Listing old_state{{"/a.txt", "old"}}, new_state{{"/a.txt", "new"}, {"/b.txt", "added"}};
  first_session();
  const auto blocks = second_session("");
  ASSERT_GT(blocks.size(), 50U);
  for (const auto block : blocks) {
    second_session("write@" + std::to_string(block) + ":power");
    for (const auto& [view, found] : front_states())
      EXPECT_TRUE(found == old_state || (overwritable() && found == new_state))
          << to_string(view) << " after a cut at block " << block;
    for (const auto& [view, found] : overwritable() ? newest_states() : States{})
      EXPECT_TRUE(found == old_state || found == new_state) << to_string(view) << " after a cut at block " << block;
    if (HasFailure()) return;
  }
}

// A first session is not there, or it is there as a whole: in every view, though not in all of them at once.
TEST_P(MockPower, ACutLeavesNoHalfOfAFirstSession) {
  FileSystemImage image;
  const std::string big(700'000, 'b');
  put(image.tree(), "a.txt", "new");
  put(image.tree(), "big.bin", big);
  const auto result = image.create_result_image();
  const auto blocks = result->total_blocks().value;
  ASSERT_GT(blocks, 700U);
  int not_blank = 0;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    fs::remove(folder_ / "disc");
    {
      MockRecorder recorder(options("disc", "write@" + std::to_string(block) + ":power"));
      EXPECT_THROW(recorder.burn(*result, {}, {}, {}), Error);
      expect_no_violations(recorder);
    }
    const auto left = MockRecorder{options("disc")}.media().state;
    if (!overwritable()) {
      EXPECT_NE(left, MediaState::appendable) << "it is open, or blank still";
      continue;
    }
    if (left == MediaState::blank) continue;
    ++not_blank;
    Listing found;
    for (const View view : {View::rockridge, View::joliet, View::udf}) {
      try {
        found = state(view);
      } catch (const Error&) {
        continue;  // nothing that is known
      }
      EXPECT_EQ(found, (Listing{{"/a.txt", "new"}, {"/big.bin", big}}))
          << to_string(view) << " after a cut at block " << block;
    }
    if (HasFailure()) return;
  }
  EXPECT_TRUE(!overwritable() || not_blank > 0) << "nothing was looked at";
}

}  // namespace
}  // namespace fsimage
