#include "com/guard.hpp"

#include "com/ptr.hpp"
#include "com/text.hpp"

#include <fsimage/image/hresult.hpp>

#include <oleauto.h>

#include <cstdio>
#include <cstdlib>

namespace fsimage::com {
namespace {

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

HRESULT number_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Failure& e) {
    return FAILED(e.number()) ? e.number() : E_UNEXPECTED;
  } catch (...) {
    return to_hresult(error);
  }
}

void log(HRESULT number, const std::string& text) {
  const char* const path = std::getenv("FSIMAGE_COM_LOG");
  std::FILE* const file = path != nullptr ? std::fopen(path, "ab") : nullptr;
  if (file == nullptr) return;
  std::fprintf(file, "0x%08lX %s\n", static_cast<unsigned long>(number), text.c_str());
  std::fclose(file);
}

void tell(const IID& of, const std::string& text) {
  Ptr<ICreateErrorInfo> info;
  if (FAILED(CreateErrorInfo(info.out()))) return;
  std::wstring wide = wide_of(text);
  std::wstring source = L"fsimage";
  info->SetGUID(of);
  info->SetSource(source.data());
  info->SetDescription(wide.data());
  if (const auto error = info.query<IErrorInfo>()) SetErrorInfo(0, error.get());
}

}  // namespace

std::string failure_text(std::string_view what) {
  Ptr<IErrorInfo> info;
  Bstr text;
  if (GetErrorInfo(0, info.out()) == S_OK) info->GetDescription(text.out());
  return text.wide().empty() ? std::string(what) : std::string(what) + ": " + text.utf8();
}

void check(HRESULT answer, const char* what) {
  if (FAILED(answer)) throw Failure(answer, failure_text(what));
}

HRESULT report(const std::exception_ptr& error, const IID& of) noexcept {
  HRESULT number = E_FAIL;
  try {
    number = number_of(error);
    const std::string text = text_of(error);
    log(number, text);
    tell(of, text);
  } catch (...) {  // no memory, or a text that is no UTF-8: the number says enough
    SetErrorInfo(0, nullptr);
  }
  return number;
}

}  // namespace fsimage::com
