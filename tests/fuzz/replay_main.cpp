// Stands in for libFuzzer: runs every file of the folders named on the command line, and some bytes of its own.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kGenerated = 200;

void run(const Bytes& bytes) { LLVMFuzzerTestOneInput(bytes.data(), bytes.size()); }

// The same on every run: a small generator with a fixed seed.
void run_generated(std::uint32_t seed) {
  Bytes bytes(seed % 512);
  std::uint32_t state = seed * 2654435761U + 1;
  for (auto& b : bytes) {
    state = state * 1664525U + 1013904223U;
    b = static_cast<std::uint8_t>(state >> 24);
  }
  run(bytes);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::cerr << file.filename().string() << '\n';
    std::ifstream in(file, std::ios::binary);
    run(Bytes(std::istreambuf_iterator<char>(in), {}));
  }
  for (std::uint32_t seed = 0; seed < kGenerated; ++seed) run_generated(seed);
  std::cout << files.size() << " files and " << kGenerated << " generated inputs\n";
  return 0;
}
