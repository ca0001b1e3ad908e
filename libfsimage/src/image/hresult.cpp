#include <fsimage/core/error.hpp>
#include <fsimage/image/hresult.hpp>

#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>

namespace fsimage::com {
namespace {

// A code that has several rows is spoken as its first and understood as any; with a reason, it is spoken as the reason's row.
// No reason has two rows; an HRESULT has two when a reason is spoken as a code is that others ask for.
struct Row {
  enum class Category : std::uint8_t { ours, generic };
  Category category;
  int code;
  HResult hr;
  std::string_view name;
  Reason reason;

  constexpr Row(Errc c, std::uint32_t bits, std::string_view n, Reason r = Reason::none)
      : category(Category::ours), code(static_cast<int>(c)), hr(hresult(bits)), name(n), reason(r) {}
  constexpr Row(std::errc c, std::uint32_t bits, std::string_view n, Reason r = Reason::none)
      : category(Category::generic), code(static_cast<int>(c)), hr(hresult(bits)), name(n), reason(r) {}

  std::error_code error_code() const {
    if (category == Category::ours) return make_error_code(static_cast<Errc>(code));
    return {code, std::generic_category()};
  }
};

// imapi2error.h, imapi2fserror.h, winerror.h. 0x8007xxxx is HRESULT_FROM_WIN32 of an ERROR_ number.
constexpr Row kRows[] = {
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
    {Errc::boot_image, 0xC0AAB148, "IMAPI_E_BOOT_IMAGE_DATA"},
    {Errc::boot_image_size, 0xC0AAB14A, "IMAPI_E_BOOT_EMULATION_IMAGE_SIZE_MISMATCH"},

    {std::errc::not_enough_memory, 0x8007000E, "E_OUTOFMEMORY"},
    {std::errc::invalid_argument, 0x80070057, "E_INVALIDARG"},
    {std::errc::permission_denied, 0x80070005, "E_ACCESSDENIED"},
    {std::errc::operation_not_permitted, 0x80070522, "ERROR_PRIVILEGE_NOT_HELD"},
    {std::errc::no_such_file_or_directory, 0x80070002, "ERROR_FILE_NOT_FOUND"},
    {std::errc::not_a_directory, 0x8007010B, "ERROR_DIRECTORY"},
    {std::errc::is_a_directory, 0x80070150, "ERROR_DIRECTORY_NOT_SUPPORTED"},
    {std::errc::file_exists, 0x80070050, "ERROR_FILE_EXISTS"},
    {std::errc::directory_not_empty, 0x80070091, "ERROR_DIR_NOT_EMPTY"},
    {std::errc::filename_too_long, 0x800700CE, "ERROR_FILENAME_EXCED_RANGE"},
    {std::errc::too_many_symbolic_link_levels, 0x80070781, "ERROR_CANT_RESOLVE_FILENAME"},
    {std::errc::too_many_files_open, 0x80070004, "ERROR_TOO_MANY_OPEN_FILES"},
    {std::errc::io_error, 0x8007045D, "ERROR_IO_DEVICE"},
    {std::errc::no_space_on_device, 0x80070070, "ERROR_DISK_FULL"},
    {std::errc::file_too_large, 0x800700DF, "ERROR_FILE_TOO_LARGE"},
    {std::errc::read_only_file_system, 0x80070013, "ERROR_WRITE_PROTECT"},
    {std::errc::device_or_resource_busy, 0x800700AA, "ERROR_BUSY"},
    {std::errc::no_such_device, 0x80070037, "ERROR_DEV_NOT_EXIST"},
    {std::errc::broken_pipe, 0x8007006D, "ERROR_BROKEN_PIPE"},
    {std::errc::timed_out, 0x800705B4, "ERROR_TIMEOUT"},
    {std::errc::operation_canceled, 0x800704C7, "ERROR_CANCELLED"},
    {std::errc::not_supported, 0x80070032, "ERROR_NOT_SUPPORTED"},

    // Understood only.
    {Errc::cancelled, 0x80004004, "E_ABORT"},
    {Errc::source_changed, 0x8003001E, "STG_E_READFAULT"},
    {Errc::invalid_argument, 0xC0AAB106, "IMAPI_E_FILE_SYSTEM_NOT_EMPTY"},
    {Errc::not_representable, 0xC0AAB113, "IMAPI_E_NO_UNIQUE_NAME"},
    {Errc::session_conflict, 0xC0AAB149, "IMAPI_E_BOOT_OBJECT_CONFLICT"},
    {Errc::busy, 0xC0AA0207, "E_IMAPI_RECORDER_MEDIA_BUSY"},
    {Errc::busy, 0xC0AA0205, "E_IMAPI_RECORDER_MEDIA_BECOMING_READY"},
    {Errc::busy, 0xC0AA0206, "E_IMAPI_RECORDER_MEDIA_FORMAT_IN_PROGRESS"},
    {Errc::busy, 0xC0AA0400, "E_IMAPI_DF2DATA_WRITE_IN_PROGRESS"},
    {Errc::unsupported, 0xC0AA0406, "E_IMAPI_DF2DATA_MEDIA_IS_NOT_SUPPORTED"},
    {Errc::unsupported, 0x80AA0904, "E_IMAPI_ERASE_MEDIA_IS_NOT_ERASABLE"},
    {std::errc::timed_out, 0xC0AA020D, "E_IMAPI_RECORDER_COMMAND_TIMEOUT"},
    {std::errc::no_such_file_or_directory, 0x80070003, "ERROR_PATH_NOT_FOUND"},
    {std::errc::no_such_file_or_directory, 0x80030002, "STG_E_FILENOTFOUND"},
    {std::errc::no_such_file_or_directory, 0x80030003, "STG_E_PATHNOTFOUND"},
    {std::errc::permission_denied, 0x80030005, "STG_E_ACCESSDENIED"},
    {std::errc::too_many_files_open, 0x80030004, "STG_E_TOOMANYOPENFILES"},
    {std::errc::not_enough_memory, 0x80030008, "STG_E_INSUFFICIENTMEMORY"},
    {std::errc::read_only_file_system, 0x80030013, "STG_E_DISKISWRITEPROTECTED"},
    {std::errc::invalid_argument, 0x80030057, "STG_E_INVALIDPARAMETER"},
    {std::errc::file_exists, 0x80030050, "STG_E_FILEALREADYEXISTS"},
    {std::errc::file_exists, 0x800700B7, "ERROR_ALREADY_EXISTS"},
    {std::errc::no_space_on_device, 0x80030070, "STG_E_MEDIUMFULL"},
    {std::errc::device_or_resource_busy, 0x80070020, "ERROR_SHARING_VIOLATION"},
    {std::errc::device_or_resource_busy, 0x80070021, "ERROR_LOCK_VIOLATION"},
    {std::errc::io_error, 0x8007001E, "ERROR_READ_FAULT"},
    {std::errc::io_error, 0x80070017, "ERROR_CRC"},

    // Of one reason each, by which they are spoken; without it as above.
    {Errc::invalid_argument, 0xC0AAB103, "IMAPI_E_NO_OUTPUT", Reason::no_file_system},
    {Errc::invalid_argument, 0xC0AAB104, "IMAPI_E_INVALID_VOLUME_NAME", Reason::invalid_volume_name},
    {Errc::invalid_argument, 0xC0AAB105, "IMAPI_E_INVALID_DATE", Reason::invalid_time},
    {Errc::invalid_argument, 0xC0AAB108, "IMAPI_E_NOT_FILE", Reason::not_a_file},
    {Errc::invalid_argument, 0xC0AAB10B, "IMAPI_E_NOT_IN_FILE_SYSTEM", Reason::not_in_image},
    {Errc::invalid_argument, 0xC0AAB110, "IMAPI_E_INVALID_PATH", Reason::invalid_path},
    {Errc::not_found, 0xC0AAB119, "IMAPI_E_FILE_NOT_FOUND", Reason::no_such_file},
    {Errc::not_found, 0xC0AAB11A, "IMAPI_E_DIR_NOT_FOUND", Reason::no_such_folder},
    {Errc::no_space, 0xC0AAB120, "IMAPI_E_IMAGE_SIZE_LIMIT", Reason::over_budget},
    {Errc::no_space, 0xC0AAB121, "IMAPI_E_IMAGE_TOO_BIG", Reason::budget_too_low},
    {std::errc::io_error, 0xC0AAB129, "IMAPI_E_DATA_STREAM_READ_FAILURE", Reason::source_unreadable},
    {std::errc::permission_denied, 0xC0AAB12A, "IMAPI_E_DATA_STREAM_CREATE_FAILURE", Reason::source_not_opened},
    {std::errc::permission_denied, 0xC0AAB12B, "IMAPI_E_DIRECTORY_READ_FAILURE", Reason::folder_not_listed},
    {Errc::not_representable, 0xC0AAB130, "IMAPI_E_TOO_MANY_DIRS", Reason::too_many_folders},
    {Errc::not_representable, 0xC0AAB131, "IMAPI_E_ISO9660_LEVELS", Reason::too_deep},
    {Errc::not_representable, 0xC0AAB132, "IMAPI_E_DATA_TOO_BIG", Reason::file_too_large},
    {std::errc::io_error, 0xC0AAB138, "IMAPI_E_STASHFILE_OPEN_FAILURE", Reason::stash_not_opened},
    {std::errc::io_error, 0xC0AAB13A, "IMAPI_E_STASHFILE_WRITE_FAILURE", Reason::stash_not_written},
    {std::errc::io_error, 0xC0AAB13B, "IMAPI_E_STASHFILE_READ_FAILURE", Reason::stash_not_read},
    {Errc::invalid_argument, 0xC0AAB140, "IMAPI_E_INVALID_WORKING_DIRECTORY", Reason::working_directory},
    {Errc::no_space, 0xC0AAB141, "IMAPI_E_WORKING_DIRECTORY_SPACE", Reason::no_working_space},
    {std::errc::io_error, 0xC0AAB142, "IMAPI_E_STASHFILE_MOVE", Reason::stash_not_moved},
    {Errc::session_conflict, 0xC0AAB150, "IMAPI_E_EMPTY_DISC", Reason::empty_disc},
    {Errc::not_found, 0xC0AAB151, "IMAPI_E_NO_SUPPORTED_FILE_SYSTEM", Reason::no_known_file_system},
    {Errc::not_found, 0xC0AAB152, "IMAPI_E_FILE_SYSTEM_NOT_FOUND", Reason::no_such_file_system},
    {Errc::unsupported, 0xC0AAB154, "IMAPI_E_FILE_SYSTEM_FEATURE_NOT_SUPPORTED", Reason::foreign_feature},
    {Errc::duplicate_path, 0xC0AAB155, "IMAPI_E_IMPORT_TYPE_COLLISION_FILE_EXISTS_AS_DIRECTORY",
     Reason::file_meets_folder},
    {Errc::session_conflict, 0xC0AAB159, "IMAPI_E_IMPORT_MEDIA_NOT_ALLOWED", Reason::no_sessions},
    {Errc::session_conflict, 0xC0AAB15A, "IMAPI_E_UDF_NOT_WRITE_COMPATIBLE", Reason::udf_not_continued},
    {Errc::session_conflict, 0xC0AAB15C, "IMAPI_E_NO_COMPATIBLE_MULTISESSION_TYPE", Reason::no_further_session},
    {Errc::session_conflict, 0xC0AAB15D, "IMAPI_E_MULTISESSION_NOT_SET", Reason::no_disc},
    {Errc::duplicate_path, 0xC0AAB15E, "IMAPI_E_IMPORT_TYPE_COLLISION_DIRECTORY_EXISTS_AS_FILE",
     Reason::folder_meets_file},
    {Errc::invalid_argument, 0xC0AAB161, "IMAPI_E_UDF_REVISION_CHANGE_NOT_ALLOWED", Reason::udf_revision_fixed},
    {Errc::session_conflict, 0xC0AAB162, "IMAPI_E_BAD_MULTISESSION_PARAMETER", Reason::recorder_contradicts},
    {Errc::invalid_argument, 0xC0AAB163, "IMAPI_E_FILE_SYSTEM_CHANGE_NOT_ALLOWED", Reason::file_systems_fixed},
    {Errc::corrupt_structure, 0xC0AAB200, "IMAPI_E_IMAGEMANAGER_IMAGE_NOT_ALIGNED", Reason::image_not_aligned},
    {Errc::corrupt_structure, 0xC0AAB201, "IMAPI_E_IMAGEMANAGER_NO_VALID_VD_FOUND", Reason::image_without_volume},
    {Errc::invalid_argument, 0xC0AAB202, "IMAPI_E_IMAGEMANAGER_NO_IMAGE", Reason::no_image},
    {Errc::too_large, 0xC0AAB203, "IMAPI_E_IMAGEMANAGER_IMAGE_TOO_BIG", Reason::image_too_long},
};

constexpr bool no_hresult_twice() {
  for (const Row& a : kRows)
    for (const Row& b : kRows)
      if (&a != &b && a.reason == b.reason && (a.hr == b.hr || a.reason != Reason::none)) return false;
  return true;
}
static_assert(no_hresult_twice());

const Row* row_of(Reason reason) noexcept {
  if (reason == Reason::none) return nullptr;
  for (const Row& row : kRows)
    if (row.reason == reason) return &row;
  return nullptr;
}

const Row* row_of(HResult hr) noexcept {
  for (const Row& row : kRows)
    if (row.hr == hr) return &row;
  return nullptr;
}

class HResultCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "HRESULT"; }
  std::string message(int value) const override {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08X", static_cast<unsigned>(value));
    const auto known = hresult_name(value);
    return known.empty() ? text : std::string(known) + " (" + text + ")";
  }
};

}  // namespace

