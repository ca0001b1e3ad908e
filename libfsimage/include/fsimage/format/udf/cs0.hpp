// OSTA compressed unicode (CS0), UDF 2.1.1 and 2.1.3: d-strings and identifiers, both ways. Text is UTF-16; surrogates
// are kept as they are. Pure functions, any thread.
#pragma once

#include <fsimage/core/sink.hpp>
#include <fsimage/format/udf/primitives.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fsimage::udf {

// One byte a unit (compression id 8) when none is above 0xFF, else two, big endian (16).
bool needs_wide(std::u16string_view) noexcept;
// Bytes with the compression id; 0 for no text.
std::size_t cs0_size(std::u16string_view) noexcept;
// Compression id and units; nothing for no text.
void encode_cs0(std::u16string_view, Sink&);
// The longest beginning that with `tail` behind it needs at most `bytes`, never splitting a surrogate pair.
std::u16string_view cut_to_cs0(std::u16string_view, std::size_t bytes, std::u16string_view tail = {}) noexcept;
// nullopt for a compression id other than 8 and 16 (254 and 255 count as these, UDF 2.1.1) or half a unit at the end.
std::optional<std::u16string> decode_cs0(std::span<const std::byte>);

// Longest identifier, 4/14.4.4, and so the longest name in bytes and units.
inline constexpr std::size_t kMaxIdentifierBytes = 255;
inline constexpr std::size_t kMaxNarrowUnits = 254, kMaxWideUnits = 127;

// Fills all of `out`; the text must fit out.size() - 1 bytes (std::logic_error).
void encode_dstring(std::u16string_view, std::span<std::byte> out);
// nullopt when the length byte reaches beyond the field or the text is not CS0.
std::optional<std::u16string> decode_dstring(std::span<const std::byte>);

template <std::size_t N>
DString<N> to_dstring(std::u16string_view text) {
  DString<N> out{};
  encode_dstring(cut_to_cs0(text, N - 1), out.bytes);
  return out;
}
template <std::size_t N>
std::optional<std::u16string> from_dstring(const DString<N>& s) {
  return decode_dstring(s.bytes);
}

CharSpec cs0_charspec() noexcept;
bool is_cs0(const CharSpec&) noexcept;

}  // namespace fsimage::udf
