#include "image/sample_image.hpp"

#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/hresult.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#ifdef _WIN32
#define CALL STDMETHODCALLTYPE
#else
#define CALL
#endif

namespace fsimage::com {
namespace {

using test::kSampleSize;
using test::sample_bytes;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

LARGE_INTEGER by(std::int64_t v) {
  LARGE_INTEGER l;
  l.QuadPart = v;
  return l;
}
ULARGE_INTEGER count(std::uint64_t v) {
  ULARGE_INTEGER l;
  l.QuadPart = v;
  return l;
}

// A stream of the client's: keeps what is written, up to `room`, then does what `full` says. Lives on the stack.
class Target final : public IStream {
 public:
  Bytes bytes;
  std::size_t room = std::numeric_limits<std::size_t>::max();
  HResult full = kOk;  // kOk: keep less and say so
  std::size_t writes = 0;
  IStream* meanwhile = nullptr;  // read from whenever something is written

  HRESULT CALL Write(const void* from, ULONG size, ULONG* written) noexcept override {
    ++writes;
    if (meanwhile != nullptr) {
      std::byte one;
      meanwhile->Read(&one, 1, nullptr);
    }
    const auto took = std::min<std::size_t>(size, room);
    const auto* const first = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), first, first + took);
    room -= took;
    *written = static_cast<ULONG>(took);
    return took < size ? full : kOk;
  }
  HRESULT CALL QueryInterface(const GUID&, void**) noexcept override { return kNoInterface; }
  ULONG CALL AddRef() noexcept override { return 2; }
  ULONG CALL Release() noexcept override { return 1; }
  HRESULT CALL Read(void*, ULONG, ULONG*) noexcept override { return kNotImplemented; }
  HRESULT CALL Seek(LARGE_INTEGER, DWORD, ULARGE_INTEGER*) noexcept override { return kNotImplemented; }
  HRESULT CALL SetSize(ULARGE_INTEGER) noexcept override { return kNotImplemented; }
  HRESULT CALL CopyTo(IStream*, ULARGE_INTEGER, ULARGE_INTEGER*, ULARGE_INTEGER*) noexcept override {
    return kNotImplemented;
  }
  HRESULT CALL Commit(DWORD) noexcept override { return kNotImplemented; }
  HRESULT CALL Revert() noexcept override { return kNotImplemented; }
  HRESULT CALL LockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override { return kNotImplemented; }
  HRESULT CALL UnlockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override { return kNotImplemented; }
  HRESULT CALL Stat(STATSTG*, DWORD) noexcept override { return kNotImplemented; }
  HRESULT CALL Clone(IStream**) noexcept override { return kNotImplemented; }
};

struct ComStreamTest : ::testing::Test {
  Owned<ComStream> stream = make_com_stream(ImageStream(test::sample_image()));

  static std::uint64_t position(IStream& s) {
    ULARGE_INTEGER at{};
    EXPECT_EQ(s.Seek(by(0), kSeekCurrent, &at), kOk);
    return at.QuadPart;
  }
  std::uint64_t position() { return position(*stream); }
  void go(std::uint64_t to) { ASSERT_EQ(stream->Seek(by(static_cast<std::int64_t>(to)), kSeekSet, nullptr), kOk); }
  static Bytes read(IStream& s, ULONG size, HResult expected) {
    Bytes out(size);
    ULONG got = 77;
    EXPECT_EQ(s.Read(out.data(), size, &got), expected);
    out.resize(got);
    return out;
  }
  static Bytes part(std::size_t from, std::size_t size) {
    const auto all = sample_bytes();
    return Bytes(all.begin() + static_cast<std::ptrdiff_t>(from),
                 all.begin() + static_cast<std::ptrdiff_t>(from + size));
  }
};

// --- IUnknown

TEST_F(ComStreamTest, QueryInterfaceKnowsItsThreeAndOneIdentity) {
  void* known[3] = {};
  ASSERT_EQ(stream->QueryInterface(kIidUnknown, &known[0]), kOk);
  ASSERT_EQ(stream->QueryInterface(kIidSequentialStream, &known[1]), kOk);
  ASSERT_EQ(stream->QueryInterface(kIidStream, &known[2]), kOk);
  void* again = nullptr;
  ASSERT_EQ(static_cast<IStream*>(known[2])->QueryInterface(kIidUnknown, &again), kOk);
  EXPECT_EQ(again, known[0]) << "IUnknown is the identity of an object";
  EXPECT_EQ(stream->AddRef(), 6u) << "each query is a reference";
  for (ULONG left = 5; left >= 1; --left) EXPECT_EQ(stream->Release(), left);
}

