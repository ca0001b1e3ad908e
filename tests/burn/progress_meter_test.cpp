#include "support/error_of.hpp"

#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/image/result_image.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace fsimage {
namespace {

struct Log {
  std::vector<std::string> lines;
  ProgressFn fn = [this](const BurnProgress& p) {
    lines.push_back(std::string(to_string(p.phase)) + " " + std::to_string(p.done.value) + "/" +
                    std::to_string(p.total.value) + (p.reversible ? "" : " changed") + (p.cancellable ? "" : " fixed"));
    EXPECT_GE(p.elapsed.count(), 0);
  };
};

TEST(ProgressMeter, TellsTheFirstAndTheLastOfEachPhase) {
  Log log;
  ProgressMeter meter(log.fn, {}, {100}, std::chrono::hours(1));
  meter.begin(Phase::preparing);
  meter.begin(Phase::writing);
  meter.advance_to({50});  // within the interval
  meter.end(Phase::writing);
  meter.begin(Phase::closing, false);
  meter.end(Phase::done);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"preparing 0/100", "writing 0/100", "writing 100/100",
                                                 "closing 100/100 fixed", "done 100/100 fixed"}));
}

TEST(ProgressMeter, TellsThePointOfNoReturn) {
  Log log;
  ProgressMeter meter(log.fn, {}, {100}, std::chrono::seconds(0));
  meter.begin(Phase::writing);
  meter.cross_point_of_no_return();
  meter.advance_to({50});
  meter.begin(Phase::closing, false);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"writing 0/100", "writing 0/100 changed", "writing 50/100 changed",
                                                 "closing 50/100 changed fixed"}));
}

TEST(ProgressMeter, NeverGoesBackNorBeyond) {
  Log log;
  ProgressMeter meter(log.fn, {}, {100}, std::chrono::seconds(0));
  meter.begin(Phase::writing);
  meter.advance_to({60});
  meter.advance_to({40});
  meter.advance_to({140});
  EXPECT_EQ(log.lines,
            (std::vector<std::string>{"writing 0/100", "writing 60/100", "writing 60/100", "writing 100/100"}));
}

// Tells at the times and places that a test says.
class Told {
 public:
  explicit Told(BlockCount total)
      : meter(fn_, {}, total, std::chrono::milliseconds(100),
              [this] { return ProgressMeter::Clock::time_point(now_); }) {}
  const BurnProgress& at(std::chrono::milliseconds now, std::uint32_t done) {
    now_ = now;
    meter.advance_to({done});
    return last_;
  }
  const BurnProgress& last() const { return last_; }
  int words() const { return words_; }

 private:
  BurnProgress last_;
  int words_ = 0;
  ProgressFn fn_ = [this](const BurnProgress& p) {
    last_ = p;
    ++words_;
  };
  std::chrono::milliseconds now_{5000};  // a clock begins anywhere

 public:
  ProgressMeter meter;
};

