// Contents that the disc holds which a session goes on with. Pure functions, any thread.
#pragma once

#include <fsimage/layout/view_layout.hpp>

namespace fsimage {

// Whether the content lies on that disc, in one piece, wherever.
bool is_on_disc(const PlanInput&, ContentId);

// Throws invalid_argument for a continuation that contradicts the profile or itself.
void check_continuation(const PlanInput&);

}  // namespace fsimage
