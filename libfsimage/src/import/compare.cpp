#include <fsimage/import/compare.hpp>

#include "entry_walk.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/time.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fsimage {
namespace {

constexpr std::size_t kComparedPiece = std::size_t{1} << 20;
constexpr std::uint64_t kSmall = 64 * 1024;    // read at once, whatever lies where
constexpr std::uint32_t kNobody = 0xFFFFFFFF;  // "not specified", ECMA-167 4/14.9.3

// What a side can say of its entries.
struct Holds {
  bool modes = true;
  std::int64_t time_unit = 1;  // nanoseconds
};

Holds holds(View view) {
  switch (view) {
    case View::none: return {};
    case View::udf: return {.modes = true, .time_unit = 1'000};                // ECMA-167 1/7.3
    case View::rockridge: return {.modes = true, .time_unit = 1'000'000'000};  // ECMA-119 9.1.5
    default: return {.modes = false, .time_unit = 1'000'000'000};
  }
}

Holds common(Holds a, Holds b) {
  return {.modes = a.modes && b.modes, .time_unit = std::max(a.time_unit, b.time_unit)};
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

std::string time_text(Timestamp t) {
  const auto c = to_civil(t);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02u:%02u:%02u", c.year, c.month, c.day, c.hour, c.minute,
                c.second);
  std::string out = text.data();
  if (c.nanosecond != 0) {
    std::snprintf(text.data(), text.size(), ".%09u", c.nanosecond);
    out += text.data();
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out += 'Z';
}

bool same_time(Timestamp a, Timestamp b, std::int64_t unit) {
  if (a == kUnsetTime || b == kUnsetTime) return true;
  const auto [low, high] = std::minmax(a.ns, b.ns);
  // As unsigned numbers, for the two ends of time are further apart than a signed one can say.
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) < static_cast<std::uint64_t>(unit);
}

// Order of a walk that visits folders before what is in them: as if '/' were the least of all bytes.
int compare_paths(std::string_view a, std::string_view b) {
  const auto [at, bt] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at == a.end() || bt == b.end()) return (at != a.end() ? 1 : 0) - (bt != b.end() ? 1 : 0);
  const auto rank = [](char c) { return c == '/' ? -1 : int{static_cast<unsigned char>(c)}; };
  return rank(*at) - rank(*bt);
}

// The entries of one side with their paths.
class Side {
 public:
  explicit Side(const ComparedSide& side)
      : cursor_(side.entries), keeps_contents_(side.view == View::none), mark_(store_.mark()) {}

  bool next() {
    entry_ = cursor_.next();
    if (!entry_) return false;
    if (entry_->depth > lengths_.size()) throw std::logic_error("an entry without its folder");
    lengths_.resize(entry_->depth);
    path_.resize(lengths_.empty() ? 0 : lengths_.back());
    (path_ += '/') += entry_->name;
    lengths_.push_back(path_.size());
    return true;
  }
  bool at_end() const { return !entry_; }
  const Entry& entry() const { return *entry_; }
  const std::string& path() const { return path_; }

  // Of the file at hand. Those of a volume are forgotten by the next call; a host cursor wants them kept.
  ContentId content() {
    if (!keeps_contents_) store_.roll_back(mark_);
    return cursor_.content(store_);
  }
  const ContentStore& store() const { return store_; }

  // Of the entry at hand, in the order of their names.
  std::vector<ExtendedAttribute> user_xattrs() {
    auto out = cursor_.xattrs();
    std::erase_if(out, [](const auto& x) { return !x.name.starts_with("user."); });
    std::ranges::sort(out, {}, &ExtendedAttribute::name);
    return out;
  }

 private:
  EntryCursor& cursor_;
  bool keeps_contents_;
  ContentStore store_;
  ContentStore::Mark mark_;
  std::optional<Entry> entry_;
  std::string path_;
  std::vector<std::size_t> lengths_;  // of the paths on the way
};

class Comparison {
 public:
  Comparison(const ComparedSide& before, const ComparedSide& after, const CompareOptions& options,
             const CompareEvents& events, std::stop_token stop)
      : a_(before),
        b_(after),
        holds_(common(holds(before.view), holds(after.view))),
        options_(options),
        events_(events),
        stop_(std::move(stop)) {}

  CompareCounts run() {
    a_.next();
    b_.next();
    while (!a_.at_end() || !b_.at_end()) {
      throw_if_stopped();
      const int order = a_.at_end() ? 1 : b_.at_end() ? -1 : compare_paths(a_.path(), b_.path());
      if (++counts_.entries % kItemsPerReport == 0) report(order > 0 ? b_.path() : a_.path());
      if (order < 0) {
        alone(a_, Difference::Kind::removed, counts_.removed);
      } else if (order > 0) {
        alone(b_, Difference::Kind::added, counts_.added);
      } else {
        both();
        a_.next();
        b_.next();
      }
    }
    return counts_;
  }

 private:
  void alone(Side& side, Difference::Kind kind, std::uint64_t& count) {
    ++count;
    if (events_.difference)
      events_.difference({.kind = kind, .type = side.entry().type, .path = side.path(), .fields = {}});
    side.next();
  }

  void both() {
    fields_.clear();
    const Entry &a = a_.entry(), &b = b_.entry();
    if (a.type == b.type)
      by_type(a, b);
    else
      changed("type", std::string(to_string(a.type)), std::string(to_string(b.type)));
    attributes(a, b);
    if (options_.xattrs) xattrs();
    if (fields_.empty()) return;
    ++counts_.changed;
    if (events_.difference)
      events_.difference(
          {.kind = Difference::Kind::changed, .type = a.type, .path = a_.path(), .fields = std::exchange(fields_, {})});
  }

  void by_type(const Entry& a, const Entry& b) {
    switch (a.type) {
      case FileType::regular:
        if (a.size != b.size)
          changed("size", std::to_string(a.size), std::to_string(b.size));
        else if (options_.content && a.size != 0)
          contents(a.size);
        break;
      case FileType::symlink:
        if (a.target != b.target) changed("target", a.target, b.target);
        break;
      case FileType::block_device:
      case FileType::char_device:
        if (a.device.major != b.device.major || a.device.minor != b.device.minor)
          changed("device", number(a.device), number(b.device));
        break;
      default: break;
    }
  }
  static std::string number(DeviceNumber d) { return std::to_string(d.major) + ":" + std::to_string(d.minor); }

  void attributes(const Entry& a, const Entry& b) {
    const Attributes &x = a.attributes, &y = b.attributes;
    const bool link = a.type == FileType::symlink || b.type == FileType::symlink;  // has no mode of its own
    if (holds_.modes && !link && x.permissions != y.permissions)
      changed("mode", octal(x.permissions), octal(y.permissions));
    const auto differ = [](std::uint32_t one, std::uint32_t other) {
      return one != other && one != kNobody && other != kNobody;
    };
    if (holds_.modes && (differ(x.uid, y.uid) || differ(x.gid, y.gid)))
      changed("owner", std::to_string(x.uid) + ":" + std::to_string(x.gid),
              std::to_string(y.uid) + ":" + std::to_string(y.gid));
    if (!same_time(x.modified, y.modified, holds_.time_unit))
      changed("time", time_text(x.modified), time_text(y.modified));
  }

  // Named are those that are on one side only or differ.
  void xattrs() {
    auto x = a_.user_xattrs(), y = b_.user_xattrs();
    std::string before, after;
    const auto add = [](std::string& to, const ExtendedAttribute& from) {
      if (!to.empty()) to += ' ';
      to += from.name + '=' + std::to_string(from.size);
    };
    auto i = x.begin(), j = y.begin();
    while (i != x.end() || j != y.end()) {
      const bool first = j == y.end() || (i != x.end() && i->name <= j->name);
      const bool second = i == x.end() || (j != y.end() && j->name <= i->name);
      if (!first || !second || i->value != j->value || i->size != j->size) {
        if (first) add(before, *i);
        if (second) add(after, *j);
      }
      if (first) ++i;
      if (second) ++j;
    }
    if (!before.empty() || !after.empty()) changed("xattrs", std::move(before), std::move(after));
  }

  void changed(std::string_view field, std::string before, std::string after) {
    fields_.push_back({field, std::move(before), std::move(after)});
  }

  void contents(std::uint64_t size) {
    const auto a = guarded([&] { return a_.content(); });
    const auto b = guarded([&] { return b_.content(); });
    std::string why_a = a.why, why_b = b.why;
    bool same = a.value && b.value;
    for (std::uint64_t at = 0; same && at < size;) {
      throw_if_stopped();
      const auto skipped = size < kSmall ? 0 : same_stretch(*a.value, *b.value, at);
      if (skipped > 0) {
        at += skipped;
        continue;
      }
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, kComparedPiece));
      why_a = read(a_.store(), *a.value, at, n, buffer_a_);
      why_b = read(b_.store(), *b.value, at, n, buffer_b_);
      same = why_a.empty() && why_b.empty() && std::memcmp(buffer_a_.data(), buffer_b_.data(), n) == 0;
      at += n;
      counts_.bytes += n;
      if (size > kComparedPiece) report(a_.path());
    }
    if (!same) changed("content", std::move(why_a), std::move(why_b));
  }

  template <class T>
  struct Tried {
    std::optional<T> value;
    std::string why;  // there is none
  };
  template <class Work>
  static auto guarded(Work work) -> Tried<decltype(work())> {
    try {
      return {work(), {}};
    } catch (const Error& e) {
      return {std::nullopt, "cannot be read: " + std::string(e.what())};
    }
  }

  static std::string read(const ContentStore& store, ContentId id, std::uint64_t at, std::size_t n,
                          std::vector<std::byte>& buffer) {
    if (buffer.size() < n) buffer.resize(n);
    return guarded([&] {
             store.read_at(id, at, std::span(buffer).first(n));
             return true;
           })
        .why;
  }

  // How many bytes from there on are the same without reading: holes, or one stretch of one file.
  std::uint64_t same_stretch(ContentId a, ContentId b, std::uint64_t at) {
    const auto x = guarded([&] { return a_.store().run_at(a, at); });
    const auto y = guarded([&] { return b_.store().run_at(b, at); });
    if (!x.value || !y.value || x.value->kind != y.value->kind) return 0;  // reading will tell
    const auto length = std::min(x.value->length, y.value->length);
    if (x.value->kind == Run::Kind::zeros) return length;
    if (x.value->kind != Run::Kind::file || x.value->file_offset != y.value->file_offset) return 0;
    return same_file(*x.value->file, *y.value->file) ? length : 0;
  }

  static bool same_file(const OpenFile& a, const OpenFile& b) {
    return &a == &b || a.fingerprint() == b.fingerprint();  // device and inode are part of it
  }

  void report(const std::string& path) {
    if (events_.progress) events_.progress(counts_, path);
  }
  void throw_if_stopped() const {
    if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "the comparison was stopped");
  }

  Side a_, b_;
  Holds holds_;
  const CompareOptions& options_;
  const CompareEvents& events_;
  std::stop_token stop_;
  CompareCounts counts_;
  std::vector<FieldChange> fields_;
  std::vector<std::byte> buffer_a_, buffer_b_;
};

}  // namespace

CompareCounts compare_entries(ComparedSide before, ComparedSide after, const CompareOptions& options,
                              const CompareEvents& events, std::stop_token stop) {
  return Comparison(before, after, options, events, std::move(stop)).run();
}

}  // namespace fsimage
