// An image as a std::istream.
#include <fsimage/image/iostreams.hpp>

#include <boost/iostreams/stream.hpp>

int main() {
  const auto image =
      std::make_shared<fsimage::ResultImage>(std::vector<fsimage::ImageExtent>{}, fsimage::BlockCount{1}, "");
  boost::iostreams::stream<fsimage::ImageDevice> in(image);
  return in.get() == 0 ? 0 : 1;
}
