#include <fsimage/core/error.hpp>
#include <fsimage/image/com_source.hpp>
#include <fsimage/image/hresult.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace fsimage::com {

ComSource::ComSource(IStream* stream) {
  if (stream == nullptr) throw std::logic_error("COM source: no stream");
  stream->AddRef();
  stream_.reset(stream);
  STATSTG stat{};
  throw_if_failed(stream->Stat(&stat, kStatNoName), "the stream does not tell its size");
  size_ = stat.cbSize.QuadPart;
}

void ComSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  if (out.empty()) return;
  const std::lock_guard lock(cursor_);
  LARGE_INTEGER to{};
  to.QuadPart = static_cast<std::int64_t>(offset);
  throw_if_failed(stream_->Seek(to, kSeekSet, nullptr), "the stream cannot be positioned");
  while (!out.empty()) {
    const auto wanted = static_cast<ULONG>(std::min<std::size_t>(out.size(), std::numeric_limits<ULONG>::max()));
    ULONG got = 0;
    throw_if_failed(stream_->Read(out.data(), wanted, &got), "the stream cannot be read");
    if (got == 0) throw Error(Errc::source_changed, {}, "the stream ends before its size");
    out = out.subspan(std::min(got, wanted));
  }
}

}  // namespace fsimage::com
