// Files of equal content share one, so that an image holds it once. Their attributes stay their own: they are no hard
// links.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace fsimage {

struct ShareContents {
  // Without reading, one host file under several names and files that share every block on their device (FICLONE) are
  // known as equal. With it, files of the same size whose SHA-256 agrees, too: their beginnings are read, and all of those
  // whose beginnings agree.
  bool read = false;
  std::size_t workers = 0;  // threads that read; 0: readers(0)
  // On the calling thread: bytes read so far.
  std::function<void(std::uint64_t bytes)> progress{};
  std::stop_token stop{};
};

struct SharedContents {
  std::uint64_t files = 0, bytes = 0;  // that need no content of their own any more
};

// What an earlier session of a disc holds is preferred as the one that stays. Errors of reading come as they are; the tree
// is then unchanged. cancelled for a stop request.
SharedContents share_contents(Tree&, const ShareContents& how);

}  // namespace fsimage
