// Sessions of a disc or image: each is a whole file system of its own, which may refer to what earlier ones recorded.
#pragma once

#include <fsimage/import/recognition.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fsimage {

struct Session {
  std::uint32_t number = 0;     // from 1, the oldest first
  Lba start;                    // of its system area: what readers of volumes take
  Lba end;                      // first block that is not its own
  RecognizedFileSystems found;  // may be nothing, when a table of contents said where it starts
  // The first session of a grown overwritable disc: the descriptors of the newest have taken the place of its own.
  bool rebuilt = false;
  // An earlier state of a disc that is written once, with a virtual partition: the ICB of the virtual allocation table that
  // was its last block then, UDF 2.2.11. It starts where the state after it does.
  std::optional<Lba> table{};
  // What to read it from: addresses are those of the disc. It ends before the next session; of a rebuilt one the
  // descriptors are pieced together from what is left of it.
  std::shared_ptr<const ByteSource> source;
};

// What is known of a disc beside its bytes.
struct SessionHint {
  // The first blocks of the first tracks of its sessions, when a drive told them; in any order, and believed.
  std::vector<Lba> starts{};
  // Blocks behind the last recorded ones of such sessions, in any order: what follows up to the next session is a gap.
  std::vector<Lba> ends{};
  // An overwritable medium: the front leads to the newest session, and whatever lies behind that was never finished, or is
  // of a time before the disc was begun anew. Without it, sessions are searched for there, too.
  bool front_leads = false;
};

// All sessions and such states, the newest last; empty when nothing is recognised. Where no drive told, they are searched
// for: behind the end of each session within a gap that drives leave, and, when the descriptors at block 16 or the anchor
// at 256 are copies of a later session's, from the start of the disc on. What the bytes say throws only when they claim
// more than 10,000 sessions (limit_exceeded). Any thread.
std::vector<Session> find_sessions(std::shared_ptr<const ByteSource> source, const SessionHint& hint = {});

// The one with that number, or the newest for 0. Throws not_found, naming how many there are.
Session choose_session(std::shared_ptr<const ByteSource> source, std::uint32_t number = 0,
                       const SessionHint& hint = {});

}  // namespace fsimage