TEST(ProgressMeter, TellsTimeRateAndWhatRemains) {
  using namespace std::chrono_literals;
  Told told({100'000});
  told.meter.begin(Phase::writing);
  EXPECT_EQ(told.last().elapsed, 0ms);
  EXPECT_EQ(told.last().bytes_per_second, 0U);
  EXPECT_EQ(told.last().remaining(), std::nullopt);
  told.at(5050ms, 100);
  EXPECT_EQ(told.words(), 1) << "within the interval";
  const auto& second = told.at(6000ms, 1000);
  EXPECT_EQ(second.elapsed, 1s);
  EXPECT_EQ(second.bytes_per_second, 2'048'000U);
  EXPECT_EQ(second.remaining(), 99s);
  for (int i = 2; i <= 20; ++i) told.at(5000ms + i * 1000ms, static_cast<std::uint32_t>(i) * 1000);
  EXPECT_EQ(told.last().bytes_per_second, 2'048'000U);
  for (int i = 1; i <= 20; ++i) told.at(25'000ms + i * 500ms, 20'000 + static_cast<std::uint32_t>(i) * 2000);
  EXPECT_EQ(told.last().bytes_per_second, 8'192'000U) << "the last seconds count, and no others";
  EXPECT_EQ(told.last().remaining(), 10s);
  EXPECT_EQ(told.at(95'000ms, 60'000).bytes_per_second, 0U) << "it stands still";
}

TEST(ProgressMeter, EachPhaseHasItsOwnRate) {
  using namespace std::chrono_literals;
  Told told({100'000});
  told.meter.begin(Phase::formatting);
  told.at(6000ms, 50'000);
  told.meter.begin(Phase::writing);
  EXPECT_EQ(told.last().bytes_per_second, 0U);
  EXPECT_EQ(told.at(7000ms, 51'000).bytes_per_second, 2'048'000U);
  told.meter.end(Phase::done);
  EXPECT_EQ(told.last().remaining(), 0s);
  EXPECT_EQ(told.last().elapsed, 2s);
}

TEST(ProgressMeter, TellsTheFileAndTheBuffersWhileItWrites) {
  using namespace std::chrono_literals;
  const auto bytes = [](std::size_t n) { return std::make_shared<MemorySource>(std::vector<std::byte>(n)); };
  const ResultImage image({{Lba{50}, bytes(2048), "udf/anchor"},
                           {Lba{51}, bytes(4096), "content /docs/a.txt"},
                           {Lba{53}, bytes(2048), "content /b"}},
                          {4}, "id", Lba{50});
  Told told({4});
  told.meter.follow(image);
  told.meter.begin(Phase::preparing);
  EXPECT_EQ(told.last().path, "");
  told.meter.begin(Phase::writing);
  EXPECT_EQ(told.last().path, "");
  told.meter.set_buffers(BufferFill{1000, 980}, BufferFill{300, 100});
  EXPECT_EQ(told.at(6000ms, 1).path, "/docs/a.txt");
  EXPECT_EQ(told.last().drive_buffer->percent(), 98U);
  EXPECT_EQ(told.last().host_buffer->percent(), 33U);
  EXPECT_EQ(told.at(7000ms, 2).path, "/docs/a.txt");
  EXPECT_EQ(told.at(8000ms, 3).path, "/b");
  EXPECT_EQ(told.at(9000ms, 4).path, "/b") << "the last one";
  told.meter.begin(Phase::closing, false);
  EXPECT_EQ(told.last().path, "");
  EXPECT_EQ(told.last().drive_buffer, std::nullopt);
  EXPECT_EQ((BufferFill{0, 0}.percent()), 0U);
}

TEST(ProgressMeter, StopsWhereItCan) {
  std::stop_source stop;
  const ProgressFn nobody;
  ProgressMeter meter(nobody, stop.get_token(), {100});
  meter.begin(Phase::writing);
  meter.begin(Phase::closing, false);
  stop.request_stop();
  meter.check_stop();
  meter.advance_to({100});
  meter.end(Phase::done);

  ProgressMeter other(nobody, stop.get_token(), {100});
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { other.begin(Phase::writing); }, [&] { other.advance_to({1}); }, [&] { other.check_stop(); }}) {
    EXPECT_EQ(test::error_of(call).code(), Errc::cancelled);
  }
}

TEST(ProgressMeter, ACallbackThatRequestsAStopIsHeardAtOnce) {
  std::stop_source stop;
  const ProgressFn fn = [&](const BurnProgress&) { stop.request_stop(); };
  ProgressMeter meter(fn, stop.get_token(), {100});
  EXPECT_THROW(meter.begin(Phase::preparing), Error);
}

TEST(ProgressMeter, ACallbackMayThrow) {
  const ProgressFn fn = [](const BurnProgress&) { throw std::runtime_error("enough"); };
  ProgressMeter meter(fn, {}, {100});
  EXPECT_THROW(meter.begin(Phase::closing, false), std::runtime_error);
}

}  // namespace
}  // namespace fsimage
