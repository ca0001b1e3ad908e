// What tests do as a client of the server does: everything through COM interfaces. Linked in, so that no registry is
// asked.
#pragma once

#include "com/object.hpp"
#include "com/text.hpp"
#include "com/variant.hpp"

#include <imapi2fs.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

STDAPI DllGetClassObject(REFCLSID id, REFIID iid, LPVOID* out);
STDAPI DllCanUnloadNow();

namespace fsimage::com::automation {

template <class Interface, class Tag>
Ptr<Interface> create() {
  Ptr<IClassFactory> factory;
  EXPECT_EQ(DllGetClassObject(__uuidof(Tag), __uuidof(IClassFactory), factory.out_void()), S_OK);
  Ptr<Interface> object;
  EXPECT_EQ(factory->CreateInstance(nullptr, __uuidof(Interface), object.out_void()), S_OK);
  return object;
}

// The value of a property: get(image, &IFileSystemImage::get_FileCount). A failure is a failed test.
template <class Interface, class Of, class T>
T get(const Ptr<Interface>& object, HRESULT (STDMETHODCALLTYPE Of::*property)(T*)) {
  T value{};
  EXPECT_EQ((object.get()->*property)(&value), S_OK);
  return value;
}
template <class Interface, class Of>
std::string text(const Ptr<Interface>& object, HRESULT (STDMETHODCALLTYPE Of::*property)(BSTR*)) {
  Bstr value;
  EXPECT_EQ((object.get()->*property)(value.out()), S_OK);
  return value.utf8();
}
template <class T, class Interface, class Of>
Ptr<T> object_of(const Ptr<Interface>& object, HRESULT (STDMETHODCALLTYPE Of::*property)(T**)) {
  Ptr<T> value;
  EXPECT_EQ((object.get()->*property)(value.out()), S_OK);
  return value;
}
template <class Interface, class Of>
std::vector<Variant> array_in(const Ptr<Interface>& object, HRESULT (STDMETHODCALLTYPE Of::*property)(SAFEARRAY**)) {
  SAFEARRAY* array = nullptr;
  EXPECT_EQ((object.get()->*property)(&array), S_OK);
  auto elements = elements_of(array);
  SafeArrayDestroy(array);
  return elements;
}

inline HRESULT hr(unsigned bits) { return static_cast<HRESULT>(bits); }
// What IErrorInfo has, which is then gone.
inline std::string last_error_text() {
  Ptr<IErrorInfo> info;
  Bstr text;
  if (GetErrorInfo(0, info.out()) == S_OK) info->GetDescription(text.out());
  return text.utf8();
}

inline Bstr bstr(std::string_view utf8) { return Bstr(utf8); }

// A sink as scripts have them: it notes which event there was, and runs `then`.
class Sink final : public Object<Iface<IDispatch>> {
 public:
  HRESULT STDMETHODCALLTYPE Invoke(DISPID event, REFIID, LCID, WORD, DISPPARAMS* parameters, VARIANT*, EXCEPINFO*,
                                   UINT*) noexcept override {
    events.push_back(event);
    if (then) then(*parameters);
    return S_OK;
  }
  std::vector<DISPID> events;
  std::function<void(DISPPARAMS&)> then;
};

// A listener to one of an object's event interfaces, as long as it lives.
class Listening {
 public:
  template <class Interface>
  Listening(const Ptr<Interface>& source, const IID& events) : sink(make<Sink>()) {
    const auto container = source.template query<IConnectionPointContainer>();
    EXPECT_EQ(container->FindConnectionPoint(events, point_.out()), S_OK);
    EXPECT_EQ(point_->Advise(sink.template query<IUnknown>().get(), &cookie_), S_OK);
  }
  ~Listening() { EXPECT_EQ(point_->Unadvise(cookie_), S_OK); }
  Ptr<Sink> sink;

 private:
  Ptr<IConnectionPoint> point_;
  DWORD cookie_ = 0;
};

// Checks that no object is left, has a folder of its own, and no error of an earlier test.
class Client : public ::testing::Test {
 protected:
  void SetUp() override {
    SetErrorInfo(0, nullptr);
    folder_ = std::filesystem::temp_directory_path() / ("fsimage-" + std::to_string(GetCurrentProcessId()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    SetErrorInfo(0, nullptr);
    EXPECT_EQ(DllCanUnloadNow(), S_OK) << ModuleUse::count() << " objects are left";
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace fsimage::com::automation
