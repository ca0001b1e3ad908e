// A drive of a Windows machine, by way of IMAPI2. Only on Windows.
//
// COM is spoken by a thread of the recorder's own, so that callers may be in any apartment, or in none. One thread at a time
// uses a recorder, and it is busy for its own callbacks; what it reads back may be read from any.
#pragma once

#include <fsimage/burn/burn_job.hpp>
#include <fsimage/burn/recorder.hpp>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// In IMAPI2's order: the first is "imapi2:0". Empty without drives; throws unsupported where there is no IMAPI2.
std::vector<RecorderInfo> imapi2_recorders();

struct Imapi2Options {
  std::string client_name = "fsimage";  // that others are told while the drive is in use
  // What IMAPI2 itself looks at after writing (IBurnVerification), and answers verification_failed for. Reading back and
  // comparing is a burn job's affair.
  VerifyLevel verification = VerifyLevel::none;
  std::chrono::milliseconds progress_interval = kProgressInterval;
};

class Imapi2Recorder final : public Recorder {
 public:
  // "imapi2:N", with or without "imapi2:"; N counts from 0. Throws invalid_argument for what is no number, not_found when
  // there are fewer drives, unsupported where there is no IMAPI2.
  explicit Imapi2Recorder(std::string_view name, Imapi2Options options = {});
  ~Imapi2Recorder() override;

  RecorderInfo info() const override;
  Media media() override;
  // IMAPI2 cannot simulate: unsupported. Others cannot use the drive meanwhile. From the point of no return on, which comes
  // before IMAPI2 begins, a stop takes effect when IMAPI2 next tells of its progress, each half second or so. A source that
  // cannot be read is told by its own error. `sync` is not asked for: IMAPI2 always empties the drive's buffer.
  void burn(const ResultImage&, const BurnOptions&, const ProgressFn&, std::stop_token) override;
  // READ (10), 64 KiB at a time. Null without a disc, and for a blank one.
  std::unique_ptr<ByteSource> read_back() override;
  // Throws unsupported for media that are written once. Cannot be stopped.
  void erase(EraseKind, const ProgressFn&, std::stop_token) override;
  void tray(Tray) override;
  // Does nothing where nothing is open. IMAPI2 closes only together with what it writes (BurnOptions::close_disc): throws
  // unsupported for a session that was left open, and for a disc that still takes sessions.
  void close(Close, const ProgressFn&, std::stop_token) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace fsimage
