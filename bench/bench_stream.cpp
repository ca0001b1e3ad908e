// Reading an image: through read_at, through the cursor and through COM, from memory, from a file in the page cache and
// from many small files; in order, in no order, and by CopyTo.
#include "bench_main.hpp"
#include "memory.hpp"
#include "samples.hpp"

#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/image_stream.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef _WIN32
#define CALL STDMETHODCALLTYPE
#else
#define CALL
#endif

namespace fsimage::bench {
namespace {

using Bytes = std::vector<std::byte>;

// Three ways to read, each with: fill `out` from here; go there.
class AtReader {
 public:
  explicit AtReader(const Sample& sample) : image_(*sample.image) {}
  std::size_t read(std::span<std::byte> out) {
    const auto part = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), image_.size() - at_)));
    image_.read_at(at_, part);
    at_ += part.size();
    return part.size();
  }
  void seek(std::uint64_t to) { at_ = to; }

 private:
  const ResultImage& image_;
  std::uint64_t at_ = 0;
};

class StreamReader {
 public:
  explicit StreamReader(const Sample& sample) : stream_(sample.image) {}
  std::size_t read(std::span<std::byte> out) { return stream_.read(out); }
  void seek(std::uint64_t to) { stream_.seek(to); }

 private:
  ImageStream stream_;
};

class ComReader {
 public:
  explicit ComReader(const Sample& sample) : stream_(com::make_com_stream(ImageStream(sample.image))) {}
  std::size_t read(std::span<std::byte> out) {
    com::ULONG got = 0;
    if (stream_->Read(out.data(), static_cast<com::ULONG>(out.size()), &got) < 0)
      throw std::runtime_error("Read failed");
    return got;
  }
  void seek(std::uint64_t to) {
    com::LARGE_INTEGER move{};
    move.QuadPart = static_cast<std::int64_t>(to);
    if (stream_->Seek(move, com::kSeekSet, nullptr) < 0) throw std::runtime_error("Seek failed");
  }

 private:
  com::Owned<com::IStream> stream_;
};

// The least that there is: the file itself.
class FileReader {
 public:
  explicit FileReader(const Sample& sample) : run_(sample.image->run_at(0)) {
    if (run_.kind != Run::Kind::file) throw std::runtime_error("the sample lies in no file");
  }
  std::size_t read(std::span<std::byte> out) {
    const auto part = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), run_.length - at_)));
    run_.file->read_at(run_.file_offset + at_, part);
    at_ += part.size();
    return part.size();
  }
  void seek(std::uint64_t to) { at_ = to; }

 private:
  Run run_;
  std::uint64_t at_ = 0;
};

template <class Reader>
void in_order(benchmark::State& state, Content content) {
  const Sample& s = sample(content);
  Bytes buffer(static_cast<std::size_t>(state.range(0)));
  Reader reader(s);
  const PeakMemory peak;
  for (auto _ : state) {
    reader.seek(0);
    std::uint64_t total = 0;
    for (std::size_t got = buffer.size(); got == buffer.size(); total += got) got = reader.read(buffer);
    benchmark::DoNotOptimize(buffer.data());
    if (total != s.image->size()) throw std::runtime_error("read " + std::to_string(total) + " bytes");
  }
  report(state, s.image->size(), s.entries > 1 ? s.entries : 0);
  state.counters["peak_rss"] = static_cast<double>(peak.bytes());
}

template <class Reader>
void at_random(benchmark::State& state, Content content) {
  const Sample& s = sample(content);
  Bytes buffer(kBlockSize);
  Reader reader(s);
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> places(1000);
  for (auto& place : places) place = random() % s.image->total_blocks().value * kBlockSize;
  for (auto _ : state) {
    for (const auto place : places) {
      reader.seek(place);
      if (reader.read(buffer) != buffer.size()) throw std::runtime_error("short read inside the image");
    }
  }
  report(state, places.size() * buffer.size(), 0);
  state.counters["seeks_per_second"] =
      benchmark::Counter(static_cast<double>(places.size()), benchmark::Counter::kIsIterationInvariantRate);
}

void copy_to(benchmark::State& state, Content content) {
  const Sample& s = sample(content);
  ImageStream stream(s.image);
  for (auto _ : state) {
    stream.seek(0);
    const auto copied = stream.copy_to([](std::span<const std::byte> bytes) {
      benchmark::DoNotOptimize(bytes.data());
      return bytes.size();
    });
    if (copied.written != s.image->size()) throw std::runtime_error("copy is short");
  }
  report(state, s.image->size(), 0);
}

