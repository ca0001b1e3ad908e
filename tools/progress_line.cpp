#include "progress_line.hpp"

#include "text.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>

namespace fsimage::tools {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Columns that it takes on a terminal, about: one a character.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

}  // namespace

bool ProgressLine::due() {
  if (!shown_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return false;
  drawn_ = now;
  return true;
}

void ProgressLine::bytes(const std::string& what, std::uint64_t done, std::uint64_t total) {
  if (what != what_) {
    what_ = what;
    started_ = std::chrono::steady_clock::now();
  }
  if (!due()) return;
  std::string line = what + "  " + format_bytes(done) + " of " + format_bytes(total);
  if (total != 0) line += "  " + std::to_string(100 * (done / 1024) / (total / 1024 + 1)) + "%";
  const std::chrono::duration<double> spent = drawn_ - started_;
  if (done != 0 && spent.count() > 0.5) {
    const double rate = static_cast<double>(done) / spent.count();
    line += "  " + format_bytes(static_cast<std::uint64_t>(rate)) + "/s";
    if (done < total)
      line +=
          "  " + std::to_string(static_cast<std::uint64_t>(static_cast<double>(total - done) / rate + 1)) + " s left";
  }
  draw(line);
}

void ProgressLine::text(const std::string& line, bool at_once) {
  if (at_once) drawn_ = {};
  if (due()) draw(line);
}

void ProgressLine::draw(const std::string& line) {
  const auto width = columns_of(line);
  const std::string blank(width_ > width ? width_ - width : 0, ' ');
  out_ << '\r' << line << blank << std::flush;
  width_ = width;
}

void ProgressLine::clear() {
  if (width_ != 0) out_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
  width_ = 0;
}

namespace {

std::string clock_text(std::chrono::steady_clock::duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  const auto two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const auto hours = seconds / 3600, minutes = seconds / 60 % 60;
  return (hours != 0 ? std::to_string(hours) + ":" + two(minutes) : std::to_string(minutes)) + ":" + two(seconds % 60);
}

std::string fill_text(const std::string& what, const std::optional<BufferFill>& fill) {
  return fill ? "  " + what + " " + std::to_string(fill->percent()) + "%" : std::string();
}

// The end of a path says most.
std::string end_of(const std::string& path, std::size_t columns) {
  if (columns_of(path) <= columns) return path;
  auto at = path.size();
  for (std::size_t n = 0; n + 1 < columns; ++n)
    while (is_continuation(path[--at])) {}
  return "\u2026" + path.substr(at);
}

// In the order in which they are shown; those of a lower rank are chosen first.
struct Piece {
  unsigned rank;
  std::string text;
  bool chosen = false;
};

std::string amount_text(const BurnProgress& p) {
  const auto done = p.done.bytes(), total = p.total.bytes();
  return std::string(to_string(p.phase)) + "  " + format_bytes(done) + " of " + format_bytes(total) + "  " +
         std::to_string(total == 0 ? 0 : 100 * (done / kBlockSize) / (total / kBlockSize)) + "%";
}

}  // namespace

std::string burn_text(const BurnProgress& p, std::size_t columns) {
  constexpr std::size_t kShortPath = 24, kLeastPath = 8;
  const bool counts = p.phase == Phase::writing || p.phase == Phase::verifying ||
                      (p.phase == Phase::formatting && p.done != BlockCount{});
  if (!counts) return std::string(to_string(p.phase));
  const auto left = p.remaining();
  const bool knows = p.bytes_per_second != 0 && left;
  const auto path = printable(p.path);
  std::array<Piece, 6> pieces{{{1, knows ? "  " + format_bytes(p.bytes_per_second) + "/s" : ""},
                               {5, knows ? "  " + clock_text(p.elapsed) + " gone" : ""},
                               {2, knows ? "  " + clock_text(*left) + " left" : ""},
                               {3, fill_text("drive", p.drive_buffer)},
                               {6, fill_text("ahead", p.host_buffer)},
                               {4, {}}}};
  auto line = amount_text(p);
  auto room = columns - std::min(columns, line.size());
  for (unsigned rank = 1; rank <= pieces.size(); ++rank) {
    auto& piece = *std::ranges::find(pieces, rank, &Piece::rank);
    if (&piece == &pieces.back() && !path.empty() && room >= kLeastPath + 2)
      piece.text = "  " + end_of(path, std::min(room - 2, kShortPath));
    piece.chosen = columns_of(piece.text) <= room;
    if (piece.chosen) room -= columns_of(piece.text);
  }
  if (auto& last = pieces.back(); !last.text.empty())  // what nobody else wants
    last.text = "  " + end_of(path, columns_of(last.text) - 2 + room);
  for (const auto& piece : pieces)
    if (piece.chosen) line += piece.text;
  return line;
}

ProgressFn burn_progress(ProgressLine& line) {
  if (!line.shown()) return {};
  return [&line, last = Phase::done](const BurnProgress& p) mutable {
    line.text(burn_text(p, line.columns()), p.phase != last);
    last = p.phase;
  };
}

}  // namespace fsimage::tools
