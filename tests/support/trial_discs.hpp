// Discs of every kind that can be had without a drive, image files among them, and all that is on one as a value: for tests
// that put a disc back into an earlier state, or a copy of it beside it.
#pragma once

#include "support/media_kinds.hpp"
#include "support/trial_image.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/core/units.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace fsimage::test {

inline constexpr const char* kImageFile = "file";

// The simulated media, and image files.
inline std::vector<std::string> kinds_of_discs() {
  auto out = mock_media_names();
  out.emplace_back(kImageFile);
  return out;
}

// Room for some sessions where drives leave gaps; and no more where readers look at every block.
inline std::uint32_t capacity_of(const std::string& kind) {
  const bool gaps =
      kind.starts_with("cd") || kind == "dvd-r" || kind == "dvd-rw" || kind.starts_with("dvd+r-") || kind == "dvd+r";
  return gaps ? 90'000 : 9'000;
}

// Where block 0 lies in the file that is the disc.
inline std::uint64_t front_of(const std::string& kind) { return kind == kImageFile ? 0 : 1'048'576; }

// The disc in the file `path`, made when there is none. The serial number is that of a new one.
inline std::unique_ptr<Recorder> open_disc(const std::string& kind, const std::string& path, std::uint32_t serial = 7,
                                           const std::string& faults = {}) {
  if (kind == kImageFile) return std::make_unique<IsoFileRecorder>(path, IsoFileOptions{.workers = 1});
  return std::make_unique<MockRecorder>(MockOptions{
      .path = path, .media = kind, .capacity = capacity_of(kind), .serial = serial, .faults = faults, .polls = 1});
}

inline void expect_no_violations(const Recorder& recorder) {
  if (const auto* const mock = dynamic_cast<const MockRecorder*>(&recorder))
    for (const auto& violation : mock->violations()) ADD_FAILURE() << violation;
}

// All bytes of a file, in pieces that are not zeros: discs are mostly holes.
class DiscBytes {
 public:
  DiscBytes() = default;
  explicit DiscBytes(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    size_ = static_cast<std::uint64_t>(::lseek(file, 0, SEEK_END));
    Bytes piece(kPiece);
    for (auto at = ::lseek(file, 0, SEEK_DATA); at >= 0; at = ::lseek(file, at, SEEK_DATA)) {
      at -= at % static_cast<off_t>(kPiece);
      const auto got = ::pread(file, piece.data(), piece.size(), at);
      if (got <= 0) break;
      piece.resize(static_cast<std::size_t>(got));
      if (std::ranges::any_of(piece, [](std::byte b) { return b != std::byte{}; }))
        pieces_[static_cast<std::uint64_t>(at)] = piece;
      at += got;
      piece.resize(kPiece);
    }
    ::close(file);
  }

  void write(const std::string& path) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc).close();
    std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
    for (const auto& [at, piece] : pieces_) {
      out.seekp(static_cast<std::streamoff>(at));
      out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    }
    out.close();
    std::filesystem::resize_file(path, size_);
  }

  std::uint64_t size() const { return size_; }

  // How many blocks of the disc, which begins at byte `front` of the file, are others than in `before`.
  std::uint32_t changed_blocks(const DiscBytes& before, std::uint64_t front) const {
    std::uint32_t count = 0;
    std::vector<std::uint64_t> places;
    for (const auto& [at, piece] : pieces_) places.push_back(at);
    for (const auto& [at, piece] : before.pieces_)
      if (!pieces_.contains(at)) places.push_back(at);
    for (const auto at : places)
      for (std::uint64_t offset = at; offset < at + kPiece; offset += kBlockSize)
        if (offset >= front && block(offset) != before.block(offset)) ++count;
    return count;
  }

  friend bool operator==(const DiscBytes&, const DiscBytes&) = default;

 private:
  static constexpr std::size_t kPiece = 4096;
  Bytes block(std::uint64_t offset) const {
    Bytes out(kBlockSize);
    const auto within = static_cast<std::size_t>(offset % kPiece);
    if (const auto it = pieces_.find(offset - within); it != pieces_.end() && within < it->second.size())
      std::copy_n(it->second.begin() + static_cast<std::ptrdiff_t>(within),
                  std::min(kBlockSize + std::size_t{}, it->second.size() - within), out.begin());
    return out;
  }

  std::uint64_t size_ = 0;
  std::map<std::uint64_t, Bytes> pieces_;
};

}  // namespace fsimage::test
