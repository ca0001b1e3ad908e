// Of a program that looks at interfaces only.
#include "com/module.hpp"

namespace fsimage::com {

std::span<const ClassEntry> module_classes() { return {}; }

}  // namespace fsimage::com
