#include <fsimage/io/host_writer.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include "../part_name.hpp"
#include "open_at.hpp"
#include "xattr_at.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fsimage {
namespace {

using posix::Descriptor;
using posix::retry;

constexpr std::uint16_t kSetIds = 06000;

const char* checked_name(const std::string& name) {
  if (!is_valid_name(name)) throw Error(Errc::invalid_argument, {}, "not a name that an entry can have");
  return name.c_str();
}

[[noreturn]] void throw_write_error(int error, std::string_view what) {
  if (error == ENOSPC || error == EDQUOT) throw Error(Errc::no_space, {}, what);
  throw os_error(error, {}, what);
}

HostIdentity identity_of(const struct stat& st) { return {.device = st.st_dev, .inode = st.st_ino}; }

struct timespec time_spec(Timestamp t) {
  struct timespec out {};
  out.tv_nsec = UTIME_OMIT;
  if (t == kUnsetTime) return out;
  out.tv_sec = static_cast<time_t>(t.seconds());
  out.tv_nsec = static_cast<long>(t.nanoseconds());
  return out;
}

// An open file or folder, or a name in an open folder, which is then not followed.
struct Place {
  int fd;
  const char* name = nullptr;
  bool is_link = false;

  int set_owner(const HostMetadata::Owner& o) const {
    return name == nullptr ? ::fchown(fd, o.uid, o.gid) : ::fchownat(fd, name, o.uid, o.gid, AT_SYMLINK_NOFOLLOW);
  }
  int set_permissions(mode_t mode) const {
    if (is_link) return 0;
    return name == nullptr ? ::fchmod(fd, mode) : ::fchmodat(fd, name, mode, AT_SYMLINK_NOFOLLOW);
  }
  int set_times(const std::array<struct timespec, 2>& times) const {
    return name == nullptr ? ::futimens(fd, times.data()) : ::utimensat(fd, name, times.data(), AT_SYMLINK_NOFOLLOW);
  }
};

bool is_access_list(const HostXattr& x) { return x.name.starts_with("system.posix_acl_"); }

// Sets all that can be set. The owner comes first: a change of owner takes set-ID bits and capabilities. Then extended
// attributes, while the caller may surely write. Access control lists come behind the permissions, which would change
// them.
MissingMetadata apply(const HostMetadata& m, const Place& place) {
  MissingMetadata missing;
  const auto step = [&](int result, std::string_view what) {
    if (result != 0 && !missing.error) missing.error.emplace(os_error(errno, {}, what));
    return result == 0;
  };
  const bool owned = !m.owner || step(place.set_owner(*m.owner), "cannot set the owner");
  const auto set_xattrs = [&](bool lists) {
    for (const auto& x : m.xattrs) {
      const int error = is_access_list(x) == lists ? posix::set_xattr(place.fd, place.name, x) : 0;
      if (error != 0) missing.xattrs.emplace_back(x.name, os_error(error, {}, "the file system refuses it"));
    }
  };
  set_xattrs(false);
  if (m.permissions) {
    const unsigned mode = *m.permissions & (owned ? 07777U : 07777U & ~unsigned{kSetIds});
    step(place.set_permissions(mode), "cannot set the permissions");
  }
  set_xattrs(true);
  if (m.modified != kUnsetTime || m.accessed != kUnsetTime)
    step(place.set_times({time_spec(m.accessed), time_spec(m.modified)}), "cannot set the times");
  return missing;
}

void refuse_folder(int folder, const char* name) {
  struct stat st {};
  if (::fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
    throw os_error(EISDIR, {}, "a folder has its name");
}

std::shared_ptr<const WritableFolder> open_at(int at, const char* name, int flags) {
  const auto open = [&](int access) {
    return retry([&] { return ::openat(at, name, access | O_DIRECTORY | O_CLOEXEC | flags); });
  };
  Descriptor fd(open(O_RDONLY));
  if (!fd && errno == EACCES) fd.reset(open(O_PATH));  // may be written but not listed
  if (!fd) throw os_error(errno, {}, "cannot open the folder");
  auto folder = std::make_shared<const WritableFolder>(fd.get());
  fd.release();
  return folder;
}

std::string part_of(const std::string& name) { return part_name(name, kNameLimit); }

}  // namespace

// ---------------------------------------------------------------------------------------------------------- the file

NewFile::NewFile(OpenFile::Native folder, OpenFile::Native file, std::string name, std::string part)
    : folder_(folder), file_(file), name_(std::move(name)), part_(std::move(part)) {}

NewFile::NewFile(NewFile&& other) noexcept
    : folder_(other.folder_),
      file_(std::exchange(other.file_, -1)),
      name_(std::move(other.name_)),
      part_(std::move(other.part_)) {}

NewFile::~NewFile() {
  if (file_ < 0) return;
  const auto& name = part_.empty() ? name_ : part_;
  struct stat ours {
  }, there{};
  // Whoever has moved it away meanwhile and put something else there keeps that.
  if (::fstat(file_, &ours) == 0 && ::fstatat(folder_, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
      identity_of(ours) == identity_of(there))
    ::unlinkat(folder_, name.c_str(), 0);
  ::close(file_);
}

void NewFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (!posix::write_fully(file_, offset, bytes)) throw_write_error(errno, "cannot write");
}

std::uint64_t NewFile::copy_from(const OpenFile& source, std::uint64_t offset, std::uint64_t length, std::uint64_t to) {
  const auto copied = posix::copy_in_kernel(source.native(), offset, length, file_, to);
  if (copied < length && (errno == ENOSPC || errno == EDQUOT)) throw_write_error(errno, "cannot write");
  return copied;
}

void NewFile::set_size(std::uint64_t size) {
  if (retry([&] { return ::ftruncate(file_, static_cast<off_t>(size)); }) != 0)
    throw_write_error(errno, "cannot set the size");
}

HostIdentity NewFile::identity() const {
  struct stat st {};
  if (::fstat(file_, &st) != 0) throw os_error(errno, {}, "cannot look at the file");
  return identity_of(st);
}

MissingMetadata NewFile::finish(const HostMetadata& metadata) {
  auto missing = apply(metadata, {.fd = file_});
  if (!part_.empty() && ::renameat(folder_, part_.c_str(), folder_, name_.c_str()) != 0)
    throw_write_error(errno, "cannot give the file its name");
  // Where the system writes behind, it may say only now that it could not.
  if (::close(std::exchange(file_, -1)) != 0 && errno != EINTR) {
    const int error = errno;
    ::unlinkat(folder_, name_.c_str(), 0);
    throw_write_error(error, "cannot write");
  }
  return missing;
}

// -------------------------------------------------------------------------------------------------------- the folder

std::shared_ptr<const WritableFolder> WritableFolder::open(const std::string& path) {
  const posix::ReachablePath at(path);
  try {
    return open_at(at.folder(), at.rest(), 0);
  } catch (const Error& e) {
    throw e.with_path(path);
  }
}

std::shared_ptr<const WritableFolder> WritableFolder::open_or_make(const std::string& path, bool& made) {
  const posix::ReachablePath at(path);
  made = ::mkdirat(at.folder(), at.rest(), 0777) == 0;
  if (!made && errno != EEXIST) throw os_error(errno, path, "cannot make the folder");
  return open(path);
}

WritableFolder::~WritableFolder() { ::close(handle_); }

HostIdentity WritableFolder::identity() const {
  struct stat st {};
  if (::fstat(handle_, &st) != 0) throw os_error(errno, {}, "cannot look at the folder");
  return identity_of(st);
}

HostIdentity WritableFolder::identity(const std::string& name) const {
  struct stat st {};
  if (::fstatat(handle_, checked_name(name), &st, AT_SYMLINK_NOFOLLOW) != 0)
    throw os_error(errno, {}, "cannot look at the entry");
  return identity_of(st);
}

std::shared_ptr<const WritableFolder> WritableFolder::make_folder(const std::string& name,
                                                                  std::uint16_t permissions) const {
  if (::mkdirat(handle_, checked_name(name), permissions) != 0) {
    if (errno == EEXIST) return nullptr;
    throw_write_error(errno, "cannot make the folder");
  }
  return open_folder(name);
}

std::shared_ptr<const WritableFolder> WritableFolder::open_folder(const std::string& name) const {
  return open_at(handle_, checked_name(name), O_NOFOLLOW);
}

std::shared_ptr<const WritableFolder> WritableFolder::open_parent() const { return open_at(handle_, "..", O_NOFOLLOW); }

NewFile WritableFolder::make_file(const std::string& name, std::uint16_t permissions, Existing existing) const {
  const auto create = [&](const char* as) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return retry([&] { return ::openat(handle_, as, kFlags, mode_t{permissions}); });
  };
  Descriptor fd(create(checked_name(name)));
  std::string part;
  if (!fd && errno == EEXIST && existing == Existing::replace) {
    refuse_folder(handle_, name.c_str());
    part = part_of(name);
    ::unlinkat(handle_, part.c_str(), 0);  // what a killed run left there
    fd.reset(create(part.c_str()));
  }
  if (!fd) throw_write_error(errno, "cannot make the file");
  NewFile file(handle_, fd.get(), name, std::move(part));
  fd.release();
  return file;
}

