// What a volume of UDF should have by the letter, and readers do without: each is a deviation. One thread.
#pragma once

#include "udf_volume.hpp"

namespace fsimage::volume {

void check_volume(Walk&, const UdfVolume&, Lba session);

}  // namespace fsimage::volume
