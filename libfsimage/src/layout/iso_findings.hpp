// What entries lose in an IsoLayout. Derived anew at each call.
#pragma once

#include "iso_tables.hpp"

namespace fsimage {

void for_each_iso_finding(const IsoTables&, const FindingFn&, const FindingFilter& wanted);

}  // namespace fsimage
