#include "progress_line.hpp"

#include "text.hpp"

#include <ostream>

namespace fsimage::tools {

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

void ProgressLine::text(const std::string& line) {
  if (due()) draw(line);
}

void ProgressLine::draw(const std::string& line) {
  const std::string blank(width_ > line.size() ? width_ - line.size() : 0, ' ');
  out_ << '\r' << line << blank << std::flush;
  width_ = line.size();
}

void ProgressLine::clear() {
  if (width_ != 0) out_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
  width_ = 0;
}

ProgressFn burn_progress(ProgressLine& line) {
  return [&line](const BurnProgress& p) {
    if (p.phase == Phase::closing) line.text("waiting for stable storage");
    if (p.phase == Phase::writing) line.bytes("writing", p.done.bytes(), p.total.bytes());
  };
}

}  // namespace fsimage::tools
