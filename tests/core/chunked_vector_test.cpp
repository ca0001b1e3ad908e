#include <fsimage/core/chunked_vector.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(ChunkedVector, GrowsWithoutMovingAndShrinks) {
  ChunkedVector<int> v;
  v.push_back(0);
  const int* first = &v[0];
  for (int i = 1; i < 20000; ++i) v.push_back(i);
  EXPECT_EQ(first, &v[0]);
  EXPECT_EQ(v.size(), 20000U);
  for (std::size_t i = 0; i < v.size(); ++i) ASSERT_EQ(v[i], static_cast<int>(i));

  const ChunkedVector<int> copy(v);
  v.truncate(4096);
  EXPECT_EQ(v.back(), 4095);
  v.push_back(-1);
  EXPECT_EQ(v.back(), -1);
  v.truncate(0);
  EXPECT_EQ(v.memory_bytes(), 0U);
  EXPECT_EQ(copy[19999], 19999);
}

TEST(ChunkedVector, AMovedFromOneIsEmpty) {
  ChunkedVector<int> a;
  a.push_back(1);
  const auto b = std::move(a);
  EXPECT_EQ(b.size(), 1U);
  EXPECT_EQ(a.size(), 0U);  // NOLINT(bugprone-use-after-move): that is what is tested
}

}  // namespace
}  // namespace fsimage
