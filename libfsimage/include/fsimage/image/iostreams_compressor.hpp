// Compressed output for the tools, in the target fsimage::iostreams: bytes go in, compressed bytes come out of a
// callback. The same bytes in give the same bytes out: no time, no name and no machine in the header.
// One compressor, one thread, one stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace fsimage {

enum class Compression : std::uint8_t { gzip, zstd };

// By the end of a file name: ".gz" and ".zst", in any case of letters; nullopt for anything else.
std::optional<Compression> compression_of(std::string_view file_name);
std::string_view suffix_of(Compression) noexcept;  // ".gz"

class Compressor {
 public:
  using OutputFn = std::function<void(std::span<const std::byte>)>;

  // `level` as the command line tools count: gzip 1 to 9, zstd 1 to 19; their default when not given, and
  // Error(invalid_argument) for another. `output` is called from write() and finish() with pieces of some size, never
  // with nothing.
  Compressor(Compression, OutputFn output, std::optional<int> level = {});
  ~Compressor();  // without finish() the output stays cut short
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  // What `output` throws comes through as it is; a failure of the compressor is an Error. Either ends the stream: a
  // further write or finish is a logic_error.
  void write(std::span<const std::byte> bytes);
  // Writes the rest and the trailer; call it once, last.
  void finish();

  std::uint64_t bytes_in() const;
  std::uint64_t bytes_out() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fsimage
