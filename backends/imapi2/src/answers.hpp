// What COM objects answer, as the library's errors and values.
#pragma once

#include "com/guard.hpp"
#include "com/ptr.hpp"
#include "com/text.hpp"
#include "com/variant.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/hresult.hpp>

#include <objbase.h>

#include <string>
#include <string_view>
#include <vector>

namespace fsimage::imapi2 {

// Throws the code that the number stands for, with the text that came along.
inline void must(HRESULT answer, std::string_view what) {
  if (FAILED(answer)) com::throw_if_failed(answer, com::failure_text(what));
}

// The value of a property.
template <class Interface, class Of, class T>
T value_of(Interface& object, HRESULT (STDMETHODCALLTYPE Of::*get)(T*), std::string_view what) {
  T value{};
  must((object.*get)(&value), what);
  return value;
}
template <class Interface, class Of>
std::string text_of(Interface& object, HRESULT (STDMETHODCALLTYPE Of::*get)(BSTR*), std::string_view what) {
  com::Bstr value;
  must((object.*get)(value.out()), what);
  return value.utf8();
}
template <class Interface, class Of>
std::vector<com::Variant> array_of(Interface& object, HRESULT (STDMETHODCALLTYPE Of::*get)(SAFEARRAY**),
                                   std::string_view what) {
  SAFEARRAY* const array = value_of(object, get, what);
  try {
    auto elements = com::elements_of(array);
    SafeArrayDestroy(array);
    return elements;
  } catch (...) {
    SafeArrayDestroy(array);
    throw;
  }
}

// A new object of a class of IMAPI2's. Throws unsupported where there is none.
template <class Interface>
com::Ptr<Interface> create(const CLSID& of) {
  com::Ptr<Interface> object;
  const HRESULT answer = CoCreateInstance(of, nullptr, CLSCTX_ALL, __uuidof(Interface), object.out_void());
  if (answer == REGDB_E_CLASSNOTREG) throw Error(Errc::unsupported, {}, "there is no IMAPI2 on this machine");
  must(answer, "an object of IMAPI2 cannot be made");
  return object;
}

// MsftDiscMaster2 and its fellows, whose first number counts down.
constexpr CLSID imapi2_class(unsigned long first) {
  return {first, 0x7F64, 0x5B0F, {0x8F, 0x00, 0x5D, 0x77, 0xAF, 0xBE, 0x26, 0x1E}};
}
inline constexpr CLSID kDiscMaster = imapi2_class(0x2735412E), kDiscRecorder = imapi2_class(0x2735412D),
                       kDataWriter = imapi2_class(0x2735412A), kEraser = imapi2_class(0x2735412B);

}  // namespace fsimage::imapi2
