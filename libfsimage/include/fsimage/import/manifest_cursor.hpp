// Entries of a manifest, with what lies on the host behind them. See entry_cursor.hpp for the protocol.
#pragma once

#include <fsimage/import/entry_cursor.hpp>
#include <fsimage/import/manifest.hpp>

#include <memory>
#include <optional>
#include <string>

namespace fsimage {

struct ManifestScan {
  std::string base = ".";      // host folder that paths, and contents that do not begin with '/', are looked up in
  bool check_digests = false;  // files are read as they are added: verification_failed when their SHA-256 is another
};

// What the manifest does not say of an entry is as the host has it at that path; folders that it does not name, but that
// its paths lead through, too. What the host has not got is 0755 or 0644 and nobody's, without a time. A file needs its
// content on the host, unless its size is 0. Two names of one host file are hard links when the manifest gives them the
// same attributes. Errors of the cursor name the manifest's line: source_changed for a size that is another, not_found
// for a file, unless it is optional, invalid_argument for what contradicts itself.
class ManifestCursor : public EntryCursor {
 public:
  // Of the line for the top itself.
  virtual std::optional<Attributes> top() = 0;
};
std::unique_ptr<ManifestCursor> open_manifest(Manifest manifest, ManifestScan scan = {});

}  // namespace fsimage
