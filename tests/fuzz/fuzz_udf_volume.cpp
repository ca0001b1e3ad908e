// Volumes of UDF that somebody damaged: physical, virtual, sparable and metadata partitions, chains of file entries.
#include "volume_patches.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fsimage::fuzz::read_patched(fsimage::fuzz::udf_volumes(), data, size);
  return 0;
}
