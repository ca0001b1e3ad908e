// File entries that are found without a way to them: for salvage, when the file set or the root folder is gone. One thread.
#pragma once

#include "udf_folder.hpp"
#include "udf_volume.hpp"

#include <optional>
#include <vector>

namespace fsimage::volume {

// What no folder leads to, under names made of the block of its file entry: "folder-96", "file-97".
class UdfFound final : public UdfNames {
 public:
  explicit UdfFound(std::vector<UdfName> names) : names_(std::move(names)) {}
  bool empty() const { return names_.empty(); }
  bool read(std::uint64_t& position, UdfName& out) override;
  const std::vector<Piece>& pieces() const override { return pieces_; }

 private:
  std::vector<UdfName> names_;
  std::vector<Piece> pieces_;
};

struct UdfSearch {
  std::optional<DirectoryRef> root;  // a folder that is its own parent: the newest of them
  std::vector<UdfName> orphans;      // what no folder leads to
};
// Reads every block of every partition that has a mapping.
UdfSearch search_file_entries(Walk&, const UdfVolume&);

}  // namespace fsimage::volume
