// What can go wrong with a disc: the message names it, the block and what lies there, says in what state the disc is now, and
// what it tells to do next works.
#include <support/command.hpp>
#include <support/error_of.hpp>
#include <support/system.hpp>
#include <support/temp_folder.hpp>
#include <support/trial_image.hpp>

#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/burn/burn_job.hpp>
#include <fsimage/file_system_image.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

// In words, {} is the folder of the test.
struct Case {
  const char* name;
  std::vector<const char*> before;  // commands that succeed
  const char* command;              // one that does not
  const char* disc;                 // as the message names it
  const char* block;
  const char* what;  // lies there, if anything does
  const char* state;
  const char* step;
  std::vector<const char*> next;  // commands that succeed then
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

class Discs : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/a.txt", "one");
    in_.write("src/big.bin", noise_text(1'000'000));
    in_.write("more/b.txt", "two");
    run("create {}/src -o {}/whole.iso -q", 0);
  }
  static std::string noise_text(std::size_t size) {
    const auto bytes = noise(size, 1);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string run(const std::string& line, int code) const {
    Words words;
    std::istringstream in(line);
    for (std::string word; in >> word;) {
      for (auto at = word.find("{}"); at != std::string::npos; at = word.find("{}"))
        word.replace(at, 2, in_.path().string());
      words.push_back(word);
    }
    const auto done = command(words);
    EXPECT_EQ(done.code, code) << line << ": " << done.err;
    return done.err;
  }
  TempFolder in_;
};

class BadDisc : public Discs, public ::testing::WithParamInterface<Case> {};

TEST_P(BadDisc, IsToldOfWithAWayOut) {
  const auto& c = GetParam();
  for (const auto* line : c.before) run(line, 0);
  EXPECT_THAT(run(c.command, 1),
              AllOf(HasSubstr(c.disc), HasSubstr(c.block), HasSubstr(c.what), HasSubstr(c.state), HasSubstr(c.step)));
  for (const auto* line : c.next) run(line, 0);
}

constexpr auto* kWhole = "burn {}/whole.iso -q --to mock:{}/d?media=cd-r";
constexpr auto* kSession = "create {}/more --onto mock:{}/d -o {}/s.fss -q";
constexpr auto* kBurnSession = "burn {}/s.fss -q --to mock:{}/d";
constexpr auto* kAppend = "append mock:{}/d {}/more -q --verify";

