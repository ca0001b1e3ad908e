// The device is verified as Boost verifies its own: by characters, by chunks, by lines of seeks, against a reference.
#include "image/sample_image.hpp"

#include <fsimage/image/iostreams.hpp>

#include <boost/iostreams/concepts.hpp>
#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/restrict.hpp>
#include <boost/iostreams/stream.hpp>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace fsimage {
namespace {

namespace io = boost::iostreams;
using Stream = io::stream<ImageDevice>;

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::string sample_text() { return text_of(test::sample_bytes()); }

static_assert(std::is_base_of_v<std::istream, Stream> && !std::is_base_of_v<std::ostream, Stream>);

TEST(ImageDevice, IsRightCharByChar) {
  Stream in(test::sample_image());
  std::string all;
  for (int c = in.get(); c != EOF; c = in.get()) all.push_back(static_cast<char>(c));
  EXPECT_TRUE(in.eof());
  EXPECT_FALSE(in.bad());
  EXPECT_EQ(all, sample_text());
}

TEST(ImageDevice, IsRightInChunks) {
  const std::string expected = sample_text();
  for (const std::streamsize chunk : {1, 53, 2048, 4097, 1 << 20}) {
    for (const std::streamsize buffer : {0, 1, 100, 4096}) {
      Stream in(ImageDevice(test::sample_image()), buffer);
      std::string all, piece(static_cast<std::size_t>(chunk), '\0');
      while (in.read(piece.data(), chunk), in.gcount() > 0) all.append(piece, 0, static_cast<std::size_t>(in.gcount()));
      EXPECT_EQ(all, expected) << "chunk " << chunk << ", buffer " << buffer;
    }
  }
}

TEST(ImageDevice, SeeksFromEverywhere) {
  const std::string expected = sample_text();
  Stream in(test::sample_image());
  const auto check = [&](std::size_t at) {
    SCOPED_TRACE(at);
    ASSERT_TRUE(in.good());
    ASSERT_EQ(in.tellg(), std::streampos(static_cast<std::streamoff>(at)));
    char c = 0;
    in.get(c);
    EXPECT_EQ(c, expected[at]);
    in.unget();
  };
  for (std::size_t at = 0; at < expected.size(); at += 611) {
    in.seekg(static_cast<std::streamoff>(at), std::ios::beg);
    check(at);
  }
  for (std::size_t back = 1; back < expected.size(); back += 611) {
    in.seekg(-static_cast<std::streamoff>(back), std::ios::end);
    check(expected.size() - back);
  }
  in.seekg(0);
  for (std::size_t at = 0; at + 611 < expected.size(); at += 611) {
    in.seekg(611, std::ios::cur);
    check(at + 611);
  }
  for (int i = 0; i < 20; ++i) in.seekg(-611, std::ios::cur);
  EXPECT_TRUE(in.good());
}

TEST(ImageDevice, PastTheEndReadsNothingAndComesBack) {
  ImageDevice device(test::sample_image());
  EXPECT_EQ(device.seek(1 << 20, std::ios::beg), std::streampos(1 << 20));
  char c = 0;
  EXPECT_EQ(device.read(&c, 1), -1);
  EXPECT_EQ(device.seek(-1, std::ios::end), std::streampos(static_cast<std::streamoff>(test::kSampleSize - 1)));
  EXPECT_EQ(device.read(&c, 1), 1);
  EXPECT_EQ(device.read(&c, 1), -1);
}

TEST(ImageDevice, BeforeTheStartIsAnErrorAndMovesNothing) {
  ImageDevice device(test::sample_image());
  device.seek(10, std::ios::beg);
  for (const auto& [by, from] : {std::pair{std::streamoff{-1}, std::ios::beg},
                                 {-11, std::ios::cur},
                                 {-static_cast<std::streamoff>(test::kSampleSize) - 1, std::ios::end},
                                 {std::numeric_limits<std::streamoff>::min(), std::ios::cur},
                                 {std::numeric_limits<std::streamoff>::max(), std::ios::cur}}) {
    EXPECT_THROW(device.seek(by, from), Error) << by;
  }
  EXPECT_EQ(device.seek(0, std::ios::cur), std::streampos(10));
  Stream in(test::sample_image());
  in.seekg(-1, std::ios::beg);
  EXPECT_TRUE(in.fail());
}

TEST(ImageDevice, Copies) {
  std::string out;
  EXPECT_EQ(io::copy(ImageDevice(test::large_image()), io::back_inserter(out)),
            static_cast<std::streamsize>(test::kLargeSize));
  EXPECT_EQ(out, text_of(test::pattern(test::kLargeSize, 4)));
}

TEST(ImageDevice, ComposesWithAView) {
  std::string out;
  io::copy(io::restrict(ImageDevice(test::sample_image()), 3000, 5000), io::back_inserter(out));
  EXPECT_EQ(out, sample_text().substr(3000, 5000));
}

TEST(ImageDevice, StartsWhereTheStreamStands) {
  ImageStream stream(test::sample_image());
  stream.seek(test::kSampleSize - 4);
  std::string out;
  io::copy(ImageDevice(stream), io::back_inserter(out));
  EXPECT_EQ(out, sample_text().substr(test::kSampleSize - 4));
  EXPECT_EQ(stream.position(), test::kSampleSize - 4);
}

TEST(ImageDevice, ErrorsComeThrough) {
  std::string out;
  EXPECT_THROW(io::copy(ImageDevice(test::failing_image()), io::back_inserter(out)), Error);

  std::string all(5 * kBlockSize, '\0');
  Stream quiet(test::failing_image());
  quiet.read(all.data(), static_cast<std::streamsize>(all.size()));
  EXPECT_TRUE(quiet.bad());

  Stream loud(test::failing_image());
  loud.exceptions(std::ios::badbit);
  try {
    loud.read(all.data(), static_cast<std::streamsize>(all.size()));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where().path, "/home/a.txt");
  }
}

}  // namespace
}  // namespace fsimage
