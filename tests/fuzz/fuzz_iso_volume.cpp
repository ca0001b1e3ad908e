// Volumes of ISO 9660 that somebody damaged: alone, with Rock Ridge, Joliet and UDF beside it, grown by a session.
#include "volume_patches.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fsimage::fuzz::read_patched(fsimage::fuzz::iso_volumes(), data, size);
  return 0;
}
