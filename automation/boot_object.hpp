// Boot images as COM objects (IBootOptions). Clients may well bring objects of their own.
#pragma once

#include "com/ptr.hpp"

#include <fsimage/layout/boot_options.hpp>

#include <imapi2fs.h>

namespace fsimage::com::automation {

Ptr<IUnknown> create_boot_options();
// What anybody's object says.
fsimage::BootOptions boot_options_of(IBootOptions& object);
// One of ours that says the same.
Ptr<IBootOptions> copy_of(IBootOptions& object);

}  // namespace fsimage::com::automation
