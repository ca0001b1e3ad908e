// An extended attribute of the host's. Values only, any thread.
//
// They are read through HostFolder and set through WritableFolder and NewFile. A system or a file system without them has
// none and refuses all.
#pragma once

#include <string>

namespace fsimage {

struct HostXattr {
  std::string name;   // with its namespace: "user.comment"
  std::string value;  // any bytes
  friend bool operator==(const HostXattr&, const HostXattr&) = default;
};

}  // namespace fsimage
