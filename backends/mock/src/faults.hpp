// Faults of a drive, by description. Private to the backend.
//
//   WHAT[@LBA|#SKIP][xCOUNT][:EFFECT]
//   WHAT    write read tur opc close sync format blank load any
//   @LBA    when that block is written or read; the blocks before it are
//   #SKIP   after so many such commands; neither: at once
//   COUNT   how many times, * for ever; else once
//   EFFECT  K/AA/QQ, the sense in hexadecimal; `eject`: the medium is taken out; `power`: the drive is gone from here on, and
//           the medium stays as it is; `wrong`, of read@LBA alone: the command succeeds, and that block has a wrong bit. Else what
//           such a command says when it fails.
// Several are separated by commas: "write@100x2,close:power".
#pragma once

#include "sense.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::mock {

struct Fault {
  enum class What : std::uint8_t { write, read, tur, opc, close, sync, format, blank, load, any };
  enum class Effect : std::uint8_t { sense, eject, power, wrong };
  What what = What::any;
  std::optional<std::uint32_t> block{};
  std::uint32_t skip = 0;
  std::optional<std::uint32_t> count = 1;  // nullopt: for ever
  Effect effect = Effect::sense;
  Sense sense{};
};

// Throws invalid_argument that quotes the part it does not understand.
std::vector<Fault> parse_faults(std::string_view text);

}  // namespace fsimage::mock
