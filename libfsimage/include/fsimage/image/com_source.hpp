// A COM stream that somebody gave us, as a source of bytes: a file of the tree whose content comes from an IStream
// (IFsiDirectoryItem::AddFile). Thread-safe: reads take their turn at the stream's one cursor.
#pragma once

#include <fsimage/image/com_abi.hpp>
#include <fsimage/io/byte_source.hpp>

#include <mutex>

namespace fsimage::com {

class ComSource : public ByteSource {
 public:
  // Asks the stream for its size, once, and keeps a reference to it; from here on its cursor is ours. Throws Error with
  // the code of the stream's HRESULT, std::logic_error for a null stream.
  explicit ComSource(IStream* stream);

  std::uint64_t size() const override { return size_; }
  // Throws Error: the stream's own, or source_changed when it ends before it should.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  Owned<IStream> stream_;
  std::uint64_t size_ = 0;
  mutable std::mutex cursor_;
};

}  // namespace fsimage::com
