// Where two trees of entries differ: an image and another, or an image and the folder that it was made from.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/import/entry_cursor.hpp>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// A side of the comparison. Its entries come in the order of the bytes of their names, as those of a host folder do, and
// those of a volume with EntryOrder::by_name.
struct ComparedSide {
  EntryCursor& entries;
  View view = View::none;  // tells what the side can hold; none: a host folder, which holds everything
};

struct FieldChange {
  std::string_view field;     // "type", "size", "mode", "owner", "time", "target", "device", "xattrs", "content"
  std::string before, after;  // as people read them; of content, why it cannot be read, if that is so
};

struct Difference {
  enum class Kind : std::uint8_t { added, removed, changed };
  Kind kind{};
  FileType type{};  // on the side that has it; the first, when both do
  std::string path{};
  std::vector<FieldChange> fields{};  // of a changed entry
};

struct CompareOptions {
  bool content = true;  // the bytes of files, where their sizes agree
  bool xattrs = false;  // extended attributes of the namespace "user."
};

struct CompareCounts {
  std::uint64_t entries = 0;  // of both sides, what both have once
  std::uint64_t added = 0, removed = 0, changed = 0;
  std::uint64_t bytes = 0;  // of content that was compared
  bool equal() const { return added == 0 && removed == 0 && changed == 0; }
};

struct CompareEvents {
  std::function<void(const Difference&)> difference{};  // in the order of the paths
  // Every few hundred entries, and within large files.
  std::function<void(const CompareCounts&, std::string_view path)> progress{};
};

// Compares entry by entry along the names, so that nothing but the way to the entry at hand is held. An entry that only
// one side has is a difference, and so is each below it. Fields count as far as both sides can hold them: a time differs
// when the difference is not less than the coarser side's unit, modes and owners when both sides record them. Contents
// are read in large pieces; what is the same stretch of the same file is not read. Content that cannot be read is a
// difference; what else cannot be read is thrown, as is Errc::cancelled.
CompareCounts compare_entries(ComparedSide before, ComparedSide after, const CompareOptions& options = {},
                              const CompareEvents& events = {}, std::stop_token stop = {});

}  // namespace fsimage
