#include <fsimage/core/fnv.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

TEST(Fnv, KnownValues) {
  EXPECT_EQ(fnv1a(kFnvBasis, ""), kFnvBasis);
  EXPECT_EQ(fnv1a(kFnvBasis, "a"), 0xAF63DC4C8601EC8CU);
  EXPECT_EQ(fnv1a(kFnvBasis, "foobar"), 0x85944171F73967E8U);
  EXPECT_EQ(fnv1a(fnv1a(kFnvBasis, "foo"), "bar"), fnv1a(kFnvBasis, "foobar"));
  EXPECT_EQ(fnv1a(kFnvBasis, std::uint16_t{'a'}), fnv1a(kFnvBasis, "a"));
}

}  // namespace
}  // namespace fsimage
