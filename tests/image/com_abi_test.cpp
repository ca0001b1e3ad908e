// Slot by slot, as a client that was compiled by somebody else's compiler calls a stream.
#include "image/sample_image.hpp"

#include <fsimage/image/com_abi.hpp>
#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/hresult.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <type_traits>

namespace fsimage::com {
namespace {

static_assert(!std::has_virtual_destructor_v<IUnknown> && !std::has_virtual_destructor_v<IStream>);
static_assert(sizeof(IStream) == sizeof(void*));
static_assert(sizeof(LARGE_INTEGER) == 8 && alignof(GUID) == 4);
static_assert(offsetof(STATSTG, pwcsName) == 0 && offsetof(STATSTG, type) == sizeof(void*));
static_assert(sizeof(void*) != 8 || (offsetof(STATSTG, cbSize) == 16 && offsetof(STATSTG, mtime) == 24 &&
                                     offsetof(STATSTG, ctime) == 32 && offsetof(STATSTG, atime) == 40 &&
                                     offsetof(STATSTG, grfMode) == 48 && offsetof(STATSTG, grfLocksSupported) == 52 &&
                                     offsetof(STATSTG, clsid) == 56 && offsetof(STATSTG, grfStateBits) == 72));

// The macros that Windows' headers define must not come from ours.
#ifndef _WIN32
#if defined(S_OK) || defined(STDMETHODCALLTYPE) || defined(interface) || defined(E_FAIL) || defined(STG_E_ACCESSDENIED)
#error com_abi.hpp leaks a macro
#endif
#endif

#ifdef _WIN32
#define CALL STDMETHODCALLTYPE
#else
#define CALL
#endif

// A function of the object's table, by number. clang's -fsanitize=function would need the C++ type that a foreign client
// does not have.
template <class F>
F* slot(IStream* stream, int number) {
  void* table = nullptr;
  std::memcpy(&table, static_cast<const void*>(stream), sizeof table);
  F* function = nullptr;
  std::memcpy(&function, static_cast<const char*>(table) + sizeof(void*) * static_cast<std::size_t>(number),
              sizeof function);
  return function;
}

struct ComAbi : ::testing::Test {
  Owned<ComStream> stream = make_com_stream(ImageStream(test::sample_image()));
  IStream* object = stream.get();

  static ULARGE_INTEGER large(std::uint64_t v) {
    ULARGE_INTEGER l;
    l.QuadPart = v;
    return l;
  }
  static LARGE_INTEGER move(std::int64_t v) {
    LARGE_INTEGER l;
    l.QuadPart = v;
    return l;
  }
};

TEST_F(ComAbi, Slots0To2AreIUnknown) {
  auto* const query = slot<HRESULT CALL(void*, const GUID*, void**)>(object, 0);
  auto* const add = slot<ULONG CALL(void*)>(object, 1);
  auto* const release = slot<ULONG CALL(void*)>(object, 2);
  const std::uint8_t iid_stream[16] = {0x0C, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46};  // as in the registry
  GUID iid;
  std::memcpy(&iid, iid_stream, sizeof iid);
  void* out = nullptr;
  EXPECT_EQ(query(object, &iid, &out), 0);
  EXPECT_EQ(out, static_cast<void*>(object));
  EXPECT_EQ(add(object), 3u);
  EXPECT_EQ(release(object), 2u);
  EXPECT_EQ(release(object), 1u);
}

TEST_F(ComAbi, Slots3To4AreISequentialStream) {
  std::byte buffer[4096];
  ULONG got = 0;
  EXPECT_EQ(slot<HRESULT CALL(void*, void*, ULONG, ULONG*)>(object, 3)(object, buffer, sizeof buffer, &got), 0);
  EXPECT_EQ(got, sizeof buffer);
  const auto expected = test::sample_bytes();
  EXPECT_EQ(std::memcmp(buffer, expected.data(), sizeof buffer), 0);
  got = 9;
  EXPECT_EQ(slot<HRESULT CALL(void*, const void*, ULONG, ULONG*)>(object, 4)(object, buffer, 1, &got),
            kStgAccessDenied);
  EXPECT_EQ(got, 0u);
}

TEST_F(ComAbi, Slots5To8MoveAndCopy) {
  ULARGE_INTEGER at = large(1);
  EXPECT_EQ(slot<HRESULT CALL(void*, LARGE_INTEGER, DWORD, ULARGE_INTEGER*)>(object, 5)(object, move(-96), 2, &at), 0);
  EXPECT_EQ(at.QuadPart, test::kSampleSize - 96);
  EXPECT_EQ(slot<HRESULT CALL(void*, ULARGE_INTEGER)>(object, 6)(object, large(0)), kStgAccessDenied);
  ULARGE_INTEGER read = large(9), written = large(9);
  using CopyTo = HRESULT CALL(void*, IStream*, ULARGE_INTEGER, ULARGE_INTEGER*, ULARGE_INTEGER*);
  EXPECT_EQ(slot<CopyTo>(object, 7)(object, object, large(1000), &read, &written), kStgAccessDenied) << "itself";
  EXPECT_EQ(read.QuadPart, 96u);
  EXPECT_EQ(written.QuadPart, 0u);
  EXPECT_EQ(slot<HRESULT CALL(void*, DWORD)>(object, 8)(object, 0), 0);
}

TEST_F(ComAbi, Slots9To13AreTheRest) {
  EXPECT_EQ(slot<HRESULT CALL(void*)>(object, 9)(object), 0);
  using Region = HRESULT CALL(void*, ULARGE_INTEGER, ULARGE_INTEGER, DWORD);
  EXPECT_EQ(slot<Region>(object, 10)(object, large(0), large(1), 1), kStgInvalidFunction);
  EXPECT_EQ(slot<Region>(object, 11)(object, large(0), large(1), 1), kStgInvalidFunction);
  unsigned char stat[sizeof(STATSTG)];
  EXPECT_EQ(slot<HRESULT CALL(void*, void*, DWORD)>(object, 12)(object, stat, 1), 0);
  std::uint64_t size = 0;
  std::memcpy(&size, stat + offsetof(STATSTG, cbSize), sizeof size);
  EXPECT_EQ(size, test::kSampleSize);
  IStream* clone = nullptr;
  EXPECT_EQ(slot<HRESULT CALL(void*, IStream**)>(object, 13)(object, &clone), 0);
  ASSERT_NE(clone, nullptr);
  EXPECT_NE(clone, object);
  EXPECT_EQ(slot<ULONG CALL(void*)>(clone, 2)(clone), 0u);
}

TEST(ComGuid, ValuesAreMicrosofts) {
  EXPECT_TRUE(same(kIidUnknown, {0, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}}));
  EXPECT_TRUE(
      same(kIidSequentialStream, {0x0c733a30, 0x2a1c, 0x11ce, {0xad, 0xe5, 0x00, 0xaa, 0x00, 0x44, 0x77, 0x3d}}));
  EXPECT_FALSE(same(kIidUnknown, kIidStream));
  EXPECT_FALSE(same(kIidStream, {0x0C, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x47}}));
}

}  // namespace
}  // namespace fsimage::com
