#include "app.hpp"
#include "process.hpp"

#include <fsimage/core/text.hpp>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#ifndef NOMINMAX
#define NOMINMAX
#endif
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <shellapi.h>

namespace fsimage::tools {
namespace {

// What is no UTF-16 becomes no UTF-8 either, so that the library says which text it was.
std::string narrow(std::wstring_view text) {
  const std::u16string units(text.begin(), text.end());
  return to_utf8(units);
}

bool is_console(DWORD which) {
  DWORD mode = 0;
  return GetConsoleMode(GetStdHandle(which), &mode) != 0;
}

std::size_t columns_of_console(DWORD which) {
  CONSOLE_SCREEN_BUFFER_INFO info{};
  if (GetConsoleScreenBufferInfo(GetStdHandle(which), &info) == 0) return 80;
  return static_cast<std::size_t>(info.srWindow.Right - info.srWindow.Left) + 1;
}

// Of the process, as the handler is.
std::stop_source& stop_of_process() {
  static std::stop_source stop{std::nostopstate};
  return stop;
}
// What the console had, which outlives the process; 0 when it was left alone.
UINT& console_code_page() {
  static UINT page = 0;
  return page;
}

// Runs on a thread of the system's. When it returns from the news that the console, the session or the system ends, so does
// the process: until then there is time to clean up.
BOOL WINAPI handle_control(DWORD event) {
  if (!stop_of_process().request_stop()) {
    end_process(kCancelled);
  }
  constexpr DWORD kTimeToCleanUp = 4'000;
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) Sleep(kTimeToCleanUp);
  return TRUE;
}

}  // namespace

Process begin_process(int, char**) {
  for (std::FILE* const stream : {stdin, stdout, stderr}) _setmode(_fileno(stream), _O_BINARY);
  Process process{.args = {},
                  .out_is_terminal = is_console(STD_OUTPUT_HANDLE),
                  .err_is_terminal = is_console(STD_ERROR_HANDLE),
                  .err_columns = columns_of_console(STD_ERROR_HANDLE)};
  if (process.out_is_terminal || process.err_is_terminal) {
    console_code_page() = GetConsoleOutputCP();
    SetConsoleOutputCP(CP_UTF8);
  }
  int count = 0;
  wchar_t** const words = CommandLineToArgvW(GetCommandLineW(), &count);
  for (int i = 1; i < count; ++i) process.args.push_back(narrow(words[i]));
  LocalFree(words);
  return process;
}

void watch_signals(const std::stop_source& stop) {
  stop_of_process() = stop;
  SetConsoleCtrlHandler(handle_control, TRUE);
}

std::optional<std::string> environment(const std::string& name) {
  const auto units = to_utf16(name);
  if (!units) return std::nullopt;
  const wchar_t* const value = _wgetenv(std::wstring(units->begin(), units->end()).c_str());
  return value == nullptr ? std::nullopt : std::optional(narrow(value));
}

void end_process(int code) {
  if (console_code_page() != 0) SetConsoleOutputCP(console_code_page());
  std::_Exit(code);
}

}  // namespace fsimage::tools
