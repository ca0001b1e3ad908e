#include <fsimage/io/atomic_file.hpp>

#include "../part_name.hpp"
#include "target_path.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace fsimage {
namespace {

using windows::Handle;
using windows::TargetPath;

constexpr std::uint64_t kCloneFrom = 64 * 1024;  // below that a shared extent costs more than it saves
constexpr int kPartAttempts = 100;               // every failed one means that another save began or ended
constexpr DWORD kKeptAttributes = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;

DWORD open_target_folder(const TargetPath& target, Handle& folder) {
  const auto name = windows::native_path(target.folder.empty() ? "." : target.folder);
  return windows::open_entry(
      nullptr, name, {.access = windows::kToLook | FILE_TRAVERSE, .expected = windows::Expected::folder}, folder);
}

Handle folder_of(const TargetPath& target) {
  Handle folder;
  if (const auto error = open_target_folder(target, folder); error != 0)
    throw windows::system_error(error, target.full(), "cannot open the folder of the target");
  return folder;
}

bool may_write(HANDLE folder, const TargetPath& target, const windows::EntryInfo& old) {
  if ((old.attributes & FILE_ATTRIBUTE_READONLY) != 0) return false;
  Handle file;
  const windows::Opening how{.access = FILE_WRITE_DATA, .expected = windows::Expected::file};
  return windows::open_entry(folder, windows::entry_name(target.name), how, file) != ERROR_ACCESS_DENIED;
}

// Whether a file could be made there; nothing is made.
bool may_add(HANDLE folder) {
  Handle again;
  return windows::open_entry(folder, {}, {.access = FILE_ADD_FILE, .expected = windows::Expected::folder}, again) == 0;
}

// A new file of ours. Nobody else may write or remove it while it is open: that is the lock that keeps two saves apart,
// and what a killed save has left is known by having none.
Handle open_part(HANDLE folder, const std::wstring& part, const TargetPath& target) {
  for (int attempt = 0; attempt < kPartAttempts; ++attempt) {
    Handle file;
    auto error = windows::open_entry(folder, part,
                                     {.access = windows::kToWrite,
                                      .links = Links::keep,
                                      .expected = windows::Expected::file,
                                      .creation = windows::Creation::create,
                                      .share = FILE_SHARE_READ},
                                     file);
    if (error == 0) return file;
    if (error != ERROR_FILE_EXISTS && error != ERROR_ALREADY_EXISTS && error != ERROR_SHARING_VIOLATION)
      throw windows::system_error(error, target.full(), "cannot create a file in the folder of the target");
    Handle old;
    error = windows::open_entry(folder, part, {.access = DELETE, .links = Links::keep, .share = FILE_SHARE_READ}, old);
    if (error == ERROR_SHARING_VIOLATION)
      throw Error(Errc::busy, {.path = target.full(), .lba = {}, .clause = {}}, "another save to that file is running");
    if (error == 0) error = windows::remove_entry(old.get());
    if (error != 0 && error != ERROR_FILE_NOT_FOUND)
      throw windows::system_error(error, target.full(), "cannot remove the leftover " + windows::from_wide(part));
  }
  throw Error(Errc::busy, {.path = target.full(), .lba = {}, .clause = {}},
              "other saves to that file begin all the time");
}

}  // namespace

struct AtomicFile::State {
  TargetPath target;
  std::string full;
  Handle folder, file;
  std::optional<std::uint64_t> size;  // when it was reserved
  std::uint64_t alignment = 4096, device = 0;
  bool shares_blocks = false;
  bool ended = false;  // the temporary has become the target, or is gone
};

AtomicFile::AtomicFile(const std::string& path) : state_(std::make_unique<State>()) {
  auto& s = *state_;
  s.target = windows::resolve_target(path);
  s.full = s.target.full();
  s.folder = folder_of(s.target);
  const auto old = windows::file_at(s.folder.get(), s.target);
  if (old && !may_write(s.folder.get(), s.target, *old))
    throw os_error(EACCES, s.full, "the old file may not be written");
  s.file = open_part(s.folder.get(), windows::to_wide(part_name(s.target.name, kNameLimit)), s.target);
  s.alignment = std::max(s.alignment, windows::cluster_size(s.file.get()));
  s.device = windows::look_at(s.file.get()).identity.device;
  s.shares_blocks = windows::may_clone(s.file.get());
}

AtomicFile::~AtomicFile() { discard(); }

const std::string& AtomicFile::path() const { return state_->full; }

std::uint64_t AtomicFile::clone_alignment() const { return state_->alignment; }

