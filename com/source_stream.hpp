// IStream with a cursor over a byte source, read-only. What is longer than IStream has members of its own.
// Any thread: calls take their turn at the cursor.
#pragma once

#include "com/behind.hpp"
#include "com/object.hpp"
#include "com/text.hpp"

#include <fsimage/image/com_abi.hpp>
#include <fsimage/image/hresult.hpp>
#include <fsimage/io/byte_source.hpp>

#include <objidl.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace fsimage::com {

template <class Interface, class... Bases>
class SourceStream : public Object<Iface<Interface, Bases..., ISequentialStream>, Iface<IBehind>>,
                     protected Locked<Interface> {
 public:
  explicit SourceStream(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {}

  const void* module() const noexcept override { return mark_of_module(); }
  std::shared_ptr<const ByteSource> source_behind() noexcept override {
    std::shared_ptr<const ByteSource> now;
    this->locked([&] { now = source_; });
    return now;
  }

  HRESULT STDMETHODCALLTYPE Read(void* to, ULONG count, ULONG* read) noexcept override {
    if (read != nullptr) *read = 0;
    if (to == nullptr) return kStgInvalidPointer;
    return this->locked([&] {
      const auto got = read_some(static_cast<std::byte*>(to), count);
      if (read != nullptr) *read = static_cast<ULONG>(got);
      return got == count ? S_OK : S_FALSE;
    });
  }
  HRESULT STDMETHODCALLTYPE Write(const void*, ULONG, ULONG* written) noexcept override {
    if (written != nullptr) *written = 0;
    return kStgAccessDenied;
  }
  HRESULT STDMETHODCALLTYPE Seek(LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER* position) noexcept override {
    return this->locked([&] {
      if (origin > kSeekEnd) return kStgInvalidFunction;
      const std::uint64_t from = origin == kSeekSet ? 0 : origin == kSeekCurrent ? position_ : size();
      const auto to = from + static_cast<std::uint64_t>(move.QuadPart);
      if (origin != kSeekSet && (move.QuadPart >= 0 ? to < from : to >= from)) return kStgInvalidFunction;
      position_ = to;
      if (position != nullptr) position->QuadPart = to;
      return kOk;
    });
  }
  HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER) noexcept override { return kStgAccessDenied; }
  HRESULT STDMETHODCALLTYPE CopyTo(IStream* to, ULARGE_INTEGER count, ULARGE_INTEGER* read,
                                   ULARGE_INTEGER* written) noexcept override {
    if (read != nullptr) read->QuadPart = 0;
    if (written != nullptr) written->QuadPart = 0;
    if (to == nullptr) return kStgInvalidPointer;
    return this->locked([&] { return copy_to(*to, count.QuadPart, read, written); });
  }
  HRESULT STDMETHODCALLTYPE Commit(DWORD) noexcept override { return S_OK; }
  HRESULT STDMETHODCALLTYPE Revert() noexcept override { return S_OK; }
  HRESULT STDMETHODCALLTYPE LockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override {
    return kStgInvalidFunction;
  }
  HRESULT STDMETHODCALLTYPE UnlockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override {
    return kStgInvalidFunction;
  }
  HRESULT STDMETHODCALLTYPE Stat(STATSTG* stat, DWORD flags) noexcept override {
    if (stat == nullptr) return kStgInvalidPointer;
    if (flags > kStatNoName) return kStgInvalidFlag;
    return this->locked([&] {  // there is no name
      *stat = STATSTG{};
      stat->type = kTypeStream;
      stat->cbSize.QuadPart = size();
    });
  }
  HRESULT STDMETHODCALLTYPE Clone(IStream** out) noexcept override {
    return this->locked([&] {
      place(out);
      auto clone = copy();
      LARGE_INTEGER to{};
      to.QuadPart = static_cast<LONGLONG>(position_);
      clone->Seek(to, kSeekSet, nullptr);
      *out = clone.release();
    });
  }

 protected:
  const std::shared_ptr<const ByteSource>& source() const { return source_; }
  // Rewinds.
  void set_source(std::shared_ptr<const ByteSource> source) {
    source_ = std::move(source);
    position_ = 0;
  }
  std::uint64_t size() const { return source_ ? source_->size() : 0; }

 private:
  virtual Ptr<IStream> copy() const = 0;

  std::size_t read_some(std::byte* to, std::size_t count) {
    const auto left = position_ < size() ? size() - position_ : 0;
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(count, left));
    if (n != 0) source_->read_at(position_, {to, n});
    position_ += n;
    return n;
  }
  HRESULT copy_to(IStream& to, std::uint64_t count, ULARGE_INTEGER* read, ULARGE_INTEGER* written) {
    std::vector<std::byte> piece(std::size_t{1} << 20);
    for (std::uint64_t done = 0; done < count;) {
      const auto n =
          read_some(piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), count - done)));
      if (n == 0) break;
      done += n;
      if (read != nullptr) read->QuadPart = done;
      ULONG kept = 0;
      const HRESULT answer = to.Write(piece.data(), static_cast<ULONG>(n), &kept);
      if (written != nullptr) written->QuadPart += kept;
      if (FAILED(answer)) return answer;
      if (kept < n) return kStgMediumFull;
    }
    return S_OK;
  }

  std::shared_ptr<const ByteSource> source_;
  std::uint64_t position_ = 0;
};

}  // namespace fsimage::com
