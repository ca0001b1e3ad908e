// UDF as a view. One thread.
#pragma once

#include "volume_view.hpp"

namespace fsimage::volume {

// Throws not_found when the session has no anchor.
std::unique_ptr<VolumeView> open_udf_view(Walk&, Lba session);

}  // namespace fsimage::volume
