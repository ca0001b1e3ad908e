// A backend is this interface and nothing more. It pulls from the image; nobody pushes into it.
// One thread at a time uses a recorder.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/burn/progress.hpp>
#include <fsimage/image/result_image.hpp>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

namespace fsimage {

struct RecorderInfo {
  std::string backend;                    // "iso", "mock", "imapi2", "burn"
  std::string name;                       // path or device
  std::string vendor, product, revision;  // as the drive says; empty for a file
};

struct BurnOptions {
  bool simulate = false;    // everything but the writing
  bool sync = true;         // the bytes are on stable storage before burn() returns
  bool close_disc = false;  // nothing can be added afterwards; media without such a state ignore it
  std::uint32_t speed = 0;  // KiB per second, of Media::write_speeds; 0: the fastest
};

enum class EraseKind { quick, full };
enum class Close { session, disc };
enum class Tray { open, close };

class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual RecorderInfo info() const = 0;
  virtual Media media() = 0;
  // Writes the whole image at its first_block(), which is the next writable address of a sequential medium, then what it
  // replaces. Whatever can refuse does so before anything is written. Throws cancelled when stopped; before the point of
  // no return (BurnProgress::reversible) the medium is then as before, later as media() says.
  virtual void burn(const ResultImage&, const BurnOptions&, const ProgressFn&, std::stop_token) = 0;
  // What is on the medium now; null when it cannot be read.
  virtual std::unique_ptr<ByteSource> read_back() = 0;
  virtual void erase(EraseKind, const ProgressFn&, std::stop_token) = 0;
  virtual void tray(Tray) = 0;
  // Ends a session that an interrupted burn left open; with Close::disc, nothing can be added afterwards.
  virtual void close(Close, const ProgressFn&, std::stop_token);  // throws unsupported unless a recorder has it
};

}  // namespace fsimage
