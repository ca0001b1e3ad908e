#include "volume_describe.hpp"

#include <algorithm>

namespace fsimage {

VolumesInfo describe_volumes(const ByteSource& source, Lba session, const ImportLimits& limits) {
  VolumesInfo out;
  out.image_bytes = source.size();
  out.found = identify_file_systems(source, session);
  const std::shared_ptr<const ByteSource> borrowed(std::shared_ptr<const ByteSource>{}, &source);
  using Describe = void (*)(volume::Walk&, VolumesInfo&);
  for (const auto& [view, describe] :
       {std::pair<View, Describe>{View::iso9660, volume::describe_iso9660}, {View::udf, volume::describe_udf}}) {
    volume::Walk walk(borrowed, limits, view, [&](const Finding& f) { out.findings.push_back(f); });
    try {
      describe(walk, out);
    } catch (const Error& e) {
      if (e.code().category() != error_category()) throw;  // the source itself failed
      walk.report.deviation(e.where().lba.value_or(Lba{}), e.where().clause, e.message());
    }
  }
  std::stable_sort(out.structures.begin(), out.structures.end(),
                   [](const DescribedStructure& a, const DescribedStructure& b) {
                     return std::pair(a.at, a.offset) < std::pair(b.at, b.offset);
                   });
  return out;
}

}  // namespace fsimage
