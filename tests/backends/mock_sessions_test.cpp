// Whole sessions on simulated discs: authored from what the drive reads back and says, burnt, verified, read in every view.
#include "mock_trees.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/import/sessions.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fsimage {
namespace {

using test::list;
using test::Listing;
using test::put;

class MockSessions : public test::EachMedium {
 protected:
  std::vector<Session> sessions(MockRecorder& recorder) {
    return find_sessions(recorder.read_back(), session_hint(recorder.media()));
  }
};
INSTANTIATE_TEST_SUITE_P(All, MockSessions, ::testing::ValuesIn(mock_media_names()), test::name_of_medium);

TEST_P(MockSessions, FiveSessionsShowOldAndNewInEveryView) {
  Listing expected;
  std::vector<Listing> history;
  for (int n = 1; n <= 5; ++n) {
    MockRecorder recorder(options("disc"));  // another day, another drive
    FileSystemImage image;
    if (n > 1) image.continue_disc(recorder.read_back(), recorder.media());
    put(image.tree(), "same name.txt", std::string(3000, static_cast<char>('a' + n)));
    expected["/same name.txt"] = std::string(3000, static_cast<char>('a' + n));
    const auto own = "of session " + std::to_string(n) + ".txt";
    put(image.tree(), own, own);
    expected["/" + own] = own;
    if (n == 4) {
      image.tree().remove(*image.tree().find("/of session 2.txt"));
      expected.erase("/of session 2.txt");
    }
    history.push_back(expected);
    const auto result = image.create_result_image();
    recorder.burn(*result, {.close_disc = n == 5}, {}, {});
    verify_image(*result, *recorder.read_back(), {}, {}, {.at = result->first_block()});

    const auto found = sessions(recorder);
    ASSERT_FALSE(found.empty());
    for (const View view : {View::rockridge, View::joliet, View::udf})
      EXPECT_EQ(list(found.back(), view), expected) << "session " << n << ", " << to_string(view);
    if (!overwritable()) {
      ASSERT_EQ(found.size(), history.size());
      for (std::size_t k = 0; k < found.size(); ++k) EXPECT_EQ(list(found[k], View::rockridge), history[k]);
      EXPECT_EQ(recorder.media().sessions.size(), history.size());
    }
    expect_no_violations(recorder);
  }
}

}  // namespace
}  // namespace fsimage