// make(name) returns whether the name is taken, or throws. A new entry takes the place of an old one by renaming.
template <class Make>
void WritableFolder::place(const std::string& name, Existing existing, Make make) const {
  if (!make(checked_name(name))) return;
  if (existing == Existing::refuse) throw os_error(EEXIST, {}, "cannot make the entry");
  refuse_folder(handle_, name.c_str());
  const auto part = part_of(name);
  ::unlinkat(handle_, part.c_str(), 0);
  if (make(part.c_str())) throw os_error(EEXIST, {}, "cannot make the entry");
  const int error = ::renameat(handle_, part.c_str(), handle_, name.c_str()) == 0 ? 0 : errno;
  ::unlinkat(handle_, part.c_str(), 0);  // still there when both were names of one file, or nothing was renamed
  if (error != 0) throw os_error(error, {}, "cannot replace the old entry");
}

MissingMetadata WritableFolder::make_symlink(const std::string& name, const std::string& target,
                                             const HostMetadata& metadata, Existing existing) const {
  if (target.empty() || target.find('\0') != target.npos)
    throw Error(Errc::not_representable, {}, "a target that no symbolic link can have");
  MissingMetadata missing;
  place(name, existing, [&](const char* as) {
    if (::symlinkat(target.c_str(), handle_, as) != 0) {
      if (errno == EEXIST) return true;
      throw_write_error(errno, "cannot make the symbolic link");
    }
    missing = apply(metadata, {.fd = handle_, .name = as, .is_link = true});
    return false;
  });
  return missing;
}

