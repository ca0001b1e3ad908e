// ISO 9660, ISO 9660:1999, Joliet and Rock Ridge as a view. One thread.
#pragma once

#include "iso_descriptors.hpp"
#include "iso_stream.hpp"
#include "volume_view.hpp"

namespace fsimage::volume {

// Throws not_found when the session has no such view.
std::unique_ptr<VolumeView> open_iso_view(Walk&, View, Lba session);

}  // namespace fsimage::volume
