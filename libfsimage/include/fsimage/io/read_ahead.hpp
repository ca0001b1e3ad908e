// Sequential reading with the next windows already on their way: for pipes, digests and drives, which want the bytes in
// order, from sources whose reads take time (a million small files).
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

namespace fsimage {

// How many bytes wait to be consumed, those that are about to be included, and how many could.
using FillFn = std::function<void(std::uint64_t used, std::uint64_t size)>;

struct ReadAheadOptions {
  std::size_t window = std::size_t{1} << 20;  // bytes that one read asks for; 0 is an invalid_argument
  std::size_t workers = 0;                    // threads that read; 0: readers(0)
  FillFn fill{};                              // told on the calling thread, before each consume
};

// Fills all of `out` or throws. Called from several threads at a time.
using ReadFn = std::function<void(std::uint64_t offset, std::span<std::byte> out)>;
// Gets every byte once, in order, on the calling thread.
using ConsumeFn = std::function<void(std::uint64_t offset, std::span<const std::byte> bytes)>;

// Reads `length` bytes from `offset` on, for who asks for them one after another. At most workers + 2 windows are in memory.
// Not thread-safe. Destroying it waits for the reads that are under way.
class ReadAhead {
 public:
  // Throws Error invalid_argument for options of no use. Where threads cannot be started, front() reads by itself.
  ReadAhead(std::uint64_t offset, std::uint64_t length, ReadFn read, const ReadAheadOptions& options = {},
            std::stop_token stop = {});
  ~ReadAhead();
  ReadAhead(ReadAhead&&) = delete;

  // What comes next of the window that is due, once it is there; empty at the end. Valid until the next pop(). Throws what
  // `read` threw for that window, everything before which has been given, and cancelled after a stop request.
  std::span<const std::byte> front();
  // Goes on by that many bytes of front().
  void pop(std::size_t bytes);

  // Bytes in windows that are there, and how many could be.
  std::uint64_t used() const;
  std::uint64_t size() const;

 private:
  class Ring;
  std::unique_ptr<Ring> ring_;
  std::span<const std::byte> front_;
};

// Gives `consume` so much, a window at a time; threads live as long as the call. What `consume` throws is rethrown at once.
void read_ahead(std::uint64_t offset, std::uint64_t length, const ReadFn& read, const ConsumeFn& consume,
                const ReadAheadOptions& options = {}, std::stop_token stop = {});

// The same over all of a source.
void read_ahead(const ByteSource& source, const ConsumeFn& consume, const ReadAheadOptions& options = {},
                std::stop_token stop = {});

}  // namespace fsimage
