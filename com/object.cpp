#include "com/object.hpp"

#include <oleauto.h>

namespace fsimage::com {

HRESULT invoke(const IID& iid, void* self, DISPID member, WORD flags, DISPPARAMS* parameters, VARIANT* result,
               EXCEPINFO* exception, UINT* bad_argument) noexcept {
  if (parameters == nullptr) return E_POINTER;
  try {
    const auto type = type_info(iid);
    if ((flags & DISPATCH_PROPERTYPUTREF) != 0)
      flags = static_cast<WORD>((flags & ~DISPATCH_PROPERTYPUTREF) | DISPATCH_PROPERTYPUT);
    SetErrorInfo(0, nullptr);  // what an earlier call left must not be taken for ours
    return type->Invoke(self, member, flags, parameters, result, exception, bad_argument);
  } catch (...) {
    return report(std::current_exception(), iid);
  }
}

HRESULT ids_of_names(const IID& iid, OLECHAR** names, UINT count, DISPID* ids) noexcept {
  if (names == nullptr || ids == nullptr) return E_POINTER;
  try {
    return type_info(iid)->GetIDsOfNames(names, count, ids);
  } catch (...) {
    return report(std::current_exception(), iid);
  }
}

HRESULT type_info_for_client(const IID& iid, UINT number, ITypeInfo** out) noexcept {
  if (out == nullptr) return E_POINTER;
  *out = nullptr;
  if (number != 0) return DISP_E_BADINDEX;
  try {
    *out = type_info(iid).release();
    return S_OK;
  } catch (...) {
    return report(std::current_exception(), iid);
  }
}

}  // namespace fsimage::com
