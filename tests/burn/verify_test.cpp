#include "support/error_of.hpp"
#include "support/trial_image.hpp"

#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <stop_token>

namespace fsimage {
namespace {

using test::Bytes;
using test::error_of;
using test::TrialImage;
using ::testing::HasSubstr;

Error failure_of(const ResultImage& image, const ByteSource& medium, const VerifyOptions& options = {}) {
  return error_of([&] { verify_image(image, medium, {}, {}, options); });
}

// Counts the bytes that are read from a medium with holes.
class HoleyMedium final : public ByteSource {
 public:
  explicit HoleyMedium(Bytes bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    read += out.size();
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  Run run_at(std::uint64_t offset) const override {
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
    const auto data = std::find_if(from, bytes_.end(), [](std::byte b) { return b != std::byte{0}; });
    Run run;
    run.kind = data == from ? Run::Kind::bytes : Run::Kind::zeros;
    run.length = data == from ? 1 : static_cast<std::uint64_t>(data - from);
    return run;
  }
  mutable std::atomic<std::uint64_t> read = 0;

 private:
  Bytes bytes_;
};

TEST(Verify, AcceptsTheImageItself) {
  TrialImage trial;
  for (const std::size_t window : {std::size_t{2048}, std::size_t{70'000}, std::size_t{1} << 20, std::size_t{1} << 30})
    verify_image(*trial.image(), MemorySource(trial.bytes()), {}, {}, {.at = {}, .window = window});
}

TEST(Verify, SamplesAreTheEndsAndSomeBetween) {
  TrialImage trial;
  const auto& image = *trial.image();
  const auto blocks = image.total_blocks().value;
  ASSERT_GT(blocks, 9U);
  const auto finds = [&](std::uint32_t wrong, std::uint32_t samples) {
    auto bytes = trial.bytes();
    bytes[std::size_t{wrong} * kBlockSize + 5] ^= std::byte{1};
    try {
      verify_samples(image, MemorySource(std::move(bytes)), {}, samples);
      return false;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::verification_failed);
      EXPECT_EQ(e.where().lba, Lba{wrong});
      return true;
    }
  };
  verify_samples(image, MemorySource(trial.bytes()), {});
  for (const auto wrong : {0U, (blocks - 1) / 2, blocks - 1}) EXPECT_TRUE(finds(wrong, 3)) << wrong;
  EXPECT_FALSE(finds(1, 3));
  EXPECT_TRUE(finds(1, blocks));
  EXPECT_FALSE(finds(1, 1));
  auto bytes = trial.bytes();
  bytes.resize(bytes.size() - kBlockSize);
  EXPECT_EQ(error_of([&] { verify_samples(image, MemorySource(bytes), {}, 1); }).code(), Errc::verification_failed);
}

TEST(Verify, FindsAnyWrongByte) {
  TrialImage trial;
  std::mt19937 random(5);
  for (int i = 0; i < 25; ++i) {
    auto bytes = trial.bytes();
    const auto at = i == 0 ? 0 : i == 1 ? bytes.size() - 1 : random() % bytes.size();
    bytes[at] ^= std::byte{0x40};
    const auto e = failure_of(*trial.image(), MemorySource(std::move(bytes)), {.at = {}, .window = 65'536});
    ASSERT_EQ(e.code(), Errc::verification_failed) << at;
    ASSERT_TRUE(e.where().lba);
    EXPECT_EQ(e.where().lba->value, at / kBlockSize);
    EXPECT_EQ(e.where().path, trial.image()->path_at(*e.where().lba));
    EXPECT_THAT(e.message(), HasSubstr("byte " + std::to_string(at % kBlockSize) + " "));
  }
}

TEST(Verify, SaysWhatLiesThere) {
  TrialImage trial;
  const auto broken = [&](std::uint32_t block) {
    auto bytes = trial.bytes();
    bytes[block * kBlockSize + 5] ^= std::byte{1};
    return failure_of(*trial.image(), MemorySource(std::move(bytes)));
  };
  EXPECT_THAT(broken(16).message(), HasSubstr("metadata 16"));
  EXPECT_EQ(broken(27).where().path, "/docs/large.bin");
  EXPECT_THAT(broken(300).message(), HasSubstr("gap"));
}

TEST(Verify, TheFirstDifferenceIsNamedWhateverTheThreads) {
  TrialImage trial;
  auto bytes = trial.bytes();
  for (auto at = bytes.size() / 3; at < bytes.size(); at += 1000) bytes[at] ^= std::byte{1};
  const MemorySource medium(std::move(bytes));
  for (int i = 0; i < 20; ++i) {
    const auto e = failure_of(*trial.image(), medium, {.at = {}, .window = 4096, .workers = 4});
    EXPECT_EQ(e.where().lba->value, trial.bytes().size() / 3 / kBlockSize);
  }
}

TEST(Verify, AMediumMayBeLongerButNotShorter) {
  TrialImage trial;
  auto bytes = trial.bytes();
  bytes.resize(bytes.size() + 10'000, std::byte{9});
  verify_image(*trial.image(), MemorySource(bytes));
  bytes.resize(std::size_t{30} * kBlockSize + 1);
  const auto e = failure_of(*trial.image(), MemorySource(bytes));
  EXPECT_EQ(e.code(), Errc::verification_failed);
  EXPECT_EQ(e.where().lba, Lba{30});
  EXPECT_EQ(e.where().path, "/docs/large.bin");
  EXPECT_EQ(failure_of(*trial.image(), MemorySource(Bytes{})).where().lba, Lba{0});
}

TEST(Verify, AnImageMayBeginLaterOnTheMedium) {
  TrialImage trial;
  auto bytes = trial.bytes();
  bytes.insert(bytes.begin(), 3 * kBlockSize, std::byte{9});
  const MemorySource medium(std::move(bytes));
  verify_image(*trial.image(), medium, {}, {}, {.at = Lba{3}});
  EXPECT_EQ(failure_of(*trial.image(), medium).code(), Errc::verification_failed);
  EXPECT_THAT(failure_of(*trial.image(), medium, {.at = Lba{4}}).message(), HasSubstr("ends before"));
  EXPECT_THAT(failure_of(*trial.image(), medium, {.at = Lba{4'000'000}}).message(), HasSubstr("ends before"));
}

TEST(Verify, HolesOfBothSidesAreNotReadAndNothingElseIsLeftOut) {
  TrialImage trial;
  const HoleyMedium medium(trial.bytes());
  verify_image(*trial.image(), medium, {}, {}, {.at = {}, .window = 65'536});
  std::size_t data = 0;
  for (const auto b : trial.bytes()) data += b != std::byte{0} ? 1 : 0;
  EXPECT_GE(medium.read, data);
  EXPECT_LT(medium.read, trial.bytes().size() / 4 * 3);

  auto bytes = trial.bytes();
  bytes[1200 * kBlockSize] = std::byte{1};  // in the hole of the sparse file
  EXPECT_EQ(failure_of(*trial.image(), HoleyMedium(std::move(bytes))).where().lba, Lba{1200});
}

TEST(Verify, ProgressReachesTheTotal) {
  TrialImage trial;
  BlockCount last{}, total{};
  std::size_t calls = 0;
  verify_image(*trial.image(), MemorySource(trial.bytes()),
               [&](const BurnProgress& p) {
                 EXPECT_EQ(p.phase, Phase::verifying);
                 EXPECT_TRUE(p.cancellable);
                 EXPECT_GE(p.done, last);
                 last = p.done;
                 total = p.total;
                 ++calls;
               },
               {}, {.at = {}, .window = 65'536, .workers = 1, .progress_interval = std::chrono::milliseconds(0)});
  EXPECT_EQ(last, trial.image()->total_blocks());
  EXPECT_EQ(total, last);
  EXPECT_GT(calls, 30U);
}

TEST(Verify, StopsOnRequest) {
  TrialImage trial;
  std::stop_source stop;
  const auto e = error_of([&] {
    verify_image(*trial.image(), MemorySource(trial.bytes()),
                 [&](const BurnProgress& p) {
                   if (p.done.value > 100) stop.request_stop();
                 },
                 stop.get_token(),
                 {.at = {}, .window = 65'536, .workers = 2, .progress_interval = std::chrono::milliseconds(0)});
  });
  EXPECT_EQ(e.code(), Errc::cancelled);
}

TEST(Verify, AChangedSourceIsAnErrorOfItsOwn) {
  TrialImage trial;
  trial.image();
  const auto file = trial.sources().write("docs/c.txt", "something else");
  const auto e = failure_of(*trial.image(), MemorySource(trial.bytes()));
  EXPECT_EQ(e.code(), Errc::source_changed);
  EXPECT_EQ(e.where().path, file);
}

class Deaf final : public Recorder {
 public:
  RecorderInfo info() const override { return {"deaf", "the deaf one", {}, {}, {}}; }
  Media media() override { return {}; }
  void burn(const ResultImage&, const BurnOptions&, const ProgressFn&, std::stop_token) override {}
  std::unique_ptr<ByteSource> read_back() override { return nullptr; }
  void erase(EraseKind, const ProgressFn&, std::stop_token) override {}
  void tray(Tray) override {}
};

TEST(Verify, ARecorderThatReadsNothingBackIsAnError) {
  TrialImage trial;
  Deaf recorder;
  const auto e = error_of([&] { verify_image(*trial.image(), recorder); });
  EXPECT_EQ(e.code(), Errc::no_media);
  EXPECT_EQ(e.where().path, "the deaf one");
}

TEST(Verify, AWindowOfNothingIsRefused) {
  TrialImage trial;
  EXPECT_EQ(failure_of(*trial.image(), MemorySource(trial.bytes()), {.at = {}, .window = 0}).code(),
            Errc::invalid_argument);
}

}  // namespace
}  // namespace fsimage
