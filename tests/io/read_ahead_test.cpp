#include "support/trial_image.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/read_ahead.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

namespace fsimage {
namespace {

using test::Bytes;
using test::noise;
using namespace std::chrono_literals;

struct Collected {
  Bytes bytes;
  std::uint64_t start = 0;
  std::thread::id thread = std::this_thread::get_id();

  ConsumeFn fn() {
    return [this](std::uint64_t offset, std::span<const std::byte> piece) {
      EXPECT_EQ(offset, start + bytes.size()) << "out of order";
      EXPECT_EQ(std::this_thread::get_id(), thread) << "not on the calling thread";
      bytes.insert(bytes.end(), piece.begin(), piece.end());
    };
  }
};

TEST(ReadAhead, GivesEveryByteInOrderWhateverTheWindow) {
  const MemorySource source(noise(100'003, 1));
  for (const std::size_t window : {std::size_t{1}, std::size_t{1000}, std::size_t{4096}, std::size_t{100'002},
                                   std::size_t{100'003}, std::size_t{1} << 40})
    for (const std::size_t workers : {1U, 2U, 5U}) {
      if (window == 1 && workers != 2) continue;
      Collected collected;
      read_ahead(source, collected.fn(), {.window = window, .workers = workers});
      EXPECT_TRUE(collected.bytes == noise(100'003, 1)) << "window " << window << ", workers " << workers;
    }
}

TEST(ReadAhead, ReadsAPart) {
  const auto all = noise(10'000, 2);
  const MemorySource source(all);
  Collected collected;
  collected.start = 1234;
  read_ahead(1234, 5000, [&](std::uint64_t offset, std::span<std::byte> out) { source.read_at(offset, out); },
             collected.fn(), {.window = 100, .workers = 3});
  EXPECT_TRUE(collected.bytes == Bytes(all.begin() + 1234, all.begin() + 6234));
}

TEST(ReadAhead, TellsHowMuchIsWaiting) {
  const MemorySource source(noise(10'500, 3));
  for (const std::size_t window : {1000U, 20'000U}) {
    std::uint64_t told = 0, consumed = 0;
    ReadAheadOptions options{.window = window, .workers = 3};
    options.fill = [&](std::uint64_t used, std::uint64_t size) {
      EXPECT_EQ(size, window == 1000 ? 5000U : 10'500U);
      EXPECT_LE(used, std::min(size, 10'500 - consumed));
      EXPECT_GE(used, std::min<std::uint64_t>(window, 10'500 - consumed)) << "what is about to be consumed";
      told = used;
    };
    read_ahead(
        source,
        [&](std::uint64_t, std::span<const std::byte> piece) {
          EXPECT_GE(told, piece.size());
          consumed += piece.size();
        },
        options);
    EXPECT_EQ(told, window == 1000 ? 500U : 10'500U) << "of the last window";
  }
}

TEST(ReadAhead, OfNothingReadsNothing) {
  const auto never = [](std::uint64_t, auto&&) { FAIL() << "called"; };
  read_ahead(7, 0, never, never);
  EXPECT_THROW(read_ahead(0, 10, never, never, {.window = 0}), Error);
}

TEST(ReadAhead, OneWindowNeedsNoThread) {
  const auto here = std::this_thread::get_id();
  read_ahead(
      0, 100, [&](std::uint64_t, std::span<std::byte>) { EXPECT_EQ(std::this_thread::get_id(), here); },
      [](std::uint64_t, std::span<const std::byte>) {}, {.window = 100});
}

TEST(ReadAhead, MemoryIsBounded) {
  std::atomic<int> read = 0;
  int consumed = 0;
  int most = 0;
  read_ahead(
      0, 1000, [&](std::uint64_t, std::span<std::byte>) { ++read; },
      [&](std::uint64_t, std::span<const std::byte>) {
        if (consumed == 5) std::this_thread::sleep_for(20ms);
        most = std::max(most, read - consumed);
        ++consumed;
      },
      {.window = 10, .workers = 3});
  EXPECT_EQ(consumed, 100);
  EXPECT_LE(most, 5);
  EXPECT_GE(most, 4) << "nobody read ahead";
}

TEST(ReadAhead, ReadersWorkAtTheSameTime) {
  std::atomic<int> inside = 0, most = 0;
  read_ahead(
      0, 100,
      [&](std::uint64_t, std::span<std::byte>) {
        const int now = ++inside;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {}
        std::this_thread::sleep_for(2ms);
        --inside;
      },
      [](std::uint64_t, std::span<const std::byte>) {}, {.window = 1, .workers = 4});
  EXPECT_GE(most, 2);
  EXPECT_LE(most, 4);
}

TEST(ReadAhead, AFailureWaitsForItsPlaceInTheOrder) {
  for (int round = 0; round < 30; ++round) {
    Collected collected;
    try {
      read_ahead(0, 1000,
                 [&](std::uint64_t offset, std::span<std::byte> out) {
                   if (offset == 500) std::this_thread::sleep_for(2ms);  // later windows fail sooner
                   if (offset >= 500) throw std::runtime_error(std::to_string(offset));
                   std::fill(out.begin(), out.end(), std::byte{1});
                 },
                 collected.fn(), {.window = 10, .workers = 4});
      FAIL() << "no failure";
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "500");
    }
    EXPECT_EQ(collected.bytes, Bytes(500, std::byte{1}));
  }
}

TEST(ReadAhead, TheConsumerMayFail) {
  std::atomic<int> read = 0;
  int consumed = 0;
  EXPECT_THROW(read_ahead(
                   0, 100'000, [&](std::uint64_t, std::span<std::byte>) { ++read; },
                   [&](std::uint64_t, std::span<const std::byte>) {
                     if (++consumed == 3) throw std::runtime_error("full");
                   },
                   {.window = 1, .workers = 2}),
               std::runtime_error);
  EXPECT_EQ(consumed, 3);
  EXPECT_LE(read, 3 + 4);
}

TEST(ReadAhead, StopsBeforeItBegins) {
  std::stop_source stop;
  stop.request_stop();
  for (const std::uint64_t length : {10U, 1000U}) {
    try {
      read_ahead(
          0, length, [](std::uint64_t, std::span<std::byte>) {},
          [](std::uint64_t, std::span<const std::byte>) { FAIL() << "consumed"; }, {.window = 10}, stop.get_token());
      FAIL() << "not stopped";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::cancelled);
    }
  }
}

TEST(ReadAhead, StopsInTheMiddle) {
  std::stop_source stop;
  int consumed = 0;
  EXPECT_THROW(read_ahead(
                   0, 1000, [](std::uint64_t, std::span<std::byte>) {},
                   [&](std::uint64_t, std::span<const std::byte>) {
                     if (++consumed == 7) stop.request_stop();
                   },
                   {.window = 10, .workers = 2}, stop.get_token()),
               Error);
  EXPECT_EQ(consumed, 7);
}

TEST(ReadAhead, AStopRequestWakesAWaitingConsumer) {
  std::stop_source stop;
  std::atomic<bool> reading = false;
  std::thread stopper([&] {
    while (!reading) std::this_thread::yield();
    std::this_thread::sleep_for(5ms);
    stop.request_stop();
  });
  // The readers come back only when the stop has been requested, so nothing else can wake the consumer first.
  EXPECT_THROW(read_ahead(
                   0, 100,
                   [&](std::uint64_t, std::span<std::byte>) {
                     reading = true;
                     while (!stop.stop_requested()) std::this_thread::yield();
                   },
                   [](std::uint64_t, std::span<const std::byte>) { FAIL() << "consumed"; },
                   {.window = 10, .workers = 2}, stop.get_token()),
               Error);
  stopper.join();
}

TEST(ReadAhead, WhatHasBeenConsumedIsNotStopped) {
  for (const std::size_t window : {10U, 1000U}) {
    std::stop_source stop;
    std::uint64_t consumed = 0;
    read_ahead(
        0, 1000, [](std::uint64_t, std::span<std::byte>) {},
        [&](std::uint64_t, std::span<const std::byte> bytes) {
          consumed += bytes.size();
          if (consumed == 1000) stop.request_stop();
        },
        {.window = window, .workers = 2}, stop.get_token());
    EXPECT_EQ(consumed, 1000U);
  }
}

TEST(ReadAhead, AReaderMayAskToStop) {
  for (const std::size_t window : {10U, 1000U}) {  // by threads; by the caller
    std::stop_source stop;
    ReadAhead windows(
        0, 1000, [&](std::uint64_t, std::span<std::byte>) { stop.request_stop(); }, {.window = window, .workers = 2},
        stop.get_token());
    EXPECT_THROW(windows.front(), Error);
  }
}

TEST(ReadAhead, IsAskedForAsMuchAsIsWanted) {
  const auto all = noise(10'050, 4);
  const MemorySource source(all);
  for (const std::size_t workers : {0U, 1U, 4U}) {
    ReadAhead windows(1000, 9050, [&](std::uint64_t at, std::span<std::byte> out) { source.read_at(at, out); },
                      {.window = 100, .workers = workers});
    Bytes got;
    for (std::size_t step = 1; !windows.front().empty(); step = step % 130 + 1) {
      const auto n = std::min(step, windows.front().size());
      got.insert(got.end(), windows.front().begin(), windows.front().begin() + static_cast<std::ptrdiff_t>(n));
      windows.pop(n);
    }
    EXPECT_TRUE(got == Bytes(all.begin() + 1000, all.end())) << "workers " << workers;
    windows.pop(0);
    EXPECT_THROW(windows.pop(1), std::logic_error);
  }
}

TEST(ReadAhead, AFailureStaysWhereItIs) {
  ReadAhead windows(0, 1000,
                    [](std::uint64_t at, std::span<std::byte>) {
                      if (at >= 30) throw std::runtime_error("bad");
                    },
                    {.window = 10, .workers = 3});
  for (int i = 0; i < 3; ++i) windows.pop(windows.front().size());
  for (int i = 0; i < 2; ++i) EXPECT_THROW(windows.front(), std::runtime_error);
}

TEST(ReadAhead, MayBeLeftInTheMiddle) {
  std::atomic<int> inside = 0;
  {
    ReadAhead windows(0, 1 << 20,
                      [&](std::uint64_t, std::span<std::byte>) {
                        ++inside;
                        std::this_thread::sleep_for(1ms);
                        --inside;
                      },
                      {.window = 10, .workers = 3});
    EXPECT_EQ(windows.front().size(), 10U);
  }
  EXPECT_EQ(inside, 0) << "reads are under way";
}

TEST(ReadAhead, AllOfAnImage) {
  test::TrialImage trial;
  Collected collected;
  read_ahead(0, trial.image()->size(),
             [&](std::uint64_t offset, std::span<std::byte> out) { trial.image()->read_at(offset, out); },
             collected.fn(), {.window = 70'000, .workers = 3});
  EXPECT_TRUE(collected.bytes == trial.bytes());
}

}  // namespace
}  // namespace fsimage
