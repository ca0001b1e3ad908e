#include "app.hpp"
#include "process.hpp"

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
  namespace tools = fsimage::tools;
  std::ios::sync_with_stdio(false);
  const auto process = tools::begin_process(argc, argv);
  std::stop_source stop;
  tools::watch_signals(stop);
  tools::Io io{
      .out = std::cout,
      .err = std::cerr,
      .out_is_terminal = process.out_is_terminal,
      .err_is_terminal = process.err_is_terminal,
      .err_columns = process.err_columns,
      .stop = stop.get_token(),
      .environment = tools::environment,
      .in = &std::cin,
  };
  const int code = tools::run(process.args, io);
  std::cout.flush();
  std::cerr.flush();
  tools::end_process(code);
}