const std::error_category& hresult_category() noexcept {
  static const HResultCategory category;
  return category;
}

HResult to_hresult(const std::error_code& code) noexcept {
  if (!code) return kOk;
  if (code.category() == hresult_category()) return failed(code.value()) ? code.value() : kFail;
  const bool ours = code.category() == error_category();
  // The system's numbers are errno's, or the Windows API's that the standard library knows how to read.
  const auto generic = ours ? std::error_condition() : code.default_error_condition();
  const bool is_generic = generic.category() == std::generic_category();
  for (const Row& row : kRows) {
    if (row.reason != Reason::none) continue;
    if (ours && row.category == Row::Category::ours && row.code == code.value()) return row.hr;
    if (is_generic && row.category == Row::Category::generic && row.code == generic.value()) return row.hr;
  }
#ifdef _WIN32
  if (code.category() == std::system_category() && code.value() > 0 && code.value() <= 0xFFFF)
    return hresult_of_win32(static_cast<std::uint32_t>(code.value()));
#endif
  return kFail;
}

std::error_code to_error_code(HResult hr) noexcept {
  if (!failed(hr)) return {};
  if (const Row* row = row_of(hr); row != nullptr) return row->error_code();
  return {hr, hresult_category()};
}

std::string_view hresult_name(HResult hr) noexcept {
  if (hr == kOk) return "S_OK";
  if (hr == kFalse) return "S_FALSE";
  const Row* row = row_of(hr);
  return row != nullptr ? row->name : std::string_view();
}

HResult to_hresult(const std::exception_ptr& error) noexcept {
  if (error == nullptr) return kOk;
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return kOutOfMemory;
  } catch (const Error& e) {
    const Row* row = row_of(e.reason());
    return row != nullptr ? row->hr : e.code() ? to_hresult(e.code()) : kFail;
  } catch (const std::system_error& e) {
    return e.code() ? to_hresult(e.code()) : kFail;
  } catch (const std::logic_error&) {
    return kUnexpected;
  } catch (...) {
    return kFail;
  }
}

void throw_if_failed(HResult hr, std::string_view what) {
  if (!failed(hr)) return;
  const Row* row = row_of(hr);
  throw Error(to_error_code(hr), {}, what, row != nullptr ? row->reason : Reason::none);
}

}  // namespace fsimage::com
