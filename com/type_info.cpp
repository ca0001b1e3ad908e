#include "com/type_info.hpp"

#include "com/guard.hpp"
#include "com/text.hpp"

#include <oleauto.h>

#include <array>
#include <mutex>
#include <string>

namespace fsimage::com {
namespace {

HMODULE this_module() {
  HMODULE module = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                     reinterpret_cast<LPCWSTR>(&this_module), &module);
  return module;
}

}  // namespace

std::wstring module_path() {
  std::wstring path(MAX_PATH, L'\0');
  for (;;) {
    const DWORD length = GetModuleFileNameW(this_module(), path.data(), static_cast<DWORD>(path.size()));
    if (length < path.size()) {
      path.resize(length);
      return path;
    }
    path.resize(path.size() * 2);
  }
}

ITypeLib& type_library(unsigned number) {
  // They are never released: when the module goes, whoever made them may have gone already.
  static std::array<ITypeLib*, kTypeLibraries> libraries{};
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  ITypeLib*& library = libraries.at(number - 1);
  if (library == nullptr)
    check(LoadTypeLibEx((module_path() + L"\\" + std::to_wstring(number)).c_str(), REGKIND_NONE, &library),
          "type library cannot be loaded");
  return *library;
}

Ptr<ITypeInfo> type_info(const GUID& of) {
  Ptr<ITypeInfo> result;
  for (unsigned number = 1; number <= kTypeLibraries; ++number)
    if (SUCCEEDED(type_library(number).GetTypeInfoOfGuid(of, result.out()))) return result;
  throw Failure(TYPE_E_ELEMENTNOTFOUND, utf8_of(of) + " is in no type library");
}

}  // namespace fsimage::com
