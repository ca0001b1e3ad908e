// El Torito as recorded: the boot record's catalog and the images that it names. One thread.
#pragma once

#include "volume_view.hpp"

#include <fsimage/import/volume_info.hpp>

#include <vector>

namespace fsimage::volume {

struct BootCatalog {
  Lba at;
  std::vector<BootImageInfo> images;
  std::uint32_t entries = 0;  // of 32 bytes, all kinds
};

// What is wrong is a finding; a catalog that never ends is read for 64 KiB.
BootCatalog read_boot_catalog(Walk&, Lba boot_record);

}  // namespace fsimage::volume
