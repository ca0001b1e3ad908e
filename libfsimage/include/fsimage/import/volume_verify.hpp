// Is a disc or image sound? Every view is walked to its end, behind whatever damage, and the views are held against one
// another and against the tables beside them.
#pragma once

#include <fsimage/import/volume_cursor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

namespace fsimage {

struct VerifiedView {
  View view = View::none;
  std::uint64_t folders = 0, files = 0, others = 0;  // the root is no entry; links and devices are others
  std::uint64_t bytes = 0;                           // of contents, each of them once
  std::uint64_t lost = 0;                            // entries and contents that cannot be read
};

struct VerifiedVolumes {
  std::vector<VerifiedView> views;
  std::uint64_t lost = 0;           // damage: Finding::Kind::lost
  std::uint64_t deviations = 0;     // from the standards, that readers accept
  std::uint64_t disagreements = 0;  // content or folders that one view shows and another does not (Kind::dropped)
  bool sound() const { return lost == 0; }
};

struct VerifyProgress {
  View view{};
  std::string_view item;  // path at hand; empty while contents are read
  std::uint64_t entries = 0;
  std::uint64_t bytes_read = 0, bytes_to_read = 0;
};

struct VerifyVolumesOptions {
  VolumeOptions volume{};     // a view: that alone
  bool read_content = false;  // every block of every content, for discs that may be scratched
  std::function<void(const VerifyProgress&)> progress{};
  std::stop_token stop{};
};

// What is found is told as it is found. Some forty bytes are held for each file and folder. Throws not_found when there is
// no file system, cancelled for a stop request, limit_exceeded, and what the source throws outside of contents.
VerifiedVolumes verify_volumes(const std::shared_ptr<const ByteSource>& source, const VerifyVolumesOptions& options,
                               const FindingFn& on_finding);

}  // namespace fsimage
