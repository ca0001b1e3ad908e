// The library's values as Automation has them, and back. Pure functions.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/core/finding.hpp>
#include <fsimage/core/time.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/layout/profile.hpp>

#include <imapi2fs.h>

#include "com/guard.hpp"
#include "com/variant.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace fsimage::com::automation {

// A count that a client gave. Throws E_INVALIDARG's code for a negative one, naming it.
std::uint32_t from_long(LONG value, const char* what);

// UTC. A time that is not set is DATE 0, the day before the year 1900.
DATE to_date(Timestamp time);
Timestamp from_date(DATE date);
Timestamp now();

// "\docs\a.txt" and "/docs/a.txt"; the root is "" outside.
std::string to_path(std::string_view imapi);
std::string to_imapi_path(std::string_view path);

// Rock Ridge is part of ISO 9660 for IMAPI2FS.
FsiFileSystems to_fsi(const FileSystems& systems);
FsiFileSystems to_fsi(const RecognizedFileSystems& found);
FsiFileSystems to_fsi(View view);
// Of one bit; IMAPI_E_INVALID_PARAM for anything else.
View view_of(FsiFileSystems system);
// Throws IMAPI_E_INVALID_PARAM for bits that stand for nothing here.
void check_mask(FsiFileSystems systems);

// Its values are IMAPI's; a file is a disk for it.
IMAPI_MEDIA_PHYSICAL_TYPE to_imapi(MediaType type);
MediaType media_type_of(IMAPI_MEDIA_PHYSICAL_TYPE type);  // unknown for a number that is none
// By MMC's profile numbers.
IMAPI_PROFILE_TYPE profile_of(const Media& media);
MediaType media_type_of_profile(LONG profile);
MediaClass media_class_of_profile(LONG profile);

}  // namespace fsimage::com::automation
