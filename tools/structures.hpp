// Structures of a disc as text: a line a field, with the clause that defines it.
#pragma once

#include <fsimage/import/volume_info.hpp>

#include <iosfwd>
#include <vector>

namespace fsimage::tools {

void print_structures(const std::vector<DescribedStructure>&, std::ostream&);
void print_structures_json(const std::vector<DescribedStructure>&, std::ostream&);  // an array

}  // namespace fsimage::tools
