// Manifests and lists of paths: text from anybody.
#include "input.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/attribute_rules.hpp>
#include <fsimage/import/manifest.hpp>
#include <fsimage/import/path_list.hpp>

#include <algorithm>
#include <string>

namespace {

using namespace fsimage;
using fuzz::require;

// What it accepts can be read again line by line, in order, and every path leads somewhere below the top.
void read_manifest(const std::string& text) {
  const Manifest manifest(text, "m");
  for (std::size_t i = 0; i < manifest.size(); ++i) {
    const auto entry = manifest[i];
    require(entry.path == manifest.path(i), "an entry has its path");
    require(i == 0 || path_before(manifest.path(i - 1), manifest.path(i)), "paths are sorted, each once");
    for (std::string_view rest = entry.path; !rest.empty();) {
      const auto end = std::min(rest.find('/'), rest.size());
      require(is_valid_name(rest.substr(0, end)), "paths stay below the top");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    require(!entry.permissions || *entry.permissions <= 07777, "a mode is one");
    require(!(entry.uid && entry.user) && !(entry.gid && entry.group), "an owner is a number or a name");
  }
}

void read_paths(std::string_view text) {
  PathList list("l");
  std::uint32_t line = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    try {
      list.add(text.substr(0, end), ++line);
    } catch (const Error&) {}
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  list.sort();
  for (std::size_t i = 1; i < list.size(); ++i) require(path_before(list[i - 1], list[i]), "a list is sorted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    read_manifest(text);
  } catch (const Error& e) {
    require(e.where().path.starts_with("m:"), "errors name their line");
  }
  read_paths(text);
  try {
    require(ModeChange(text.substr(0, 64)).apply(0644, true) <= 07777, "modes stay modes");
  } catch (const Error&) {}
  return 0;
}
