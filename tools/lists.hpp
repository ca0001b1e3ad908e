// Lists that options name: read from a file, or from standard input by the name '-'.
#pragma once

#include "app.hpp"

#include <fsimage/core/error.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace fsimage::tools {

// Calls take(item, line) for what ends in `end`, or in the end of the list. Whatever else than an Error about the list it
// throws is the caller's. Throws Error: the system's for a list that cannot be read, limit_exceeded for an item of 128 KiB.
using TakeItem = std::function<void(const std::string& item, std::uint32_t line)>;
void read_list(const std::string& name, char end, Io& io, const TakeItem& take);

// Lines alone: without empty ones, and those that begin with '#'. What is wrong with one (UsageError, or an Error) gets
// its NAME:LINE.
void read_lines(const std::string& name, Io& io, const TakeItem& take);

// All of a list, as it is; at most 4 GiB (limit_exceeded).
std::string read_text(const std::string& name, Io& io);

// "standard input" for '-'; and with a line, for errors.
std::string list_label(const std::string& name);
std::string place_in_list(const std::string& name, std::uint32_t line);

}  // namespace fsimage::tools
