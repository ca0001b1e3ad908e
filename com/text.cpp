#include "com/text.hpp"

#include <fsimage/core/error.hpp>

#include <cstdio>
#include <limits>
#include <new>

namespace fsimage::com {
namespace {

int length_of(std::size_t units) {
  if (units > static_cast<std::size_t>(std::numeric_limits<int>::max())) throw std::bad_alloc();
  return static_cast<int>(units);
}

}  // namespace

std::string utf8_of(std::wstring_view text) {
  if (text.empty()) return {};
  const int units = length_of(text.size());
  const int bytes =
      WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text.data(), units, nullptr, 0, nullptr, nullptr);
  if (bytes <= 0) throw Error(Errc::invalid_argument, {}, "text is not UTF-16");
  std::string result(static_cast<std::size_t>(bytes), '\0');
  WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text.data(), units, result.data(), bytes, nullptr, nullptr);
  return result;
}

std::wstring wide_of(std::string_view utf8) {
  if (utf8.empty()) return {};
  const int bytes = length_of(utf8.size());
  const int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), bytes, nullptr, 0);
  if (units <= 0) throw Error(Errc::invalid_argument, {}, "text is not UTF-8");
  std::wstring result(static_cast<std::size_t>(units), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), bytes, result.data(), units);
  return result;
}

std::string utf8_of(const GUID& guid) {
  char text[40];
  const auto& d = guid.Data4;
  std::snprintf(text, sizeof text, "%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X",
                static_cast<unsigned long>(guid.Data1), guid.Data2, guid.Data3, d[0], d[1], d[2], d[3], d[4], d[5],
                d[6], d[7]);
  return text;
}

std::wstring braced(const GUID& guid) { return L"{" + wide_of(utf8_of(guid)) + L"}"; }

Bstr::Bstr(std::wstring_view text) : text_(SysAllocStringLen(text.data(), static_cast<UINT>(length_of(text.size())))) {
  if (text_ == nullptr) throw std::bad_alloc();
}

}  // namespace fsimage::com