// Takes everything and keeps nothing.
class NullStream final : public com::IStream {
 public:
  com::HRESULT CALL Write(const void* from, com::ULONG count, com::ULONG* written) noexcept override {
    benchmark::DoNotOptimize(from);
    *written = count;
    return 0;
  }
  com::HRESULT CALL QueryInterface(const com::GUID&, void**) noexcept override { return kNo; }
  com::ULONG CALL AddRef() noexcept override { return 2; }
  com::ULONG CALL Release() noexcept override { return 1; }
  com::HRESULT CALL Read(void*, com::ULONG, com::ULONG*) noexcept override { return kNo; }
  com::HRESULT CALL Seek(com::LARGE_INTEGER, com::DWORD, com::ULARGE_INTEGER*) noexcept override { return kNo; }
  com::HRESULT CALL SetSize(com::ULARGE_INTEGER) noexcept override { return kNo; }
  com::HRESULT CALL CopyTo(com::IStream*, com::ULARGE_INTEGER, com::ULARGE_INTEGER*,
                           com::ULARGE_INTEGER*) noexcept override {
    return kNo;
  }
  com::HRESULT CALL Commit(com::DWORD) noexcept override { return kNo; }
  com::HRESULT CALL Revert() noexcept override { return kNo; }
  com::HRESULT CALL LockRegion(com::ULARGE_INTEGER, com::ULARGE_INTEGER, com::DWORD) noexcept override { return kNo; }
  com::HRESULT CALL UnlockRegion(com::ULARGE_INTEGER, com::ULARGE_INTEGER, com::DWORD) noexcept override { return kNo; }
  com::HRESULT CALL Stat(com::STATSTG*, com::DWORD) noexcept override { return kNo; }
  com::HRESULT CALL Clone(com::IStream**) noexcept override { return kNo; }

 private:
  static constexpr com::HRESULT kNo = -1;
};

void com_copy_to(benchmark::State& state, Content content) {
  const Sample& s = sample(content);
  const auto stream = com::make_com_stream(ImageStream(s.image));
  NullStream target;
  for (auto _ : state) {
    com::ULARGE_INTEGER all{}, written{};
    all.QuadPart = s.image->size();
    if (stream->Seek({}, com::kSeekSet, nullptr) < 0 || stream->CopyTo(&target, all, nullptr, &written) < 0 ||
        written.QuadPart != s.image->size())
      throw std::runtime_error("CopyTo failed");
  }
  report(state, s.image->size(), 0);
}

template <class Reader>
void register_reader(const std::string& reader, const std::string& content_name, Content content) {
  auto* const order = benchmark::RegisterBenchmark((reader + "/in_order/" + content_name).c_str(),
                                                   [content](benchmark::State& s) { in_order<Reader>(s, content); });
  order->ArgName("chunk")->Unit(benchmark::kMillisecond)->UseRealTime();
  for (const std::int64_t kib : {2, 16, 128, 1024, 4096}) order->Arg(kib * 1024);
  benchmark::RegisterBenchmark((reader + "/at_random/" + content_name).c_str(),
                               [content](benchmark::State& s) { at_random<Reader>(s, content); })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

}  // namespace

void register_benchmarks() {
  const std::pair<const char*, Content> contents[] = {
      {"memory", Content::memory}, {"file", Content::file}, {"small_files", Content::small_files}};
  register_reader<FileReader>("pread", "file", Content::file);
  for (const auto& [name, content] : contents) {
    register_reader<AtReader>("read_at", name, content);
    register_reader<StreamReader>("ImageStream", name, content);
    register_reader<ComReader>("IStream", name, content);
    const auto copied = [content = content](benchmark::State& s) { copy_to(s, content); };
    const auto com_copied = [content = content](benchmark::State& s) { com_copy_to(s, content); };
    for (auto* b : {benchmark::RegisterBenchmark((std::string("ImageStream/copy_to/") + name).c_str(), copied),
                    benchmark::RegisterBenchmark((std::string("IStream/CopyTo/") + name).c_str(), com_copied)})
      b->Unit(benchmark::kMillisecond)->UseRealTime();
  }
}

}  // namespace fsimage::bench
