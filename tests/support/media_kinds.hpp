// Kinds of media, as a simulated disc's name spells them, and what the tests have to know of them.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace fsimage::test {

// For the name of a test.
inline std::string name_of_medium(const ::testing::TestParamInfo<std::string>& info) {
  std::string name;
  for (const char c : info.param) name += c == '-' ? "_" : c == '+' ? "_plus_" : std::string(1, c);
  return name;
}

inline bool is_overwritable(const std::string& media) {
  return media == "dvd-rw-overwrite" || media == "dvd+rw" || media == "dvd-ram" || media == "bd-re";
}
inline bool is_erasable(const std::string& media) {
  return is_overwritable(media) || media == "cd-rw" || media == "dvd-rw";
}

}  // namespace fsimage::test
