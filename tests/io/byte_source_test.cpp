#include "support/byte_source_contract.hpp"

#include <fsimage/io/byte_source.hpp>

#include <gtest/gtest-spi.h>

#include <cstring>
#include <memory>
#include <string>

namespace fsimage {
namespace {

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : out) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

std::shared_ptr<const ByteSource> memory(std::string_view text) { return std::make_shared<MemorySource>(text); }

struct SourceCase {
  std::string name;
  std::shared_ptr<const ByteSource> source;
  std::string expected;
};

std::vector<SourceCase> source_cases() {
  const auto big = pattern(300001);
  const auto callback = [big](std::uint64_t offset, std::span<std::byte> out) {
    std::memcpy(out.data(), big.data() + offset, out.size());
  };
  const auto slice = [&](std::shared_ptr<const ByteSource> of, std::uint64_t at, std::uint64_t size) {
    return std::make_shared<SliceSource>(std::move(of), at, size);
  };
  return {
      {"memory", memory(big), big},
      {"memory_of_one_byte", memory("x"), "x"},
      {"memory_empty", memory(""), ""},
      {"zeros", std::make_shared<ZeroSource>(70000), std::string(70000, '\0')},
      {"zeros_none", std::make_shared<ZeroSource>(0), ""},
      {"callback", std::make_shared<CallbackSource>(big.size(), callback), big},
      {"callback_empty", std::make_shared<CallbackSource>(0, nullptr), ""},
      {"slice_whole", slice(memory(big), 0, big.size()), big},
      {"slice_inside", slice(memory(big), 1001, 200000), big.substr(1001, 200000)},
      {"slice_end", slice(memory(big), big.size() - 3, 3), big.substr(big.size() - 3)},
      {"slice_empty", slice(memory(big), big.size(), 0), ""},
      {"slice_of_slice", slice(slice(memory(big), 100, 5000), 50, 4000), big.substr(150, 4000)},
      {"slice_of_zeros", slice(std::make_shared<ZeroSource>(9000), 10, 5000), std::string(5000, '\0')},
  };
}

class ByteSourceContract : public ::testing::TestWithParam<SourceCase> {};
TEST_P(ByteSourceContract, Holds) { test::expect_byte_source(*GetParam().source, GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(Sources, ByteSourceContract, ::testing::ValuesIn(source_cases()),
                         [](const auto& i) { return i.param.name; });

TEST(ZeroSource, HundredGibibytesAreOneRun) {
  constexpr std::uint64_t kSize = std::uint64_t{100} << 30;
  const ZeroSource zeros(kSize);
  const auto run = zeros.run_at(5);
  EXPECT_EQ(run.kind, fsimage::Run::Kind::zeros);
  EXPECT_EQ(run.length, kSize - 5);
  test::expect_byte_source(SliceSource(std::make_shared<ZeroSource>(kSize + 7), 7, kSize), zeros);
}

TEST(SliceSource, CutsTheRunsOfItsSource) {
  const SliceSource slice(std::make_shared<ZeroSource>(1000), 100, 300);
  const auto run = slice.run_at(299);
  EXPECT_EQ(run.kind, fsimage::Run::Kind::zeros);
  EXPECT_EQ(run.length, 1U);
}

TEST(SliceSource, LiesInsideItsSource) {
  const auto of = memory("abc");
  EXPECT_NO_THROW(SliceSource(of, 3, 0));
  EXPECT_THROW(SliceSource(of, 0, 4), std::logic_error);
  EXPECT_THROW(SliceSource(of, 4, 0), std::logic_error);
  EXPECT_THROW(SliceSource(of, ~std::uint64_t{0}, 2), std::logic_error) << "the sum wraps";
}

TEST(ByteSource, NoRunAtTheEnd) {
  EXPECT_THROW(memory("abc")->run_at(3), std::logic_error);
  EXPECT_THROW(ZeroSource(3).run_at(3), std::logic_error);
  EXPECT_THROW(SliceSource(memory("abc"), 1, 1).run_at(1), std::logic_error) << "though its source goes on";
}

TEST(CallbackSource, PassesOnWhatTheFunctionThrows) {
  const CallbackSource source(10, [](std::uint64_t, std::span<std::byte>) { throw std::runtime_error("no bytes"); });
  std::byte b;
  EXPECT_THROW(source.read_at(0, {&b, 1}), std::runtime_error);
  EXPECT_NO_THROW(source.read_at(0, {})) << "nothing to ask for";
}

// The suite itself: each kind of lie is noticed.
class Lying final : public ByteSource {
 public:
  enum class Lie { zero_run, long_run, empty_run, short_read, wide_read };
  Lying(std::string_view text, Lie lie) : truth_(text), lie_(lie) {}
  std::uint64_t size() const override { return truth_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    truth_.read_at(offset, out);
    if (out.empty()) return;
    if (lie_ == Lie::short_read) out.back() ^= std::byte{1};
    if (lie_ == Lie::wide_read) out.data()[out.size()] = std::byte{0};
  }
  Run run_at(std::uint64_t offset) const override {
    Run run = ByteSource::run_at(offset);
    if (lie_ == Lie::zero_run) run.kind = fsimage::Run::Kind::zeros;
    if (lie_ == Lie::long_run) ++run.length;
    if (lie_ == Lie::empty_run) run.length = 0;
    return run;
  }

 private:
  MemorySource truth_;
  Lie lie_;
};

bool notices(Lying::Lie lie) {
  ::testing::TestPartResultArray failures;
  {
    ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    const auto text = pattern(5000);
    const Lying liar(text, lie);
    if (lie == Lying::Lie::short_read || lie == Lying::Lie::wide_read) {
      test::contract::expect_reads(liar, MemorySource(text));
    } else {
      test::contract::expect_true_runs(liar, MemorySource(text));
    }
  }
  return failures.size() > 0;
}

TEST(ByteSourceContractItself, NoticesLies) {
  for (const auto lie : {Lying::Lie::zero_run, Lying::Lie::long_run, Lying::Lie::empty_run, Lying::Lie::short_read,
                         Lying::Lie::wide_read})
    EXPECT_TRUE(notices(lie)) << static_cast<int>(lie);
}

}  // namespace
}  // namespace fsimage
