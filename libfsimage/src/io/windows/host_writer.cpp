#include <fsimage/io/host_writer.hpp>

#include "../part_name.hpp"
#include "entry.hpp"
#include "link.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace fsimage {
namespace {

using windows::Handle;

constexpr DWORD kToFill = windows::kToLook | FILE_TRAVERSE;
constexpr std::uint16_t kOwnerMayWrite = 0200;
constexpr DWORD kSettable = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |
                            FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;

bool is_taken(DWORD error) { return error == ERROR_FILE_EXISTS || error == ERROR_ALREADY_EXISTS; }

std::wstring part_of(const std::string& name) { return windows::to_wide(part_name(name, kNameLimit)); }

LONGLONG system_time(Timestamp t) {  // in units of 100 ns since 1601; 0 leaves the time as it is
  constexpr std::int64_t kUnits = 10'000'000, kFrom1601To1970 = 11'644'473'600;
  if (t == kUnsetTime) return 0;
  return (t.seconds() + kFrom1601To1970) * kUnits + t.nanoseconds() / 100;
}

// Sets all that can be set. Of the permissions that is whether the file may be written.
MissingMetadata apply(const HostMetadata& m, HANDLE entry) {
  MissingMetadata missing;
  if (m.owner) missing.error.emplace(os_error(ENOTSUP, {}, "cannot set the owner"));
  for (const auto& x : m.xattrs) missing.xattrs.emplace_back(x.name, os_error(ENOTSUP, {}, "the system has none"));
  FILE_BASIC_INFO basic{};
  const auto fail = [&] {
    if (!missing.error) missing.error.emplace(windows::system_error(::GetLastError(), {}, "cannot set the times"));
    return missing;
  };
  if (::GetFileInformationByHandleEx(entry, FileBasicInfo, &basic, sizeof basic) == 0) return fail();
  const bool is_folder = (basic.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  DWORD more = m.hidden ? FILE_ATTRIBUTE_HIDDEN : 0;
  if (m.permissions && !is_folder && (*m.permissions & kOwnerMayWrite) == 0) more |= FILE_ATTRIBUTE_READONLY;
  basic.FileAttributes = more == 0 ? 0 : more | (basic.FileAttributes & kSettable);  // 0 leaves them
  basic.CreationTime.QuadPart = basic.ChangeTime.QuadPart = 0;
  basic.LastWriteTime.QuadPart = system_time(m.modified);
  basic.LastAccessTime.QuadPart = system_time(m.accessed);
  if (::SetFileInformationByHandle(entry, FileBasicInfo, &basic, sizeof basic) == 0) return fail();
  return missing;
}

void refuse_folder(HANDLE folder, const std::wstring& name) {
  Handle old;
  if (windows::open_entry(folder, name, {.links = Links::keep}, old) != 0) return;
  const auto info = windows::look_at(old.get());
  if (info.is_folder() && !info.is_link()) throw os_error(EISDIR, {}, "a folder has its name");
}

// Whatever has the name, when it is no folder with something in it; a link itself.
void remove_if_there(HANDLE folder, const std::wstring& name) {
  Handle old;
  if (windows::open_entry(folder, name, {.access = DELETE, .links = Links::keep}, old) == 0)
    windows::remove_entry(old.get());
}

Handle make_entry(HANDLE folder, const std::wstring& name, windows::Expected kind, DWORD& error) {
  Handle entry;
  error = windows::open_entry(
      folder, name,
      {.access = windows::kToWrite, .links = Links::keep, .expected = kind, .creation = windows::Creation::create},
      entry);
  return entry;
}

std::shared_ptr<const WritableFolder> folder_from_handle(Handle handle) {
  auto folder = std::make_shared<const WritableFolder>(handle.get());
  handle.release();
  return folder;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------- the file

NewFile::NewFile(OpenFile::Native folder, OpenFile::Native file, std::string name, std::string part)
    : folder_(folder), file_(file), name_(std::move(name)), part_(std::move(part)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : folder_(other.folder_),
      file_(std::exchange(other.file_, nullptr)),
      name_(std::move(other.name_)),
      part_(std::move(other.part_)) {}

NewFile::~NewFile() {
  if (file_ == nullptr) return;
  windows::remove_entry(file_);
  ::CloseHandle(file_);
}

void NewFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (const auto error = windows::write_fully(file_, offset, bytes); error != 0)
    throw windows::write_error(error, {}, "cannot write");
}

std::uint64_t NewFile::copy_from(const OpenFile& source, std::uint64_t offset, std::uint64_t length, std::uint64_t to) {
  if (!windows::may_clone(file_)) return 0;
  const auto cluster = windows::cluster_size(file_);
  const auto whole = length - length % cluster;
  if (whole == 0 || offset % cluster != 0 || to % cluster != 0) return 0;
  windows::make_sparse(file_);  // as the source may be
  // A clone must lie inside of the file.
  if (windows::look_at(file_).size < to + whole && windows::set_file_size(file_, to + whole) != 0) return 0;
  return windows::clone_range(source.native(), offset, whole, file_, to) ? whole : 0;
}

void NewFile::set_size(std::uint64_t size) {
  if (windows::look_at(file_).size < size) windows::make_sparse(file_);
  if (const auto error = windows::set_file_size(file_, size); error != 0)
    throw windows::write_error(error, {}, "cannot set the size");
}

HostIdentity NewFile::identity() const { return windows::look_at(file_).identity; }

MissingMetadata NewFile::finish(const HostMetadata& metadata) {
  auto missing = apply(metadata, file_);
  if (!part_.empty()) {
    const auto error = windows::rename_entry(file_, folder_, windows::to_wide(name_));
    if (error != 0) throw windows::write_error(error, {}, "cannot give the file its name");
  }
  ::CloseHandle(std::exchange(file_, nullptr));
  return missing;
}

// -------------------------------------------------------------------------------------------------------- the folder

std::shared_ptr<const WritableFolder> WritableFolder::open(const std::string& path) {
  Handle handle;
  const windows::Opening how{.access = kToFill, .expected = windows::Expected::folder};
  if (const auto error = windows::open_entry(nullptr, windows::native_path(path), how, handle); error != 0)
    throw windows::system_error(error, path, "cannot open the folder");
  return folder_from_handle(std::move(handle));
}

std::shared_ptr<const WritableFolder> WritableFolder::open_or_make(const std::string& path, bool& made) {
  Handle handle;
  const windows::Opening how{
      .access = kToFill, .expected = windows::Expected::folder, .creation = windows::Creation::create};
  const auto error = windows::open_entry(nullptr, windows::native_path(path), how, handle);
  made = error == 0;
  if (!made && !is_taken(error)) throw windows::system_error(error, path, "cannot make the folder");
  return made ? folder_from_handle(std::move(handle)) : open(path);
}

WritableFolder::~WritableFolder() { ::CloseHandle(handle_); }

HostIdentity WritableFolder::identity() const { return windows::look_at(handle_).identity; }

HostIdentity WritableFolder::identity(const std::string& name) const {
  Handle entry;
  const auto error = windows::open_entry(handle_, windows::new_entry_name(name), {.links = Links::keep}, entry);
  if (error != 0) throw windows::system_error(error, {}, "cannot look at the entry");
  return windows::look_at(entry.get()).identity;
}

std::shared_ptr<const WritableFolder> WritableFolder::make_folder(const std::string& name, std::uint16_t) const {
  Handle made;
  const windows::Opening how{.access = kToFill,
                             .links = Links::keep,
                             .expected = windows::Expected::folder,
                             .creation = windows::Creation::create};
  const auto error = windows::open_entry(handle_, windows::new_entry_name(name), how, made);
  if (is_taken(error)) return nullptr;
  if (error != 0) throw windows::write_error(error, {}, "cannot make the folder");
  return folder_from_handle(std::move(made));
}

std::shared_ptr<const WritableFolder> WritableFolder::open_folder(const std::string& name) const {
  Handle handle;
  const windows::Opening how{.access = kToFill, .links = Links::keep, .expected = windows::Expected::folder};
  const auto error = windows::open_entry(handle_, windows::new_entry_name(name), how, handle);
  if (error != 0) throw windows::system_error(error, {}, "cannot open the folder");
  if (windows::look_at(handle.get()).is_link()) throw os_error(ENOTDIR, {}, "cannot open the folder");
  return folder_from_handle(std::move(handle));
}

std::shared_ptr<const WritableFolder> WritableFolder::open_parent() const {
  return folder_from_handle(windows::open_parent_of(handle_, kToFill));
}

NewFile WritableFolder::make_file(const std::string& name, std::uint16_t, Existing existing) const {
  const auto wide = windows::new_entry_name(name);
  DWORD error = 0;
  auto file = make_entry(handle_, wide, windows::Expected::file, error);
  std::string part;
  if (is_taken(error) && existing == Existing::replace) {
    refuse_folder(handle_, wide);
    part = part_name(name, kNameLimit);
    remove_if_there(handle_, windows::to_wide(part));  // what a killed run left there
    file = make_entry(handle_, windows::to_wide(part), windows::Expected::file, error);
  }
  if (error != 0) throw windows::write_error(error, {}, "cannot make the file");
  NewFile made(handle_, file.get(), name, std::move(part));
  file.release();
  return made;
}

MissingMetadata WritableFolder::make_symlink(const std::string& name, const std::string& target,
                                             const HostMetadata& metadata, Existing existing) const {
  if (target.empty() || target.find('\0') != target.npos)
    throw Error(Errc::not_representable, {}, "a target that no symbolic link can have");
  const auto wide = windows::new_entry_name(name);
  const auto to = windows::to_wide(target);
  auto native = to;
  std::ranges::replace(native, L'/', L'\\');
  // A link to a folder is a folder itself; where there is nothing yet it is made as one to a file.
  Handle there;
  const auto found = windows::open_entry(handle_, native, {.expected = windows::Expected::folder}, there);
  const auto kind = found == 0 ? windows::Expected::folder : windows::Expected::file;
  DWORD error = 0;
  auto link = make_entry(handle_, wide, kind, error);
  const bool replaces = is_taken(error) && existing == Existing::replace;
  if (replaces) {
    refuse_folder(handle_, wide);
    remove_if_there(handle_, part_of(name));
    link = make_entry(handle_, part_of(name), kind, error);
  }
  if (error != 0) throw windows::write_error(error, {}, "cannot make the symbolic link");
  error = windows::write_link(link.get(), to);
  auto missing = error == 0 ? apply(metadata, link.get()) : MissingMetadata{};
  if (error == 0 && replaces) error = windows::rename_entry(link.get(), handle_, wide);
  if (error != 0) {
    windows::remove_entry(link.get());
    throw windows::system_error(error, {}, "cannot make the symbolic link");
  }
  return missing;
}

MissingMetadata WritableFolder::make_node(const std::string& name, const Node&, const HostMetadata&, Existing) const {
  windows::new_entry_name(name);
  throw Error(Errc::not_representable, {}, "this system has no such entries in its folders");
}

void WritableFolder::make_link(const std::string& name, const WritableFolder& from, const std::string& from_name,
                               HostIdentity what, Existing existing) const {
  const auto wide = windows::new_entry_name(name);
  Handle file;
  const windows::Opening how{.access = FILE_WRITE_ATTRIBUTES | FILE_READ_ATTRIBUTES, .links = Links::keep};
  auto error = windows::open_entry(from.handle_, windows::new_entry_name(from_name), how, file);
  if (error != 0) throw windows::system_error(error, {}, "cannot make the hard link");
  if (windows::look_at(file.get()).identity != what)
    throw Error(Errc::source_changed, {}, "the file that it is a link to was replaced meanwhile");
  error = windows::link_entry(file.get(), handle_, wide, false);
  if (is_taken(error) && existing == Existing::replace) {
    refuse_folder(handle_, wide);
    if (identity(name) == what) return;  // it has that name already
    error = windows::link_entry(file.get(), handle_, wide, true);
  }
  if (error != 0) throw windows::write_error(error, {}, "cannot make the hard link");
}

MissingMetadata WritableFolder::set_metadata(const HostMetadata& metadata) const {
  Handle again;
  const windows::Opening how{.access = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
                             .expected = windows::Expected::folder};
  MissingMetadata missing;
  if (const auto error = windows::open_entry(handle_, {}, how, again); error != 0) {
    missing.error.emplace(windows::system_error(error, {}, "cannot set the times"));
    return missing;
  }
  return apply(metadata, again.get());
}

}  // namespace fsimage