void AtomicFile::reserve(std::uint64_t size, std::uint64_t allocated) {
  auto& s = *state_;
  if (const auto free = windows::free_bytes(s.file.get()); free && allocated > *free)
    throw Error(Errc::no_space, {.path = s.full, .lba = {}, .clause = {}},
                "needs " + std::to_string(allocated) + " bytes, " + std::to_string(*free) + " are free");
  s.size = size;
  // Without holes the file would get all its blocks now.
  if (!windows::make_sparse(s.file.get())) return;
  const auto error = windows::set_file_size(s.file.get(), size);
  if (error == ERROR_INVALID_PARAMETER || error == ERROR_FILE_TOO_LARGE)
    throw os_error(EFBIG, s.full, "the file system holds no files of " + std::to_string(size) + " bytes");
  if (error != 0) throw windows::write_error(error, s.full, "cannot set the size");
}

void AtomicFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto error = windows::write_fully(state_->file.get(), offset, bytes);
  if (error != 0) throw windows::write_error(error, state_->full, "cannot write");
}

bool AtomicFile::can_clone(const OpenFile& source) {
  if (!state_->shares_blocks) return false;
  const auto& print = source.opened_as();
  return print.device == state_->device && print.size >= state_->alignment;
}

// There is no copying inside the system but by cloning: the caller reads and writes what is left.
bool AtomicFile::copy_from(const OpenFile& source, std::uint64_t source_offset, std::uint64_t length,
                           std::uint64_t to) {
  auto& s = *state_;
  if (length < kCloneFrom || source_offset % s.alignment != 0 || to % s.alignment != 0 || length % s.alignment != 0)
    return false;
  return can_clone(source) && windows::clone_range(source.native(), source_offset, length, s.file.get(), to);
}

void AtomicFile::commit(bool sync) {
  auto& s = *state_;
  if (s.ended) throw std::logic_error("the file is committed or discarded already");
  if (s.size)
    if (const auto error = windows::set_file_size(s.file.get(), *s.size); error != 0)
      throw windows::write_error(error, s.full, "cannot set the size");
  // Asked again: what has got the name meanwhile may be no file.
  const auto old = windows::file_at(s.folder.get(), s.target);
  if (old && (old->attributes & kKeptAttributes) != 0) {
    FILE_BASIC_INFO basic{};
    basic.FileAttributes = (old->attributes & kKeptAttributes) | FILE_ATTRIBUTE_ARCHIVE;
    if (::SetFileInformationByHandle(s.file.get(), FileBasicInfo, &basic, sizeof basic) == 0)
      throw windows::system_error(::GetLastError(), s.full, "cannot set the attributes");
  }
  if (sync && ::FlushFileBuffers(s.file.get()) == 0)
    throw windows::write_error(::GetLastError(), s.full, "cannot flush");
  const auto error = windows::rename_entry(s.file.get(), s.folder.get(), windows::entry_name(s.target.name));
  // The right to replace it was there a moment ago.
  if (error == ERROR_ACCESS_DENIED || error == ERROR_SHARING_VIOLATION)
    throw Error(Errc::busy, {.path = s.full, .lba = {}, .clause = {}}, "somebody has the old file open");
  if (error != 0) throw windows::write_error(error, s.full, "cannot give the file its name");
  s.ended = true;
  // Once more for the name, which the file system keeps with the file.
  if (sync && ::FlushFileBuffers(s.file.get()) == 0)
    throw windows::system_error(::GetLastError(), s.full, "cannot flush the folder");
  s.file.reset();
}

void AtomicFile::discard() noexcept {
  auto& s = *state_;
  if (s.file && !s.ended) windows::remove_entry(s.file.get());
  s.file.reset();
  s.ended = true;
}

TargetState inspect_target(const std::string& path) {
  const auto target = windows::resolve_target(path);
  TargetState state;
  Handle folder;
  if (const auto error = open_target_folder(target, folder); error != 0) {
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND || error == ERROR_DIRECTORY) return state;
    throw windows::system_error(error, target.full(), "cannot open the folder of the target");
  }
  state.folder_exists = true;
  state.free_bytes = windows::free_bytes(folder.get());
  const auto file = windows::file_at(folder.get(), target);
  state.exists = file.has_value();
  state.size = file ? file->size : 0;
  state.writable = may_add(folder.get()) && (!file || may_write(folder.get(), target, *file));
  return state;
}

void remove_target(const std::string& path) {
  const auto target = windows::resolve_target(path);
  const auto folder = folder_of(target);
  if (!windows::file_at(folder.get(), target)) return;
  Handle file;
  const windows::Opening how{.access = DELETE, .links = Links::keep, .expected = windows::Expected::file};
  auto error = windows::open_entry(folder.get(), windows::entry_name(target.name), how, file);
  if (error == 0) error = windows::remove_entry(file.get());
  if (error != 0 && error != ERROR_FILE_NOT_FOUND)
    throw windows::system_error(error, target.full(), "cannot remove the file");
}

}  // namespace fsimage
