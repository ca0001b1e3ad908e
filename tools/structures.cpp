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
  write_separated(out, structures, [&](const DescribedStructure& s) {
    out << R"({"block":)" << s.at.value << R"(,"offset":)" << s.offset << R"(,"name":)" << json_string(s.name)
        << R"(,"fields":[)";
    write_separated(out, s.fields, [&](const FieldText& f) {
      out << R"({"name":)" << json_string(f.name) << R"(,"clause":)" << json_string(f.clause) << R"(,"offset":)"
          << f.offset << R"(,"size":)" << f.size << R"(,"value":)" << json_string(f.value) << '}';
    });
    out << "]}";
  });
  out << ']';
}

}  // namespace fsimage::tools
