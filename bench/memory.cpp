#include "memory.hpp"

#include <fstream>
#include <string>

#ifndef _WIN32
#include <sys/resource.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace fsimage::bench {
namespace {

// A line "Name:   123 kB" of the process's status, in bytes.
std::uint64_t status(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  return 0;
}

}  // namespace

void PeakMemory::reset() {
#ifdef __GLIBC__
  malloc_trim(0);  // what was freed before must not hide what comes
#endif
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): resets VmHWM to the current VmRSS
  before_ = status("VmRSS");
}

std::uint64_t PeakMemory::bytes() const {
  if (const auto peak = status("VmHWM"); peak != 0) return peak;
#ifdef _WIN32
  return 0;
#else
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<std::uint64_t>(usage.ru_maxrss);
#else
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
#endif
}

std::uint64_t PeakMemory::growth() const {
  const auto peak = bytes();
  return peak > before_ ? peak - before_ : 0;
}

std::uint64_t heap_bytes() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

}  // namespace fsimage::bench
