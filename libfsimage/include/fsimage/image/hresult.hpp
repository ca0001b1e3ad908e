// HRESULTs: the one table between error codes and the numbers that COM clients see, both ways, on every platform.
// Used by the COM stream, the COM objects and the backend that drives IMAPI2. Pure functions, any thread.
// The names differ from the Windows ones because those are macros there; the comments give them.
#pragma once

#include <cstdint>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

namespace fsimage::com {

using HResult = std::int32_t;  // HRESULT: negative is failure
constexpr bool failed(HResult hr) noexcept { return hr < 0; }
constexpr HResult hresult(std::uint32_t bits) noexcept { return static_cast<HResult>(bits); }
// HRESULT_FROM_WIN32 for an error number of the Windows API, 1 to 0xFFFF.
constexpr HResult hresult_of_win32(std::uint32_t error) noexcept { return hresult(0x80070000u | (error & 0xFFFFu)); }

inline constexpr HResult kOk = 0;                                     // S_OK
inline constexpr HResult kFalse = 1;                                  // S_FALSE
inline constexpr HResult kNotImplemented = hresult(0x80004001u);      // E_NOTIMPL
inline constexpr HResult kNoInterface = hresult(0x80004002u);         // E_NOINTERFACE
inline constexpr HResult kPointer = hresult(0x80004003u);             // E_POINTER
inline constexpr HResult kFail = hresult(0x80004005u);                // E_FAIL
inline constexpr HResult kUnexpected = hresult(0x8000FFFFu);          // E_UNEXPECTED
inline constexpr HResult kOutOfMemory = hresult(0x8007000Eu);         // E_OUTOFMEMORY
inline constexpr HResult kInvalidArgument = hresult(0x80070057u);     // E_INVALIDARG
inline constexpr HResult kStgInvalidFunction = hresult(0x80030001u);  // STG_E_INVALIDFUNCTION
inline constexpr HResult kStgAccessDenied = hresult(0x80030005u);     // STG_E_ACCESSDENIED
inline constexpr HResult kStgInvalidPointer = hresult(0x80030009u);   // STG_E_INVALIDPOINTER
inline constexpr HResult kStgReadFault = hresult(0x8003001Eu);        // STG_E_READFAULT
inline constexpr HResult kStgMediumFull = hresult(0x80030070u);       // STG_E_MEDIUMFULL
inline constexpr HResult kStgInvalidFlag = hresult(0x800300FFu);      // STG_E_INVALIDFLAG

// HRESULTs that the table does not know keep their number in this category, so that both ways together lose nothing.
const std::error_category& hresult_category() noexcept;  // name(): "HRESULT"

// No error is kOk; a code that the table does not know is kFail.
HResult to_hresult(const std::error_code& code) noexcept;
// Success of any kind is no error.
std::error_code to_error_code(HResult hr) noexcept;
// "E_IMAPI_LOSS_OF_STREAMING"; empty for what the table does not know.
std::string_view hresult_name(HResult hr) noexcept;

// kOutOfMemory for std::bad_alloc, the table for Error, by its reason first, and for std::system_error, kUnexpected for
// std::logic_error, else kFail.
HResult to_hresult(const std::exception_ptr& error) noexcept;

// Throws Error(to_error_code(hr), {}, what), with the reason when the number stands for one, when hr is a failure.
void throw_if_failed(HResult hr, std::string_view what);

// The barrier of a COM method: runs `body`, which returns an HResult; what it throws goes to keep(std::exception_ptr)
// and comes back as a number. `keep` must not throw.
template <class Body, class Keep>
HResult hresult_guard(Body&& body, Keep&& keep) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    std::exception_ptr error = std::current_exception();
    const HResult hr = to_hresult(error);
    keep(std::move(error));
    return hr;
  }
}

}  // namespace fsimage::com
