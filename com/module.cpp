#include "com/module.hpp"

#include "com/guard.hpp"
#include "com/object.hpp"
#include "com/type_info.hpp"

#include <olectl.h>

#include <cwchar>

namespace fsimage::com {
namespace {

class ClassFactory final : public Object<Iface<IClassFactory>> {
 public:
  explicit ClassFactory(const ClassEntry& entry) : entry_(entry) {}

  HRESULT STDMETHODCALLTYPE CreateInstance(IUnknown* outer, REFIID iid, void** out) noexcept override {
    if (out == nullptr) return E_POINTER;
    *out = nullptr;
    if (outer != nullptr) return CLASS_E_NOAGGREGATION;
    HRESULT answer = E_FAIL;
    const HRESULT made = guard(__uuidof(IClassFactory), [&] { answer = entry_.create()->QueryInterface(iid, out); });
    return FAILED(made) ? made : answer;
  }
  HRESULT STDMETHODCALLTYPE LockServer(BOOL lock) noexcept override {
    ModuleUse::count().fetch_add(lock != FALSE ? 1 : -1);
    return S_OK;
  }

 private:
  const ClassEntry& entry_;
};

const ClassEntry* class_of(const CLSID& id) {
  for (const ClassEntry& entry : module_classes())
    if (entry.id == id || entry.imapi == id) return &entry;
  return nullptr;
}

}  // namespace
}  // namespace fsimage::com

using namespace fsimage::com;

STDAPI DllGetClassObject(REFCLSID id, REFIID iid, LPVOID* out) {
  if (out == nullptr) return E_POINTER;
  *out = nullptr;
  const ClassEntry* const entry = class_of(id);
  if (entry == nullptr) return CLASS_E_CLASSNOTAVAILABLE;
  HRESULT answer = E_FAIL;
  const HRESULT made =
      guard(__uuidof(IClassFactory), [&] { answer = make<ClassFactory>(*entry)->QueryInterface(iid, out); });
  return FAILED(made) ? made : answer;
}

STDAPI DllCanUnloadNow() { return ModuleUse::count().load(std::memory_order_acquire) == 0 ? S_OK : S_FALSE; }

STDAPI DllRegisterServer() {
  return guard(IID_NULL, [] { register_own_names(module_path()); });
}

STDAPI DllUnregisterServer() {
  return guard(IID_NULL, [] { unregister_own_names(module_path()); });
}

// regsvr32 calls it beside DllRegisterServer, unless it is told not to with /n.
STDAPI DllInstall(BOOL install, LPCWSTR what) {
  return guard(IID_NULL, [&] {
    if (what == nullptr || std::wcscmp(what, L"imapi-compat") != 0)
      throw Failure(E_INVALIDARG, "nothing to install but imapi-compat");
    if (install != FALSE)
      register_imapi_names(module_path());
    else
      unregister_imapi_names(module_path());
  });
}
