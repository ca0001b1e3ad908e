// Discs by name: which recorder a command means.
#pragma once

#include <fsimage/burn/recorder.hpp>

#include <memory>
#include <string>

namespace fsimage::tools {

// "iso:PATH", or a path alone: an image file is a disc. Throws UsageError for a backend that is not there.
std::unique_ptr<Recorder> open_recorder(const std::string& disc, unsigned workers = 0);

}  // namespace fsimage::tools
