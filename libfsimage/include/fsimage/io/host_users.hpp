// The numbers that this host has for names of users and groups, and whose files may be made. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fsimage {

// nullopt for a name that the host does not know. Throws the system's error when it cannot be asked.
std::optional<std::uint32_t> host_user_id(const std::string& name);
std::optional<std::uint32_t> host_group_id(const std::string& name);

// Whether this process may give what it makes to any user and group: root may. On Windows nobody does it here.
bool may_set_owners();

}  // namespace fsimage
