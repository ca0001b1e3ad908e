// Reads the image of one file through a COM IStream, 128 KiB at a time, as burning programs do: the same program for every system.
// bench/streaming compares them.
//   stream_image FILE     prints the image's bytes and the seconds that it took
#include <fsimage/file_system_image.hpp>
#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/hresult.hpp>
#include <fsimage/image/image_stream.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <vector>

namespace {

int stream_file(const char* path) {
  fsimage::FileSystemImage image;
  image.add(path, "/");
  const auto owned = fsimage::com::make_com_stream(fsimage::ImageStream(image.create_result_image()));
  fsimage::com::IStream& stream = *owned;
  std::vector<std::byte> piece(std::size_t{128} << 10);
  const auto begin = std::chrono::steady_clock::now();
  unsigned long long bytes = 0;
  for (auto answer = fsimage::com::kOk; answer == fsimage::com::kOk;) {
    fsimage::com::ULONG got = 0;
    answer = stream.Read(piece.data(), static_cast<fsimage::com::ULONG>(piece.size()), &got);
    if (answer < 0) return 1;
    bytes += got;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%llu %.6f\n", bytes, took.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    return stream_file(argv[1]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
