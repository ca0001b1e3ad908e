// A file of this library's own formats, made without it: a line, JSON, and blanks up to the payload (docs/session-image.md).
#pragma once

#include <fsimage/core/digest.hpp>

#include <string>
#include <string_view>

namespace fsimage::test {

inline std::string framed_file(std::string_view kind, std::string_view json, std::string_view payload = {},
                               int version = 1) {
  Sha256 sha;
  sha.update(json);
  std::string out = "fsimage " + std::string(kind) + " " + std::to_string(version) + " " + std::to_string(json.size()) +
                    " " + to_hex(sha.finish()) + "\n" + std::string(json) + "\n";
  out.append((4096 - out.size() % 4096) % 4096, ' ');
  return out.append(payload);
}

}  // namespace fsimage::test
