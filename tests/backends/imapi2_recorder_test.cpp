// The recorder that drives IMAPI2, driving our own COM server, so that both sides of each interface are exercised. What it
// writes is what the simulated drive writes when it is told directly.
#include "imapi2_server.hpp"
#include "mock_trees.hpp"
#include "support/recorder_contract.hpp"

#include <fsimage/burn/burn_job.hpp>

#include <imapi2.h>
#include <objbase.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace fsimage {
namespace {

using test::error_of;
using test::noise_image;
using test::put;
using test::ServerModule;

constexpr std::uint32_t kCapacity = 20'000, kWithGaps = 64'000;  // DVD-R loses much between sessions

class Imapi2 : public test::WithServer {
 protected:
  std::string new_disc(const std::string& media) {
    return disc_name(std::to_string(++discs_) + ".disc", media, kCapacity);
  }
  static std::unique_ptr<Imapi2Recorder> with(const std::string& disc) {
    insert(disc);
    return recorder();
  }
  test::MakeRecorder blank(const std::string& media) {
    return [this, media] { return with(new_disc(media)); };
  }

 private:
  int discs_ = 0;
};

// IMAPI2 counts speeds in sectors, and says nothing of identifiers of discs unless the drive does.
Media as_imapi_tells(Media media) {
  for (auto& speed : media.write_speeds) speed -= speed % 2;
  media.disc_id.clear();
  return media;
}

void expect_same_files(const std::string& a, const std::string& b) {
  std::ifstream left(a, std::ios::binary), right(b, std::ios::binary);
  ASSERT_EQ(std::filesystem::file_size(a), std::filesystem::file_size(b));
  std::string x(1 << 20, '\0'), y(1 << 20, '\0');
  for (std::uint64_t at = 0; left && right; at += x.size()) {
    left.read(x.data(), static_cast<std::streamsize>(x.size()));
    right.read(y.data(), static_cast<std::streamsize>(y.size()));
    ASSERT_TRUE(x == y) << "MiB " << (at >> 20);
  }
}

class Imapi2Media : public Imapi2, public ::testing::WithParamInterface<std::string> {
 protected:
  static bool overwritable() { return test::is_overwritable(GetParam()); }
  // The same with both, each as it finds its disc; as IMAPI2 sees it and as it is.
  template <class Work>
  void with_both(const Work& work) {
    const auto capacity = GetParam() == "dvd-r" ? kWithGaps : kCapacity;
    const auto here = disc_name("imapi2", GetParam(), capacity), there = disc_name("native", GetParam(), capacity);
    {
      const auto imapi = with(here);
      MockRecorder native(there);
      work(*imapi, native);
      EXPECT_EQ(to_json(imapi->media()), to_json(as_imapi_tells(native.media())));
    }
    expect_same_files(folder_ / "imapi2", folder_ / "native");
  }
};
INSTANTIATE_TEST_SUITE_P(Some, Imapi2Media,
                         ::testing::Values("cd-r", "cd-rw", "dvd-r", "dvd+r", "bd-r", "dvd+rw", "dvd-ram", "bd-re",
                                           "dvd-rw-overwrite"),
                         test::name_of_medium);

TEST_P(Imapi2Media, SessionsAreThoseOfTheDriveItself) {
  std::uint32_t first = 0;
  for (std::uint32_t n = 1; n <= 2; ++n) {
    SCOPED_TRACE(n);
    with_both([&](Imapi2Recorder& imapi, MockRecorder& native) {
      EXPECT_EQ(to_json(imapi.media()), to_json(as_imapi_tells(native.media())));
      if (n > 1) first = overwritable() ? 5008 : native.media().next_writable.value().value;
      const bool replaces = n > 1 && overwritable();
      const auto image =
          noise_image(first, 352, n, replaces ? std::vector<std::uint32_t>{256, 16} : std::vector<std::uint32_t>{});
      const BurnOptions options{.close_disc = n == 2};
      imapi.burn(image, options, {}, {});
      native.burn(image, options, {}, {});
      verify_image(image, *imapi.read_back(), {}, {}, {.at = image.first_block()});
    });
  }
}

TEST_P(Imapi2Media, JobsAppendAndVerify) {
  for (int n = 1; n <= 2; ++n) {
    SCOPED_TRACE(n);
    with_both([&](Imapi2Recorder& imapi, MockRecorder& native) {
      for (Recorder* const each : {static_cast<Recorder*>(&imapi), static_cast<Recorder*>(&native)}) {
        FileSystemImage image;
        const auto media = each->media();
        if (n > 1) image.continue_disc(each->read_back(), media);
        put(image.tree(), "same.txt", std::string(3000, static_cast<char>('a' + n)));
        put(image.tree(), std::to_string(n), "own");
        SessionImage session{.image = image.create_result_image()};
        if (n > 1) session.made_for = identify_disc(media, each->read_back());
        BurnJobOptions options;
        options.verify = VerifyLevel::full;
        const auto receipt = BurnJob(session, options).run(*each);
        EXPECT_EQ(receipt.verification, BurnReceipt::Verification::passed);
      }
    });
  }
}

TEST_P(Imapi2Media, DiscsAreErasedOrNot) {
  const auto drive = with(new_disc(GetParam()));
  drive->burn(noise_image(0, 352, 1), {}, {}, {});
  std::set<Phase> phases;
  const auto erase = [&] {
    drive->erase(EraseKind::quick, [&](const BurnProgress& p) { phases.insert(p.phase); }, {});
  };
  if (test::is_erasable(GetParam())) {
    erase();
    EXPECT_EQ(phases, (std::set{Phase::preparing, Phase::formatting, Phase::done}));
    EXPECT_EQ(drive->media().state, MediaState::blank);
  } else {
    EXPECT_EQ(error_of(erase).code(), Errc::unsupported);
    EXPECT_EQ(phases, std::set{Phase::preparing});
    EXPECT_NE(drive->media().state, MediaState::blank);
  }
}

TEST_F(Imapi2, KeepsWhatRecordersPromise) {
  for (const char* media : {"dvd+rw", "bd-r"}) {
    SCOPED_TRACE(media);
    test::contract::expect_burns_and_reads_back(blank(media));
    test::contract::expect_true_progress(blank(media));
    test::contract::expect_failures_come_through(blank(media));
  }
  test::contract::expect_stops_leave_no_trace(blank("bd-r"));
}

TEST_F(Imapi2, ErasesQuicklyAndWholly) {
  for (const char* media : {"cd-rw", "bd-re"}) test::expect_erases(blank(media));
}

TEST_F(Imapi2, DrivesAreListedAndNamed) {
  insert(new_disc("cd-r") + ";" + new_disc("bd-re"));
  const auto found = imapi2_recorders();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].name, "imapi2:1");
  EXPECT_EQ(found[1].backend, "imapi2");
  EXPECT_EQ(found[1].vendor, MockRecorder(new_disc("cd-r")).info().vendor);
  EXPECT_EQ(Imapi2Recorder("1").info().product, found[1].product);
  EXPECT_EQ(Imapi2Recorder("imapi2:1").media().type, MediaType::bd_re);
  EXPECT_EQ(error_of([] { Imapi2Recorder("imapi2:2"); }).code(), Errc::not_found);
  for (const char* name : {"imapi2:", "imapi2:-1", "imapi2:1x", "imapi2:99999999999", "E:"})
    EXPECT_EQ(error_of([&] { Imapi2Recorder{name}; }).code(), Errc::invalid_argument) << name;
}

