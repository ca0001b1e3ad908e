#include "support/error_of.hpp"

#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

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