TEST_F(ComStreamTest, QueryInterfaceRefuses) {
  const GUID dispatch{0x00020400, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
  int something = 0;
  void* out = &something;
  EXPECT_EQ(stream->QueryInterface(dispatch, &out), kNoInterface);
  EXPECT_EQ(out, nullptr);
  EXPECT_EQ(stream->QueryInterface(kIidStream, nullptr), kPointer);
  EXPECT_EQ(stream->AddRef(), 2u);
  EXPECT_EQ(stream->Release(), 1u);
}

TEST(ComStreamLife, LastReleaseLetsTheImageGo) {
  const auto image = test::sample_image();
  IStream* stream = make_com_stream(ImageStream(image)).release();
  IStream* clone = nullptr;
  ASSERT_EQ(stream->Clone(&clone), kOk);
  EXPECT_EQ(image.use_count(), 3);
  EXPECT_EQ(stream->Release(), 0u);
  EXPECT_EQ(image.use_count(), 2);
  EXPECT_EQ(clone->Release(), 0u);
  EXPECT_EQ(image.use_count(), 1);
}

// --- Read

TEST_F(ComStreamTest, ReadIsFalseWhenShort) {
  EXPECT_EQ(read(*stream, kSampleSize, kOk), sample_bytes());
  EXPECT_TRUE(read(*stream, 1, kFalse).empty());
  go(kSampleSize - 3);
  EXPECT_EQ(read(*stream, 100, kFalse), part(kSampleSize - 3, 3));
  go(kSampleSize + 100);
  EXPECT_TRUE(read(*stream, 100, kFalse).empty());
}

TEST_F(ComStreamTest, ReadOfNothingSucceeds) {
  std::byte one;
  ULONG got = 9;
  EXPECT_EQ(stream->Read(&one, 0, &got), kOk);
  EXPECT_EQ(got, 0u);
}

TEST_F(ComStreamTest, ReadDoesNotNeedTheCount) {
  std::byte two[2];
  EXPECT_EQ(stream->Read(two, 2, nullptr), kOk);
  EXPECT_EQ(position(), 2u);
}

TEST_F(ComStreamTest, ReadNeedsABuffer) {
  ULONG got = 9;
  EXPECT_EQ(stream->Read(nullptr, 1, &got), kStgInvalidPointer);
  EXPECT_EQ(got, 0u);
}

// --- what would change the image

TEST_F(ComStreamTest, RefusesToBeWritten) {
  ULONG written = 9;
  EXPECT_EQ(stream->Write("x", 1, &written), kStgAccessDenied);
  EXPECT_EQ(written, 0u);
  EXPECT_EQ(stream->Write("x", 1, nullptr), kStgAccessDenied);
  EXPECT_EQ(stream->SetSize(count(0)), kStgAccessDenied);
  EXPECT_EQ(stream->Commit(0), kOk);
  EXPECT_EQ(stream->Revert(), kOk);
  EXPECT_EQ(stream->LockRegion(count(0), count(1), 1), kStgInvalidFunction);
  EXPECT_EQ(stream->UnlockRegion(count(0), count(1), 1), kStgInvalidFunction);
  EXPECT_EQ(read(*stream, kSampleSize, kOk), sample_bytes());
}

// --- Seek

struct SeekCase {
  const char* name;
  std::uint64_t from;
  DWORD origin;
  std::int64_t by;
  HResult result;
  std::uint64_t to;
};
class ComStreamSeek : public ComStreamTest, public ::testing::WithParamInterface<SeekCase> {};

TEST_P(ComStreamSeek, Case) {
  const SeekCase& c = GetParam();
  go(c.from);
  ULARGE_INTEGER at = count(12345);
  EXPECT_EQ(stream->Seek(by(c.by), c.origin, &at), c.result);
  EXPECT_EQ(at.QuadPart, c.result == kOk ? c.to : 12345u);
  EXPECT_EQ(position(), c.result == kOk ? c.to : c.from);
}

INSTANTIATE_TEST_SUITE_P(
    IStream, ComStreamSeek,
    ::testing::Values(SeekCase{"set", 9, kSeekSet, 100, kOk, 100},
                      SeekCase{"set_past_the_end", 9, kSeekSet, 1 << 30, kOk, 1 << 30},
                      SeekCase{"set_is_unsigned", 9, kSeekSet, -1, kOk, kMax},
                      SeekCase{"current_forward", 9, kSeekCurrent, 100, kOk, 109},
                      SeekCase{"current_back", 109, kSeekCurrent, -100, kOk, 9},
                      SeekCase{"current_to_the_start", 9, kSeekCurrent, -9, kOk, 0},
                      SeekCase{"current_before_the_start", 9, kSeekCurrent, -10, kStgInvalidFunction, 0},
                      SeekCase{"current_to_the_last_position", kMax - 1, kSeekCurrent, 1, kOk, kMax},
                      SeekCase{"current_past_all_positions", kMax - 1, kSeekCurrent, 2, kStgInvalidFunction, 0},
                      SeekCase{"current_from_far_back_by_the_most", std::uint64_t{1} << 63, kSeekCurrent,
                               std::numeric_limits<std::int64_t>::min(), kOk, 0},
                      SeekCase{"end", 9, kSeekEnd, 0, kOk, kSampleSize},
                      SeekCase{"end_back", 9, kSeekEnd, -2048, kOk, kSampleSize - 2048},
                      SeekCase{"end_past_the_end", 9, kSeekEnd, 10, kOk, kSampleSize + 10},
                      SeekCase{"end_to_the_start", 9, kSeekEnd, -static_cast<std::int64_t>(kSampleSize), kOk, 0},
                      SeekCase{"end_before_the_start", 9, kSeekEnd, -static_cast<std::int64_t>(kSampleSize) - 1,
                               kStgInvalidFunction, 0},
                      SeekCase{"end_by_the_most", 9, kSeekEnd, std::numeric_limits<std::int64_t>::min(),
                               kStgInvalidFunction, 0},
                      SeekCase{"unknown_origin", 9, 3, 0, kStgInvalidFunction, 0}),
    [](const auto& i) { return i.param.name; });

// --- CopyTo

TEST_F(ComStreamTest, CopyToAllOfIt) {
  Target to;
  ULARGE_INTEGER read = count(9), written = count(9);
  EXPECT_EQ(stream->CopyTo(&to, count(kMax), &read, &written), kOk);
  EXPECT_EQ(read.QuadPart, kSampleSize);
  EXPECT_EQ(written.QuadPart, kSampleSize);
  EXPECT_EQ(to.bytes, sample_bytes());
  EXPECT_EQ(position(), kSampleSize);
}

TEST_F(ComStreamTest, CopyToAPart) {
  go(3000);
  Target to;
  EXPECT_EQ(stream->CopyTo(&to, count(5000), nullptr, nullptr), kOk);
  EXPECT_EQ(to.bytes, part(3000, 5000));
  EXPECT_EQ(position(), 8000u);
}

TEST_F(ComStreamTest, CopyToNothing) {
  for (const std::uint64_t at : {std::uint64_t{3}, kSampleSize, kMax}) {
    go(at);
    Target to;
    ULARGE_INTEGER read = count(9), written = count(9);
    EXPECT_EQ(stream->CopyTo(&to, count(at == 3 ? 0 : 10), &read, &written), kOk);
    EXPECT_EQ(read.QuadPart, 0u);
    EXPECT_EQ(written.QuadPart, 0u);
    EXPECT_EQ(to.writes, 0u);
    EXPECT_EQ(position(), at);
  }
}

TEST_F(ComStreamTest, CopyToNeedsATarget) {
  ULARGE_INTEGER read = count(9), written = count(9);
  EXPECT_EQ(stream->CopyTo(nullptr, count(1), &read, &written), kStgInvalidPointer);
  EXPECT_EQ(read.QuadPart, 0u);
  EXPECT_EQ(written.QuadPart, 0u);
}

TEST(ComStreamCopy, InPieces) {
  const auto stream = make_com_stream(ImageStream(test::large_image()));
  Target to;
  EXPECT_EQ(stream->CopyTo(&to, count(kMax), nullptr, nullptr), kOk);
  EXPECT_GT(to.writes, 1u);
  EXPECT_EQ(to.bytes, test::pattern(test::kLargeSize, 4));
}

TEST(ComStreamCopy, TargetThatKeepsLessIsFull) {
  const auto stream = make_com_stream(ImageStream(test::large_image()));
  Target to;
  to.room = ImageStream::kCopyPiece + 10;
  ULARGE_INTEGER read{}, written{};
  EXPECT_EQ(stream->CopyTo(&to, count(kMax), &read, &written), kStgMediumFull);
  EXPECT_EQ(written.QuadPart, to.room + to.bytes.size());
  EXPECT_EQ(written.QuadPart, ImageStream::kCopyPiece + 10u);
  EXPECT_EQ(read.QuadPart, 2 * ImageStream::kCopyPiece);
  EXPECT_EQ(ComStreamTest::position(*stream), read.QuadPart);
}

TEST(ComStreamCopy, TargetThatFailsIsPassedOn) {
  const auto stream = make_com_stream(ImageStream(test::large_image()));
  Target to;
  to.room = 10;
  to.full = hresult(0x80070005);
  ULARGE_INTEGER read{}, written{};
  EXPECT_EQ(stream->CopyTo(&to, count(kMax), &read, &written), hresult(0x80070005));
  EXPECT_EQ(written.QuadPart, 10u);
  EXPECT_EQ(read.QuadPart, ImageStream::kCopyPiece);
  EXPECT_EQ(to.writes, 1u);
}

TEST_F(ComStreamTest, CopyToItselfIsRefusedAndDoesNotHang) {
  ULARGE_INTEGER written = count(9);
  EXPECT_EQ(stream->CopyTo(stream.get(), count(10), nullptr, &written), kStgAccessDenied);
  EXPECT_EQ(written.QuadPart, 0u);
}

TEST_F(ComStreamTest, CopyToATargetThatReadsFromTheSameStream) {
  Target to;
  to.meanwhile = stream.get();
  EXPECT_EQ(stream->CopyTo(&to, count(kMax), nullptr, nullptr), kOk);
  EXPECT_EQ(to.bytes, sample_bytes());
  EXPECT_EQ(position(), kSampleSize);
}

// --- Stat and Clone

TEST_F(ComStreamTest, Stat) {
  STATSTG stat{};
  stat.reserved = 99;
  ASSERT_EQ(stream->Stat(&stat, kStatDefault), kOk);
  EXPECT_EQ(stat.type, kTypeStream);
  EXPECT_EQ(stat.cbSize.QuadPart, kSampleSize);
  EXPECT_EQ(stat.grfMode, 0u) << "STGM_READ";
  EXPECT_EQ(stat.grfLocksSupported, 0u);
  EXPECT_EQ(stat.mtime.dwLowDateTime, 0u);
  EXPECT_EQ(stat.reserved, 0u);
  ASSERT_NE(stat.pwcsName, nullptr);
  EXPECT_EQ(std::basic_string<OLECHAR>(stat.pwcsName), std::basic_string<OLECHAR>(64, 'a'));
  task_free(stat.pwcsName);

  ASSERT_EQ(stream->Stat(&stat, kStatNoName), kOk);
  EXPECT_EQ(stat.pwcsName, nullptr);
  EXPECT_EQ(stat.cbSize.QuadPart, kSampleSize);
  EXPECT_EQ(stream->Stat(nullptr, kStatNoName), kStgInvalidPointer);
  EXPECT_EQ(stream->Stat(&stat, 4), kStgInvalidFlag);
}

TEST_F(ComStreamTest, CloneHasItsOwnCursor) {
  go(100);
  IStream* raw = nullptr;
  ASSERT_EQ(stream->Clone(&raw), kOk);
  const Owned<IStream> clone(raw);
  EXPECT_EQ(position(*clone), 100u);
  EXPECT_EQ(read(*clone, 5000, kOk), part(100, 5000));
  EXPECT_EQ(position(), 100u);
  stream.reset();
  EXPECT_EQ(position(*clone), 5100u);
  EXPECT_EQ(clone->Clone(nullptr), kStgInvalidPointer);
}

TEST(ComStreamStart, IsWhereTheImageStreamStands) {
  ImageStream from(test::sample_image());
  from.seek(4096);
  EXPECT_EQ(ComStreamTest::position(*make_com_stream(std::move(from))), 4096u);
}

// --- failures

std::string path_of(const std::exception_ptr& error) {
  try {
    if (error != nullptr) std::rethrow_exception(error);
  } catch (const Error& e) {
    return e.where().path;
  }
  return "no Error";
}

constexpr HResult kSourceChanged = hresult(0xC0AAB128);  // IMAPI_E_DATA_STREAM_INCONSISTENCY

TEST(ComStreamErrors, AreHResultsOutsideAndThemselvesInside) {
  const auto stream = make_com_stream(ImageStream(test::failing_image()));
  EXPECT_EQ(stream->last_error(), nullptr);
  Bytes out(5 * kBlockSize);
  ULONG got = 9;
  EXPECT_EQ(stream->Read(out.data(), static_cast<ULONG>(out.size()), &got), kSourceChanged);
  EXPECT_EQ(got, 0u);
  EXPECT_EQ(path_of(stream->last_error()), "/home/a.txt");
  EXPECT_EQ(ComStreamTest::position(*stream), 0u);
  EXPECT_EQ(stream->Read(out.data(), 4 * kBlockSize, &got), kOk) << "a failure does not stick";
  EXPECT_EQ(path_of(stream->last_error()), "/home/a.txt") << "but is remembered";
}

TEST(ComStreamErrors, OfAClone) {
  const auto stream = make_com_stream(ImageStream(test::failing_image()));
  IStream* raw = nullptr;
  ASSERT_EQ(stream->Clone(&raw), kOk);
  Bytes out(5 * kBlockSize);
  EXPECT_EQ(raw->Read(out.data(), static_cast<ULONG>(out.size()), nullptr), kSourceChanged);
  EXPECT_EQ(raw->Release(), 0u);
  EXPECT_EQ(path_of(stream->last_error()), "/home/a.txt");
}

TEST(ComStreamErrors, OfACopy) {
  const auto stream = make_com_stream(ImageStream(test::failing_image()));
  ASSERT_EQ(stream->Seek(by(kBlockSize), kSeekSet, nullptr), kOk);
  Target to;
  ULARGE_INTEGER read = count(9), written = count(9);
  EXPECT_EQ(stream->CopyTo(&to, count(kMax), &read, &written), kSourceChanged);
  EXPECT_EQ(read.QuadPart, to.bytes.size());
  EXPECT_EQ(written.QuadPart, to.bytes.size());
  EXPECT_EQ(path_of(stream->last_error()), "/home/a.txt");
}

TEST_F(ComStreamTest, RefusalsAreNotErrors) {
  EXPECT_EQ(stream->Seek(by(-1), kSeekCurrent, nullptr), kStgInvalidFunction);
  EXPECT_EQ(stream->Write("x", 1, nullptr), kStgAccessDenied);
  EXPECT_EQ(stream->last_error(), nullptr);
}

// --- threads

TEST(ComStreamThreads, ShareOneCursorWithoutLosingAByte) {
  const auto stream = make_com_stream(ImageStream(test::large_image()));
  constexpr int kThreads = 4;
  constexpr ULONG kChunk = 4096;
  std::vector<std::vector<Bytes>> got(kThreads);
  {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        stream->AddRef();
        for (;;) {
          Bytes piece(kChunk);
          ULONG n = 0;
          if (stream->Read(piece.data(), kChunk, &n) != kOk) break;
          got[static_cast<std::size_t>(t)].push_back(std::move(piece));
        }
        stream->Release();
      });
    }
    for (auto& thread : threads) thread.join();
  }
  std::vector<Bytes> all, expected;
  for (const auto& pieces : got) all.insert(all.end(), pieces.begin(), pieces.end());
  const auto bytes = test::pattern(test::kLargeSize, 4);
  for (auto at = bytes.begin(); at != bytes.end(); at += kChunk) expected.emplace_back(at, at + kChunk);
  std::sort(all.begin(), all.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(all == expected);
}

