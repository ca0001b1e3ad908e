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
  return {lba_of(at), static_cast<std::uint32_t>(at % kBlockSize), std::move(name),
          describe_fields(wire_rows<T>, bytes_of(value))};
}

}  // namespace fsimage::volume
