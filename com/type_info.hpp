// What our type libraries know of an interface or a class. They are resources 1 and 2 of the module that this is linked
// into. Any thread.
#pragma once

#include <oaidl.h>

#include <string>

#include "com/ptr.hpp"

namespace fsimage::com {

inline constexpr unsigned kTypeLibraries = 2;

// Throws Failure when the module has no such library.
ITypeLib& type_library(unsigned number);  // from 1
// Throws Failure for what neither library has.
Ptr<ITypeInfo> type_info(const GUID& of);
// Where the module lies.
std::wstring module_path();

}  // namespace fsimage::com
