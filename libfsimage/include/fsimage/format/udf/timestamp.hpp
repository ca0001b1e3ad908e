// Points in time, ECMA-167 1/7.3, UDF 2.1.4. Pure functions, any thread.
#pragma once

#include <fsimage/core/time.hpp>
#include <fsimage/format/udf/primitives.hpp>

#include <optional>

namespace fsimage::udf {

// Type 1 (local time), zone 0: UTC; microseconds, the rest of the nanoseconds is cut off.
WireTimestamp to_wire(Timestamp) noexcept;

// A time zone that is not given counts as UTC. nullopt for all zeros, types above 2, zones beyond a day, and fields
// outside their range (1/7.3.2 to 7.3.10); years beyond Timestamp stop at its ends.
std::optional<Timestamp> from_wire(const WireTimestamp&) noexcept;

}  // namespace fsimage::udf
