// Discs by name: which recorder a command means, and what is known of a disc before something is made for it.
#pragma once

#include "app.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/burn/media.hpp>
#include <fsimage/burn/recorder.hpp>
#include <fsimage/file_system_image.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fsimage::tools {

// "iso:PATH" or a path alone: an image file is a disc. "mock:PATH?media=TYPE": a simulated one. On Windows "imapi2:N": what
// lies in a drive.
std::unique_ptr<Recorder> open_recorder(const std::string& disc, unsigned workers = 0);

// What each kind of name means, for `fsimage discs`.
struct DiscKind {
  std::string_view name, meaning;
};
std::vector<DiscKind> disc_kinds();
std::vector<std::string> simulated_media();  // every TYPE
std::vector<RecorderInfo> drives();          // of this machine

// A disc that an image is made for: one in a recorder, or the saved description of one.
struct TargetDisc {
  std::string name;
  Media media;
  std::shared_ptr<const ByteSource> content;  // null for a blank one
  DiscIdentity identity;

  bool blank() const { return media.state == MediaState::blank; }
};
TargetDisc look_at(Recorder& recorder, const std::string& name, std::stop_token stop);
// A recorder's disc, or the file that `fsimage media --save` wrote.
TargetDisc find_target(const std::string& name, std::stop_token stop);

// The image goes on with the disc when that holds something. With `sequential` an image file is taken for write-once.
void continue_target(FileSystemImage& image, TargetDisc& disc, bool sequential, std::stop_token stop);

}  // namespace fsimage::tools
