// VARIANT and SAFEARRAY(VARIANT) with owners. Values.
#pragma once

#include "com/ptr.hpp"
#include "com/text.hpp"

#include <oleauto.h>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::com {

constexpr VARIANT_BOOL truth(bool value) { return value ? VARIANT_TRUE : VARIANT_FALSE; }
constexpr bool is_true(VARIANT_BOOL value) { return value != VARIANT_FALSE; }

// IMAPI2 counts in LONGs; what is beyond them stands at the end of their range.
constexpr LONG to_long(std::uint64_t value) {
  return static_cast<LONG>(value < 0x7FFFFFFFU ? value : std::uint64_t{0x7FFFFFFFU});
}
class Variant {
 public:
  Variant() { VariantInit(&value_); }
  explicit Variant(LONG number) : Variant(VT_I4) { value_.lVal = number; }
  explicit Variant(ULONG number) : Variant(VT_UI4) { value_.ulVal = number; }
  explicit Variant(bool yes) : Variant(VT_BOOL) { value_.boolVal = truth(yes); }
  explicit Variant(std::string_view utf8) : Variant(Bstr(utf8)) {}
  explicit Variant(Bstr text) : Variant(VT_BSTR) { value_.bstrVal = text.release(); }
  explicit Variant(Ptr<IDispatch> object) : Variant(VT_DISPATCH) { value_.pdispVal = object.release(); }
  explicit Variant(Ptr<IUnknown> object) : Variant(VT_UNKNOWN) { value_.punkVal = object.release(); }
  explicit Variant(const VARIANT& of);  // a copy, without indirections
  Variant(const Variant& other) : Variant(other.value_) {}
  Variant(Variant&& other) noexcept : value_(std::exchange(other.value_, VARIANT{})) {}
  Variant& operator=(Variant other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Variant() { VariantClear(&value_); }

  const VARIANT& get() const { return value_; }
  VARTYPE type() const { return value_.vt; }
  VARIANT release() { return std::exchange(value_, VARIANT{}); }
  // The object inside; null when there is none.
  Ptr<IUnknown> object() const;

 private:
  explicit Variant(VARENUM type) {
    VariantInit(&value_);
    value_.vt = static_cast<VARTYPE>(type);
  }
  VARIANT value_;
};

// One dimension, for a client that destroys it.
SAFEARRAY* array_of(const std::vector<Variant>& elements);
// Throws IMAPI_E_INVALID_PARAM's code for what is no such array; null is an empty one.
std::vector<Variant> elements_of(SAFEARRAY* array);

}  // namespace fsimage::com
