// The parts of describe_volumes(), one file for each family of standards. One thread.
#pragma once

#include "volume_view.hpp"

#include <fsimage/import/volume_info.hpp>

#include <string>
#include <utility>

namespace fsimage::volume {

void describe_iso9660(Walk&, VolumesInfo&);
void describe_udf(Walk&, VolumesInfo&);

template <WireStruct T>
DescribedStructure describe_structure(const T& value, std::uint64_t at, std::string name) {
  DescribedStructure out{lba_of(at), static_cast<std::uint32_t>(at % kBlockSize), std::move(name), {}};
  for_each_field(value, [&](FieldText field) { out.fields.push_back(std::move(field)); });
  return out;
}

}  // namespace fsimage::volume
