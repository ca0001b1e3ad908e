// Trees for the tests of sessions on simulated discs, and what a session shows of them.
#pragma once

#include "mock_discs.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>

#include <map>
#include <string>

namespace fsimage::test {

using Listing = std::map<std::string, std::string>;  // path of a file to its content

inline Listing list(const Session& session, View view) {
  Listing out;
  const auto cursor = open_volume(session.source, {.view = view, .session = session.start});
  ContentStore store;
  while (const auto entry = cursor->next()) {
    if (entry->type == FileType::directory) continue;
    const auto content = cursor->content(store);
    std::string text(store.size(content), '\0');
    store.read_at(content, 0, std::as_writable_bytes(std::span(text)));
    out[cursor->origin()] = text;
  }
  return out;
}

inline void put(Tree& tree, const std::string& name, const std::string& text) {
  if (const auto old = tree.child(kRootNode, name)) tree.remove(*old);
  tree.add_file(kRootNode, name, {.modified = Timestamp::from_seconds(1'600'000'000)},
                std::make_shared<MemorySource>(text));
}

}  // namespace fsimage::test
