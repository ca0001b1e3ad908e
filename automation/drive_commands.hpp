// What a drive says in MMC's words, made of what a recorder says: for clients that send commands. Clauses are of MMC-6.
#pragma once

#include "drives.hpp"

#include <fsimage/burn/media.hpp>

#include <imapi2.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace fsimage::com::automation {

using Bytes = std::vector<BYTE>;

std::vector<LONG> all_profiles();
std::vector<LONG> current_profiles(const Media& media);
std::vector<LONG> all_features();
std::vector<LONG> current_features(const Media& media);
std::vector<LONG> all_mode_pages();

Bytes disc_information(const Media& media);                                                      // 6.21
Bytes track_information(const Media& media, ULONG address, IMAPI_READ_TRACK_ADDRESS_TYPE type);  // 6.27
Bytes feature_page(const Media& media, LONG feature, bool only_current);  // 5.2; throws kNoSuchFeature
Bytes mode_page(LONG page);                                               // throws kNoSuchModePage
Bytes adapter_descriptor();                                               // STORAGE_ADAPTER_DESCRIPTOR
Bytes device_descriptor(const RecorderInfo& info);                        // STORAGE_DEVICE_DESCRIPTOR

struct CommandAnswer {
  bool good = true;
  std::array<BYTE, 18> sense{};  // of fixed format, SPC-4 4.5.3
  std::size_t bytes = 0;         // of the answer
};
// READ, READ CAPACITY and TEST UNIT READY; anything else is no command of this drive.
CommandAnswer run_command(Drive& drive, std::span<const BYTE> command, std::span<std::byte> to);

}  // namespace fsimage::com::automation
