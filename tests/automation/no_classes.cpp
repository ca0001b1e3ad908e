// Of a program that looks at interfaces only.
#include "com/module.hpp"

namespace fsimage::automation {

std::span<const ClassEntry> module_classes() { return {}; }

}  // namespace fsimage::automation
