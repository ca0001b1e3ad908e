// How the names of an ISO 9660 volume were made, as its primary descriptor notes it (application use, ECMA-119 8.4.32): a
// further session makes them alike, and an image is what it was asked to be for all its life. Pure functions, any thread.
#pragma once

#include <fsimage/layout/profile.hpp>

#include <string>
#include <string_view>

namespace fsimage {

// A line of text; empty when all is as without being asked for.
std::string iso_note(const Profile&);

// Takes over what the note of a disc says, whose file systems the profile has already. Bytes of others, and words that are
// not known, say nothing.
void apply_iso_note(std::string_view application_use, Profile&);

}  // namespace fsimage
