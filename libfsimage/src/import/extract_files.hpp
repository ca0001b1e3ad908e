// Files whose contents are still to be written, some hundred at a time, in the order of their places in the image.
// Private to import.
#pragma once

#include "volume_content.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/io/content_store.hpp>
#include <fsimage/io/host_writer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {

struct FileToWrite {
  std::shared_ptr<const WritableFolder> folder;
  std::string name, path;  // path: on the volume, for errors
  ContentId content;
  HostMetadata metadata;
  std::optional<std::uint16_t> permissions;  // while it is made, when the metadata have none
  Existing existing = Existing::refuse;
  bool linked = false;                        // its identity is asked for
  bool salvage = false;                       // what of the content cannot be read is zeros
  std::vector<VolumeCursor::Extent> extents;  // then, to tell where that lies
  std::uint64_t place = 0;                    // where its content starts in the image
  // Afterwards:
  bool written = false;                                // it is there with all of its content
  std::optional<Error> failed;                         // why it is not, or what of the metadata it lacks
  std::vector<std::pair<std::string, Error>> refused;  // extended attributes that it lacks
  std::vector<volume::LostRange> lost;
  HostIdentity identity;
};

// Writes them all. What fails is told in each file; only Errc::cancelled is thrown, and what no file is to blame for.
// `done` counts bytes. `after` runs on the calling thread from time to time.
void write_files(std::vector<FileToWrite>& files, const ContentStore& store, std::size_t workers,
                 std::atomic<std::uint64_t>& done, const std::function<void()>& after, const std::stop_token& stop);

// Where the content starts in the image, as far as that is known.
std::uint64_t place_of(const ContentStore& store, ContentId content);

}  // namespace fsimage