TEST_F(Imapi2, IsNotOnEveryMachine) {
  ASSERT_EQ(ServerModule::get().take_names(false), S_OK);
  const auto e = error_of([] { imapi2_recorders(); });
  ASSERT_EQ(ServerModule::get().take_names(true), S_OK);
  EXPECT_EQ(e.code(), Errc::unsupported);
}

TEST_F(Imapi2, StopsInTheMidst) {
  for (const char* media : {"cd-r", "dvd+rw"}) {
    const auto drive = with(new_disc(media));
    std::stop_source stop;
    bool began = false;
    const auto e = error_of([&] {
      drive->burn(
          noise_image(0, 15'000, 1), {},
          [&](const BurnProgress& p) {
            began = began || p.done.value > 0;
            if (began) stop.request_stop();
          },
          stop.get_token());
    });
    EXPECT_EQ(e.code(), Errc::cancelled);
    EXPECT_TRUE(began);
    EXPECT_EQ(drive->media().state, std::string(media) == "cd-r" ? MediaState::damaged : MediaState::blank);
  }
}

TEST_F(Imapi2, RefusesWhatCannotBe) {
  const auto small = noise_image(0, 352, 1);
  const auto code = [](Recorder& drive, const ResultImage& image, const BurnOptions& options = {}) {
    const auto before = drive.media();
    const auto e =
        error_of([&] { drive.burn(image, options, [](const BurnProgress& p) { EXPECT_TRUE(p.reversible); }, {}); });
    EXPECT_EQ(e.where().path, "imapi2:0") << e.what();
    EXPECT_EQ(drive.media(), before);
    return e.code();
  };
  const auto disc = new_disc("dvd+r");
  {
    const auto drive = with(disc);
    EXPECT_EQ(code(*drive, noise_image(0, kCapacity + 16, 1)), Errc::no_space);
    EXPECT_EQ(code(*drive, noise_image(160, 352, 1)), Errc::medium_state);
    EXPECT_EQ(code(*drive, small, {.simulate = true}), Errc::unsupported);
    EXPECT_EQ(code(*drive, ResultImage({}, {}, "none")), Errc::invalid_argument);
    drive->tray(Tray::open);
    EXPECT_EQ(drive->media().state, MediaState::absent);
    EXPECT_EQ(drive->read_back(), nullptr);
    EXPECT_EQ(code(*drive, small), Errc::no_media);
    EXPECT_EQ(error_of([&] { drive->erase(EraseKind::quick, {}, {}); }).code(), Errc::no_media);
    drive->tray(Tray::close);
    drive->burn(small, {.close_disc = true}, {}, {});
    EXPECT_EQ(drive->media().state, MediaState::closed);
    EXPECT_EQ(code(*drive, small), Errc::medium_state);
  }
}

TEST_F(Imapi2, FailuresOfTheDriveComeThrough) {
  const auto image = noise_image(0, 352, 1);
  const auto drive = with(disc_name("faulty", "bd-r", kCapacity, "&fault=write@200"));
  const auto e = error_of([&] { drive->burn(image, {}, {}, {}); });
  EXPECT_EQ(e.code(), Errc::write_failed);
  EXPECT_EQ(e.where().path, "imapi2:0");
  EXPECT_NE(std::string(e.what()).find("200"), std::string::npos) << e.what();
  EXPECT_EQ(drive->media().state, MediaState::damaged);

  const auto guarded = with(disc_name("protected", "dvd-ram", kCapacity, "&fault=write:7/27/00"));
  EXPECT_EQ(error_of([&] { guarded->burn(image, {}, {}, {}); }).code(), Errc::write_protected);

  const auto other = with(disc_name("scratched", "bd-r", kCapacity, "&fault=read@300x*"));
  other->burn(image, {}, {}, {});
  const auto back = other->read_back();
  ASSERT_TRUE(back);
  std::byte one{};
  const auto unread = error_of([&] { back->read_at(Lba{300}.byte_offset() + 7, {&one, 1}); });
  EXPECT_EQ(unread.code(), Errc::read_failed);
  EXPECT_EQ(unread.where().lba, Lba{300});
  other->tray(Tray::open);
  EXPECT_EQ(error_of([&] { back->read_at(0, {&one, 1}); }).code(), Errc::no_media);
}

TEST_F(Imapi2, ClosesOnlyWithWhatItWrites) {
  const auto image = noise_image(0, 352, 1);
  const auto refused = [](Recorder& drive, Close what = Close::session) {
    const auto before = drive.media();
    const auto e = error_of([&] { drive.close(what, {}, {}); });
    EXPECT_EQ(e.where().path, "imapi2:0") << e.what();
    EXPECT_EQ(drive.media(), before);
    return e;
  };
  const auto drive = with(new_disc("bd-r"));
  EXPECT_EQ(refused(*drive).code(), Errc::medium_state) << "it is blank";
  drive->burn(image, {}, {}, {});
  drive->close(Close::session, {}, {});
  EXPECT_EQ(drive->media().state, MediaState::appendable) << "no session is open";
  const auto e = refused(*drive, Close::disc);
  EXPECT_EQ(e.code(), Errc::unsupported);
  EXPECT_NE(std::string(e.what()).find("burn a last one"), std::string::npos) << e.what();
  drive->burn(noise_image(drive->media().next_writable.value().value, 352, 2), {.close_disc = true}, {}, {});
  EXPECT_EQ(drive->media().state, MediaState::closed);
  std::set<Phase> phases;
  drive->close(Close::disc, [&](const BurnProgress& p) { phases.insert(p.phase); }, {});
  EXPECT_EQ(phases, (std::set{Phase::preparing, Phase::done}));
  drive->tray(Tray::open);
  EXPECT_EQ(refused(*drive).code(), Errc::no_media);

  EXPECT_EQ(refused(*with(new_disc("dvd+rw"))).code(), Errc::unsupported);
  const auto open = with(disc_name("left open", "cd-rw", kCapacity, "&fault=write@200"));
  EXPECT_EQ(error_of([&] { open->burn(image, {}, {}, {}); }).code(), Errc::write_failed);
  ASSERT_EQ(open->media().state, MediaState::damaged);
  for (const auto what : {Close::session, Close::disc}) {
    const auto left = refused(*open, what);
    EXPECT_EQ(left.code(), Errc::unsupported);
    EXPECT_NE(std::string(left.what()).find("left open"), std::string::npos) << left.what();
  }
  EXPECT_EQ(error_of([&] { open->burn(image, {}, {}, {}); }).code(), Errc::medium_state);
  open->erase(EraseKind::quick, {}, {});
  EXPECT_EQ(open->media().state, MediaState::blank);
}

TEST_F(Imapi2, OthersAreKeptAway) {
  const auto disc = new_disc("dvd+rw");
  const auto drive = with(disc);
  com::Bstr owner;
  com::Ptr<IDiscRecorder2> other;
  ASSERT_EQ(CoInitializeEx(nullptr, COINIT_MULTITHREADED), S_OK);
  constexpr CLSID kRecorder{0x2735412D, 0x7F64, 0x5B0F, {0x8F, 0x00, 0x5D, 0x77, 0xAF, 0xBE, 0x26, 0x1E}};
  ASSERT_EQ(CoCreateInstance(kRecorder, nullptr, CLSCTX_ALL, __uuidof(IDiscRecorder2), other.out_void()), S_OK);
  ASSERT_EQ(other->InitializeDiscRecorder(com::Bstr(std::string_view(disc)).get()), S_OK);
  std::set<std::string> owners;
  drive->burn(noise_image(0, 352, 1), {},
              [&](const BurnProgress&) {
                EXPECT_EQ(other->get_ExclusiveAccessOwner(owner.out()), S_OK);
                owners.insert(owner.utf8());
              },
              {});
  EXPECT_EQ(owners, (std::set<std::string>{"", "fsimage"}));
  ASSERT_EQ(other->get_ExclusiveAccessOwner(owner.out()), S_OK);
  EXPECT_EQ(owner.utf8(), "");
  ASSERT_EQ(other->AcquireExclusiveAccess(VARIANT_FALSE, com::Bstr(std::string_view("somebody")).get()), S_OK);
  for (const auto& work : {std::function<void()>([&] { drive->burn(noise_image(0, 352, 1), {}, {}, {}); }),
                           std::function<void()>([&] { drive->erase(EraseKind::quick, {}, {}); })}) {
    const auto e = error_of(work);
    EXPECT_EQ(e.code(), Errc::busy);
    EXPECT_NE(std::string(e.what()).find("somebody"), std::string::npos) << e.what();
  }
  other.reset();
  CoUninitialize();
}

TEST_F(Imapi2, VerifiesOnItsOwnWhenAsked) {
  insert(new_disc("bd-re"));
  const auto drive = recorder({.client_name = "test", .verification = VerifyLevel::full});
  std::set<Phase> phases;
  drive->burn(noise_image(0, 352, 1), {}, [&](const BurnProgress& p) { phases.insert(p.phase); }, {});
  EXPECT_TRUE(phases.contains(Phase::verifying));
}

TEST_F(Imapi2, AFailedVerificationOfItsOwnNamesTheBlock) {
  insert(disc_name("worn", "bd-re", kCapacity, "&fault=read@300x*:wrong"));
  const auto drive = recorder({.client_name = "test", .verification = VerifyLevel::full});
  const auto e = error_of([&] { drive->burn(noise_image(0, 352, 1), {}, {}, {}); });
  EXPECT_EQ(e.code(), Errc::verification_failed);
  EXPECT_EQ(e.where().path, "imapi2:0");
  EXPECT_NE(std::string(e.what()).find("LBA 300"), std::string::npos) << e.what();
}

// A thread that COM's single-threaded objects live on may use a recorder as any other, and reads of a disc come from all.
TEST_F(Imapi2, ServesEveryApartment) {
  const auto drive = with(new_disc("dvd+rw"));
  const auto image = noise_image(0, 352, 1);
  std::thread([&] {
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    const auto here = std::this_thread::get_id();
    int told = 0;
    drive->burn(image, {},
                [&](const BurnProgress& p) {
                  ++told;
                  if (p.phase != Phase::writing) return;
                  EXPECT_TRUE(std::this_thread::get_id() == here);
                  EXPECT_EQ(error_of([&] { drive->info(); }).code(), Errc::busy);
                },
                {});
    EXPECT_GT(told, 4);
    CoUninitialize();
  }).join();
  verify_image(image, *drive->read_back(), {}, {}, {.at = {}, .workers = 4});
}

TEST_F(Imapi2, WhatWasReadBackOutlivesTheRecorder) {
  auto drive = with(new_disc("dvd+rw"));
  const auto image = noise_image(0, 352, 1);
  drive->burn(image, {.speed = 1}, {}, {});
  const auto back = drive->read_back();
  drive.reset();
  verify_image(image, *back, {}, {}, {});
}

}  // namespace
}  // namespace fsimage
