#include "progress_line.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

namespace fsimage::tools {
namespace {

std::string shown(bool terminal, bool quiet) {
  std::ostringstream out, err;
  Io io{.out = out, .err = err, .out_is_terminal = false, .err_is_terminal = terminal, .stop = {}, .environment = {}};
  {
    ProgressLine line(io, quiet);
    line.bytes("writing", 512, 2048);
  }
  return err.str();
}

TEST(ProgressLine, OnATerminalOnlyAndGoneAtTheEnd) {
  EXPECT_EQ(shown(false, false), "");
  EXPECT_EQ(shown(true, true), "");
  const auto text = shown(true, false);
  EXPECT_NE(text.find("writing  512 bytes of 2.0 KiB"), std::string::npos);
  EXPECT_EQ(text.back(), '\r');
}

BurnProgress midway() {
  using namespace std::chrono_literals;
  BurnProgress p;
  p.phase = Phase::writing;
  p.done = {300'000};
  p.total = {1'000'000};
  p.elapsed = 65s;
  p.bytes_per_second = 22'000'000;
  p.drive_buffer = BufferFill{2048, 2000};
  p.host_buffer = BufferFill{8, 6};
  p.path = "/pictures/2026/summer/holidays/beach \u00e9t\u00e9.jpeg";
  return p;
}

TEST(ProgressLine, TellsOfABurnWhatThereIsRoomFor) {
  auto p = midway();
  EXPECT_EQ(burn_text(p, 200),
            "writing  585.9 MiB of 1.9 GiB  30%  21.0 MiB/s  1:05 gone  1:05 left  drive 97%  ahead 75%  "
            "/pictures/2026/summer/holidays/beach \u00e9t\u00e9.jpeg");
  EXPECT_EQ(burn_text(p, 79),
            "writing  585.9 MiB of 1.9 GiB  30%  21.0 MiB/s  1:05 left  drive 97%  \u2026\u00e9t\u00e9.jpeg");
  EXPECT_EQ(burn_text(p, 40), "writing  585.9 MiB of 1.9 GiB  30%");
  p.bytes_per_second = 0;
  p.drive_buffer = p.host_buffer = std::nullopt;
  p.path = "/a\tb";
  EXPECT_EQ(burn_text(p, 79), "writing  585.9 MiB of 1.9 GiB  30%  /a\\x09b") << "a name is no terminal control";
  p.bytes_per_second = 100'000;
  EXPECT_NE(burn_text(p, 79).find("3:58:56 left"), std::string::npos) << burn_text(p, 79);
}

TEST(ProgressLine, NamesThePhasesThatCountNothing) {
  auto p = midway();
  for (const auto phase : {Phase::preparing, Phase::calibrating, Phase::closing}) {
    p.phase = phase;
    EXPECT_EQ(burn_text(p, 79), to_string(phase));
  }
  p.phase = Phase::formatting;
  EXPECT_EQ(burn_text(p, 40), "formatting  585.9 MiB of 1.9 GiB  30%");
  p.done = {};
  EXPECT_EQ(burn_text(p, 40), "formatting");
}

TEST(ProgressLine, ANewPhaseIsShownAtOnce) {
  std::ostringstream out, err;
  Io io{.out = out, .err = err, .err_is_terminal = true, .stop = {}, .environment = {}};
  ProgressLine line(io, false);
  const auto show = burn_progress(line);
  auto p = midway();
  show(p);
  p.phase = Phase::closing;
  show(p);
  EXPECT_NE(err.str().find("\rclosing"), std::string::npos) << err.str();
  ProgressLine quiet(io, true);
  EXPECT_FALSE(burn_progress(quiet)) << "nobody is told what is not shown";
}

}  // namespace
}  // namespace fsimage::tools
