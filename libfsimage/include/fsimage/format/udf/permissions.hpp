// File modes as UDF keeps them: fifteen permission bits, ECMA-167 4/14.9.5, and three ICB flags, 4/14.6.8.
// Pure functions, any thread.
#pragma once

#include <cstdint>

namespace fsimage::udf {

// From the nine low bits of st_mode. Who owns a writable file may also change its attributes and delete it.
std::uint32_t to_permissions(std::uint16_t mode) noexcept;
// The nine low bits; the bits for attributes and deletion have no place there.
std::uint16_t from_permissions(std::uint32_t permissions) noexcept;

// setuid, setgid and sticky: bits 11, 10, 9 of the mode, bits 6, 7, 8 of the ICB flags.
std::uint16_t to_icb_flags(std::uint16_t mode) noexcept;
std::uint16_t from_icb_flags(std::uint16_t flags) noexcept;

}  // namespace fsimage::udf
