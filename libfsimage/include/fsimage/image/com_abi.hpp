// The few COM declarations that a stream needs, in fsimage::com. On Windows they are <objidl.h>'s own; elsewhere they
// are declared here with the same binary layout, so that the stream is one piece of code and is tested everywhere.
// Nothing here defines a macro or adds a global name.
//
// The binary layout: an interface is a pointer to a table of functions in the order of declaration, base first, and each
// takes the object as its first argument. A virtual destructor would occupy two of the slots, so there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#include <objidl.h>
#undef NOMINMAX
#else
#include <objidl.h>
#endif
#else
#include <cstdlib>
#endif

namespace fsimage::com {

#ifdef _WIN32

using ::DWORD;
using ::FILETIME;
using ::GUID;
using ::HRESULT;
using ::ISequentialStream;
using ::IStream;
using ::IUnknown;
using ::LARGE_INTEGER;
using ::OLECHAR;
using ::STATSTG;
using ::ULARGE_INTEGER;
using ::ULONG;

#else

using HRESULT = std::int32_t;
using ULONG = std::uint32_t;
using DWORD = std::uint32_t;
using OLECHAR = char16_t;  // two bytes, as everywhere in COM; wchar_t has four here

struct GUID {
  std::uint32_t Data1;
  std::uint16_t Data2, Data3;
  std::uint8_t Data4[8];
};

union LARGE_INTEGER {
  struct {
    DWORD LowPart;
    std::int32_t HighPart;
  } u;
  std::int64_t QuadPart;
};
union ULARGE_INTEGER {
  struct {
    DWORD LowPart, HighPart;
  } u;
  std::uint64_t QuadPart;
};
struct FILETIME {
  DWORD dwLowDateTime, dwHighDateTime;
};
struct STATSTG {
  OLECHAR* pwcsName;
  DWORD type;
  ULARGE_INTEGER cbSize;
  FILETIME mtime, ctime, atime;
  DWORD grfMode, grfLocksSupported;
  GUID clsid;
  DWORD grfStateBits, reserved;
};

struct IUnknown {
  virtual HRESULT QueryInterface(const GUID& iid, void** out) noexcept = 0;
  virtual ULONG AddRef() noexcept = 0;
  virtual ULONG Release() noexcept = 0;

 protected:
  ~IUnknown() = default;
};

struct ISequentialStream : IUnknown {
  virtual HRESULT Read(void* out, ULONG count, ULONG* read) noexcept = 0;
  virtual HRESULT Write(const void* from, ULONG count, ULONG* written) noexcept = 0;

 protected:
  ~ISequentialStream() = default;
};

struct IStream : ISequentialStream {
  virtual HRESULT Seek(LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER* position) noexcept = 0;
  virtual HRESULT SetSize(ULARGE_INTEGER size) noexcept = 0;
  virtual HRESULT CopyTo(IStream* to, ULARGE_INTEGER count, ULARGE_INTEGER* read, ULARGE_INTEGER* written) noexcept = 0;
  virtual HRESULT Commit(DWORD flags) noexcept = 0;
  virtual HRESULT Revert() noexcept = 0;
  virtual HRESULT LockRegion(ULARGE_INTEGER offset, ULARGE_INTEGER count, DWORD type) noexcept = 0;
  virtual HRESULT UnlockRegion(ULARGE_INTEGER offset, ULARGE_INTEGER count, DWORD type) noexcept = 0;
  virtual HRESULT Stat(STATSTG* stat, DWORD flags) noexcept = 0;
  virtual HRESULT Clone(IStream** out) noexcept = 0;

 protected:
  ~IStream() = default;
};

#endif

static_assert(sizeof(HRESULT) == 4 && sizeof(ULONG) == 4 && sizeof(OLECHAR) == 2);
static_assert(sizeof(GUID) == 16 && sizeof(ULARGE_INTEGER) == 8 && sizeof(FILETIME) == 8);
static_assert(sizeof(void*) != 8 || (sizeof(STATSTG) == 80 && offsetof(STATSTG, reserved) == 76));

inline constexpr GUID kIidUnknown{0x00000000, 0x0000, 0x0000, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
inline constexpr GUID kIidSequentialStream{
    0x0C733A30, 0x2A1C, 0x11CE, {0xAD, 0xE5, 0x00, 0xAA, 0x00, 0x44, 0x77, 0x3D}};
inline constexpr GUID kIidStream{0x0000000C, 0x0000, 0x0000, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};

constexpr bool same(const GUID& a, const GUID& b) noexcept {
  if (a.Data1 != b.Data1 || a.Data2 != b.Data2 || a.Data3 != b.Data3) return false;
  for (int i = 0; i < 8; ++i)
    if (a.Data4[i] != b.Data4[i]) return false;
  return true;
}

// STREAM_SEEK_SET, _CUR, _END; STATFLAG_DEFAULT, _NONAME; STGTY_STREAM.
inline constexpr DWORD kSeekSet = 0, kSeekCurrent = 1, kSeekEnd = 2;
inline constexpr DWORD kStatDefault = 0, kStatNoName = 1;
inline constexpr DWORD kTypeStream = 2;

// What a COM callee allocates and its caller frees, such as STATSTG::pwcsName: CoTaskMemAlloc and CoTaskMemFree on
// Windows, malloc and free elsewhere. nullptr when there is no memory.
#ifdef _WIN32
inline void* task_alloc(std::size_t bytes) noexcept { return ::CoTaskMemAlloc(bytes); }
inline void task_free(void* p) noexcept { ::CoTaskMemFree(p); }
#else
inline void* task_alloc(std::size_t bytes) noexcept { return std::malloc(bytes); }
inline void task_free(void* p) noexcept { std::free(p); }
#endif

// One counted reference to a COM object. `.release()` gives the reference to somebody else, as an out-parameter does.
struct ReleaseReference {
  void operator()(IUnknown* p) const noexcept { p->Release(); }
};
template <class Interface>
using Owned = std::unique_ptr<Interface, ReleaseReference>;

}  // namespace fsimage::com
