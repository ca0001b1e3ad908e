// Drives that come and go, as our own COM server tells of them.
#include "imapi2_server.hpp"
#include "support/error_of.hpp"

#include <fsimage/backends/imapi2/imapi2_watch.hpp>
#include <fsimage/core/error.hpp>

#include <objbase.h>

#include <chrono>
#include <stop_token>
#include <thread>

namespace fsimage {
namespace {

using namespace std::chrono_literals;

class Imapi2Watched : public test::WithServer {
 protected:
  std::string disc(const std::string& file) const { return disc_name(file, "cd-r", 20'000); }
  // "+imapi2:1", "-imapi2:0"
  static std::string told(Imapi2Watch& watch) {
    const auto change = watch.next({});
    if (!change) return "stopped";
    EXPECT_EQ(change->recorder.backend, "imapi2");
    EXPECT_NE(change->recorder.product, "");
    return (change->added ? "+" : "-") + change->recorder.name;
  }
};

TEST_F(Imapi2Watched, DrivesComeAndGo) {
  Imapi2Watch watch(1ms);
  EXPECT_TRUE(watch.recorders().empty());
  insert(disc("a") + ";" + disc("b"));
  EXPECT_EQ(told(watch), "+imapi2:0");
  EXPECT_EQ(told(watch), "+imapi2:1");
  EXPECT_EQ(watch.recorders().size(), 2U);
  insert(disc("b"));
  EXPECT_EQ(told(watch), "-imapi2:0");
  ASSERT_EQ(watch.recorders().size(), 1U);
  EXPECT_EQ(watch.recorders()[0].name, "imapi2:0") << "b, which was imapi2:1";
  insert(disc("c"));
  EXPECT_EQ(told(watch), "-imapi2:0");
  EXPECT_EQ(told(watch), "+imapi2:0");
}

TEST_F(Imapi2Watched, ADriveThatCannotBeUsedIsLookedAtAgain) {
  Imapi2Watch watch(1ms);
  insert(disc("a") + ";mock:" + (folder_ / "none"));
  for (int i = 0; i < 2; ++i) EXPECT_NE(test::error_of([&] { watch.next({}); }).code(), std::error_code());
  insert(disc("a"));
  EXPECT_EQ(told(watch), "+imapi2:0");
}

TEST_F(Imapi2Watched, WaitingIsStopped) {
  insert(disc("a"));
  Imapi2Watch watch(1ms);
  ASSERT_EQ(watch.recorders().size(), 1U);
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  EXPECT_FALSE(watch.next(stop.get_token()));
  EXPECT_FALSE(watch.next(stop.get_token())) << "and at once";
}

TEST_F(Imapi2Watched, WaitsInEveryApartment) {
  std::thread([&] {
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    {
      Imapi2Watch watch(1ms);
      insert(disc("a"));
      EXPECT_EQ(told(watch), "+imapi2:0");
    }
    CoUninitialize();
  }).join();
}

TEST_F(Imapi2Watched, IsNotOnEveryMachine) {
  ASSERT_EQ(test::ServerModule::get().take_names(false), S_OK);
  const auto e = test::error_of([] { Imapi2Watch watch; });
  ASSERT_EQ(test::ServerModule::get().take_names(true), S_OK);
  EXPECT_EQ(e.code(), Errc::unsupported);
}

}  // namespace
}  // namespace fsimage
