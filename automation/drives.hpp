// The recorders that this server offers: those that FSIMAGE_DISCS names in the environment, as the command line names
// discs, with ';' between them: "mock:Z:\discs\a.disc?media=cd-r;iso:Z:\images\b.iso". A recorder is one for all who
// use it in this process, and is let go with the last of them.
#pragma once

#include "com/ptr.hpp"

#include <fsimage/burn/recorder.hpp>
#include <fsimage/io/byte_source.hpp>

#include <imapi2.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::com::automation {

class Drive {
 public:
  explicit Drive(std::string id);

  const std::string& id() const { return id_; }
  const RecorderInfo& info() const { return info_; }
  std::recursive_mutex& mutex() { return mutex_; }  // for whoever uses recorder(): one thread at a time
  Recorder& recorder() { return *recorder_; }
  // As it is now; while something is written, as it was before.
  Media media();
  // What can be read now, or while something is written what could be before; null for nothing.
  std::shared_ptr<const ByteSource> content();
  // The last block that burn() wrote to this disc, or has written so far, as its events have it. Drives do not tell of
  // overwritable discs: nullopt for what others wrote.
  std::optional<Lba> last_written();
  void forget_disc();  // it may be another, or empty

  // Runs what writes to the medium, with the drive for itself. Throws busy when something else does.
  template <class Body>
  void write(Body&& body) {
    const Writing here(*this);
    body();
  }
  void burn(const ResultImage&, const BurnOptions&, const ProgressFn&, const std::stop_token&);  // within write()

  // Exclusive access, by client objects; a client may have it several times.
  void lock(const void* client, const std::string& name);  // throws kRecorderLocked
  void unlock(const void* client, bool all = false);
  void require_access(const void* client);  // throws kRecorderLocked
  std::string owner();
  void require_idle();  // throws busy while something is written

 private:
  std::optional<Media> before_writing();
  void require_access_locked(const void* client) const;

  class Writing {
   public:
    explicit Writing(Drive& drive);
    ~Writing();
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    Drive& drive_;
    std::lock_guard<std::recursive_mutex> lock_;
  };

  std::string id_;
  std::recursive_mutex mutex_;
  std::unique_ptr<Recorder> recorder_;
  RecorderInfo info_;
  std::shared_ptr<const ByteSource> content_;
  std::mutex state_;             // what follows; never held for long
  std::optional<Media> before_;  // while writing
  std::optional<Lba> last_written_;
  const void* client_ = nullptr;
  std::string client_name_;
  unsigned locks_ = 0;
};

std::vector<std::string> drive_ids();
// Throws kInvalidParameter for an identifier that is none, and what opening the disc throws.
std::shared_ptr<Drive> drive_of(const std::string& id);

// How our recorder objects tell ours that use them which drive they are.
struct IHasDrive : public IUnknown {
  static constexpr IID kId{0x7352155F, 0xC675, 0x4F96, {0x84, 0xD2, 0x06, 0xCA, 0x6C, 0xAC, 0x9D, 0x51}};
  virtual const std::shared_ptr<Drive>& drive() = 0;  // throws Failure when the object was given none
  virtual const void* client() = 0;                   // that it has exclusive access as

 protected:
  ~IHasDrive() = default;
};
// Null for somebody else's recorder.
std::shared_ptr<Drive> drive_behind(IUnknown& recorder);
const void* client_behind(IUnknown& recorder);

}  // namespace fsimage::com::automation
