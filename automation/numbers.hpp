// HRESULTs of IMAPI2 and IMAPI2FS that no error of the library stands for; the others come through image/hresult.hpp.
#pragma once

#include <winerror.h>

namespace fsimage::com::automation {

constexpr HRESULT number(unsigned bits) { return static_cast<HRESULT>(bits); }

// --- imapi2error.h
inline constexpr HRESULT kRecorderRequired = number(0xC0AA0003);          // E_IMAPI_RECORDER_REQUIRED
inline constexpr HRESULT kNoSuchModePage = number(0xC0AA0201);            // E_IMAPI_RECORDER_NO_SUCH_MODE_PAGE
inline constexpr HRESULT kNoMedia = number(0xC0AA0202);                   // E_IMAPI_RECORDER_MEDIA_NO_MEDIA
inline constexpr HRESULT kMediaIncompatible = number(0xC0AA0203);         // E_IMAPI_RECORDER_MEDIA_INCOMPATIBLE
inline constexpr HRESULT kNoSuchFeature = number(0xC0AA020A);             // E_IMAPI_RECORDER_NO_SUCH_FEATURE
inline constexpr HRESULT kRecorderLocked = number(0xC0AA0210);            // E_IMAPI_RECORDER_LOCKED
inline constexpr HRESULT kBadClientName = number(0xC0AA0211);             // E_IMAPI_RECORDER_CLIENT_NAME_IS_NOT_VALID
inline constexpr HRESULT kSpeedAdjusted = number(0x00AA0004);             // S_IMAPI_SPEEDADJUSTED
inline constexpr HRESULT kNothingToCancel = number(0x00AA0302);           // S_IMAPI_WRITE_NOT_IN_PROGRESS
inline constexpr HRESULT kDataWriteInProgress = number(0xC0AA0400);       // E_IMAPI_DF2DATA_WRITE_IN_PROGRESS
inline constexpr HRESULT kDataNoWriteInProgress = number(0xC0AA0401);     // E_IMAPI_DF2DATA_WRITE_NOT_IN_PROGRESS
inline constexpr HRESULT kDataStreamNotSupported = number(0xC0AA0403);    // E_IMAPI_DF2DATA_STREAM_NOT_SUPPORTED
inline constexpr HRESULT kDataStreamTooLarge = number(0xC0AA0404);        // ..._STREAM_TOO_LARGE_FOR_CURRENT_MEDIA
inline constexpr HRESULT kDataMediaNotSupported = number(0xC0AA0406);     // E_IMAPI_DF2DATA_MEDIA_IS_NOT_SUPPORTED
inline constexpr HRESULT kDataRecorderNotSupported = number(0xC0AA0407);  // E_IMAPI_DF2DATA_RECORDER_NOT_SUPPORTED
inline constexpr HRESULT kDataBadClientName = number(0xC0AA0408);         // E_IMAPI_DF2DATA_CLIENT_NAME_IS_NOT_VALID
inline constexpr HRESULT kEraseInProgress = number(0x80AA0900);           // E_IMAPI_ERASE_RECORDER_IN_USE
inline constexpr HRESULT kEraseOneRecorder = number(0x80AA0901);          // E_IMAPI_ERASE_ONLY_ONE_RECORDER_SUPPORTED
inline constexpr HRESULT kNotErasable = number(0x80AA0904);               // E_IMAPI_ERASE_MEDIA_IS_NOT_ERASABLE
inline constexpr HRESULT kEraseBadClientName = number(0xC0AA090B);        // E_IMAPI_ERASE_CLIENT_NAME_IS_NOT_VALID

// --- imapi2fserror.h
inline constexpr HRESULT kInvalidParameter = number(0xC0AAB101);          // IMAPI_E_INVALID_PARAM
inline constexpr HRESULT kReadOnly = number(0xC0AAB102);                  // IMAPI_E_READONLY
inline constexpr HRESULT kFileSystemNotEmpty = number(0xC0AAB106);        // IMAPI_E_FILE_SYSTEM_NOT_EMPTY
inline constexpr HRESULT kItemNotFound = number(0xC0AAB118);              // IMAPI_E_ITEM_NOT_FOUND
inline constexpr HRESULT kBootObjectConflict = number(0xC0AAB149);        // IMAPI_E_BOOT_OBJECT_CONFLICT
inline constexpr HRESULT kIncompatibleMultisession = number(0xC0AAB15B);  // IMAPI_E_INCOMPATIBLE_MULTISESSION_TYPE
inline constexpr HRESULT kNoCompatibleMultisession = number(0xC0AAB15C);  // IMAPI_E_NO_COMPATIBLE_MULTISESSION_TYPE
inline constexpr HRESULT kMultisessionNotSet = number(0xC0AAB15D);        // IMAPI_E_MULTISESSION_NOT_SET
inline constexpr HRESULT kFeatureNotSupported = number(0x00AAB15F);       // IMAPI_S_IMAGE_FEATURE_NOT_SUPPORTED
inline constexpr HRESULT kPropertyNotAccessible = number(0xC0AAB160);     // IMAPI_E_PROPERTY_NOT_ACCESSIBLE
inline constexpr HRESULT kBadMultisession = number(0xC0AAB162);           // IMAPI_E_BAD_MULTISESSION_PARAMETER

}  // namespace fsimage::com::automation
