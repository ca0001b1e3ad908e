// What all our COM objects have in common: reference count, QueryInterface, IDispatch by way of the type library, and
// ISupportErrorInfo. A class names its interfaces:
//
//   class Range final : public Object<Iface<IBlockRange, IDispatch>> { ...its members... };
//   Ptr<Range> range = make<Range>(...);
//
// Thread rule: counting is for any thread; what else is, is a class's own affair.
#pragma once

#include "com/guard.hpp"
#include "com/ptr.hpp"
#include "com/type_info.hpp"

#include <oaidl.h>

#include <atomic>
#include <type_traits>
#include <utility>

namespace fsimage::com {

// How many objects there are in this module, class factories and locks of it among them: DllCanUnloadNow() asks.
class ModuleUse {
 public:
  ModuleUse() { count().fetch_add(1, std::memory_order_relaxed); }
  ModuleUse(const ModuleUse&) : ModuleUse() {}
  ModuleUse& operator=(const ModuleUse&) = default;
  ~ModuleUse() { count().fetch_sub(1, std::memory_order_release); }
  static std::atomic<long>& count() {
    static std::atomic<long> objects{0};
    return objects;
  }
};

// An interface, and those of its bases that are asked for by their own identifiers, IUnknown aside.
template <class Interface, class... Bases>
struct Iface {
  using Type = Interface;
  static constexpr bool kDispatch = std::is_base_of_v<IDispatch, Interface>;
  static bool has(const IID& iid) { return iid == iid_of<Interface>() || (... || (iid == iid_of<Bases>())); }
};

// The Automation of `self`, which is of that interface. Lenient about `Set x.Property = y`: IMAPI2 has no other kind.
HRESULT invoke(const IID& iid, void* self, DISPID member, WORD flags, DISPPARAMS* parameters, VARIANT* result,
               EXCEPINFO* exception, UINT* bad_argument) noexcept;
HRESULT ids_of_names(const IID& iid, OLECHAR** names, UINT count, DISPID* ids) noexcept;
HRESULT type_info_for_client(const IID& iid, UINT number, ITypeInfo** out) noexcept;

// The first of them that has IDispatch; the first of all when none has.
template <class Fallback, class... Faces>
struct FirstWithDispatch {
  using Type = Fallback;
};
template <class Fallback, class Here, class... Rest>
struct FirstWithDispatch<Fallback, Here, Rest...> {
  using Type = typename std::conditional_t<Here::kDispatch, FirstWithDispatch<typename Here::Type>,
                                           FirstWithDispatch<Fallback, Rest...>>::Type;
};

template <class First, class... Others>
class Object : public First::Type, public Others::Type..., public ISupportErrorInfo {
 public:
  using Default = typename First::Type;
  using Automation = typename FirstWithDispatch<Default, First, Others...>::Type;

  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // --- IUnknown; what is behind `out` is the client's
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void** out) noexcept override {
    if (out == nullptr) return E_POINTER;
    *out = nullptr;
    if (iid == __uuidof(IUnknown)) {
      *out = static_cast<Default*>(this);
    } else if (iid == __uuidof(ISupportErrorInfo)) {
      *out = static_cast<ISupportErrorInfo*>(this);
    } else {
      *out = find<First, Others...>(iid);
    }
    if (*out == nullptr) return E_NOINTERFACE;
    AddRef();
    return S_OK;
  }
  ULONG STDMETHODCALLTYPE AddRef() noexcept override { return references_.fetch_add(1, std::memory_order_relaxed) + 1; }
  ULONG STDMETHODCALLTYPE Release() noexcept override {
    const ULONG left = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left == 0) delete this;
    return left;
  }

  // --- ISupportErrorInfo
  HRESULT STDMETHODCALLTYPE InterfaceSupportsErrorInfo(REFIID iid) noexcept override {
    return First::has(iid) || (... || Others::has(iid)) ? S_OK : S_FALSE;
  }

  // --- IDispatch, of the first interface that has it: these override, or are just there
  HRESULT STDMETHODCALLTYPE GetTypeInfoCount(UINT* count) noexcept {
    if (count == nullptr) return E_POINTER;
    *count = 1;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetTypeInfo(UINT number, LCID, ITypeInfo** out) noexcept {
    return type_info_for_client(iid_of<Automation>(), number, out);
  }
  HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, OLECHAR** names, UINT count, LCID, DISPID* ids) noexcept {
    return ids_of_names(iid_of<Automation>(), names, count, ids);
  }
  HRESULT STDMETHODCALLTYPE Invoke(DISPID member, REFIID, LCID, WORD flags, DISPPARAMS* parameters, VARIANT* result,
                                   EXCEPINFO* exception, UINT* bad_argument) noexcept {
    return invoke(iid_of<Automation>(), static_cast<Automation*>(this), member, flags, parameters, result, exception,
                  bad_argument);
  }

 protected:
  virtual ~Object() = default;

 private:
  template <class Here, class... Rest>
  void* find(const IID& iid) {
    if (Here::has(iid)) return static_cast<typename Here::Type*>(this);
    if constexpr (sizeof...(Rest) > 0) return find<Rest...>(iid);
    return nullptr;
  }

  std::atomic<ULONG> references_{0};
  ModuleUse use_;
};

template <class Class, class... Arguments>
Ptr<Class> make(Arguments&&... arguments) {
  return Ptr<Class>(new Class(std::forward<Arguments>(arguments)...));
}

// For the client: one reference, as the interface of the out-parameter.
template <class Interface, class Class>
void give(Interface** out, Ptr<Class> object) {
  *out = object.release();
}

}  // namespace fsimage::com
