// An image to look into, and what was odd about it.
#pragma once

#include "app.hpp"
#include "command.hpp"

#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fsimage::tools {

// What can be read from a disc or image: see open_recorder() for the names. Throws the system's error with the path.
struct DiscContent {
  std::shared_ptr<const ByteSource> bytes;
  SessionHint hint;
};
DiscContent open_content(const std::string& disc);

// "udf", "rr" or "rockridge", "joliet", "iso" or "iso9660", "1999", "auto"; UsageError for anything else.
View parse_view(const std::string& word);

// --view, --session, --strict and --salvage, which every command that reads has.
void add_reading_options(Options&);
VolumeOptions reading_options(const Options&);  // all but the session

// An image as the options want it read: its newest session, or the one that was asked for. Errors carry the path.
struct OpenedImage {
  Session session;
  VolumeOptions options;
};
OpenedImage open_image(const Options&, const std::string& path);
// For what is to become files again, or is held against files: Rock Ridge keeps what UDF is not given by default, links
// and devices. Changes nothing when the options name a view.
void prefer_rock_ridge(OpenedImage&);

// Prints deviations on `err` as they are found, the first few of them.
class FindingPrinter {
 public:
  explicit FindingPrinter(Io& io) : io_(io) {}
  FindingFn function();
  void finish();  // says how many were not printed

 private:
  Io& io_;
  std::uint64_t count_ = 0;
};

}  // namespace fsimage::tools
