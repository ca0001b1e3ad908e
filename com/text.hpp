// Text at the edge: UTF-16 outside, UTF-8 inside. Values.
#pragma once

#include <windows.h>

#include <oleauto.h>

#include <string>
#include <string_view>
#include <utility>

namespace fsimage::com {

// Throws invalid_argument for what is no UTF-16, or no UTF-8.
std::string utf8_of(std::wstring_view text);
std::wstring wide_of(std::string_view utf8);
// "27354130-7F64-5B0F-8F00-5D77AFBE261E"; with braces as the registry has it.
std::string utf8_of(const GUID& guid);
std::wstring braced(const GUID& guid);

// Owns a BSTR. A null one is the empty string, as everywhere in COM.
class Bstr {
 public:
  Bstr() = default;
  explicit Bstr(std::wstring_view text);
  explicit Bstr(std::string_view utf8) : Bstr(wide_of(utf8)) {}
  Bstr(Bstr&& other) noexcept : text_(std::exchange(other.text_, nullptr)) {}
  Bstr& operator=(Bstr other) noexcept {
    std::swap(text_, other.text_);
    return *this;
  }
  ~Bstr() { SysFreeString(text_); }

  BSTR get() const { return text_; }
  BSTR release() { return std::exchange(text_, nullptr); }
  BSTR* out() {
    SysFreeString(std::exchange(text_, nullptr));
    return &text_;
  }
  std::wstring_view wide() const { return {text_ != nullptr ? text_ : L"", SysStringLen(text_)}; }
  std::string utf8() const { return utf8_of(wide()); }

 private:
  BSTR text_ = nullptr;
};

// What a client gave.
inline std::string utf8_of(BSTR text) {
  return utf8_of(std::wstring_view(text != nullptr ? text : L"", SysStringLen(text)));
}

}  // namespace fsimage::com
