#include "com/variant.hpp"

#include "com/guard.hpp"

#include <fsimage/core/error.hpp>

#include <new>

namespace fsimage::com {

// What is copied from is not changed, whatever the declaration says.
Variant::Variant(const VARIANT& of) : Variant() {
  check(VariantCopyInd(&value_, const_cast<VARIANT*>(&of)), "value cannot be copied");
}

Ptr<IUnknown> Variant::object() const {
  if (value_.vt == VT_UNKNOWN) return Ptr<IUnknown>(value_.punkVal);
  if (value_.vt == VT_DISPATCH) return Ptr<IUnknown>(value_.pdispVal);
  return {};
}

SAFEARRAY* array_of(const std::vector<Variant>& elements) {
  SAFEARRAY* const array = SafeArrayCreateVector(VT_VARIANT, 0, static_cast<ULONG>(elements.size()));
  if (array == nullptr) throw std::bad_alloc();
  LONG index = 0;
  for (const Variant& element : elements) {
    VARIANT copy = element.get();  // the array makes its own
    if (FAILED(SafeArrayPutElement(array, &index, &copy))) {
      SafeArrayDestroy(array);
      throw std::bad_alloc();
    }
    ++index;
  }
  return array;
}

std::vector<Variant> elements_of(SAFEARRAY* array) {
  std::vector<Variant> result;
  if (array == nullptr) return result;
  VARTYPE type = VT_EMPTY;
  if (SafeArrayGetDim(array) != 1 || FAILED(SafeArrayGetVartype(array, &type)) || type != VT_VARIANT)
    throw Error(Errc::invalid_argument, {}, "not an array of one dimension with elements of any type");
  LONG first = 0, last = -1;
  check(SafeArrayGetLBound(array, 1, &first), "bounds of an array");
  check(SafeArrayGetUBound(array, 1, &last), "bounds of an array");
  for (LONG index = first; index <= last; ++index) {
    VARIANT element;
    VariantInit(&element);
    check(SafeArrayGetElement(array, &index, &element), "element of an array");
    result.emplace_back(element);
    VariantClear(&element);
  }
  return result;
}

}  // namespace fsimage::com
