// What a drive's answers say of the medium in it. Private to the backend.
#pragma once

#include "initiator.hpp"
#include "media_kinds.hpp"

#include <fsimage/burn/media.hpp>

namespace fsimage::mock {

// Null for a profile that no medium of ours has.
const MediumKind* kind_of_profile(std::uint16_t profile);

Media assess(Initiator& drive);

// Whether an overwritable medium looks empty: zeros where every file system has something.
bool looks_blank(Initiator& drive, BlockCount capacity);

}  // namespace fsimage::mock
