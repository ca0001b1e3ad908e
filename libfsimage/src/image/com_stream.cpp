#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/hresult.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <string_view>
#include <type_traits>

// The calling convention of COM methods; it only matters to 32-bit Windows, and nothing but this file needs it.
#ifdef _WIN32
#define FSIMAGE_COM_CALL STDMETHODCALLTYPE
#else
#define FSIMAGE_COM_CALL
#endif

namespace fsimage::com {
namespace {

// Shared by a stream and its clones.
class ErrorSlot {
 public:
  void keep(std::exception_ptr error) noexcept {
    const std::lock_guard lock(mutex_);
    error_.swap(error);  // the older one goes when the lock has gone
  }
  std::exception_ptr get() const noexcept {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  std::exception_ptr error_;
};

// `from` moved by `by`, unless that lies outside 0 to 2^64 - 1.
bool moved(std::uint64_t from, std::int64_t by, std::uint64_t& to) noexcept {
  to = from + static_cast<std::uint64_t>(by);
  return by >= 0 ? to >= from : to < from;
}

// A name of digits and letters, NUL included, in memory that the client frees.
OLECHAR* task_string(std::string_view ascii) {
  auto* const to = static_cast<OLECHAR*>(task_alloc((ascii.size() + 1) * sizeof(OLECHAR)));
  if (to == nullptr) throw std::bad_alloc();
  std::transform(ascii.begin(), ascii.end(), to,
                 [](char c) { return static_cast<OLECHAR>(static_cast<unsigned char>(c)); });
  to[ascii.size()] = 0;
  return to;
}

// Release() ends it, nobody else: the destructor is private.
class Stream final : public ComStream {  // NOLINT(cppcoreguidelines-virtual-class-destructor)
 public:
  Stream(ImageStream stream, std::shared_ptr<ErrorSlot> errors) noexcept
      : stream_(std::move(stream)), errors_(std::move(errors)) {}

  std::exception_ptr last_error() const noexcept override { return errors_->get(); }
  const std::shared_ptr<const ResultImage>& image() const noexcept override { return stream_.image(); }

  // --- IUnknown
  HRESULT FSIMAGE_COM_CALL QueryInterface(const GUID& iid, void** out) noexcept override {
    if (out == nullptr) return kPointer;
    *out = nullptr;
    if (!same(iid, kIidStream) && !same(iid, kIidSequentialStream) && !same(iid, kIidUnknown)) return kNoInterface;
    *out = static_cast<IStream*>(this);  // single inheritance: one address is all three
    AddRef();
    return kOk;
  }
  ULONG FSIMAGE_COM_CALL AddRef() noexcept override { return references_.fetch_add(1, std::memory_order_relaxed) + 1; }
  ULONG FSIMAGE_COM_CALL Release() noexcept override {
    const ULONG left = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left == 0) delete this;
    return left;
  }

  // --- ISequentialStream
  HRESULT FSIMAGE_COM_CALL Read(void* out, ULONG count, ULONG* read) noexcept override {
    if (read != nullptr) *read = 0;
    if (out == nullptr) return kStgInvalidPointer;
    return guard([&] {
      const std::lock_guard lock(mutex_);
      const auto got = stream_.read({static_cast<std::byte*>(out), count});
      if (read != nullptr) *read = static_cast<ULONG>(got);
      return got == count ? kOk : kFalse;
    });
  }
  HRESULT FSIMAGE_COM_CALL Write(const void*, ULONG, ULONG* written) noexcept override {
    if (written != nullptr) *written = 0;
    return kStgAccessDenied;
  }

