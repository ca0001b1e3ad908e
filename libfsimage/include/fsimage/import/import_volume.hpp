// A session of a disc or image into a tree (IFileSystemImage::ImportFileSystem). Only structures are read: files refer to
// the blocks that they lie in.
#pragma once

#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace fsimage {

enum class ViewOrder : std::uint8_t {
  most_kept,  // UDF, Rock Ridge, Joliet, ISO 9660:1999, ISO 9660
  files,      // Rock Ridge, then as above: UDF is often not given links, devices and owners
  imapi,      // UDF, Joliet, ISO 9660: that of IFileSystemImage, which does not know the others
};
// The first of them that is there; View::none when none is.
View default_view(const RecognizedFileSystems&, ViewOrder);

// DFileSystemImageImportEvents::UpdateImport.
struct ImportProgress {
  View view{};
  std::string_view item;  // path on the volume; that of a folder ends in '/'
  std::uint64_t folders = 0, files = 0;
  // As the volume says of itself: path table, integrity descriptor. ISO 9660 and Joliet do not count files.
  std::optional<std::uint64_t> total_folders, total_files;
};
// Called on the importing thread, before what is in a folder and after each file. What it throws ends the import.
using ImportProgressFn = std::function<void(const ImportProgress&)>;

struct ImportOptions {
  View view = View::none;  // none: the first in `order`
  ViewOrder order = ViewOrder::most_kept;
  std::uint32_t session = 0;  // its number; 0: the newest, and no other when that one cannot be read
  SessionHint hint{};
  ImportLimits limits{};
  Strictness strictness = Strictness::tolerant;
  std::string label{};  // names the disc in errors
  ImportProgressFn progress{};
  FindingFn on_finding{};
  std::stop_token stop{};
};

struct ImportedVolume {
  Session session;
  View view = View::none;
  std::string name;                // its volume identifier, in that view
  std::uint16_t udf_revision = 0;  // binary-coded decimal; 0 when the view is not UDF
  Attributes root;
};

// What import_file_system would take. Throws not_found when the session holds nothing that is asked for.
ImportedVolume probe_file_system(const std::shared_ptr<const ByteSource>& source, const ImportOptions& options = {});

// Adds all that the volume holds below the root of `tree`. What is there already stays: folders are merged, and where files
// meet, the tree's is kept; a folder that meets something else is duplicate_path. An empty tree's root gets the attributes
// of the volume's. Transactional. Throws as open_volume and its cursor do, cancelled for a stop request.
ImportedVolume import_file_system(Tree& tree, const std::shared_ptr<const ByteSource>& source,
                                  const ImportOptions& options = {});

}  // namespace fsimage
