#include "../stash_file.hpp"

#include "entry.hpp"

#include <atomic>

namespace fsimage {
namespace {

constexpr int kStashNames = 1000;

// Whoever begins at the same time, in this process or another, has another number.
std::string stash_name() {
  static std::atomic<std::uint32_t> count{0};
  LARGE_INTEGER now{};
  ::QueryPerformanceCounter(&now);
  return ".fsimage-stash-" + std::to_string(::GetCurrentProcessId()) + '-' + std::to_string(now.QuadPart) + '-' +
         std::to_string(count++);
}

}  // namespace

std::shared_ptr<const OpenFile> open_stash(const std::string& directory) {
  constexpr auto kFailure = "cannot keep copies of sources in the working directory";
  if (directory.empty())
    throw Error(Errc::invalid_argument, {}, "no working directory was given for copies of sources",
                Reason::working_directory);
  windows::Handle folder, file;
  const windows::Opening way{.access = windows::kToLook | FILE_TRAVERSE, .expected = windows::Expected::folder};
  if (const auto error = windows::open_entry(nullptr, windows::native_path(directory), way, folder); error != 0)
    throw windows::system_error(error, directory, kFailure)
        .with_reason(error == ERROR_ACCESS_DENIED ? Reason::stash_not_opened : Reason::working_directory);
  const windows::Opening how{.access = windows::kToWrite,
                             .expected = windows::Expected::file,
                             .creation = windows::Creation::create,
                             .share = 0,
                             .gone_when_closed = true};
  DWORD error = 0;
  for (int i = 0; i < kStashNames; ++i) {
    error = windows::open_entry(folder.get(), windows::to_wide(stash_name()), how, file);
    if (error != ERROR_FILE_EXISTS && error != ERROR_ALREADY_EXISTS) break;
  }
  if (error != 0) throw windows::system_error(error, directory, kFailure).with_reason(Reason::stash_not_opened);
  auto stash = std::make_shared<const OpenFile>(file.get(), directory, OpenFile::Kind::ours);
  file.release();
  return stash;
}

std::optional<std::uint64_t> stash_room(const OpenFile& file) { return windows::free_bytes(file.native()); }

void write_stash(const OpenFile& file, std::uint64_t at, std::span<const std::byte> bytes) {
  const auto error = windows::write_fully(file.native(), at, bytes);
  if (error != 0)
    throw windows::system_error(error, file.path(), "cannot write the copy of a source")
        .with_reason(Reason::stash_not_written);
}

}  // namespace fsimage
