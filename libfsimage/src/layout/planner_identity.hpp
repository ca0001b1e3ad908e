// What a plan is made from, settled and hashed.
#pragma once

#include <fsimage/layout/view_layout.hpp>

#include <string>

namespace fsimage {

// The profile with `timestamp` set; throws invalid_argument when it contradicts itself.
Profile settle_profile(const Tree&, const TreeIndex&, Profile);

// SHA-256 over profile, names, attributes and sizes in the order of the index, as hexadecimal digits. Content bytes are
// not read: a file counts by its size and its modification time.
std::string image_identity(const PlanInput&);

}  // namespace fsimage
