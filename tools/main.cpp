// The process around the command: streams, signals, environment. A first SIGINT or SIGTERM asks the work to stop and clean
// up; a second ends the process at once. A reader that goes away ends it as it ends any filter, by SIGPIPE: what is saved
// to a file is never written to a pipe.

#include "app.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

namespace {

std::size_t columns_of(int terminal) {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : kUsual;
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
      if (!stop.request_stop()) _exit(fsimage::tools::kCancelled);
  }).detach();
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::stop_source stop;
  watch_signals(stop);
  fsimage::tools::Io io{
      .out = std::cout,
      .err = std::cerr,
      .out_is_terminal = isatty(STDOUT_FILENO) != 0,
      .err_is_terminal = isatty(STDERR_FILENO) != 0,
      .err_columns = columns_of(STDERR_FILENO),
      .stop = stop.get_token(),
      .environment = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
      },
      .in = &std::cin,
  };
  const std::vector<std::string> args(argv + 1, argv + argc);
  const int code = fsimage::tools::run(args, io);
  std::cout.flush();
  std::cerr.flush();
  _exit(code);  // the watching thread has no end of its own
}
