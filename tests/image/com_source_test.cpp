#include "image/sample_image.hpp"
#include "support/byte_source_contract.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/com_source.hpp>
#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/hresult.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace fsimage::com {
namespace {

using Bytes = std::vector<std::byte>;

TEST(ComSource, IsAByteSource) {
  const auto stream = make_com_stream(ImageStream(test::sample_image()));
  test::expect_byte_source(ComSource(stream.get()), MemorySource(test::sample_bytes()));
}

TEST(ComSource, MovesTheCursorOfTheStream) {
  const auto stream = make_com_stream(ImageStream(test::sample_image()));
  const ComSource source(stream.get());
  Bytes out(10);
  source.read_at(90, out);
  ULARGE_INTEGER at{};
  EXPECT_EQ(stream->Seek({}, kSeekCurrent, &at), kOk);
  EXPECT_EQ(at.QuadPart, 100u);
}

TEST(ComSource, HoldsTheStream) {
  auto stream = make_com_stream(ImageStream(test::sample_image()));
  {
    const ComSource source(stream.get());
    EXPECT_EQ(stream->AddRef(), 3u);
    EXPECT_EQ(stream->Release(), 2u);
  }
  EXPECT_EQ(stream->AddRef(), 2u);
  EXPECT_EQ(stream->Release(), 1u);
}

TEST(ComSource, NeedsAStream) { EXPECT_THROW(ComSource(nullptr), std::logic_error); }

TEST(ComSource, AFailingStreamIsAnError) {
  const auto stream = make_com_stream(ImageStream(test::failing_image()));
  const ComSource source(stream.get());
  Bytes out(5 * kBlockSize);
  try {
    source.read_at(0, out);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::source_changed);
  }
}

}  // namespace
}  // namespace fsimage::com
