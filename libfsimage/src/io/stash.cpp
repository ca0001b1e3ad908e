#include <fsimage/io/stash.hpp>

#include "stash_file.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

constexpr std::size_t kStashPiece = std::size_t{1} << 20;

void copy_in(const OpenFile& file, std::uint64_t at, std::uint64_t size, const Stash::Read& read) {
  if (const auto free = stash_room(file); free && size > *free)
    throw Error(Errc::no_space, {.path = file.path(), .lba = {}, .clause = {}},
                "the working directory has " + std::to_string(*free) + " bytes left, and " + std::to_string(size) +
                    " are needed",
                Reason::no_working_space);
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(size, kStashPiece)));
  for (std::uint64_t done = 0; done < size;) {
    const auto part =
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(size - done, kStashPiece)));
    read(done, part);
    write_stash(file, at + done, part);
    done += part.size();
  }
}

}  // namespace

Stash::Stash(const std::string& working_directory)
    : directory_(working_directory), file_(open_stash(working_directory)) {}

std::shared_ptr<const OpenFile> Stash::file() const {
  const std::lock_guard lock(mutex_);
  return file_;
}

void Stash::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  try {
    if (!out.empty()) file()->read_at(offset, out);
  } catch (const Error& e) {
    throw Error(std::make_error_code(std::errc::io_error), {.path = directory_, .lba = {}, .clause = {}},
                "the copy of a source cannot be read: " + e.message(), Reason::stash_not_read);
  }
}

Run Stash::run_at(std::uint64_t offset) const {
  Run run;
  run.kind = Run::Kind::file;
  run.length = size() - offset;
  run.file = file();
  run.file_offset = offset;
  return run;
}

std::uint64_t Stash::add(std::uint64_t size, const Read& read) {
  const auto at = used_;
  copy_in(*file_, at, size, read);
  used_ += size;
  return at;
}

void Stash::move_to(const std::string& working_directory) {
  auto moved = open_stash(working_directory);
  try {
    copy_in(*moved, 0, used_, [&](std::uint64_t offset, std::span<std::byte> out) { read_at(offset, out); });
  } catch (const Error& e) {
    if (e.reason() == Reason::no_working_space) throw;
    throw Error(e.code(), e.where(), e.message(), Reason::stash_not_moved);
  }
  directory_ = working_directory;
  const std::lock_guard lock(mutex_);
  file_ = std::move(moved);
}

}  // namespace fsimage
