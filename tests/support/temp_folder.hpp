// A folder that goes away with its object, and files in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#ifdef _WIN32
#include <random>
#else
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX
#endif

namespace fsimage::test {

#ifdef _WIN32
// A path there is UTF-16, and separates names by '\\'. Tests take it for text, with what the library separates them by.
class HostPath : public std::filesystem::path {
 public:
  HostPath() = default;
  explicit HostPath(const std::filesystem::path& from) : std::filesystem::path(from.generic_u8string()) {}
  explicit HostPath(const std::string& utf8) : HostPath(std::string_view(utf8)) {}
  explicit HostPath(std::string_view utf8) : std::filesystem::path(std::u8string(utf8.begin(), utf8.end())) {}
  std::string string() const {
    const auto utf8 = generic_u8string();
    return {utf8.begin(), utf8.end()};
  }
  operator std::string() const { return string(); }
  friend HostPath operator/(const HostPath& a, const std::filesystem::path& b) {
    return HostPath(static_cast<const std::filesystem::path&>(a) / b);
  }
};
#else
using HostPath = std::filesystem::path;
#endif

class TempFolder {
 public:
#ifdef _WIN32
  TempFolder() {
    std::random_device random;
    do {
      path_ = HostPath(std::filesystem::temp_directory_path() / ("fsimage-test-" + std::to_string(random())));
    } while (!std::filesystem::create_directory(path_));
  }
#else
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fsimage-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
#endif
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const HostPath& path() const { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / HostPath(name)).string(); }

  // Makes the file and the folders on the way; returns its path.
  std::string write(std::string_view name, std::string_view content) const {
    const auto file = path_ / HostPath(name);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(static_cast<const std::filesystem::path&>(file), std::ios::binary) << content;
    return file.string();
  }
  static std::string read(const std::string& file) {
    const std::filesystem::path path = HostPath(file);
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  HostPath path_;
};

inline std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(HostPath(entry.path().filename()).string());
  return names;
}

}  // namespace fsimage::test
