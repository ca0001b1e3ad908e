// What the command's process has from the system: arguments, terminals, environment, and how it is told to stop. For main()
// alone. On Windows all texts are UTF-8 here and UTF-16 there, and standard streams are bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace fsimage::tools {

struct Process {
  std::vector<std::string> args;  // without the program's name
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t err_columns = 80;
};

// To be called before any output, and before any other thread is there.
Process begin_process(int argc, char** argv);

// From here on a first Ctrl-C, and whatever else ends programs kindly, asks the work to stop and clean up; a second ends the
// process at once, as cancelled.
void watch_signals(const std::stop_source& stop);

std::optional<std::string> environment(const std::string& name);

// Without waiting for the threads that are still there: the one that takes signals has no end of its own.
[[noreturn]] void end_process(int code);

}  // namespace fsimage::tools