INSTANTIATE_TEST_SUITE_P(Refused, BadDisc,
                         ::testing::Values(Case{"another_disc",
                                                {kWhole, kSession, "burn {}/whole.iso -q --to mock:{}/e?media=cd-r"},
                                                "burn {}/s.fss --to mock:{}/e",
                                                "/e: ",
                                                "[LBA 12",
                                                "",
                                                "Nothing was written to the disc (cd-r, appendable",
                                                "Put in the right disc",
                                                {kBurnSession}},
                                           Case{"another_state",
                                                {kWhole, kSession, kAppend},
                                                kBurnSession,
                                                "/d: ",
                                                "[LBA 12",
                                                "sessions: 2 here, 1",
                                                "Nothing was written",
                                                "make the session again",
                                                {kSession, kBurnSession}},
                                           Case{"not_blank",
                                                {kWhole},
                                                kWhole,
                                                "/d: ",
                                                "[LBA 0]",
                                                "",
                                                "Nothing was written to the disc (cd-r, appendable",
                                                "take a blank one",
                                                {"burn {}/whole.iso -q --to mock:{}/e?media=cd-r"}},
                                           Case{"not_blank_rewritable",
                                                {"burn {}/whole.iso -q --to mock:{}/d?media=bd-re&capacity=9000"},
                                                "burn {}/whole.iso -q --to mock:{}/d",
                                                "/d: ",
                                                "[LBA 0]",
                                                "",
                                                "Nothing was written to the disc (bd-re, appendable",
                                                "erase this one",
                                                {"erase mock:{}/d", "burn {}/whole.iso -q --verify --to mock:{}/d"}},
                                           Case{"too_small",
                                                {},
                                                "burn {}/whole.iso --to mock:{}/d?media=cd-r&capacity=500",
                                                "/d: ",
                                                "[LBA 500]",
                                                "/big.bin: ",
                                                "Nothing was written to the disc (cd-r, blank",
                                                "room for 500: take a larger disc",
                                                {"burn {}/whole.iso -q --to mock:{}/e?media=cd-r"}},
                                           Case{"closed",
                                                {"burn {}/whole.iso -q --close --to mock:{}/d?media=dvd+r"},
                                                "burn {}/whole.iso --to mock:{}/d",
                                                "/d: ",
                                                "[LBA 0]",
                                                "",
                                                "Nothing was written to the disc (dvd+r, closed)",
                                                "take another one",
                                                {"burn {}/whole.iso -q --to mock:{}/e?media=dvd+r"}},
                                           Case{"closed_to_append",
                                                {"burn {}/whole.iso -q --close --to mock:{}/d?media=dvd+r"},
                                                kAppend,
                                                "/d: ",
                                                "",
                                                "",
                                                "the disc is closed",
                                                "take another one",
                                                {}},
                                           Case{"interrupted",
                                                {kWhole, "burn {}/whole.iso -q --to mock:{}/e?media=cd-r"},
                                                "append mock:{}/d?fault=write#1 {}/more",
                                                "/d: ",
                                                "[LBA ",
                                                "",
                                                "(cd-r, damaged) has an open session",
                                                "close it",
                                                {"close mock:{}/d", kAppend}},
                                           Case{"no_disc",
                                                {},
                                                "append mock:{}/d {}/more",
                                                "/d: ",
                                                "",
                                                "",
                                                "there is no such disc",
                                                "?media=TYPE makes one",
                                                {kWhole, kAppend}}),
                         [](const auto& i) { return i.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Failed, BadDisc,
    ::testing::Values(Case{"at_a_file",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=cd-r&fault=write@500",
                           "/d: ",
                           "[LBA 500]",
                           "/big.bin: ",
                           "(cd-r, damaged) has an open session",
                           "close it",
                           {"close mock:{}/d"}},
                      Case{"at_a_structure",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=dvd+r&fault=write@16",
                           "/d: ",
                           "[LBA 16]",
                           "(in iso9660/primary volume descriptor)",
                           "(dvd+r, damaged) has an open session",
                           "close it",
                           {"close mock:{}/d"}},
                      Case{"taken_out",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=dvd-r&fault=write@500:eject",
                           "/d: ",
                           "[LBA 500]",
                           "/big.bin: ",
                           "The disc is no longer there",
                           "put it back and close the session",
                           {"close mock:{}/d"}},
                      Case{"power_lost",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=bd-r&fault=write@500:power",
                           "/d: ",
                           "[LBA 480]",
                           "/big.bin: ",
                           "The disc is no longer there",
                           "put it back and close the session",
                           {"close mock:{}/d"}},
                      Case{"synchronize",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=cd-rw&fault=sync",
                           "/d: ",
                           "[LBA ",
                           "",
                           "(cd-rw, damaged) has an open session",
                           "close it",
                           {"close mock:{}/d"}},
                      Case{"close",
                           {kWhole},
                           "append mock:{}/d?fault=close {}/more",
                           "/d: ",
                           "[LBA ",
                           "",
                           "(cd-r, damaged) has an open session",
                           "close it",
                           {"close mock:{}/d", kAppend}},
                      Case{"rewritable",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=bd-re&capacity=9000&fault=write@500",
                           "/d: ",
                           "[LBA 500]",
                           "/big.bin: ",
                           "(bd-re, blank) shows nothing of the image",
                           "burn the image again",
                           {"burn {}/whole.iso -q --verify --to mock:{}/d"}},
                      Case{"rewritable_taken_out",
                           {},
                           "burn {}/whole.iso --to mock:{}/d?media=dvd-ram&capacity=9008&fault=write@500:eject",
                           "/d: ",
                           "[LBA 500]",
                           "/big.bin: ",
                           "The disc is no longer there",
                           "put it back and burn the image again",
                           {"burn {}/whole.iso -q --verify --to mock:{}/d"}},
                      Case{"rewritable_session",
                           {"burn {}/whole.iso -q --to mock:{}/d?media=dvd+rw&capacity=9008", kSession},
                           "burn {}/s.fss --to mock:{}/d?fault=write#2",
                           "/d: ",
                           "[LBA ",
                           "",
                           "(dvd+rw, appendable) shows what it showed before",
                           "make the session again",
                           {kSession, kBurnSession, "verify mock:{}/d"}},
                      Case{"verification",
                           {},
                           "burn {}/whole.iso --verify --to mock:{}/d?media=cd-r&fault=read@500x*",
                           "/d: ",
                           "[LBA 500]",
                           "/big.bin: ",
                           "does not hold the image as it is",
                           "burn the image to another one",
                           {"burn {}/whole.iso -q --verify --to mock:{}/e?media=cd-r"}}),
    [](const auto& i) { return i.param.name; });

TEST_F(Discs, AProtectedOneIsToldOf) {
  run(kWhole, 0);
  run(kSession, 0);
  fs::permissions(in_.path(), fs::perms{0755});
  fs::permissions(in_ / "d", fs::perms{0444});
  const WithoutPrivileges guard;
  EXPECT_THAT(run(kBurnSession, 1),
              AllOf(HasSubstr("/d: the disc is write-protected: take the protection off, or another disc"),
                    HasSubstr("Nothing was written to the disc (cd-r, appendable"), HasSubstr("[LBA 12")));
  EXPECT_THAT(run(kAppend, 1), HasSubstr("/d: the disc is write-protected: take the protection off, or another disc"));
}

// Between planning and burning, and while it is burnt.
TEST_F(Discs, AChangedSourceIsToldOf) {
  in_.write("src/aa.bin", std::string(3'000'000, 'a'));  // what is written before the change is noticed
  for (const bool late : {false, true}) {
    FileSystemImage image;
    image.add(in_ / "src");
    const auto planned = image.create_result_image();
    const auto at = planned->find_content("/big.bin")->start;
    MockRecorder recorder("mock:" + (in_ / (late ? "late" : "early")) + "?media=dvd+r");
    BurnJob job({planned});
    const auto change = [&] { in_.write("src/big.bin", noise_text(1'000'000 + (late ? 2U : 1U))); };
    if (!late) change();
    const auto e = error_of([&] {
      job.run(recorder, [&](const BurnProgress& p) { late&& p.phase == Phase::writing ? change() : (void)0; });
    });
    EXPECT_EQ(e.code(), Errc::source_changed);
    EXPECT_EQ(e.where().path, in_ / "src/big.bin");
    EXPECT_EQ(e.where().lba, at);
    EXPECT_THAT(e.message(), HasSubstr(late ? "/late: " : "/early: "));
    EXPECT_THAT(e.message(), HasSubstr(late ? "(dvd+r, damaged) has an open session: close it"
                                            : "make the image again, or put back what it was made of. Nothing was "
                                              "written to the disc (dvd+r, blank"));
  }
}

}  // namespace
}  // namespace fsimage::test
