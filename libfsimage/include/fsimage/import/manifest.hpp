// Manifests as mtree(5) has them: what an image should hold, a line each. Reads text only, no file. A million lines cost
// some sixty bytes each beside the text and the paths. Immutable after construction; const access from any thread.
#pragma once

#include <fsimage/core/string_arena.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// What a line says of an entry, its /set values included; the rest is as the host has it.
struct ManifestEntry {
  std::string path;  // "docs/a.txt"; "" for the top
  std::uint32_t line = 0;
  std::optional<FileType> type{};
  std::optional<std::uint32_t> uid{}, gid{};
  std::optional<std::string> user{}, group{};  // uname and gname, when the line that names them has no number
  std::optional<std::uint16_t> permissions{};
  std::optional<std::uint64_t> size{};
  std::optional<Timestamp> modified{};
  std::optional<DeviceNumber> device{};
  std::optional<std::string> target{};    // link
  std::optional<std::string> contents{};  // the host file that has the content
  std::optional<std::string> sha256{};    // lower case
  bool other_digest = false;
  bool optional = false;   // may be missing
  bool no_change = false;  // all attributes are the host's
};

// Understands the form with folders one in another and "..", that with whole paths, /set and /unset, continued lines, and
// names written as vis(3) does with VIS_CSTYLE. Keywords that say nothing about an image (flags, nlink, cksum) are passed
// over; unknown ones, values that are none, and one path twice are errors.
class Manifest {
 public:
  // Throws Error with LABEL:LINE as its path: invalid_argument; limit_exceeded for a line or a path of 64 KiB, for a
  // path of more than 1,000 names, and when the paths are many times as long as the text.
  Manifest(std::string text, std::string label);

  // In the order of path_before().
  std::size_t size() const { return records_.size(); }
  std::string_view path(std::size_t i) const { return paths_.view(records_[i].path_at, records_[i].path_length); }
  ManifestEntry operator[](std::size_t i) const;
  // For errors about an entry.
  std::string place(std::uint32_t line) const { return label_ + ':' + std::to_string(line); }

 private:
  // What /set has given so far; users and groups by their place among names_.
  struct Settings {
    std::optional<FileType> type{};
    std::optional<std::uint32_t> uid{}, gid{}, user{}, group{};
    std::optional<std::uint16_t> permissions{};
    bool optional = false, no_change = false;
  };
  struct Record {
    std::uint64_t words_at;  // in the text, behind the name
    std::uint32_t path_at, path_length, line, settings;
  };
  class Parser;

  ManifestEntry entry_with(const Settings&) const;

  std::string text_, label_;
  StringArena paths_;
  std::vector<Settings> settings_{{}};
  std::vector<std::string> names_;
  std::vector<Record> records_;
};

}  // namespace fsimage
