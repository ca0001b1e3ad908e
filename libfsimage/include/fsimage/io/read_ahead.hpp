// Sequential reading with the next windows already on their way: for pipes, digests and drives, which want the bytes in
// order, from sources whose reads take time (a million small files).
#pragma once

#include <fsimage/io/byte_source.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>

namespace fsimage {

// How many bytes wait to be consumed, those that are about to be included, and how many could.
using FillFn = std::function<void(std::uint64_t used, std::uint64_t size)>;

struct ReadAheadOptions {
  std::size_t window = std::size_t{1} << 20;  // bytes that one read asks for; 0 is an invalid_argument
  std::size_t workers = 0;                    // threads that read; 0: default_readers()
  FillFn fill{};                              // told on the calling thread, before each consume
};

// Fills all of `out` or throws. Called from several threads at a time.
using ReadFn = std::function<void(std::uint64_t offset, std::span<std::byte> out)>;
// Gets every byte once, in order, on the calling thread.
using ConsumeFn = std::function<void(std::uint64_t offset, std::span<const std::byte> bytes)>;

// Reads `length` bytes from `offset` on. At most workers + 2 windows are in memory; threads live as long as the call.
// What `read` throws is rethrown when its place in the order has come, so that everything before it has been consumed;
// what `consume` throws is rethrown at once. A stop request ends it with Errc::cancelled before the next window.
void read_ahead(std::uint64_t offset, std::uint64_t length, const ReadFn& read, const ConsumeFn& consume,
                const ReadAheadOptions& options = {}, std::stop_token stop = {});

// The same over all of a source.
void read_ahead(const ByteSource& source, const ConsumeFn& consume, const ReadAheadOptions& options = {},
                std::stop_token stop = {});

}  // namespace fsimage
