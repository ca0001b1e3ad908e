// A disc without a drive: an image is burnt to a simulated one, and read back.
#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/burn/burn_job.hpp>
#include <fsimage/file_system_image.hpp>

#include <iostream>
#include <memory>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  fsimage::FileSystemImage image;
  image.tree().add_file(fsimage::kRootNode, "hello.txt", {}, std::make_shared<fsimage::MemorySource>("hello"));
  fsimage::MockRecorder recorder("mock:" + std::string(argv[1]) + "?media=dvd+r");
  fsimage::BurnJobOptions options;
  options.verify = fsimage::VerifyLevel::full;
  fsimage::BurnJob job({image.create_result_image()}, options);
  const auto& receipt = job.run(recorder);
  std::cout << receipt.blocks.value << " blocks, verification " << to_string(receipt.verification) << '\n';
  return receipt.verification == fsimage::BurnReceipt::Verification::passed && recorder.violations().empty() ? 0 : 1;
}
