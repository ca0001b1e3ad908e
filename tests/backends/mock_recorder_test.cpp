#include "support/error_of.hpp"
#include "support/recorder_contract.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace fsimage {
namespace {

using test::Bytes;
using test::error_of;
using test::noise;
using test::TempFolder;
using test::TrialImage;

constexpr std::chrono::milliseconds kAlways{0};

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (auto& c : name) c = c == '-' ? '_' : c == '+' ? 'p' : c;
  return name;
}

class MockMedia : public ::testing::TestWithParam<std::string> {
 protected:
  // A recorder with a disc of that file; a small blank one when there is none.
  std::unique_ptr<MockRecorder> insert(const std::string& file, const std::string& faults = {}, unsigned polls = 1) {
    return std::make_unique<MockRecorder>(MockOptions{.path = folder_ / file,
                                                      .media = GetParam(),
                                                      .capacity = 64'000,
                                                      .faults = faults,
                                                      .polls = polls,
                                                      .progress_interval = kAlways});
  }
  TempFolder folder_;
};

TEST_P(MockMedia, IsARecorder) {
  int discs = 0;
  std::vector<std::string> violations;
  class Watched final : public Recorder {
   public:
    Watched(std::unique_ptr<MockRecorder> of, std::vector<std::string>& violations)
        : of_(std::move(of)), violations_(violations) {}
    ~Watched() override {
      for (const auto& v : of_->violations()) violations_.push_back(v);
    }
    RecorderInfo info() const override { return of_->info(); }
    Media media() override { return of_->media(); }
    void burn(const ResultImage& image, const BurnOptions& options, const ProgressFn& progress,
              std::stop_token stop) override {
      of_->burn(image, options, progress, std::move(stop));
    }
    std::unique_ptr<ByteSource> read_back() override { return of_->read_back(); }
    void erase(EraseKind kind, const ProgressFn& progress, std::stop_token stop) override {
      of_->erase(kind, progress, std::move(stop));
    }
    void tray(Tray tray) override { of_->tray(tray); }

   private:
    std::unique_ptr<MockRecorder> of_;
    std::vector<std::string>& violations_;
  };
  const auto blank = [&]() -> std::unique_ptr<Recorder> {
    std::filesystem::remove(folder_ / std::to_string(discs));
    return std::make_unique<Watched>(insert(std::to_string(++discs)), violations);
  };
  test::expect_recorder(blank);
  if (GetParam().find('w') != std::string::npos || GetParam() == "dvd-ram" || GetParam() == "bd-re")
    test::expect_erases(blank);
  EXPECT_THAT(violations, ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, MockMedia, ::testing::ValuesIn(mock_media_names()), test_name);

}  // namespace
}  // namespace fsimage