TEST(ComStreamThreads, ClonesReadSideBySideAndReportToOnePlace) {
  const auto stream = make_com_stream(ImageStream(test::failing_image()));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    IStream* raw = nullptr;
    ASSERT_EQ(stream->Clone(&raw), kOk);
    threads.emplace_back([clone = Owned<IStream>(raw)] {
      const auto good = test::pattern(4 * kBlockSize, 3);
      for (int i = 0; i < 50; ++i) {
        Bytes out(4 * kBlockSize);
        EXPECT_EQ(clone->Seek(by(0), kSeekSet, nullptr), kOk);
        EXPECT_EQ(clone->Read(out.data(), static_cast<ULONG>(out.size()), nullptr), kOk);
        EXPECT_TRUE(out == good);
        EXPECT_EQ(clone->Read(out.data(), 1, nullptr), kSourceChanged);
      }
    });
  }
  // Held, but not looked into before the others are done: ThreadSanitizer does not see the counting inside libstdc++.
  std::vector<std::exception_ptr> held;
  for (int i = 0; i < 100; ++i) held.push_back(stream->last_error());
  for (auto& thread : threads) thread.join();
  for (const auto& error : held) EXPECT_TRUE(error == nullptr || path_of(error) == "/home/a.txt");
  EXPECT_EQ(path_of(stream->last_error()), "/home/a.txt");
}

}  // namespace
}  // namespace fsimage::com
