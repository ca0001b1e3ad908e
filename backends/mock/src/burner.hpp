// One burn, blanking or closing, command by command. Private to the backend.
#pragma once

#include "initiator.hpp"
#include "media_kinds.hpp"

#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/burn/recorder.hpp>

#include <span>
#include <string>
#include <vector>

namespace fsimage::mock {

class Burner {
 public:
  // `disc` names it in errors.
  Burner(Initiator& drive, std::string disc) : drive_(drive), disc_(std::move(disc)) {}

  void burn(const ResultImage&, const BurnOptions&, ProgressMeter&);
  void erase(EraseKind, const Media&, const ProgressFn&, std::stop_token, std::chrono::milliseconds interval,
             ProgressMeter::ClockFn clock);
  void close(Close, ProgressMeter&);

 private:
  struct Stretch {
    BlockCount from, blocks;  // of the image
  };
  [[noreturn]] void refuse(Errc code, const std::string& what, std::optional<Lba> at = {}) const;
  void look();  // what kind of medium there is, and its state
  void check(const ResultImage&) const;
  void check_session(const ResultImage&) const;
  void prepare(const BurnOptions&, ProgressMeter&);
  void write_image(const ResultImage&, bool simulate, ProgressMeter&);
  std::vector<Stretch> order_of(const ResultImage&) const;
  void clear_front();
  void write_replaced(const ResultImage&);
  void write_units(Lba at, std::span<const std::byte> bytes);
  void close_session(bool disc);
  void close_open_tracks();
  WriteParameters parameters(const BurnOptions&) const;
  bool takes_parameters() const;

  Initiator& drive_;
  std::string disc_;
  Media media_;
  const MediumKind* kind_ = nullptr;
  bool half_erased_ = false;
};

}  // namespace fsimage::mock
