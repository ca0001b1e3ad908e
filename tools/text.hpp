// Numbers, times and JSON as people and programs read them.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/core/finding.hpp>
#include <fsimage/core/time.hpp>

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace fsimage::tools {

std::string format_bytes(std::uint64_t bytes);             // "4.4 GiB"
std::string format_count(std::uint64_t n);                 // "1,234,567"
std::string format_time(Timestamp);                        // "2026-01-02T03:04:05Z"
std::string revision_text(std::uint16_t bcd);              // "2.01", of a UDF volume
std::string format_mode(char type, unsigned permissions);  // "-rw-r--r--"

// "@SECONDS", "YYYY-MM-DD", or "YYYY-MM-DDTHH:MM:SSZ"; nullopt for anything else.
std::optional<Timestamp> parse_time(std::string_view text);

// A number of bytes, or of the unit behind it: "K", "M", "G", "T", by 1024; nullopt for anything else.
std::optional<std::uint64_t> parse_size(std::string_view text);

// A JSON string literal. Bytes that are not UTF-8 become U+DC00 + byte, as Python's surrogateescape has it, so that
// every name survives.
std::string json_string(std::string_view bytes);

// "PATH: what: why [LBA 19] [ECMA-119 9.1.3]", printable.
std::string error_text(const Error&);

// Calls write(item) for each, with ',' between two of them: what stands in a JSON array or object.
template <class Items, class Write>
void write_separated(std::ostream& out, const Items& items, Write write, std::string_view between = ",") {
  std::string_view before;
  for (const auto& item : items) {
    out << before;
    write(item);
    before = between;
  }
}

void write_json(std::ostream&, const Finding&);  // {"kind":...,"view":...,"path":...,"text":...,"to":...}
void write_json(std::ostream&, const Error&);    // {"path":...,"text":...,"lba":...,"clause":...}

}  // namespace fsimage::tools
