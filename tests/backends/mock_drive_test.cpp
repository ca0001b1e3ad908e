// The drive alone: what it answers, byte for byte, and what it does not let an initiator do.
#include "mock_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

namespace fsimage {
namespace {

using test::Wire;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kDiscInformation = "51 00 00 00 00 00 00 00 22 00";

std::string track_information(std::uint32_t track) { return "52 01 " + Wire::hex(track, 4) + " 00 00 30 00"; }
std::string toc(std::uint32_t form, bool msf = false) {
  return "43 0" + std::string(msf ? "2" : "0") + " 0" + std::to_string(form) + " 00 00 00 00 04 00 00";
}

// Blocks in one track, and the session closed.
void record(Wire& drive, std::uint32_t at, std::uint32_t blocks) {
  const auto& kind = *drive.disc().kind;
  if (kind.is_cd() || kind.recording == mock::Recording::dvd_minus) {
    EXPECT_EQ(drive.parameters(kind.is_cd() ? 1 : 0), "");
  }
  EXPECT_EQ(drive.write(at, blocks), "");
  EXPECT_EQ(drive.close(1, static_cast<std::uint32_t>(drive.disc().tracks.size())), "");
  EXPECT_EQ(drive.close(2), "");
}

struct AnswerCase {
  const char* name;
  const char* media;
  std::function<void(Wire&)> before;
  std::string cdb;
  std::string answer;
  friend std::ostream& operator<<(std::ostream& out, const AnswerCase& c) { return out << c.name; }
};
class Answers : public ::testing::TestWithParam<AnswerCase> {};

TEST_P(Answers, AreTheseBytes) {
  Wire drive(GetParam().media);
  if (GetParam().before) GetParam().before(drive);
  EXPECT_EQ(drive.answer(GetParam().cdb), GetParam().answer);
  EXPECT_THAT(drive.violations(), IsEmpty());
}

const auto one_session = [](Wire& drive) { record(drive, 0, 320); };
const auto two_sessions = [](Wire& drive) {
  record(drive, 0, 320);
  record(drive, drive.disc().tracks.back().start, 640);
};

INSTANTIATE_TEST_SUITE_P(
    Mmc, Answers,
    ::testing::Values(
        AnswerCase{"inquiry",
                   "cd-r",
                   {},
                   "12 00 00 00 24 00",
                   "05 80 05 02 1f 00 00 00 46 53 49 4d 41 47 45 20 "
                   "53 49 4d 55 4c 41 54 45 44 20 44 52 49 56 45 20 30 30 30 31"},
        AnswerCase{"inquiry_cut_short", "cd-r", {}, "12 00 00 00 05 00", "05 80 05 02 1f"},
        AnswerCase{
            "no_sense", "cd-r", {}, "03 00 00 00 12 00", "70 00 00 00 00 00 00 0a 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "profile", "dvd+r", {}, "46 02 00 2b 00 00 00 00 20 00", "00 00 00 0c 00 00 00 1b 00 2b 01 04 01 00 00 00"},
        AnswerCase{"feature_of_other_media", "bd-re", {}, "46 01 00 2b 00 00 00 00 08 00", "00 00 00 28 00 00 00 43"},
        AnswerCase{"random_writable",
                   "bd-re",
                   {},
                   "46 02 00 20 00 00 00 00 20 00",
                   "00 00 00 14 00 00 00 43 00 20 05 0c 00 00 9c 3f 00 00 08 00 00 20 01 00"},
        AnswerCase{"no_event", "cd-r", [](Wire& d) { d.answer("4a 01 00 00 10 00 00 00 08 00"); },
                   "4a 01 00 00 10 00 00 00 08 00", "00 06 04 10 00 02 00 00"},
        AnswerCase{"write_speeds",
                   "cd-rw",
                   {},
                   "ac 00 00 00 00 00 00 00 00 08 03 00",
                   "00 00 00 24 00 00 00 00 00 00 00 00 00 00 9c 3f 00 00 06 e4 00 00 06 e4 "
                   "00 00 00 00 00 00 9c 3f 00 00 06 e4 00 00 02 c2"},
        // READ DISC INFORMATION, MMC-5 6.22.
        AnswerCase{
            "disc_blank_cd",
            "cd-r",
            {},
            kDiscInformation,
            "00 20 00 01 01 01 01 a0 ff 00 00 00 12 34 56 78 00 ff ff ff 00 08 37 19 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "disc_appendable", "dvd-rw", one_session, kDiscInformation,
            "00 20 11 01 02 02 02 a0 00 00 00 00 12 34 56 78 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "disc_open_session", "dvd+r", [](Wire& d) { d.write(0, 16); }, kDiscInformation,
            "00 20 05 01 01 01 01 a0 00 00 00 00 12 34 56 78 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "disc_finalised", "bd-r",
            [](Wire& d) {
              one_session(d);
              d.close(6);
            },
            kDiscInformation,
            "00 20 0e 01 01 01 01 a0 00 00 00 00 12 34 56 78 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "disc_random_access",
            "dvd-ram",
            {},
            kDiscInformation,
            "00 20 1f 01 01 01 01 a0 00 00 00 00 12 34 56 78 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "disc_unformatted",
            "dvd+rw",
            {},
            kDiscInformation,
            "00 20 10 01 01 01 01 a0 00 00 00 00 12 34 56 78 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        // READ TRACK INFORMATION, MMC-5 6.27.
        AnswerCase{"track_blank",
                   "cd-r",
                   {},
                   track_information(0xFF),
                   "00 2e 01 01 00 04 41 01 00 00 00 00 00 00 00 00 00 00 9c 40 00 00 00 00 00 00 9c 40 00 00 00 00 "
                   "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{"track_closed_with_run_out", "cd-r", one_session, track_information(1),
                   "00 2e 01 01 00 04 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 42 00 00 00 00 "
                   "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{"track_of_next_session", "cd-r", one_session, track_information(0xFF),
                   "00 2e 02 02 00 04 41 01 00 00 2d ca 00 00 2d ca 00 00 6e 76 00 00 00 00 00 00 6e 76 00 00 00 00 "
                   "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{"track_incremental", "dvd-r",
                   [](Wire& d) {
                     d.parameters(0);
                     d.write(0, 48);
                   },
                   track_information(1),
                   "00 2e 01 01 00 04 21 03 00 00 00 00 00 00 00 30 00 00 9c 10 00 00 00 10 00 00 9c 40 00 00 00 2f "
                   "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{"track_overwritable",
                   "bd-re",
                   {},
                   track_information(1),
                   "00 2e 01 01 00 04 41 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 20 00 00 9c 40 00 00 00 00 "
                   "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{"track_by_address", "dvd+r", one_session, "52 00 00 00 00 20 00 00 08 00",
                   "00 2e 01 01 00 04 01 02"},
        AnswerCase{"track_by_session", "dvd+r", two_sessions, "52 02 00 00 00 02 00 00 08 00",
                   "00 2e 02 02 00 04 01 02"},
        AnswerCase{"track_that_is_none", "dvd+r", {}, track_information(2), "5/24/00 invalid field in command"},
        // READ TOC/PMA/ATIP, MMC-5 6.26.
        AnswerCase{"toc_blank", "cd-r", {}, toc(0), "5/24/00 invalid field in command"},
        AnswerCase{"toc", "cd-r", two_sessions, toc(0),
                   "00 1a 01 02 00 14 01 00 00 00 00 00 00 14 02 00 00 00 2d ca 00 14 aa 00 00 00 30 4c"},
        AnswerCase{"toc_in_minutes", "cd-r", one_session, toc(0, true),
                   "00 12 01 01 00 14 01 00 00 00 02 00 00 14 aa 00 00 00 06 16"},
        AnswerCase{"last_session", "cd-r", two_sessions, toc(1), "00 0a 01 02 00 14 02 00 00 00 2d ca"},
        AnswerCase{"last_session_of_dvd", "dvd+r", two_sessions, toc(1), "00 0a 01 02 00 14 02 00 00 00 09 40"},
        AnswerCase{"full_toc", "cd-r", one_session, toc(2),
                   "00 44 01 01 01 14 00 a0 00 00 00 00 01 00 00 01 14 00 a1 00 00 00 00 01 00 00 "
                   "01 14 00 a2 00 00 00 00 00 06 16 01 14 00 01 00 00 00 00 00 02 00 "
                   "01 54 00 b0 02 24 16 00 08 37 19 01 54 00 c0 00 00 00 00 09 37 19"},
        AnswerCase{"atip",
                   "cd-rw",
                   {},
                   toc(4),
                   "00 1a 00 00 80 00 c0 00 61 1a 42 00 08 37 19 00 00 00 00 00 00 00 00 00 00 00 00 00"},
        AnswerCase{
            "toc_overwritable", "dvd-ram", {}, toc(0), "00 12 01 01 00 14 01 00 00 00 00 00 00 14 aa 00 00 00 9c 40"},
        // Sizes.
        AnswerCase{"capacity_blank", "cd-r", {}, "25 00 00 00 00 00 00 00 00 00", "00 00 00 00 00 00 08 00"},
        AnswerCase{"capacity_with_run_out", "cd-r", one_session, "25 00 00 00 00 00 00 00 00 00",
                   "00 00 01 41 00 00 08 00"},
        AnswerCase{"capacity_dvd", "dvd+r", one_session, "25 00 00 00 00 00 00 00 00 00", "00 00 01 3f 00 00 08 00"},
        AnswerCase{"capacity_overwritable", "dvd-ram", {}, "25 00 00 00 00 00 00 00 00 00", "00 00 9c 3f 00 00 08 00"},
        AnswerCase{"formats",
                   "dvd+rw",
                   {},
                   "23 00 00 00 00 00 00 00 fc 00",
                   "00 00 00 10 00 00 9c 40 01 00 08 00 00 00 9c 40 98 00 00 00"},
        AnswerCase{
            "formats_formatted", "dvd-ram", {}, "23 00 00 00 00 00 00 00 0c 00", "00 00 00 18 00 00 9c 40 02 00 08 00"},
        AnswerCase{"buffer", "cd-r", {}, "5c 00 00 00 00 00 00 00 0c 00", "00 0a 00 00 00 20 00 00 00 20 00 00"},
        // Disc structures, MMC-5 6.23.
        AnswerCase{"write_protection", "cd-r", {}, "ad 00 00 00 00 00 00 c0 00 08 00 00", "00 06 00 00 00 00 00 00"},
        AnswerCase{"book_type",
                   "dvd+r-dl",
                   {},
                   "ad 00 00 00 00 00 00 00 00 10 00 00",
                   "08 02 00 00 e1 0f 22 00 00 03 00 00 00 03 9c 3f"},
        AnswerCase{"disc_of_bd",
                   "bd-r",
                   {},
                   "ad 01 00 00 00 00 00 00 00 0f 00 00",
                   "00 72 00 00 44 49 01 20 00 01 70 00 42 44 52"},
        AnswerCase{"structure_of_others",
                   "cd-r",
                   {},
                   "ad 00 00 00 00 00 00 00 00 10 00 00",
                   "5/24/00 invalid field in command"},
        AnswerCase{"not_a_command", "cd-r", {}, "be 00 00 00 00 00 00 00 00 00 00 00", "5/20/00 command not known"}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(MockDrive, WriteParametersAreKept) {
  Wire drive("cd-r");
  EXPECT_EQ(drive.answer("5a 00 05 00 00 00 00 00 10 00"), "00 3a 00 00 00 00 00 00 05 32 00 04 08 10 00 00");
  EXPECT_EQ(drive.parameters(1), "");
  EXPECT_EQ(drive.answer("5a 00 05 00 00 00 00 00 10 00"), "00 3a 00 00 00 00 00 00 05 32 41 c4 08 10 00 00");
  EXPECT_EQ(drive.answer("5a 00 2a 00 00 00 00 00 0e 00"), "00 32 00 00 00 00 00 00 2a 2a 3f 37 f0 00");
  EXPECT_EQ(drive.answer("5a 00 1b 00 00 00 00 00 0e 00"), "5/24/00 invalid field in command");
  EXPECT_THAT(drive.violations(), IsEmpty());
  EXPECT_THAT(drive.parameters(0), StartsWith("5/26/00"));
  EXPECT_THAT(drive.violations(), ElementsAre(HasSubstr("write type 0")));
}

TEST(MockDrive, SpeedsAreThoseOfTheMedium) {
  Wire drive("cd-r");
  const auto speed = [&] { return drive.answer("5a 00 2a 00 00 00 00 00 26 00").substr(36 * 3, 5); };
  EXPECT_EQ(speed(), "1b 90");
  EXPECT_EQ(drive.sense("bb 00 ff ff 0c 00 00 00 00 00 00 00"), "");  // 3072: the next lower is 2822
  EXPECT_EQ(speed(), "0b 06");
  EXPECT_EQ(drive.sense("bb 00 ff ff 00 01 00 00 00 00 00 00"), "");
  EXPECT_EQ(speed(), "02 c2");
  EXPECT_EQ(drive.sense("b6 00 00 00 00 00 00 00 00 00 1c 00",
                        "00 00 00 00 00 00 00 00 00 00 9c 3f 00 00 1b 90 00 00 03 e8 00 00 1b 90 00 00 03 e8"),
            "");
  EXPECT_EQ(speed(), "1b 90");
}

// READ BUFFER CAPACITY, MMC-5 6.18: bytes 8 to 11 are what is free of 2 MiB.
TEST(MockDrive, TheBufferFillsAndEmptiesByTheDrivesClock) {
  const std::string capacity = "5c 00 00 00 00 00 00 00 0c 00", empty = "00 0a 00 00 00 20 00 00 00 20 00 00";
  Wire drive("bd-r");  // at most 26,976,000 bytes a second
  EXPECT_EQ(drive.answer(capacity), empty);
  EXPECT_EQ(drive.sense("5c 01 00 00 00 00 00 00 0c 00"), "5/24/00 invalid field in command");
  EXPECT_EQ(drive.write(0, 512), "");
  // 1 MiB, of which 2,697 bytes went to the medium in the 100 microseconds of this command.
  EXPECT_EQ(drive.answer(capacity), "00 0a 00 00 00 20 00 00 00 10 0a 89");
  const auto before = drive.drive().time();
  for (std::uint32_t at = 512; at < 512 * 27; at += 512) EXPECT_EQ(drive.write(at, 512), "");
  const auto full = drive.answer(capacity);
  EXPECT_EQ(full.substr(0, 29), "00 0a 00 00 00 20 00 00 00 00") << "nearly full: " << full;
  EXPECT_THAT(drive.sense("35 00 00 00 00 00 00 00 00 00"), "");
  EXPECT_EQ(drive.answer(capacity), empty);
  const auto took = std::chrono::duration<double>(drive.drive().time() - before).count();
  EXPECT_NEAR(took, 27.0 * (1 << 20) / 26'976'000, 0.01);
  EXPECT_THAT(drive.violations(), IsEmpty());
}

TEST(MockDrive, TheSpeedThatIsSetIsTheDrives) {
  const auto time_for = [](std::uint32_t speed) {  // SET CD SPEED, MMC-5 6.37
    Wire drive("cd-r");
    EXPECT_EQ(drive.sense("bb 00 ff ff " + Wire::hex(speed, 2) + " 00 00 00 00 00 00"), "");
    EXPECT_EQ(drive.parameters(1), "");
    for (std::uint32_t at = 0; at < 5120; at += 32) EXPECT_EQ(drive.write(at, 32), "");
    EXPECT_EQ(drive.sense("35 00 00 00 00 00 00 00 00 00"), "");
    return std::chrono::duration<double>(drive.drive().time()).count();
  };
  EXPECT_NEAR(time_for(706), 5120.0 * 2048 / 706'000, 0.1);
  EXPECT_NEAR(time_for(7056), 5120.0 * 2048 / 7'056'000, 0.1);
}

TEST(MockDrive, AttentionComesFirst) {
  Wire drive("dvd+r");
  EXPECT_EQ(drive.sense("1b 00 00 00 02 00"), "");
  EXPECT_THAT(drive.sense("00 00 00 00 00 00"), StartsWith("2/3A/02"));
  EXPECT_EQ(drive.answer("4a 01 00 00 10 00 00 00 08 00"), "00 06 04 10 03 01 00 00");
  EXPECT_EQ(drive.answer("46 02 00 00 00 00 00 00 08 00").substr(18), "00 00") << "no profile is current";
  EXPECT_EQ(drive.sense("1b 00 00 00 03 00"), "");
  EXPECT_EQ(drive.answer("4a 01 00 00 10 00 00 00 08 00"), "00 06 04 10 02 02 00 00");
  EXPECT_THAT(drive.sense(kDiscInformation), StartsWith("6/28/00"));
  EXPECT_EQ(drive.sense(kDiscInformation), "");
  EXPECT_EQ(drive.sense("1e 00 00 00 01 00"), "");
  EXPECT_THAT(drive.sense("1b 00 00 00 02 00"), StartsWith("5/53/02"));
  EXPECT_EQ(drive.sense("1e 00 00 00 00 00"), "");
  EXPECT_EQ(drive.sense("1b 00 00 00 02 00"), "");
}

TEST(MockDrive, LongOperationsAreAskedFor) {
  Wire drive("cd-rw", 40'000, 4);
  record(drive, 0, 320);
  EXPECT_EQ(drive.sense("a1 11 00 00 00 00 00 00 00 00 00 00"), "");
  EXPECT_TRUE(drive.disc().broken);
  EXPECT_THAT(drive.sense("00 00 00 00 00 00"), StartsWith("2/04/07"));
  EXPECT_EQ(drive.answer("03 00 00 00 12 00"), "70 00 02 00 00 00 00 0a 00 00 00 00 04 07 00 80 3f ff");
  EXPECT_THAT(drive.write(0, 1), StartsWith("2/04/07"));
  EXPECT_EQ(drive.answer("12 00 00 00 01 00"), "05");
  EXPECT_EQ(drive.answer("03 00 00 00 12 00").substr(2 * 3, 2), "02");
  EXPECT_EQ(drive.answer("03 00 00 00 12 00").substr(2 * 3, 2), "00");
  EXPECT_EQ(drive.sense("00 00 00 00 00 00"), "");
  EXPECT_TRUE(drive.disc().is_blank() && !drive.disc().broken);
  EXPECT_THAT(drive.violations(), IsEmpty());
}

// Session-at-once: the sheet, the pre-gap from -150 on, and the session ends by itself.
TEST(MockDrive, SessionAtOnce) {
  const std::string sheet =
      "41 00 00 14 00 00 00 00  41 01 00 10 00 00 00 00  41 01 01 10 00 00 02 00  41 aa 01 14 00 00 06 14";  // 00:06:20: 320
  for (const bool multisession : {true, false}) {
    Wire drive("cd-r");
    EXPECT_EQ(drive.parameters(2, multisession), "");
    EXPECT_EQ(drive.sense("5d 00 00 00 00 00 00 00 20 00", sheet), "");
    EXPECT_EQ(drive.write(static_cast<std::uint32_t>(-150), 150), "");
    EXPECT_EQ(drive.write(0, 200), "");
    EXPECT_EQ(drive.answer(kDiscInformation).substr(6, 2), "05") << "incomplete";
    EXPECT_EQ(drive.write(200, 120), "");
    EXPECT_EQ(drive.answer(kDiscInformation).substr(6, 2), multisession ? "01" : "0e");
    EXPECT_EQ(drive.disc().tracks.front(), (mock::Track{0, 320, 320, 1, false, true})) << "without run-out";
    EXPECT_EQ(drive.read(0, 320), "");
    if (multisession) {
      EXPECT_EQ(drive.disc().tracks.back().start, 320U + 11'400U);
    }
    EXPECT_THAT(drive.violations(), IsEmpty());
  }
}

TEST(MockDrive, DiscAtOnceIsReserved) {
  Wire drive("dvd-r");
  EXPECT_EQ(drive.parameters(2, false), "");
  EXPECT_EQ(drive.sense("53 00 00 00 00 00 00 00 30 00"), "");
  EXPECT_EQ(drive.answer(track_information(1)).substr(6 * 3, 2), "e1");
  EXPECT_EQ(drive.write(0, 32), "");
  EXPECT_EQ(drive.write(32, 16), "");
  EXPECT_TRUE(drive.disc().finalised);
  EXPECT_THAT(drive.violations(), IsEmpty());
}

TEST(MockDrive, ATestWriteLeavesNoTrace) {
  Wire drive("cd-r");
  EXPECT_EQ(drive.parameters(1, true, true), "");
  EXPECT_EQ(drive.write(0, 32), "");
  EXPECT_EQ(drive.write(32, 32), "");
  EXPECT_THAT(drive.write(32, 32), StartsWith("5/21/02"));
  EXPECT_EQ(drive.close(1, 1), "");
  EXPECT_TRUE(drive.disc().is_blank());
  EXPECT_EQ(drive.violations().size(), 1U);
}

TEST(MockDrive, ReadingTellsTheBlock) {
  Wire drive("cd-r");
  record(drive, 0, 320);
  EXPECT_EQ(drive.read(0, 320), "");
  EXPECT_THAT(drive.read(318, 8), StartsWith("3/11/00")) << "run-out";
  EXPECT_THAT(drive.read(400, 1), StartsWith("5/64/00")) << "gap";
  EXPECT_THAT(drive.read(40'000, 1), StartsWith("5/21/00"));
  Wire dvd("dvd+r");
  EXPECT_THAT(dvd.read(0, 1), StartsWith("8/00/00"));
  Wire unformatted("bd-re");
  EXPECT_THAT(unformatted.read(0, 1), StartsWith("8/00/00"));
  std::vector<std::byte> in(64 * kBlockSize);
  const auto result = drive.drive().exec(test::bytes_of_hex("28 00 00 00 01 20 00 00 40 00"), {}, in);
  EXPECT_EQ(result.sense.block, 320U);
  EXPECT_EQ(result.received, 0U);
  EXPECT_EQ(mock::fixed_format(result.sense)[0], std::byte{0xF0});
  EXPECT_EQ(mock::fixed_format(result.sense)[5], std::byte{0x01});
  EXPECT_THAT(drive.violations(), IsEmpty()) << "a look is not a violation";
}

struct ViolationCase {
  const char* name;
  const char* media;
  std::function<void(Wire&)> before;
  std::function<std::string(Wire&)> wrong;
  const char* sense;
  friend std::ostream& operator<<(std::ostream& out, const ViolationCase& c) { return out << c.name; }
};
class Violations : public ::testing::TestWithParam<ViolationCase> {};

TEST_P(Violations, AreRefusedAndCounted) {
  Wire drive(GetParam().media);
  if (GetParam().before) GetParam().before(drive);
  EXPECT_THAT(drive.violations(), IsEmpty());
  const auto before = drive.disc();
  EXPECT_THAT(GetParam().wrong(drive), StartsWith(GetParam().sense));
  EXPECT_EQ(drive.violations().size(), 1U);
  EXPECT_EQ(drive.disc(), before);
}

std::function<std::string(Wire&)> writes(std::uint32_t at, std::uint32_t blocks) {
  return [=](Wire& d) { return d.write(at, blocks); };
}
std::function<std::string(Wire&)> closes(std::uint32_t function, std::uint32_t track = 0) {
  return [=](Wire& d) { return d.close(function, track); };
}
std::function<std::string(Wire&)> sends(const char* cdb, const char* out = "") {
  return [=](Wire& d) { return d.sense(cdb, std::string_view(out)); };
}
const auto track_at_once = [](Wire& d) { d.parameters(1); };
const auto at_once = [](Wire& d) { d.parameters(2); };
const auto incremental = [](Wire& d) { d.parameters(0); };

INSTANTIATE_TEST_SUITE_P(
    Mmc, Violations,
    ::testing::Values(
        ViolationCase{"off_the_next_address", "dvd+r", {}, writes(16, 16), "5/21/02"},
        ViolationCase{"twice_the_same", "bd-r", [](Wire& d) { d.write(0, 32); }, writes(0, 32), "5/21/02"},
        ViolationCase{"without_parameters", "cd-r", {}, writes(0, 16), "5/2C/00"},
        ViolationCase{"without_parameters_on_dvd", "dvd-r", {}, writes(0, 16), "5/2C/00"},
        ViolationCase{"into_the_gap", "cd-r", one_session, writes(322, 16), "5/21/02"},
        ViolationCase{"over_a_session", "dvd-rw", one_session, writes(0, 16), "5/21/02"},
        ViolationCase{"beyond_the_end", "bd-r", {}, writes(40'000, 32), "5/21/00"},
        ViolationCase{
            "over_the_end", "bd-re",
            [](Wire& d) { d.sense("04 11 00 00 00 00", std::string_view("00 00 00 08 ff ff ff ff c4 00 00 00")); },
            writes(39'990, 32), "5/21/00"},
        ViolationCase{"unformatted", "dvd+rw", {}, writes(0, 16), "5/30/10"},
        ViolationCase{"part_of_a_unit", "dvd-rw-overwrite", {}, writes(16, 8), "5/21/02"},
        ViolationCase{"off_a_unit", "dvd-rw-overwrite", {}, writes(8, 16), "5/21/02"},
        ViolationCase{"finalised", "dvd+r",
                      [](Wire& d) {
                        one_session(d);
                        d.close(6);
                      },
                      writes(320, 16), "7/27/00"},
        ViolationCase{"closed_twice", "dvd+r",
                      [](Wire& d) {
                        one_session(d);
                        d.close(6);
                      },
                      closes(6), "7/27/00"},
        ViolationCase{"no_cue_sheet", "cd-r", at_once, writes(0, 16), "5/2C/00"},
        ViolationCase{"no_reserved_track", "dvd-r", at_once, writes(0, 16), "5/2C/00"},
        ViolationCase{"pre_gap_of_a_track_at_once", "cd-r", track_at_once, writes(static_cast<std::uint32_t>(-150), 16),
                      "5/21/00"},
        ViolationCase{"session_with_an_open_track", "dvd+r", [](Wire& d) { d.write(0, 16); }, closes(2), "5/72/03"},
        ViolationCase{"empty_session", "dvd-r", incremental, closes(2), "5/2C/04"},
        ViolationCase{"empty_track", "bd-r", {}, closes(1, 1), "5/2C/04"},
        ViolationCase{"track_that_is_none", "bd-r", {}, closes(1, 2), "5/24/00"},
        ViolationCase{"blank_disc_finalised", "bd-r", {}, closes(6), "5/2C/04"},
        ViolationCase{"closing_what_never_closes", "bd-re", {}, closes(2), "5/24/00"},
        ViolationCase{"close_function", "cd-r", track_at_once, closes(6), "5/24/00"},
        ViolationCase{"reserve_with_an_open_track", "dvd+r", [](Wire& d) { d.write(0, 16); },
                      sends("53 00 00 00 00 00 00 00 20 00"), "5/2C/00"},
        ViolationCase{"reserve_nothing", "dvd+r", {}, sends("53 00 00 00 00 00 00 00 00 00"), "5/24/00"},
        ViolationCase{"reserve_on_cd", "cd-r", track_at_once, sends("53 00 00 00 00 00 00 00 20 00"), "5/30/00"},
        ViolationCase{"cue_sheet_unannounced", "cd-r", track_at_once, sends("5d 00 00 00 00 00 00 00 20 00"),
                      "5/2C/00"},
        ViolationCase{"cue_sheet_elsewhere", "cd-r", at_once,
                      sends("5d 00 00 00 00 00 00 00 18 00",
                            "41 00 00 14 00 00 00 00  41 01 01 10 00 00 03 00  41 aa 01 14 00 00 06 14"),
                      "5/26/00"},
        ViolationCase{"blanking_write_once", "cd-r", {}, sends("a1 11 00 00 00 00 00 00 00 00 00 00"), "5/30/00"},
        ViolationCase{"blanking_of_a_track", "cd-rw", {}, sends("a1 12 00 00 00 00 00 00 00 00 00 00"), "5/24/00"},
        ViolationCase{"formatting_write_once",
                      "bd-r",
                      {},
                      sends("04 11 00 00 00 00", "00 00 00 08 ff ff ff ff 00 00 00 00"),
                      "5/30/00"},
        ViolationCase{"format_of_others",
                      "dvd+rw",
                      {},
                      sends("04 11 00 00 00 00", "00 00 00 08 ff ff ff ff 00 00 00 00"),
                      "5/26/00"},
        ViolationCase{"format_without_descriptor", "dvd+rw", {}, sends("04 11 00 00 00 00", "00 00 00 00"), "5/24/00"},
        ViolationCase{
            "fewer_bytes_than_blocks", "bd-r", {}, sends("2a 00 00 00 00 00 00 00 01 00", "00 00"), "5/24/00"},
        ViolationCase{"short_parameter_list",
                      "cd-r",
                      {},
                      sends("55 10 00 00 00 00 00 00 08 00", "00 00 00 00 00 00 00 00"),
                      "5/1A/00"}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(MockDrive, HostileCommandsAreAnswered) {
  std::uint32_t x = 1;
  const auto next = [&] { return x = x * 1664525U + 1013904223U; };
  for (const auto& kind : mock::medium_kinds()) {
    Wire drive(std::string(kind.name), 2'048, 2);
    std::vector<std::byte> out(40 * kBlockSize), in(4096);
    for (int i = 0; i < 4000; ++i) {
      std::vector<std::uint8_t> cdb(next() % 4 == 0 ? next() >> 28U : 12U);
      for (auto& byte : cdb)
        byte = static_cast<std::uint8_t>(next() % 3 == 0 ? next() >> 24U : next() % 4 == 0 ? 1U : 0U);
      if (!cdb.empty() && next() % 8 != 0) {
        static constexpr std::uint8_t kKnown[] = {0x00, 0x03, 0x04, 0x12, 0x1B, 0x23, 0x28, 0x2A, 0x35, 0x43,
                                                  0x46, 0x4A, 0x51, 0x52, 0x53, 0x54, 0x55, 0x5A, 0x5B, 0x5C,
                                                  0x5D, 0xA1, 0xA8, 0xAA, 0xAC, 0xAD, 0xB6, 0xBB};
        cdb[0] = kKnown[(next() >> 16U) % std::size(kKnown)];
      }
      for (std::size_t k = 0; k < 64; ++k) out[k] = static_cast<std::byte>(next() >> 24U);
      const auto result = drive.drive().exec(cdb, std::span(out).first(next() % out.size()), in);
      EXPECT_LE(result.received, in.size());
    }
  }
}

}  // namespace
}  // namespace fsimage
