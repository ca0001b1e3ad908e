#include "progress_line.hpp"

#include <gtest/gtest.h>

#include <sstream>

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

}  // namespace
}  // namespace fsimage::tools
