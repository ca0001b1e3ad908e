#include <fsimage/core/error.hpp>
#include <fsimage/image/iostreams_compressor.hpp>

#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/operations.hpp>

#include <algorithm>
#include <ios>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace fsimage {
namespace io = boost::iostreams;

namespace {

constexpr std::size_t kPiece = 256 * 1024;  // what `output` is given at a time
constexpr std::streamsize kFilterBuffer = 64 * 1024;

struct Format {
  Compression compression;
  std::string_view suffix, name;
  int fastest, best;
};
constexpr Format kFormats[] = {
    {Compression::gzip, ".gz", "gzip", 1, 9},
    {Compression::zstd, ".zst", "zstd", 1, 19},
};

const Format& format_of(Compression c) noexcept {
  return *std::find_if(std::begin(kFormats), std::end(kFormats), [c](const Format& f) { return f.compression == c; });
}

bool ends_with_any_case(std::string_view name, std::string_view lower) {
  if (name.size() < lower.size()) return false;
  const auto end = name.substr(name.size() - lower.size());
  return std::equal(end.begin(), end.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

// The sink at the end of the filter: gathers what comes in bits (headers, trailers) into pieces.
class Gatherer {
 public:
  using char_type = char;
  using category = io::sink_tag;

  explicit Gatherer(Compressor::OutputFn output) : output_(std::move(output)) { piece_.reserve(kPiece); }

  std::streamsize write(const char* from, std::streamsize count) {
    auto rest = std::as_bytes(std::span(from, static_cast<std::size_t>(count)));
    while (!rest.empty()) {
      const auto part = rest.first(std::min(rest.size(), kPiece - piece_.size()));
      piece_.insert(piece_.end(), part.begin(), part.end());
      rest = rest.subspan(part.size());
      if (piece_.size() == kPiece) flush();
    }
    return count;
  }
  void flush() {
    if (piece_.empty()) return;
    output_(piece_);
    written_ += piece_.size();
    piece_.clear();
  }
  std::uint64_t written() const { return written_; }

 private:
  Compressor::OutputFn output_;
  std::vector<std::byte> piece_;
  std::uint64_t written_ = 0;
};

using Filter = std::variant<io::gzip_compressor, io::zstd_compressor>;

Filter make_filter(Compression compression, std::optional<int> level) {
  const Format& format = format_of(compression);
  if (level && (*level < format.fastest || *level > format.best))
    throw Error(Errc::invalid_argument, {},
                std::string(format.name) + " level " + std::to_string(*level) + " is not from " +
                    std::to_string(format.fastest) + " to " + std::to_string(format.best));
  if (compression == Compression::gzip) {
    // Boost leaves the name empty and the time 0, and calls the operating system unknown: RFC 1952 2.3.1.
    return io::gzip_compressor(io::gzip_params(level.value_or(io::gzip::default_compression)), kFilterBuffer);
  }
  const auto zstd_level = level ? static_cast<std::uint32_t>(*level) : io::zstd::default_compression;
  return io::zstd_compressor(io::zstd_params(zstd_level), kFilterBuffer);
}

[[noreturn]] void throw_failure(std::string_view what, long code) {
  throw Error(make_error_code(std::errc::io_error), {},
              std::string(what) + " cannot compress (its error " + std::to_string(code) + ")");
}

}  // namespace

struct Compressor::State {
  State(Compression compression, OutputFn output, std::optional<int> level)
      : filter(make_filter(compression, level)), out(std::move(output)) {}

  // Runs `step` on the filter. A step that throws leaves the stream ended.
  template <class Step>
  void run(Step&& step) {
    if (ended) throw std::logic_error("compressor: the stream has ended");
    ended = true;
    try {
      std::visit(step, filter);
    } catch (const io::gzip_error& e) {
      throw_failure("gzip", e.error());
    } catch (const io::zlib_error& e) {
      throw_failure("zlib", e.error());
    } catch (const io::zstd_error& e) {
      throw_failure("zstd", e.error());
    }
    ended = false;
  }

  Filter filter;
  Gatherer out;
  std::uint64_t bytes_in = 0;
  bool ended = false;
};

Compressor::Compressor(Compression compression, OutputFn output, std::optional<int> level)
    : state_(std::make_unique<State>(compression, std::move(output), level)) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

void Compressor::write(std::span<const std::byte> bytes) {
  State& s = *state_;
  s.run([&](auto& filter) {
    const auto count = static_cast<std::streamsize>(bytes.size());
    if (count != 0 && io::write(filter, s.out, reinterpret_cast<const char*>(bytes.data()), count) != count)
      throw_failure(format_of(static_cast<Compression>(s.filter.index())).name, 0);
  });
  s.bytes_in += bytes.size();
}

void Compressor::finish() {
  State& s = *state_;
  s.run([&](auto& filter) {
    io::close(filter, s.out, std::ios_base::out);
    s.out.flush();
  });
  s.ended = true;
}

std::uint64_t Compressor::bytes_in() const { return state_->bytes_in; }
std::uint64_t Compressor::bytes_out() const { return state_->out.written(); }

std::optional<Compression> compression_of(std::string_view file_name) {
  for (const Format& format : kFormats)
    if (ends_with_any_case(file_name, format.suffix)) return format.compression;
  return std::nullopt;
}

std::string_view suffix_of(Compression compression) noexcept { return format_of(compression).suffix; }

}  // namespace fsimage
