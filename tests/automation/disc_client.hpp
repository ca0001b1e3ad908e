// A client with a simulated disc in the first recorder.
#pragma once

#include "client.hpp"

#include <string>

namespace fsimage::com::automation {

class DiscClient : public Client {
 protected:
  // A disc of its own for each test.
  void insert(const std::string& media) {
    const auto id = "mock:" + path("a.disc") + "?media=" + media + "&capacity=20000&polls=1";
    SetEnvironmentVariableA("FSIMAGE_DISCS", id.c_str());
  }
  void TearDown() override {
    SetEnvironmentVariableA("FSIMAGE_DISCS", nullptr);
    Client::TearDown();
  }

  static Ptr<IDiscRecorder2> recorder() {
    const auto master = create<IDiscMaster2, ::DiscMaster2>();
    Bstr id;
    EXPECT_EQ(master->get_Item(0, id.out()), S_OK);
    const auto recorder = create<IDiscRecorder2, ::DiscRecorder2>();
    EXPECT_EQ(recorder->InitializeDiscRecorder(id.get()), S_OK) << last_error_text();
    return recorder;
  }
  static Ptr<IDiscFormat2Data> writer(const Ptr<IDiscRecorder2>& recorder) {
    const auto data = create<IDiscFormat2Data, ::DiscFormat2Data>();
    EXPECT_EQ(data->put_Recorder(recorder.get()), S_OK);
    EXPECT_EQ(data->put_ClientName(bstr("test").get()), S_OK);
    return data;
  }
};

}  // namespace fsimage::com::automation
