// What the system says about a host file, as an entry. Values only.
#pragma once

#include <fsimage/import/entry_cursor.hpp>
#include <fsimage/io/host_folder.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fsimage {

FileType host_type(const HostStat&,
                   const std::string& path);  // `path` is for the error: an unknown type is unsupported
bool is_folder(const HostStat&);
Attributes host_attributes(const HostStat&);
// All of an entry that the stat tells: a symlink's target is not in it.
Entry host_entry(std::uint32_t depth, std::string_view name, FileType, const HostStat&);

}  // namespace fsimage