  // --- IStream
  HRESULT FSIMAGE_COM_CALL Seek(LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER* position) noexcept override {
    return guard([&] {
      const std::lock_guard lock(mutex_);
      std::uint64_t to = 0;
      switch (origin) {
        case kSeekSet: to = static_cast<std::uint64_t>(move.QuadPart); break;
        case kSeekCurrent:
          if (!moved(stream_.position(), move.QuadPart, to)) return kStgInvalidFunction;
          break;
        case kSeekEnd:
          if (!moved(stream_.size(), move.QuadPart, to)) return kStgInvalidFunction;
          break;
        default: return kStgInvalidFunction;
      }
      stream_.seek(to);
      if (position != nullptr) position->QuadPart = to;
      return kOk;
    });
  }
  HRESULT FSIMAGE_COM_CALL SetSize(ULARGE_INTEGER) noexcept override { return kStgAccessDenied; }
  HRESULT FSIMAGE_COM_CALL CopyTo(IStream* to, ULARGE_INTEGER count, ULARGE_INTEGER* read,
                                  ULARGE_INTEGER* written) noexcept override;
  HRESULT FSIMAGE_COM_CALL Commit(DWORD) noexcept override { return kOk; }
  HRESULT FSIMAGE_COM_CALL Revert() noexcept override { return kOk; }
  HRESULT FSIMAGE_COM_CALL LockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override {
    return kStgInvalidFunction;
  }
  HRESULT FSIMAGE_COM_CALL UnlockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override {
    return kStgInvalidFunction;
  }
  HRESULT FSIMAGE_COM_CALL Stat(STATSTG* stat, DWORD flags) noexcept override {
    if (stat == nullptr) return kStgInvalidPointer;
    if (flags != kStatDefault && flags != kStatNoName) return kStgInvalidFlag;
    return guard([&] {
      const auto known = stream_.stat();  // the image's, whatever the cursor does meanwhile
      STATSTG result{};
      result.type = static_cast<DWORD>(known.type);
      result.cbSize.QuadPart = known.size;
      if (flags != kStatNoName) result.pwcsName = task_string(known.image_id);
      *stat = result;
      return kOk;
    });
  }
  HRESULT FSIMAGE_COM_CALL Clone(IStream** out) noexcept override {
    if (out == nullptr) return kStgInvalidPointer;
    *out = nullptr;
    return guard([&] {
      *out = new Stream(cursor(), errors_);  // NOLINT(bugprone-unhandled-exception-at-new): guard() handles it
      return kOk;
    });
  }

 private:
  ~Stream() = default;

  template <class Body>
  HResult guard(Body&& body) noexcept {
    return hresult_guard(std::forward<Body>(body),
                         [this](std::exception_ptr error) { errors_->keep(std::move(error)); });
  }
  ImageStream cursor() {
    const std::lock_guard lock(mutex_);
    return stream_.clone();
  }

  std::mutex mutex_;  // the cursor
  ImageStream stream_;
  const std::shared_ptr<ErrorSlot> errors_;
  std::atomic<ULONG> references_{1};
};

HRESULT FSIMAGE_COM_CALL Stream::CopyTo(IStream* to, ULARGE_INTEGER count, ULARGE_INTEGER* read,
                                        ULARGE_INTEGER* written) noexcept {
  if (read != nullptr) read->QuadPart = 0;
  if (written != nullptr) written->QuadPart = 0;
  if (to == nullptr) return kStgInvalidPointer;

  ImageStream from = cursor();
  const auto start = from.position();
  std::uint64_t kept = 0;
  HResult refused = kOk;
  const auto put = [&](std::span<const std::byte> bytes) -> std::size_t {
    ULONG n = 0;
    refused = to->Write(bytes.data(), static_cast<ULONG>(bytes.size()), &n);
    const auto took = std::min<std::size_t>(n, bytes.size());
    kept += took;
    if (!failed(refused) && took < bytes.size()) refused = kStgMediumFull;
    return failed(refused) ? 0 : took;
  };
  const auto result = guard([&] {
    from.copy_to(put, count.QuadPart);
    return failed(refused) ? refused : kOk;
  });
  const std::lock_guard lock(mutex_);
  stream_.seek(from.position());
  if (read != nullptr) read->QuadPart = from.position() - start;
  if (written != nullptr) written->QuadPart = kept;
  return result;
}

static_assert(!std::has_virtual_destructor_v<Stream>);
static_assert(ImageStream::kCopyPiece <= std::numeric_limits<ULONG>::max());

}  // namespace

Owned<ComStream> make_com_stream(ImageStream stream) {
  return Owned<ComStream>(new Stream(std::move(stream), std::make_shared<ErrorSlot>()));
}

}  // namespace fsimage::com
