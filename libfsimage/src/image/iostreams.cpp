#include <fsimage/core/error.hpp>
#include <fsimage/image/iostreams.hpp>

namespace fsimage {

std::streamsize ImageDevice::read(char* to, std::streamsize count) {
  // Also when nothing was asked for: boost::iostreams::restrict asks so at the end of its view, and takes 0 for "try again".
  if (count <= 0) return -1;
  const auto got = stream_.read(std::as_writable_bytes(std::span(to, static_cast<std::size_t>(count))));
  return got == 0 ? -1 : static_cast<std::streamsize>(got);
}

std::streampos ImageDevice::seek(boost::iostreams::stream_offset by, std::ios_base::seekdir from) {
  // An image ends below 8 TiB, so these fit; only the position may be anywhere.
  std::int64_t base = 0;
  if (from == std::ios_base::cur) base = static_cast<std::int64_t>(stream_.position());
  if (from == std::ios_base::end) base = static_cast<std::int64_t>(stream_.size());
  const bool past_all = by > 0 && base > std::numeric_limits<std::int64_t>::max() - by;
  if (base < 0 || past_all || by < -base)
    throw Error(Errc::invalid_argument, {}, "seek outside of what a stream can address");
  stream_.seek(static_cast<std::uint64_t>(base + by));
  return boost::iostreams::offset_to_position(base + by);
}

}  // namespace fsimage
