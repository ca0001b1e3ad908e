// One image onto one disc: every check that can refuse comes before anything that cannot be taken back, whatever was
// written is read back when that was asked for, and a receipt says what became of it. Alike for all recorders. One thread.
#pragma once

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/burn/media.hpp>
#include <fsimage/burn/progress.hpp>
#include <fsimage/burn/recorder.hpp>
#include <fsimage/burn/session_image.hpp>
#include <fsimage/core/error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// IMAPI_BURN_VERIFICATION_LEVEL. `quick`: the medium tells of the session, and a small set of its blocks is right. `full`:
// that, and every block of the session.
enum class VerifyLevel : std::uint8_t { none, quick, full };
std::string_view to_string(VerifyLevel) noexcept;
std::optional<VerifyLevel> parse_verify_level(std::string_view) noexcept;

struct BurnJobOptions {
  BurnOptions burn{};
  VerifyLevel verify = VerifyLevel::none;
  bool eject = false;  // once all else is done
  // The one override: the image goes onto a disc that it was not made for, or onto an overwritable one that is not blank.
  // Whatever was overridden is in the receipt. It does not override what cannot work, such as another writable address.
  bool any_disc = false;
  bool check_payload = true;  // a saved image that keeps a digest is read through before it is burnt
};

struct BurnReceipt {
  enum class Outcome : std::uint8_t {
    refused,    // a check said no; nothing was written
    cancelled,  // on request
    failed,     // while writing, or in verification
    simulated,  // all that was asked for, without writing
    done,       // all that was asked for
  };
  enum class Verification : std::uint8_t { not_asked, not_reached, failed, passed };

  Outcome outcome = Outcome::refused;
  std::string error{};  // why it is not done
  std::string image_id{};
  Lba first{};
  BlockCount blocks{}, replaced{};
  RecorderInfo recorder{};
  Media before{}, after{};
  std::optional<DiscIdentity> made_for{}, disc_before{}, disc_after{};
  std::vector<std::string> overridden{};  // differences() that any_disc passed over
  std::vector<std::string> findings{};    // what the caller should know and nothing failed for
  bool reversible = true;                 // the disc is as it was before
  bool close_disc = false, ejected = false;
  VerifyLevel verify = VerifyLevel::none;
  Verification verification = Verification::not_asked;
  std::chrono::milliseconds elapsed{};  // from the first word of writing to the last
  std::uint32_t kib_per_second = 0;     // meanwhile; 0 when it took no time
};
std::string_view to_string(BurnReceipt::Outcome) noexcept;
std::string_view to_string(BurnReceipt::Verification) noexcept;
std::string to_json(const BurnReceipt&);  // several lines

class BurnJob {
 public:
  explicit BurnJob(SessionImage session, BurnJobOptions options = {});

  // The checks alone, in the order of the codes that they throw: no_media, unsupported, medium_state (closed, interrupted),
  // write_protected; disc_mismatch for another disc or another state of it, saying every difference; not_blank; medium_state
  // for an address where the image does not belong; no_space; source_changed, verification_failed for a saved image that is
  // damaged. Only reads. run() makes them itself.
  void check(Recorder& recorder, std::stop_token stop = {});

  // Progress counts the blocks once, and again for a full verification; it is reversible until the recorder says otherwise.
  // Throws what check() throws, then what the recorder throws and verification_failed; each says which disc, where, what
  // state the disc is in now and what can be done. Nothing is tried twice. When this returns, all that was asked for is done.
  const BurnReceipt& run(Recorder& recorder, const ProgressFn& progress = {}, std::stop_token stop = {});

  // Of the last run, or check; also, and first of all, of one that failed.
  const BurnReceipt& receipt() const { return receipt_; }

 private:
  void begin(Recorder& recorder);
  void check_disc(Recorder& recorder, const std::stop_token& stop);
  void check_place() const;
  void check_room() const;
  void check_sources() const;
  void advise();
  void write(Recorder& recorder, const ProgressFn& progress, const std::stop_token& stop);
  void verify(Recorder& recorder, const ProgressFn& progress, const std::stop_token& stop);
  void look_again(Recorder& recorder);
  void end(Recorder& recorder, const ProgressFn& progress);
  [[noreturn]] void fail(Recorder& recorder, const Error& error);
  bool as_before() const;
  std::string aftermath() const;

  SessionImage session_;
  BurnJobOptions options_;
  BurnReceipt receipt_;
  BurnProgress last_;  // what was told last
};

}  // namespace fsimage
