// What the objects that write to a medium have in common (IDiscFormat2): a recorder of ours, a client's name, and that
// only one thing is done at a time. For one thread at a time, but that anybody may cancel.
#pragma once

#include "com/events.hpp"
#include "com/variant.hpp"
#include "drives.hpp"
#include "numbers.hpp"
#include "values.hpp"

#include <imapi2.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace fsimage::com::automation {

// Numbers that each of IMAPI2's writers has of its own.
struct FormatNumbers {
  HRESULT in_progress, bad_client_name, recorder_not_supported;
};

class FormatState {
 public:
  explicit FormatState(const FormatNumbers& numbers) : numbers_(numbers) {}

  void set_recorder(IDiscRecorder2* recorder);
  const Ptr<IDiscRecorder2>& recorder() const { return recorder_; }
  // Throw E_IMAPI_RECORDER_REQUIRED without a recorder, and of a drive without a disc ..._MEDIA_NO_MEDIA.
  Drive& drive() const;
  Media media() const;
  const std::shared_ptr<Drive>& shared_drive() const { return drive_; }

  void set_client_name(BSTR name);
  const std::string& client_name() const { return client_name_; }

  void require_idle() const;
  bool busy() const { return busy_; }
  bool cancel() const;  // whether there was something to cancel

  // Does something with the drive, under the client's name and with a token that cancel() stops.
  template <class Body>
  void run(const Body& body) {
    require_idle();
    Drive& drive = this->drive();
    if (client_name_.empty()) throw Failure(numbers_.bad_client_name, "ClientName has to be set first");
    const Busy here(*this, drive);
    drive.write([&] { body(drive, stop_.get_token()); });
  }

 private:
  class Busy {
   public:
    Busy(FormatState& state, Drive& drive);
    ~Busy();
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    FormatState& state_;
    Drive& drive_;
  };

  const FormatNumbers numbers_;
  Ptr<IDiscRecorder2> recorder_;
  std::shared_ptr<Drive> drive_;
  std::string client_name_;
  std::atomic<bool> busy_{false};
  mutable std::mutex mutex_;  // stop_
  std::stop_source stop_;
};

// Nothing can be read from it: as IMAPI2 asks of overwritable media, whatever their state, the first and last 2 MB are
// zeros.
bool heuristically_blank(Drive& drive, const Media& media);

// --- format_queries.cpp
SAFEARRAY* writable_media_types();
bool is_writable(const Media& media);  // by some way of writing here, when it takes something
IMAPI_FORMAT2_DATA_MEDIA_STATE state_of(const Media& media);
SAFEARRAY* write_speeds(const Media& media);
SAFEARRAY* write_speed_descriptors(const Media& media);
constexpr LONG sectors_per_second(std::uint32_t kib_per_second) { return static_cast<LONG>(kib_per_second / 2); }

// The objects that MultisessionInterfaces gives for the disc in that recorder.
SAFEARRAY* multisession_objects(const Ptr<IDiscRecorder2>& recorder, const std::shared_ptr<Drive>& drive);

}  // namespace fsimage::com::automation
