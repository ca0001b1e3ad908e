// A volume's entries as files and folders of the host.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/core/finding.hpp>
#include <fsimage/import/path_patterns.hpp>
#include <fsimage/import/volume_cursor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace fsimage {

// Which extended attributes are restored.
enum class RestoredXattrs : std::uint8_t {
  none,
  user,  // what anybody may set and nothing of the system obeys: "user."
  all,   // access control lists, capabilities and labels as well: they give rights, and most of them want root
};

struct ExtractOptions {
  PathPatterns patterns{};  // all when there are none
  bool owner = false;       // user and group too, where the view has them; else set-ID bits are left off
  RestoredXattrs xattrs = RestoredXattrs::user;  // the cursor must have been opened with them
  bool overwrite = false;                        // take the place of what is there; folders are merged either way
  bool salvage =
      false;  // a file keeps what can be read of it, with zeros for the rest, and a finding (lost) says which
  std::size_t workers = 0;  // threads that write files; 0: default_workers()
};

// What has been made.
struct ExtractCounts {
  std::uint64_t folders = 0, files = 0, symlinks = 0, special = 0;
  std::uint64_t hard_links = 0;  // further names of entries counted elsewhere
  std::uint64_t bytes = 0;       // content of files
  std::uint64_t failed = 0;      // entries that could not be restored as they are on the volume
};

struct ExtractEvents {
  // Once for each entry that cannot be restored as it is on the volume, with its path there. Extraction goes on.
  std::function<void(const Error&)> error{};
  // What was left off: set-ID bits; extended attributes that the host's file system refuses, or that `xattrs` leaves out.
  FindingFn finding{};
  // Every few files: what has been made so far, and the path of a late one.
  std::function<void(const ExtractCounts&, std::string_view path)> progress{};
};

// Restores what `volume` gives below the folder `target`, which is made when it is missing: types, contents, permissions,
// times, extended attributes, symbolic and hard links, devices; holes stay holes. Nothing outside `target` is touched, whatever names and
// links the volume or the folder hold: no symbolic link below `target` is followed.
//
// Each file appears under its name at once and goes away again when its content cannot be read, unless `salvage`. A folder gets its times
// and permissions when all in it is there; one that was there before keeps its own, unless `overwrite`. An entry that
// cannot be restored is told to `events.error` and counted; so are what ends the cursor, and patterns that match nothing.
// Throws for a `target` that cannot be written, and Errc::cancelled when stopped: the file at hand is then removed.
//
// Any order of entries does. Files are read in the order in which their contents lie in the image, some hundred at a time.
ExtractCounts extract(VolumeCursor& volume, const std::string& target, ExtractOptions options = {},
                      const ExtractEvents& events = {}, std::stop_token stop = {});

}  // namespace fsimage