MissingMetadata WritableFolder::make_node(const std::string& name, const Node& node, const HostMetadata& metadata,
                                          Existing existing) const {
  MissingMetadata missing;
  place(name, existing, [&](const char* as) {
    if (::mknodat(handle_, as, node.mode & ~07000U, ::makedev(node.major, node.minor)) != 0) {
      if (errno == EEXIST) return true;
      throw_write_error(errno, "cannot make the entry");
    }
    missing = apply(metadata, {.fd = handle_, .name = as});
    return false;
  });
  return missing;
}

void WritableFolder::make_link(const std::string& name, const WritableFolder& from, const std::string& from_name,
                               HostIdentity what, Existing existing) const {
  checked_name(from_name);
  place(name, existing, [&](const char* as) {
    if (::linkat(from.handle_, from_name.c_str(), handle_, as, 0) != 0) {
      if (errno == EEXIST) return true;
      throw_write_error(errno, "cannot make the hard link");
    }
    struct stat st {};
    if (::fstatat(handle_, as, &st, AT_SYMLINK_NOFOLLOW) == 0 && identity_of(st) == what) return false;
    ::unlinkat(handle_, as, 0);
    throw Error(Errc::source_changed, {}, "the file that it is a link to was replaced meanwhile");
  });
}

MissingMetadata WritableFolder::set_metadata(const HostMetadata& metadata) const {
  return apply(metadata, {.fd = handle_});
}

}  // namespace fsimage
