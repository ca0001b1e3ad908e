// VARIANT and SAFEARRAY(VARIANT) with owners. Values.
#pragma once

#include "com/ptr.hpp"
#include "com/text.hpp"

#include <oleauto.h>

#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::automation {

class Variant {
 public:
  Variant() { VariantInit(&value_); }
  explicit Variant(LONG number) : Variant(VT_I4) { value_.lVal = number; }
  explicit Variant(ULONG number) : Variant(VT_UI4) { value_.ulVal = number; }
  explicit Variant(bool truth) : Variant(VT_BOOL) { value_.boolVal = truth ? VARIANT_TRUE : VARIANT_FALSE; }
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

}  // namespace fsimage::automation
