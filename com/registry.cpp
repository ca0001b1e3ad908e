#include "com/guard.hpp"
#include "com/module.hpp"
#include "com/text.hpp"
#include "com/type_info.hpp"

#include <windows.h>

#include <olectl.h>

#include <cwctype>
#include <optional>
#include <string_view>

namespace fsimage::com {
namespace {

const std::wstring kClasses = L"Software\\Classes\\";

std::optional<std::wstring> registered(const std::wstring& key) {
  DWORD bytes = 0;
  const auto path = kClasses + key;
  if (RegGetValueW(HKEY_LOCAL_MACHINE, path.c_str(), nullptr, RRF_RT_REG_SZ, nullptr, nullptr, &bytes) != ERROR_SUCCESS)
    return std::nullopt;
  std::wstring value(bytes / sizeof(wchar_t), L'\0');
  if (RegGetValueW(HKEY_LOCAL_MACHINE, path.c_str(), nullptr, RRF_RT_REG_SZ, nullptr, value.data(), &bytes) !=
      ERROR_SUCCESS)
    return std::nullopt;
  value.resize(value.find_last_not_of(L'\0') + 1);
  return value;
}

void set_value(const std::wstring& key, std::wstring_view value, const wchar_t* name = nullptr) {
  const std::wstring text(value);
  const auto error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, (kClasses + key).c_str(), name, REG_SZ, text.c_str(),
                                     static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t)));
  if (error != ERROR_SUCCESS)
    throw Failure(HRESULT_FROM_WIN32(static_cast<DWORD>(error)), "registry key cannot be written: " + utf8_of(key));
}

void remove_key(const std::wstring& key) { RegDeleteTreeW(HKEY_LOCAL_MACHINE, (kClasses + key).c_str()); }

bool same_path(std::wstring_view a, std::wstring_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::towlower(static_cast<wint_t>(a[i])) != std::towlower(static_cast<wint_t>(b[i]))) return false;
  return true;
}

std::wstring class_key(const CLSID& id) { return L"CLSID\\" + braced(id); }

std::wstring library_id(unsigned number) {
  TLIBATTR* attributes = nullptr;
  check(type_library(number).GetLibAttr(&attributes), "type library");
  const auto id = braced(attributes->guid);
  type_library(number).ReleaseTLibAttr(attributes);
  return id;
}

// A class under an identifier and a name: the name with its version, and the name that stands for whatever is newest.
struct Names {
  CLSID id;
  std::wstring name;
};

void register_class(const ClassEntry& entry, const Names& as, const std::wstring& server) {
  const auto key = class_key(as.id);
  const auto title = std::wstring(L"fsimage: ") + entry.name;
  set_value(key, title);
  set_value(key + L"\\InprocServer32", server);
  set_value(key + L"\\InprocServer32", L"Both", L"ThreadingModel");
  set_value(key + L"\\ProgID", as.name + L".1");
  set_value(key + L"\\VersionIndependentProgID", as.name);
  set_value(key + L"\\TypeLib", library_id(entry.library));
  set_value(key + L"\\Programmable", L"");
  for (const auto& name : {as.name, as.name + L".1"}) {
    set_value(name, title);
    set_value(name + L"\\CLSID", braced(as.id));
  }
  set_value(as.name + L"\\CurVer", as.name + L".1");
}

void unregister_class(const Names& as, const std::wstring& server) {
  const auto key = class_key(as.id);
  if (const auto at = registered(key + L"\\InprocServer32"); at && same_path(*at, server)) remove_key(key);
  for (const auto& name : {as.name, as.name + L".1"})
    if (const auto id = registered(name + L"\\CLSID"); id && *id == braced(as.id) && !registered(key)) remove_key(name);
}

Names own(const ClassEntry& entry) { return {entry.id, std::wstring(L"FsImage.") + entry.name}; }
Names imapis(const ClassEntry& entry) { return {entry.imapi, entry.imapi_name}; }

