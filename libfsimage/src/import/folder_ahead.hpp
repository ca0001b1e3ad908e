// What of host folders can be asked for ahead: their names, and what the system says of the entries. An answer that cannot
// be had is left out, and asked for again by who needs it, in whose order errors are told.
#pragma once

#include "work_ahead.hpp"

#include <fsimage/io/host_folder.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// The names in a folder, sorted by their bytes. The first eight bytes as a number settle most comparisons.
class SortedNames {
 public:
  void add(std::string_view name);
  void sort();
  std::size_t size() const { return refs_.size(); }
  std::string_view operator[](std::size_t i) const { return view(refs_[i]); }  // a NUL follows

 private:
  struct Ref {
    std::uint64_t prefix;
    std::uint32_t at, length;
  };
  std::string_view view(const Ref& r) const { return {bytes_.data() + r.at, r.length}; }
  std::vector<Ref> refs_;
  std::vector<char> bytes_;
};

SortedNames names_in(const HostFolder&);

// Looks at a stretch of a folder's names, none of which is followed.
class LookAtNames final : public WorkAhead::Work {
 public:
  static constexpr std::size_t kMost = 256;  // names at a time

  LookAtNames(std::shared_ptr<const HostFolder> folder, std::shared_ptr<const SortedNames> names, std::size_t first);
  void run() noexcept override;

  std::size_t end() const { return end_; }
  bool covers(std::size_t name) const { return first_ <= name && name < end_; }
  const std::optional<HostStat>& at(std::size_t name) const {
    return looks_[name - first_];
  }  // of a name that it covers

 private:
  std::shared_ptr<const HostFolder> folder_;
  std::shared_ptr<const SortedNames> names_;
  std::size_t first_, end_;
  std::vector<std::optional<HostStat>> looks_;
};

// Opens a folder, lists it, and looks at its first names.
class ListFolder final : public WorkAhead::Work {
 public:
  ListFolder(std::shared_ptr<const HostFolder> parent, std::string_view name)
      : parent_(std::move(parent)), name_(name) {}
  void run() noexcept override;

  std::shared_ptr<const HostFolder> folder;  // null when that failed
  std::shared_ptr<const SortedNames> names;
  std::shared_ptr<LookAtNames> looks;  // not waited for by itself

 private:
  std::shared_ptr<const HostFolder> parent_;
  std::string name_;
};

}  // namespace fsimage
