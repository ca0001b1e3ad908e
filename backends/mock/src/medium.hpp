// A simulated medium in a file. One thread at a time.
//
// The file: two slots of 512 KiB, each with a header in lines of text (which sessions and tracks there are, see encode()),
// then block n of the medium at 1 MiB + n * 2048. What was never written is a hole. A change of state goes to the slot that is
// not in force, with the next sequence number and a checksum; the valid header with the higher number counts. Blocks are
// written before the header that tells of them, so that a process that is killed leaves the medium as its last completed
// command made it.
#pragma once

#include "medium_state.hpp"

#include <fsimage/io/update_file.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace fsimage::mock {

// What is made when there is no file.
struct NewMedium {
  const MediumKind* kind = nullptr;
  std::optional<std::uint32_t> capacity{};  // blocks; rounded down to whole units
  std::uint32_t serial = 0;
};

class Medium {
 public:
  static constexpr std::uint64_t kSlotSize = std::uint64_t{512} << 10;
  static constexpr std::uint64_t kBlocksAt = 2 * kSlotSize;

  // Throws the errors of UpdateFile, and corrupt_structure for a file that is no medium.
  Medium(const std::string& path, const std::optional<NewMedium>& when_missing);

  const std::string& path() const { return file_.path(); }
  bool writable() const { return file_.writable(); }
  const MediumState& state() const { return state_; }
  void set_state(MediumState state);  // and the file has it

  // Whole blocks; the caller has checked that they are on the medium.
  void read(std::uint32_t block, std::span<std::byte> out) const;
  void write(std::uint32_t block, std::span<const std::byte> bytes);
  void forget_blocks();  // all read as zeros

 private:
  void load();
  UpdateFile file_;
  MediumState state_;
  std::uint64_t sequence_ = 0;
};

}  // namespace fsimage::mock
