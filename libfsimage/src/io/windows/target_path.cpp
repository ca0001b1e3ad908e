#include "target_path.hpp"

#include <cerrno>
#include <utility>

namespace fsimage::windows {
namespace {

TargetPath split(const std::string& path) {
  const auto last = path.find_last_of("/\\:");
  const auto at = last == path.npos ? 0 : last + 1;
  return {path.substr(0, at), path.substr(at)};
}

void require_file(const EntryInfo& info, const std::string& path) {
  if (info.is_folder()) throw os_error(EISDIR, path, "a folder has that name");
  if (info.is_link())
    throw Error(Errc::invalid_argument, {.path = path, .lba = {}, .clause = {}}, "the target is a link, not a file");
}

// In the system's form devices have a name alone behind the prefix, files have the letter of a drive or a share.
bool names_device(const std::wstring& native) { return native.find(L'\\', 4) == native.npos; }

}  // namespace

TargetPath resolve_target(const std::string& path) {
  if (path.empty()) throw Error(Errc::invalid_argument, {}, "the target has no name");
  auto target = split(path);
  if (target.name.empty() || target.name == "." || target.name == "..")
    throw os_error(EISDIR, path, "not the name of a file");
  const auto native = native_path(path);
  if (names_device(native))
    throw Error(Errc::invalid_argument, {.path = path, .lba = {}, .clause = {}}, "the target is a device, not a file");
  Handle itself;
  if (open_entry(nullptr, native, {.links = Links::keep}, itself) != 0) return target;
  auto info = look_at(itself.get());
  if (info.is_link()) {
    Handle behind;
    if (const auto error = open_entry(nullptr, native, {}, behind); error != 0)
      throw system_error(error, path, "cannot follow the link");
    info = look_at(behind.get());
    target = split(path_of(behind.get()));
  }
  require_file(info, path);
  return target;
}

std::optional<EntryInfo> file_at(HANDLE folder, const TargetPath& target) {
  Handle file;
  const auto error = open_entry(folder, entry_name(target.name), {.links = Links::keep}, file);
  if (error == ERROR_FILE_NOT_FOUND) return std::nullopt;
  if (error != 0) throw system_error(error, target.full(), "cannot look at the target");
  const auto info = look_at(file.get());
  require_file(info, target.full());
  return info;
}

}  // namespace fsimage::windows
