#include <fsimage/core/error.hpp>
#include <fsimage/image/hresult.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <new>
#include <stdexcept>
#include <vector>

namespace fsimage::com {
namespace {

std::uint32_t bits(HResult hr) { return static_cast<std::uint32_t>(hr); }

struct Case {
  std::error_code code;
  std::uint32_t hr;
  const char* name;
};

// imapi2error.h, imapi2fserror.h and winerror.h say so.
const std::vector<Case>& both_ways() {
  static const std::vector<Case> cases{
      {Errc::cancelled, 0xC0AA0002, "E_IMAPI_REQUEST_CANCELLED"},
      {Errc::invalid_argument, 0xC0AAB101, "IMAPI_E_INVALID_PARAM"},
      {Errc::not_found, 0xC0AAB118, "IMAPI_E_ITEM_NOT_FOUND"},
      {Errc::not_a_directory, 0xC0AAB109, "IMAPI_E_NOT_DIR"},
      {Errc::duplicate_path, 0xC0AAB112, "IMAPI_E_DUP_NAME"},
      {Errc::directory_not_empty, 0xC0AAB10A, "IMAPI_E_DIR_NOT_EMPTY"},
      {Errc::source_changed, 0xC0AAB128, "IMAPI_E_DATA_STREAM_INCONSISTENCY"},
      {Errc::unsupported, 0x80004001, "E_NOTIMPL"},
      {Errc::not_representable, 0xC0AAB111, "IMAPI_E_RESTRICTED_NAME_VIOLATION"},
      {Errc::too_large, 0xC0AAB132, "IMAPI_E_DATA_TOO_BIG"},
      {Errc::corrupt_structure, 0xC0AAB153, "IMAPI_E_FILE_SYSTEM_READ_CONSISTENCY_ERROR"},
      {Errc::limit_exceeded, 0x80070718, "ERROR_NOT_ENOUGH_QUOTA"},
      {Errc::no_space, 0xC0AA0404, "E_IMAPI_DF2DATA_STREAM_TOO_LARGE_FOR_CURRENT_MEDIA"},
      {Errc::busy, 0xC0AA0210, "E_IMAPI_RECORDER_LOCKED"},
      {Errc::no_media, 0xC0AA0202, "E_IMAPI_RECORDER_MEDIA_NO_MEDIA"},
      {Errc::write_protected, 0xC0AA0209, "E_IMAPI_RECORDER_MEDIA_WRITE_PROTECTED"},
      {Errc::not_blank, 0xC0AA0405, "E_IMAPI_DF2DATA_MEDIA_NOT_BLANK"},
      {Errc::medium_state, 0xC0AA0402, "E_IMAPI_DF2DATA_INVALID_MEDIA_STATE"},
      {Errc::write_failed, 0xC0AA0301, "E_IMAPI_UNEXPECTED_RESPONSE_FROM_DEVICE"},
      {Errc::read_failed, 0xC0AAB157, "IMAPI_E_IMPORT_READ_FAILURE"},
      {Errc::underrun, 0xC0AA0300, "E_IMAPI_LOSS_OF_STREAMING"},
      {Errc::session_conflict, 0xC0AAB133, "IMAPI_E_INCOMPATIBLE_PREVIOUS_SESSION"},
      {Errc::disc_mismatch, 0xC0AAB158, "IMAPI_E_DISC_MISMATCH"},
      {Errc::verification_failed, 0xC0AA0007, "E_IMAPI_BURN_VERIFICATION_FAILED"},
      {std::make_error_code(std::errc::not_enough_memory), 0x8007000E, "E_OUTOFMEMORY"},
      {std::make_error_code(std::errc::invalid_argument), 0x80070057, "E_INVALIDARG"},
      {std::make_error_code(std::errc::permission_denied), 0x80070005, "E_ACCESSDENIED"},
      {std::make_error_code(std::errc::no_such_file_or_directory), 0x80070002, "ERROR_FILE_NOT_FOUND"},
      {std::make_error_code(std::errc::no_space_on_device), 0x80070070, "ERROR_DISK_FULL"},
      {std::make_error_code(std::errc::io_error), 0x8007045D, "ERROR_IO_DEVICE"},
      {std::make_error_code(std::errc::read_only_file_system), 0x80070013, "ERROR_WRITE_PROTECT"},
      {std::make_error_code(std::errc::file_exists), 0x80070050, "ERROR_FILE_EXISTS"},
      {std::make_error_code(std::errc::device_or_resource_busy), 0x800700AA, "ERROR_BUSY"},
      {std::make_error_code(std::errc::broken_pipe), 0x8007006D, "ERROR_BROKEN_PIPE"},
  };
  return cases;
}

TEST(HResult, TableBothWays) {
  for (const Case& c : both_ways()) {
    EXPECT_EQ(bits(to_hresult(c.code)), c.hr) << c.name;
    EXPECT_EQ(to_error_code(hresult(c.hr)), c.code) << c.name;
    EXPECT_EQ(hresult_name(hresult(c.hr)), c.name);
  }
}

TEST(HResult, EveryCodeOfOursHasItsOwn) {
  for (int i = static_cast<int>(Errc::cancelled); i <= static_cast<int>(Errc::verification_failed); ++i) {
    const auto code = make_error_code(static_cast<Errc>(i));
    EXPECT_NE(to_hresult(code), kFail) << code.message();
    EXPECT_EQ(to_error_code(to_hresult(code)), code) << code.message();
  }
}

TEST(HResult, SeveralAreUnderstoodAsOne) {
  EXPECT_EQ(to_error_code(kStgReadFault), Errc::source_changed);
  EXPECT_EQ(to_error_code(hresult(0xC0AAB119)), Errc::not_found);
  EXPECT_EQ(to_error_code(hresult(0xC0AAB120)), Errc::no_space);
  EXPECT_EQ(to_error_code(hresult(0x80004004)), Errc::cancelled);
  EXPECT_EQ(to_error_code(kStgAccessDenied), std::errc::permission_denied);
  EXPECT_EQ(to_error_code(kStgMediumFull), std::errc::no_space_on_device);
}

TEST(HResult, AnUnknownOneKeepsItsNumber) {
  const auto code = to_error_code(hresult(0xC0AA0903));
  EXPECT_EQ(code.category(), hresult_category());
  EXPECT_EQ(bits(to_hresult(code)), 0xC0AA0903u);
  EXPECT_EQ(code.message(), "0xC0AA0903");
  EXPECT_EQ(hresult_category().message(kNotImplemented), "E_NOTIMPL (0x80004001)");
  EXPECT_EQ(to_error_code(kFail).value(), kFail);
  EXPECT_EQ(to_hresult(to_error_code(kUnexpected)), kUnexpected);
}

TEST(HResult, AnUnknownCodeIsAFailure) {
  EXPECT_EQ(to_hresult(make_error_code(std::future_errc::no_state)), kFail);
  EXPECT_EQ(to_hresult({1, hresult_category()}), kFail);  // a success in the place of an error
  EXPECT_EQ(to_hresult(std::make_error_code(std::errc::bad_address)), kFail);
}

TEST(HResult, SuccessIsNoError) {
  EXPECT_EQ(to_hresult(std::error_code{}), kOk);
  EXPECT_FALSE(to_error_code(kOk));
  EXPECT_FALSE(to_error_code(kFalse));
  EXPECT_FALSE(to_error_code(0x00AA0004));  // S_IMAPI_SPEEDADJUSTED
}

TEST(HResult, TheSystemsOwnNumbersAreRead) {
#ifdef _WIN32
  EXPECT_EQ(to_hresult({2, std::system_category()}), hresult_of_win32(2));
  EXPECT_EQ(to_hresult({1117, std::system_category()}), hresult_of_win32(1117));
#else
  EXPECT_EQ(to_hresult({ENOENT, std::system_category()}), hresult_of_win32(2));
  EXPECT_EQ(to_hresult({ENOSPC, std::system_category()}), hresult_of_win32(112));
#endif
}

template <class E>
HResult hresult_of(const E& error) {
  return to_hresult(std::make_exception_ptr(error));
}

TEST(HResult, OfExceptions) {
  EXPECT_EQ(to_hresult(std::exception_ptr()), kOk);
  EXPECT_EQ(hresult_of(std::bad_alloc()), kOutOfMemory);
  EXPECT_EQ(bits(hresult_of(Error(Errc::cancelled, {}, "stop"))), 0xC0AA0002u);
  EXPECT_EQ(hresult_of(std::filesystem::filesystem_error("x", std::make_error_code(std::errc::permission_denied))),
            hresult(0x80070005));
  EXPECT_EQ(hresult_of(std::logic_error("ours")), kUnexpected);
  EXPECT_EQ(hresult_of(std::runtime_error("other")), kFail);
  EXPECT_EQ(hresult_of(42), kFail);
  EXPECT_EQ(hresult_of(std::system_error(std::error_code())), kFail) << "an exception is never a success";
}

TEST(HResult, AReasonIsSpokenAsItself) {
  for (int i = 1; i <= static_cast<int>(Reason::image_too_long); ++i) {
    const auto reason = static_cast<Reason>(i);
    const auto hr = hresult_of(Error(Errc::invalid_argument, {}, "why", reason));
    EXPECT_NE(hr, to_hresult(Errc::invalid_argument)) << i;
    EXPECT_TRUE(hresult_name(hr).starts_with("IMAPI_E_")) << i;
    EXPECT_TRUE(to_error_code(hr)) << i;
    try {
      throw_if_failed(hr, "back");
    } catch (const Error& e) {
      EXPECT_EQ(e.reason(), reason == Reason::file_too_large ? Reason::none : reason) << "too_large says the same";
    }
  }
  EXPECT_EQ(bits(hresult_of(Error(Errc::too_large, {}, "a file", Reason::file_too_large))), 0xC0AAB132u);
}

TEST(HResult, GuardKeepsWhatItCatches) {
  std::exception_ptr kept;
  const auto keep = [&](std::exception_ptr e) { kept = std::move(e); };
  EXPECT_EQ(hresult_guard([] { return kFalse; }, keep), kFalse);
  EXPECT_EQ(kept, nullptr);
  const auto fail = []() -> HResult { throw Error(Errc::no_media, {.path = "/dev/sr0"}, "empty"); };
  EXPECT_EQ(bits(hresult_guard(fail, keep)), 0xC0AA0202u);
  try {
    std::rethrow_exception(kept);
  } catch (const Error& e) {
    EXPECT_EQ(e.where().path, "/dev/sr0");
  }
}

TEST(HResult, FailuresAreThrown) {
  EXPECT_NO_THROW(throw_if_failed(kFalse, "fine"));
  try {
    throw_if_failed(hresult(0xC0AA0300), "the drive stopped");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::underrun);
    EXPECT_EQ(e.message(), "the drive stopped");
  }
}

}  // namespace
}  // namespace fsimage::com
