// Entries of a file system on a disc or in an image, whoever wrote it. See entry_cursor.hpp for the protocol.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/import/entry_cursor.hpp>
#include <fsimage/import/volume_limits.hpp>
#include <fsimage/io/byte_source.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fsimage {

enum class EntryOrder : std::uint8_t {
  recorded,  // as the folder's records come; a folder of any size is read piece by piece
  by_name,   // by the bytes of the names; a folder's records are held while it is visited
};

struct VolumeOptions {
  View view = View::none;  // none: the most advanced that is there
  EntryOrder order = EntryOrder::recorded;
  Lba session{};  // where the session starts
  ImportLimits limits{};
  Strictness strictness = Strictness::tolerant;
  // xattrs(), or streams(), will be asked for; else a finding names what extended attributes and named streams go.
  bool xattrs = false, streams = false;
  std::string label{};  // names the source in errors of contents
};

// What breaks a structure is Error corrupt_structure with path, LBA and clause; what readers accept is a Finding
// (deviation), among them a folder that was already visited (it is not entered again) and a name that no tree can hold
// (renamed). Salvage goes on behind the damage, and says with a Finding (lost) what it passed over. Contents are
// references into the source: nothing of a file is read here.
//
// Extended attributes are those that libisofs writes beside Rock Ridge (AAIP 2.0), with its access control lists in the
// form of Linux and without what it keeps for itself ("isofs."), and the named streams of UDF: the stream "x" as "user.x".
class VolumeCursor : public EntryCursor {
 public:
  virtual View view() const = 0;
  virtual Attributes root_attributes() const = 0;  // for the root of a tree made from the volume

  // Where the last entry's own structure is recorded: a folder's first block of records, the ICB of a UDF file, the
  // directory record of any other.
  virtual Lba location() const = 0;
  // Where the content of the last entry, a regular file, lies in the source, in bytes; a hole lies nowhere. What begins
  // inside a block is embedded in its file entry. Throws as content() does.
  struct Extent {
    std::uint64_t offset = 0, length = 0;
    bool hole = false;
  };
  virtual std::vector<Extent> extents() = 0;
  bool tells_streams() const override { return view() == View::udf || view() == View::rockridge; }
};

// Throws not_found when the source holds no such view, unsupported for a form that this version cannot read.
std::unique_ptr<VolumeCursor> open_volume(std::shared_ptr<const ByteSource> source, const VolumeOptions& options = {},
                                          FindingFn on_finding = {});

}  // namespace fsimage
