// Identifiers of the UDF view. Nearly every name is recorded as it is, and derived from the tree when it is needed; only
// what had to be changed is kept here. Immutable, thread-safe.
#pragma once

#include <fsimage/core/string_arena.hpp>
#include <fsimage/layout/view_layout.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

class UdfNames {
 public:
  struct Changed {
    std::uint32_t position;  // in the entries of the index
    std::uint32_t at;        // identifier in CS0, in the arena
    std::uint8_t length;
    bool collided;
  };

  explicit UdfNames(const PlanInput&);

  // Whether the name is recorded as it is.
  static bool fits(std::string_view name);
  // Whether the view has a form for the entry.
  static bool shows(const PlanInput&, NodeId);
  // Linux cannot even examine a symbolic link whose components take more than a block.
  static constexpr std::size_t kLongestTarget = kBlockSize;

  // Writes the identifier of the entry at `position`, which is called `name`, and returns its length: at most 255.
  std::size_t identifier(std::uint32_t position, std::string_view name, std::span<std::byte> out) const;
  std::size_t identifier_size(std::uint32_t position, std::string_view name) const;
  // The same of a name that fits, whatever it is the name of.
  static std::size_t identifier(std::string_view name, std::span<std::byte> out);
  static std::size_t identifier_size(std::string_view name);

  const Changed* changed(std::uint32_t position) const;
  std::string text(const Changed&) const;  // UTF-8

 private:
  std::vector<Changed> changed_;  // by position
  StringArena identifiers_;
};

}  // namespace fsimage
