// The shortest whole use of the library: one file in memory, one image on disk.
#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/file_system_image.hpp>

#include <array>
#include <iostream>
#include <memory>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  fsimage::FileSystemImage image;
  image.profile().volume_name = "CONSUMER";
  image.tree().add_file(fsimage::kRootNode, "hello.txt", {}, std::make_shared<fsimage::MemorySource>("hello"));
  const auto result = image.create_result_image();
  fsimage::IsoFileRecorder recorder(argv[1]);
  recorder.burn(*result, {}, {}, {});

  std::array<char, 5> mark{};  // ECMA-119 8.1.2
  recorder.read_back()->read_at(16 * fsimage::kBlockSize + 1, std::as_writable_bytes(std::span(mark)));
  std::cout << result->total_blocks().value << " blocks, " << std::string_view(mark.data(), mark.size()) << '\n';
  return std::string_view(mark.data(), mark.size()) == "CD001" ? 0 : 1;
}
