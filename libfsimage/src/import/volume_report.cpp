#include "volume_report.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

namespace fsimage::volume {
namespace {

constexpr std::size_t kLongestTreeName = 255;
constexpr std::uint32_t kChargesPerLook = 64;  // looking at the clock costs more than an entry does

// How often one byte may be read in a walk: for the order of the names, for the entries, for their extended attributes,
// to see whether a folder holds nothing but relocated folders, and in search of what nothing leads to.
constexpr std::uint64_t kReadings = 5;

// A bad sector is damage like any other; a full budget, a stop request and a wrong call are not.
bool is_read_failure(std::error_code code) { return code == std::errc::io_error; }

}  // namespace

std::string Report::path() const {
  std::string path = top_;
  for (const auto& d : directories_) path += '/' + d;
  if (!entry_.empty()) path += '/' + entry_;
  return path.empty() ? "/" : path;
}

void Report::tell(Finding::Kind kind, std::string_view text, std::string_view to, std::optional<Lba> at,
                  std::string_view clause) const {
  if (!fn_ || muted_) return;
  fn_({.kind = kind,
       .view = view_,
       .path = path(),
       .text = std::string(text),
       .to = std::string(to),
       .lba = at,
       .clause = std::string(clause)});
}

void Report::deviation(Lba at, std::string_view clause, std::string_view text) const {
  if (is_strict() && !muted_) damaged(at, clause, text);
  tell(Finding::Kind::deviation, text, {}, at, clause);
}

void Report::collided(std::string_view name, std::string_view to) const {
  tell(Finding::Kind::collided, "another entry of the folder is called \"" + printable(name) + "\" too", to, {}, {});
}

void Report::renamed(std::string_view name, std::string_view to, std::optional<Lba> at, std::string_view clause) const {
  const auto text = "the name \"" + printable(name) + "\" cannot be a name in a tree";
  if (is_strict() && !muted_ && at) damaged(*at, clause, text);
  tell(Finding::Kind::renamed, text, to, at, clause);
}

void Report::dropped(std::string_view text) const { tell(Finding::Kind::dropped, text, {}, {}, {}); }

void Report::dropped(Lba at, std::string_view clause, std::string_view text) const {
  if (is_strict() && !muted_) damaged(at, clause, text);
  tell(Finding::Kind::dropped, text, {}, at, clause);
}

void Report::lost(const Error& e) const {
  if (fn_ && !muted_) fn_(lost_finding(view_, path(), e));
}

void Report::lost(const std::vector<LostRange>& ranges) const {
  for_each_told(ranges,
                [&](const LostRange& r, const std::string& text) { lost(Error(r.why.code(), r.why.where(), text)); });
}

bool Report::survives(const Error& e) const {
  return strictness_ == Strictness::salvage &&
         (e.code() == Errc::corrupt_structure || e.code() == Errc::unsupported || is_read_failure(e.code()));
}

void DroppedNames::add(std::string_view name) {
  if (++count_ > kMost) return;
  names_ += (count_ == 1 ? ": " : ", ") + printable(name);
}

void DroppedNames::tell(const Report& report) const {
  if (count_ == 0) return;
  report.dropped(std::to_string(count_) + " " + what_ + (count_ == 1 ? "" : "s") + names_ +
                 (count_ > kMost ? " and others" : ""));
}

void for_each_told(const std::vector<LostRange>& ranges, const LostRangeFn& fn) {
  constexpr std::size_t kMost = 8;
  const auto told = std::min(ranges.size(), kMost);
  for (std::size_t i = 0; i < told; ++i) {
    auto text = lost_text(ranges[i]);
    if (i + 1 == told && told < ranges.size())
      text += "; and " + std::to_string(ranges.size() - told) + " ranges behind them";
    fn(ranges[i], text);
  }
}

Finding lost_finding(View view, const std::string& path, const Error& e) {
  return {.kind = Finding::Kind::lost,
          .view = view,
          .path = e.where().path.empty() ? path : e.where().path,
          .text = e.message(),
          .to = {},
          .lba = e.where().lba,
          .clause = e.where().clause};
}

void damaged(Lba at, std::string_view clause, std::string_view text) {
  throw Error(Errc::corrupt_structure, {.path = {}, .lba = at, .clause = std::string(clause)}, text);
}

Budget::Budget(const ImportLimits& limits, std::uint64_t source_size)
    : limits_(limits), source_size_(source_size), start_(std::chrono::steady_clock::now()) {}

void Budget::check_time() {
  if (limits_.time.count() == 0 || ++charges_ % kChargesPerLook != 0) return;
  if (std::chrono::steady_clock::now() - start_ > limits_.time)
    throw Error(Errc::limit_exceeded, {}, "reading took longer than " + std::to_string(limits_.time.count()) + " ms");
}

void Budget::charge_entry() {
  check_time();
  if (++entries_ > limits_.entries)
    throw Error(Errc::limit_exceeded, {}, "more than " + std::to_string(limits_.entries) + " entries");
}

void Budget::charge_metadata(std::uint64_t bytes, Lba at) {
  check_time();
  metadata_ += std::min(bytes, UINT64_MAX - metadata_);
  if (metadata_ > limits_.metadata_bytes)
    throw Error(Errc::limit_exceeded, {.path = {}, .lba = at, .clause = {}},
                "folders hold more than " + std::to_string(limits_.metadata_bytes) + " bytes");
  if (metadata_ / kReadings > source_size_)
    throw Error(Errc::limit_exceeded, {.path = {}, .lba = at, .clause = {}},
                "folders hold more bytes than the whole image: they lie upon one another");
}

bool make_valid_name(std::string& name) {
  if (is_valid_name(name)) return false;
  if (name == "." || name == "..") {
    name.assign(name.size(), '_');
    return true;
  }
  for (char& c : name)
    if (c == '/' || c == '\0') c = '_';
  if (name.empty()) name = "_";
  if (name.size() > kLongestTreeName) {
    std::array<char, 6> mark{};
    std::snprintf(mark.data(), mark.size(), "#%04X", static_cast<unsigned>(crc16(std::as_bytes(std::span(name)))));
    std::size_t keep = kLongestTreeName - 5;
    // Not inside a UTF-8 character; bytes that are none are cut anywhere.
    for (std::size_t back = 0; back < 4 && keep > back; ++back)
      if ((static_cast<unsigned char>(name[keep - back]) & 0xC0) != 0x80) {
        keep -= back;
        break;
      }
    name.resize(keep);
    name += mark.data();
  }
  return true;
}

}  // namespace fsimage::volume
