// What the benchmarks read: images over memory, over one large file and over many small ones. Made on first use, the same
// bytes every time, in a temporary folder that goes with the program.
#pragma once

#include <fsimage/image/result_image.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace fsimage::bench {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Sample {
  std::string name;
  std::shared_ptr<const ResultImage> image;
  std::uint64_t entries = 0;  // files behind it
};

enum class Content { memory, file, small_files };
const Sample& sample(Content);

// The host folder with the small files, for benchmarks that begin with a scan.
const std::string& small_files_folder();

}  // namespace fsimage::bench
