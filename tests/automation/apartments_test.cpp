// Clients in every kind of apartment, and calls from one to another. The type libraries carry them, so that the server's own
// names are registered meanwhile.
#include "com/module.hpp"
#include "com/type_info.hpp"
#include "disc_client.hpp"

#include <objidl.h>

#include <functional>
#include <thread>

namespace fsimage::com::automation {
namespace {

using Data = IDiscFormat2Data;

class Apartments : public DiscClient {
 protected:
  static void inside(DWORD apartment, const std::function<void()>& work) {
    std::thread([&] {
      EXPECT_EQ(CoInitializeEx(nullptr, apartment), S_OK);
      work();
      CoUninitialize();
    }).join();
  }
  static Ptr<IStream> blocks(LONGLONG count) {
    const auto stream = create<IStream, ::StreamZero>();
    ULARGE_INTEGER size{};
    size.QuadPart = static_cast<ULONGLONG>(count) * 2048;
    EXPECT_EQ(stream->SetSize(size), S_OK);
    return stream;
  }
  // From this single-threaded apartment to a thread in the multithreaded one; this one answers calls until that has ended.
  template <class Interface>
  static void with_proxy(const Ptr<Interface>& object, const std::function<void(const Ptr<Interface>&)>& work) {
    Ptr<IStream> carried;
    ASSERT_EQ(CoMarshalInterThreadInterfaceInStream(__uuidof(Interface), object.get(), carried.out()), S_OK);
    const DWORD here = GetCurrentThreadId();
    std::jthread other([&, stream = carried.release()] {
      EXPECT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
      {
        Ptr<Interface> proxy;
        EXPECT_EQ(CoGetInterfaceAndReleaseStream(stream, __uuidof(Interface), proxy.out_void()), S_OK);
        EXPECT_NE(proxy.get(), object.get());
        if (proxy) work(proxy);
      }
      CoUninitialize();
      PostThreadMessageW(here, WM_QUIT, 0, 0);
    });
    for (MSG message; GetMessageW(&message, nullptr, 0, 0) > 0;) DispatchMessageW(&message);
  }
};

TEST_F(Apartments, EventsComeOnTheThreadThatWrites) {
  for (const DWORD apartment : {COINIT_APARTMENTTHREADED, COINIT_MULTITHREADED}) {
    SCOPED_TRACE(apartment);
    insert("dvd+rw");
    inside(apartment, [&] {
      const auto drive = recorder();
      const auto data = writer(drive);
      EXPECT_EQ(data->put_ForceOverwrite(VARIANT_TRUE), S_OK);
      const Listening listening(data, __uuidof(DDiscFormat2DataEvents));
      const auto here = std::this_thread::get_id();
      listening.sink->then = [&](DISPPARAMS&) {
        EXPECT_TRUE(std::this_thread::get_id() == here);
        // What may be asked meanwhile is answered at once.
        EXPECT_NE(text(drive, &IDiscRecorder2::get_ProductId), "");
        EXPECT_EQ(text(drive, &IDiscRecorder2::get_ExclusiveAccessOwner), "test");
        EXPECT_EQ(drive->EjectMedia(), hr(0xC0AA0210));
      };
      EXPECT_EQ(data->Write(blocks(64).get()), S_OK) << last_error_text();
      EXPECT_FALSE(listening.sink->events.empty());
    });
  }
}

TEST_F(Apartments, AWriterIsCalledFromAnother) {
  insert("cd-r");
  ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
  register_own_names(module_path());
  {
    const auto data = writer(recorder());
    const Listening listening(data, __uuidof(DDiscFormat2DataEvents));
    const auto here = std::this_thread::get_id();
    listening.sink->then = [&](DISPPARAMS&) { EXPECT_TRUE(std::this_thread::get_id() == here); };
    with_proxy<Data>(data, [&](const Ptr<Data>& proxy) {
      EXPECT_EQ(text(proxy, &Data::get_ClientName), "test");
      EXPECT_EQ(proxy->put_ClientName(bstr("").get()), hr(0xC0AA0408));  // E_IMAPI_DF2DATA_CLIENT_NAME_IS_NOT_VALID
      // Wine carries no texts of errors; Windows does.
      const auto said = last_error_text();
      EXPECT_TRUE(said.empty() || said.find("name") != std::string::npos) << said;
      // A stream of this apartment: the server reads it from its own, where it is a proxy.
      EXPECT_EQ(proxy->Write(blocks(400).get()), S_OK);
      constexpr LONG kPostgap = 150;  // on CDs, behind what is no image of ours
      EXPECT_EQ(get(proxy, &Data::get_LastWrittenAddressOfPreviousSession), 399 + kPostgap);
    });
    EXPECT_FALSE(listening.sink->events.empty());
  }
  unregister_own_names(module_path());
  CoUninitialize();
}

}  // namespace
}  // namespace fsimage::com::automation
