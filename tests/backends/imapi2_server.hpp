// Our own COM server in the place of IMAPI2's, with a simulated disc in its first recorder. Under Wine: a prefix of this
// program's own.
#pragma once

#include "com/ptr.hpp"
#include "com/text.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/backends/imapi2/imapi2_recorder.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace fsimage::test {

class ServerModule {
 public:
  ServerModule() : module_(LoadLibraryW(L"fsimage_com.dll")) {
    if (module_ == nullptr) throw std::runtime_error("there is no server beside this program");
  }
  // IMAPI2's names lead to it, or to nobody.
  HRESULT take_names(bool on) const {
    return function<HRESULT(STDMETHODCALLTYPE*)(BOOL, LPCWSTR)>("DllInstall")(on ? TRUE : FALSE, L"imapi-compat");
  }
  bool has_objects() const { return function<HRESULT(STDMETHODCALLTYPE*)()>("DllCanUnloadNow")() != S_OK; }

  static const ServerModule& get() {
    static const ServerModule module;
    return module;
  }

 private:
  template <class Function>
  Function function(const char* name) const {
    auto* const found = reinterpret_cast<void*>(GetProcAddress(module_, name));
    if (found == nullptr) throw std::runtime_error(name);
    return reinterpret_cast<Function>(found);
  }
  HMODULE module_;
};

// No object of the server is left after a test.
class WithServer : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_EQ(ServerModule::get().take_names(true), S_OK); }
  void TearDown() override {
    SetEnvironmentVariableW(L"FSIMAGE_DISCS", nullptr);
    EXPECT_FALSE(ServerModule::get().has_objects());
  }

  // A new disc, or the one that is in that file.
  std::string disc_name(const std::string& file, const std::string& media, std::uint32_t capacity,
                        const std::string& more = {}) const {
    return "mock:" + (folder_ / file) + "?media=" + media + "&capacity=" + std::to_string(capacity) +
           "&serial=7&polls=1" + more;
  }
  static void insert(const std::string& disc) { SetEnvironmentVariableW(L"FSIMAGE_DISCS", com::wide_of(disc).c_str()); }
  static std::unique_ptr<Imapi2Recorder> recorder(Imapi2Options options = {}) {
    options.progress_interval = {};
    return std::make_unique<Imapi2Recorder>("imapi2:0", std::move(options));
  }
  TempFolder folder_;
};

}  // namespace fsimage::test
