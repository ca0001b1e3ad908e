#include "structures.hpp"

#include "text.hpp"

#include <fsimage/core/text.hpp>

#include <iomanip>
#include <ostream>

namespace fsimage::tools {

void print_structures(const std::vector<DescribedStructure>& structures, std::ostream& out) {
  bool first = true;
  for (const auto& s : structures) {
    if (!first) out << '\n';
    first = false;
    out << s.at.value;
    if (s.offset != 0) out << '+' << s.offset;
    out << "  " << s.name << '\n';
    for (const auto& f : s.fields)
      out << "  " << std::right << std::setw(5) << f.offset << std::setw(5) << f.size << "  " << std::left
          << std::setw(40) << f.name << std::setw(26) << f.clause << printable(f.value) << '\n';
  }
}

void print_structures_json(const std::vector<DescribedStructure>& structures, std::ostream& out) {
  out << '[';
  for (std::size_t i = 0; i < structures.size(); ++i) {
    const auto& s = structures[i];
    out << (i == 0 ? "" : ",") << R"({"block":)" << s.at.value << R"(,"offset":)" << s.offset << R"(,"name":)"
        << json_string(s.name) << R"(,"fields":[)";
    for (std::size_t k = 0; k < s.fields.size(); ++k)
      out << (k == 0 ? "" : ",") << R"({"name":)" << json_string(s.fields[k].name) << R"(,"clause":)"
          << json_string(s.fields[k].clause) << R"(,"offset":)" << s.fields[k].offset << R"(,"size":)"
          << s.fields[k].size << R"(,"value":)" << json_string(s.fields[k].value) << '}';
    out << "]}";
  }
  out << ']';
}

}  // namespace fsimage::tools
