#include <fsimage/core/error.hpp>
#include <fsimage/core/string_arena.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fsimage {
namespace {

TEST(StringArena, KeepsStringsAcrossChunks) {
  StringArena arena;
  std::vector<std::pair<std::uint32_t, std::string>> kept;
  for (int i = 0; i < 3000; ++i) {
    const std::string text(static_cast<std::size_t>(i) % 1500, static_cast<char>('a' + i % 26));
    kept.emplace_back(arena.add(text), text);
  }
  const StringArena copy(arena);
  const auto half = kept[1500].first;
  arena.truncate(half);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(copy.view(kept[i].first, kept[i].second.size()), kept[i].second);
    if (i < 1500) {
      EXPECT_EQ(arena.view(kept[i].first, kept[i].second.size()), kept[i].second);
    }
  }
  EXPECT_EQ(arena.add("again"), half);
  EXPECT_EQ(arena.view(half, 5), "again");
}

TEST(StringArena, TheLongestString) {
  StringArena arena;
  const std::string longest(StringArena::kLongest, 'x');
  EXPECT_EQ(arena.view(arena.add(longest), longest.size()), longest);
  EXPECT_THROW(arena.add(longest + "x"), Error);
}

}  // namespace
}  // namespace fsimage
