// A reader that goes away ends the command as it ends any filter, by SIGPIPE: what is saved to a file is never written to a
// pipe.
#include "app.hpp"
#include "process.hpp"

#include <csignal>
#include <cstdlib>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

namespace fsimage::tools {
namespace {

std::size_t columns_of_terminal(int terminal) {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : kUsual;
}

}  // namespace

Process begin_process(int argc, char** argv) {
  return {.args = std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc),
          .out_is_terminal = isatty(STDOUT_FILENO) != 0,
          .err_is_terminal = isatty(STDERR_FILENO) != 0,
          .err_columns = columns_of_terminal(STDERR_FILENO)};
}

// Signals are taken by a thread that waits for them, so that no code runs inside a handler.
void watch_signals(const std::stop_source& stop) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);  // before any other thread: all inherit it
  std::thread([set, stop]() mutable {
    int signal = 0;
    while (sigwait(&set, &signal) == 0)
      if (!stop.request_stop()) std::_Exit(kCancelled);
  }).detach();
}

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void end_process(int code) { std::_Exit(code); }

}  // namespace fsimage::tools