// The interface's arguments are carried between apartments by what the type library says. Where Windows knows the
// interface, it knows the same.
void register_interface(const IID& id, const std::wstring& name, const std::wstring& library) {
  const auto key = L"Interface\\" + braced(id);
  if (registered(key + L"\\ProxyStubClsid32")) return;
  set_value(key, name);
  set_value(key + L"\\ProxyStubClsid32", L"{00020424-0000-0000-C000-000000000046}");  // oleaut32's marshaller
  set_value(key + L"\\TypeLib", library);
  set_value(key + L"\\TypeLib", L"1.0", L"Version");
}

template <class Visit>
void for_each_automation_interface(unsigned number, const Visit& visit) {
  ITypeLib& library = type_library(number);
  for (UINT i = 0; i < library.GetTypeInfoCount(); ++i) {
    Ptr<ITypeInfo> type;
    TYPEATTR* attributes = nullptr;
    if (FAILED(library.GetTypeInfo(i, type.out())) || FAILED(type->GetTypeAttr(&attributes))) continue;
    const bool carried = (attributes->typekind == TKIND_DISPATCH && (attributes->wTypeFlags & TYPEFLAG_FDUAL) != 0) ||
                         (attributes->typekind == TKIND_INTERFACE &&
                          (attributes->wTypeFlags & (TYPEFLAG_FOLEAUTOMATION | TYPEFLAG_FDISPATCHABLE)) != 0);
    const IID id = attributes->guid;
    type->ReleaseTypeAttr(attributes);
    Bstr name;
    if (carried && SUCCEEDED(library.GetDocumentation(static_cast<INT>(i), name.out(), nullptr, nullptr, nullptr)))
      visit(id, std::wstring(name.wide()));
  }
}

void register_libraries(const std::wstring& server) {
  for (unsigned number = 1; number <= kTypeLibraries; ++number) {
    const auto id = library_id(number);
    const auto key = L"TypeLib\\" + id + L"\\1.0";
    Bstr title;
    check(type_library(number).GetDocumentation(-1, nullptr, title.out(), nullptr, nullptr), "type library");
    set_value(key, title.wide());
    set_value(key + L"\\0\\win64", server + L"\\" + std::to_wstring(number));
    set_value(key + L"\\FLAGS", L"0");
    for_each_automation_interface(
        number, [&](const IID& interface_id, const std::wstring& name) { register_interface(interface_id, name, id); });
  }
}

void unregister_libraries() {
  for (unsigned number = 1; number <= kTypeLibraries; ++number) {
    const auto id = library_id(number);
    for_each_automation_interface(number, [&](const IID& interface_id, const std::wstring&) {
      const auto key = L"Interface\\" + braced(interface_id);
      if (registered(key + L"\\TypeLib") == id) remove_key(key);
    });
    remove_key(L"TypeLib\\" + id);
  }
}

void refuse_others(const Names& as, const std::wstring& server) {
  const auto at = registered(class_key(as.id) + L"\\InprocServer32");
  if (at && !same_path(*at, server))
    throw Failure(SELFREG_E_CLASS, utf8_of(as.name) + " belongs to another server: " + utf8_of(*at));
  for (const auto& name : {as.name, as.name + L".1"})
    if (const auto id = registered(name + L"\\CLSID"); id && *id != braced(as.id))
      throw Failure(SELFREG_E_CLASS, utf8_of(name) + " stands for another class: " + utf8_of(*id));
}

}  // namespace

void register_own_names(const std::wstring& server) {
  register_libraries(server);
  for (const ClassEntry& entry : module_classes()) register_class(entry, own(entry), server);
}

void unregister_own_names(const std::wstring& server) {
  for (const ClassEntry& entry : module_classes()) unregister_class(own(entry), server);
  unregister_libraries();
}

void register_imapi_names(const std::wstring& server) {
  for (const ClassEntry& entry : module_classes()) refuse_others(imapis(entry), server);
  register_libraries(server);
  for (const ClassEntry& entry : module_classes()) register_class(entry, imapis(entry), server);
}

void unregister_imapi_names(const std::wstring& server) {
  for (const ClassEntry& entry : module_classes()) unregister_class(imapis(entry), server);
}

}  // namespace fsimage::com
