// The fsimage command as a function: main() and the tests call it alike. Nothing here knows the process's streams,
// signals or environment but through Io.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace fsimage::tools {

struct Io {
  std::ostream& out;             // results; binary when an image goes to "-"
  std::ostream& err;             // errors, findings, progress
  bool out_is_terminal = false;  // an image is not written to a terminal
  bool err_is_terminal = false;  // progress is shown
  std::size_t err_columns = 80;  // in a line of that terminal
  std::stop_token stop;          // Ctrl-C
  std::function<std::optional<std::string>(const std::string& name)> environment;
  std::istream* in = nullptr;  // lists named '-'; may be missing
};

enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2, kCancelled = 3 };

// args without the program's name. Never throws.
int run(std::span<const std::string> args, Io& io);

}  // namespace fsimage::tools
