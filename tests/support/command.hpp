// The fsimage command in a test: streams as strings, an environment of the test's own.
#pragma once

#include "app.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace fsimage::test {

using Words = std::vector<std::string>;

struct CommandResult {
  int code;
  std::string out, err;
};

inline CommandResult command(const Words& args, const std::map<std::string, std::string>& environment = {},
                             std::stop_token stop = {}, const std::string& input = {}) {
  std::ostringstream out, err;
  std::istringstream in(input);
  tools::Io io{.out = out,
               .err = err,
               .out_is_terminal = false,
               .err_is_terminal = false,
               .stop = std::move(stop),
               .environment = [&](const std::string& name) -> std::optional<std::string> {
                 const auto at = environment.find(name);
                 return at == environment.end() ? std::nullopt : std::optional(at->second);
               },
               .in = &in};
  const int code = tools::run(args, io);
  return {code, out.str(), err.str()};
}

inline CommandResult ok(const Words& words) {
  auto done = command(words);
  EXPECT_EQ(done.code, 0) << words[0] << ": " << done.err;
  return done;
}

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace fsimage::test
