// One line on a terminal that is written over as work goes on; silent elsewhere.
#pragma once

#include "app.hpp"

#include <fsimage/burn/progress.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace fsimage::tools {

class ProgressLine {
 public:
  ProgressLine(Io& io, bool quiet)
      : out_(io.err), shown_(io.err_is_terminal && !quiet), columns_(io.err_columns > 1 ? io.err_columns - 1 : 1) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // "writing  1.2 GiB of 4.0 GiB  30%  410.2 MiB/s  7 s left"; rate and rest are of the current `what`.
  void bytes(const std::string& what, std::uint64_t done, std::uint64_t total);
  void text(const std::string& line, bool at_once = false);  // at most some ten times a second, but for `at_once`
  bool shown() const { return shown_; }
  std::size_t columns() const { return columns_; }  // that a line may have
  void clear();                                     // takes the line off the terminal

 private:
  bool due();
  void draw(const std::string& line);
  std::ostream& out_;
  bool shown_;
  std::size_t columns_;
  std::size_t width_ = 0;
  std::string what_;
  std::chrono::steady_clock::time_point started_{}, drawn_{};
};

// "writing  1.2 GiB of 4.0 GiB  30%  10.5 MiB/s  4:51 left  drive 98%  /docs/a.bin": what matters most, as far as there is
// room. "drive" and "ahead" are how full the drive's buffer is and what was read ahead for it.
std::string burn_text(const BurnProgress&, std::size_t columns);
// Shows how a burn goes; `line` must outlive the function. Empty when nothing is shown.
ProgressFn burn_progress(ProgressLine& line);

}  // namespace fsimage::tools
