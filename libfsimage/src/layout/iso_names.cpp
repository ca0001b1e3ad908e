#include <fsimage/layout/iso_names.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/core/unicode.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace fsimage {
namespace {

struct IsoScheme {
  using Char = char;
  static constexpr unsigned kMaxDigits = iso9660::kMaxCounterDigits;
  static constexpr auto kView = fsimage::View::iso9660;
  iso9660::IdentifierRules rules;
  bool transliterates;

  iso9660::MappedName map(const NamedEntry& e) const {
    if (!transliterates || is_ascii(e.name)) return iso9660::map_name(e.name, e.directory, rules);
    return {iso9660::map_name(transliterate(e.name), e.directory, rules).identifier, false};
  }
  // As map() does, behind what `out` holds.
  bool map_into(const NamedEntry& e, std::string& out) const {
    if (const auto kept = e.directory ? std::nullopt : iso9660::append_plain_name(e.name, rules, out)) return *kept;
    const auto mapped = map(e);
    out += mapped.identifier;
    return mapped.kept;
  }
  auto place(std::string_view id, bool directory, unsigned digits) const {
    return iso9660::counter_place(id, directory, digits, rules);
  }
  bool less(std::string_view a, bool a_directory, std::string_view b, bool b_directory) const {
    // With one dot at most, the first character that differs decides, unless it is the dot or an end.
    if (!rules.relaxed.several_dots) {
      const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
      if (x != a.end() && y != b.end() && *x != '.' && *y != '.')
        return static_cast<unsigned char>(*x) < static_cast<unsigned char>(*y);
    }
    return iso9660::compare_records(a, a_directory, b, b_directory) < 0;
  }
  void record(std::string_view id, bool directory, std::string& out) const {
    directory ? static_cast<void>(out += id) : iso9660::append_recorded_file_identifier(id, rules.relaxed, out);
  }
};

struct EnhancedScheme {
  using Char = char;
  static constexpr unsigned kMaxDigits = iso9660::kMaxCounterDigits;
  static constexpr auto kView = fsimage::View::enhanced;

  auto map(const NamedEntry& e) const { return iso9660::map_enhanced_name(e.name, e.directory); }
  bool map_into(const NamedEntry& e, std::string& out) const {
    const auto mapped = map(e);
    out += mapped.identifier;
    return mapped.kept;
  }
  auto place(std::string_view id, bool directory, unsigned digits) const {
    return iso9660::enhanced_counter_place(id, directory, digits);
  }
  bool less(std::string_view a, bool, std::string_view b, bool) const { return a < b; }
  void record(std::string_view id, bool, std::string& out) const { out += id; }
};

struct JolietScheme {
  using Char = char16_t;
  static constexpr unsigned kMaxDigits = joliet::kMaxCounterDigits;
  static constexpr auto kView = fsimage::View::joliet;
  unsigned units;

  auto map(const NamedEntry& e) const { return joliet::map_name(e.name, e.directory, units); }
  bool map_into(const NamedEntry& e, std::u16string& out) const {
    if (joliet::append_plain_name(e.name, units, out)) return true;
    const auto mapped = map(e);
    out += mapped.identifier;
    return mapped.kept;
  }
  auto place(std::u16string_view id, bool directory, unsigned digits) const {
    return joliet::counter_place(id, directory, digits, units);
  }
  bool less(std::u16string_view a, bool a_directory, std::u16string_view b, bool b_directory) const {
    return joliet::compare_records(a, a_directory, b, b_directory) < 0;
  }
  void record(std::u16string_view id, bool, std::string& out) const { joliet::append_big_endian(id, out); }
};

template <class Fn>
auto with_scheme(NameScheme s, Fn&& fn) {
  switch (s.view) {
    case View::joliet: return fn(JolietScheme{s.joliet_units});
    case View::enhanced: return fn(EnhancedScheme{});
    default: return fn(IsoScheme{s.rules, s.transliterate});
  }
}

}  // namespace

class FolderNames::Planner {
 public:
  virtual ~Planner() = default;
  virtual void plan(std::span<const NamedEntry>, const RecordedNames*, PathNumber, FolderNames&) = 0;
};

template <class Scheme>
class FolderNames::PlannerOf final : public Planner {
  using Char = typename Scheme::Char;
  using String = std::basic_string<Char>;
  using View = std::basic_string_view<Char>;

 public:
  explicit PlannerOf(Scheme scheme) : scheme_(scheme) {}

  void plan(std::span<const NamedEntry> entries, const RecordedNames* disc, PathNumber folder,
            FolderNames& out) override {
    map(entries, disc, folder);
    sort_by_identifier(entries, disc, folder);
    resolve(entries);
    put_in_record_order(entries);
    out.order_.resize(entries.size());
    out.ends_.resize(entries.size());
    out.identifiers_.clear();
    out.kept_.resize(entries.size());
    for (std::size_t place = 0; place < entries.size(); ++place) {
      const auto e = sorted_[place];
      out.order_[place] = e;
      out.kept_[place] = slots_[e].kept;
      scheme_.record(identifier(e), entries[e].directory, out.identifiers_);
      out.ends_[place] = out.identifiers_.size();
    }
  }

 private:
  struct Slot {
    std::size_t begin;
    std::uint32_t length;
    bool kept;
    bool recorded;  // so by the disc, and not what its name would be
  };
  View identifier(std::uint32_t e) const { return View(text_).substr(slots_[e].begin, slots_[e].length); }

  void map(std::span<const NamedEntry> entries, const RecordedNames* disc, PathNumber folder) {
    const bool some = disc != nullptr && disc->has_any(Scheme::kView);
    text_.clear();
    slots_.clear();
    for (const auto& e : entries) {
      const auto begin = text_.size();
      const bool kept = scheme_.map_into(e, text_);
      const auto recorded = kept || !some ? std::nullopt : known(e, *disc, folder);
      if (recorded) text_.replace(begin, text_.npos, *recorded);
      slots_.push_back({begin, static_cast<std::uint32_t>(text_.size() - begin), kept, recorded.has_value()});
    }
  }

  // What the disc calls it, if that is an identifier by the rules of today.
  std::optional<String> known(const NamedEntry& e, const RecordedNames& disc, PathNumber folder) const {
    const auto shown = disc.identifier(Scheme::kView, path_number(folder, e.name));
    if (shown.empty()) return std::nullopt;
    auto again = scheme_.map({shown, e.directory});
    return again.kept ? std::optional(std::move(again.identifier)) : std::nullopt;
  }

  // Those who want the same identifier stand side by side, its owner first.
  void sort_by_identifier(std::span<const NamedEntry> entries, const RecordedNames* disc, PathNumber folder) {
    sorted_.resize(slots_.size());
    std::iota(sorted_.begin(), sorted_.end(), 0U);
    const auto on_disc = [&](std::uint32_t e) {
      return disc != nullptr && disc->has_entry(path_number(folder, entries[e].name));
    };
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      if (const auto order = identifier(a).compare(identifier(b)); order != 0) return order < 0;
      if (slots_[a].kept != slots_[b].kept) return slots_[a].kept;
      if (slots_[a].recorded != slots_[b].recorded) return slots_[a].recorded;
      if (const bool old = on_disc(a); old != on_disc(b)) return old;
      return a < b;
    };
    if (!std::is_sorted(sorted_.begin(), sorted_.end(), before)) std::sort(sorted_.begin(), sorted_.end(), before);
  }

  // Every identifier that somebody owns is taken, and stays so: a counter never pushes an owner aside.
  void resolve(std::span<const NamedEntry> entries) {
    owners_.clear();
    std::vector<std::uint32_t> losers;
    for (const auto e : sorted_)
      (owners_.empty() || identifier(owners_.back()) != identifier(e) ? owners_ : losers).push_back(e);
    if (losers.empty()) return;
    std::sort(losers.begin(), losers.end());
    std::unordered_set<String> taken;
    Counters next;
    for (const auto e : losers) {
      const auto wanted = slots_[e].recorded ? scheme_.map(entries[e]).identifier : String(identifier(e));
      auto id = with_counter(wanted, entries[e], taken, next);
      slots_[e].begin = text_.size();
      slots_[e].length = static_cast<std::uint32_t>(id.size());
      slots_[e].kept = false;
      text_ += id;
      taken.insert(std::move(id));
    }
  }

  // One counter for each way of writing "prefix, so many digits, suffix". It only goes up: what is below it is taken for
  // good, so all searches of a folder together try each of these identifiers once.
  using Counters = std::unordered_map<String, std::uint32_t>;

  String with_counter(View wanted, const NamedEntry& e, const std::unordered_set<String>& taken, Counters& next) const {
    std::uint32_t first = 1;
    for (unsigned digits = 1; digits <= Scheme::kMaxDigits; ++digits, first *= 10) {
      const auto place = scheme_.place(wanted, e.directory, digits);
      String key(1, static_cast<Char>(digits));
      key += static_cast<Char>(place.prefix.size());
      key += place.prefix;
      key += place.suffix;
      auto& n = next.try_emplace(std::move(key), first).first->second;
      for (; n < first * 10; ++n) {
        String id = place.prefix;
        for (const char c : std::to_string(n)) id += static_cast<Char>(c);
        id += place.suffix;
        if (is_owned(id) || taken.count(id) != 0) continue;
        ++n;
        return id;
      }
    }
    throw Error(Errc::not_representable, {.path = std::string(e.name)},
                "too many entries of a folder with the same identifier");
  }

  bool is_owned(View id) const {
    const auto at = std::lower_bound(owners_.begin(), owners_.end(), id,
                                     [&](std::uint32_t e, View v) { return identifier(e) < v; });
    return at != owners_.end() && identifier(*at) == id;
  }

  void put_in_record_order(std::span<const NamedEntry> entries) {
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      return scheme_.less(identifier(a), entries[a].directory, identifier(b), entries[b].directory);
    };
    if (!std::is_sorted(sorted_.begin(), sorted_.end(), before)) std::sort(sorted_.begin(), sorted_.end(), before);
  }

  Scheme scheme_;
  String text_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> sorted_, owners_;
};

FolderNames::FolderNames(NameScheme scheme)
    : planner_(with_scheme(
          scheme, [](auto s) -> std::unique_ptr<Planner> { return std::make_unique<PlannerOf<decltype(s)>>(s); })) {}
FolderNames::~FolderNames() = default;

void FolderNames::plan(std::span<const NamedEntry> entries, const RecordedNames* disc, PathNumber folder) {
  planner_->plan(entries, disc, folder, *this);
}

bool keeps_name(const NamedEntry& e, NameScheme scheme) {
  return with_scheme(scheme, [&](auto s) { return s.map(e).kept; });
}

std::string undisputed_identifier(const NamedEntry& e, NameScheme scheme) {
  return with_scheme(scheme, [&](auto s) {
    std::string out;
    s.record(s.map(e).identifier, e.directory, out);
    return out;
  });
}

Finding::Kind kind_of_change(std::string_view name, std::string_view shown) {
  if (shown.size() >= name.size()) return Finding::Kind::renamed;
  const auto begin = std::mismatch(shown.begin(), shown.end(), name.begin()).first;
  const auto end = std::mismatch(shown.rbegin(), shown.rend(), name.rbegin()).first;
  return begin >= end.base() ? Finding::Kind::cut : Finding::Kind::renamed;
}

std::string shown_identifier(std::string_view recorded, NameScheme scheme) {
  if (scheme.view == View::enhanced) return std::string(recorded);
  if (scheme.view == View::iso9660) return std::string(iso9660::without_version(recorded));
  return to_utf8(joliet::from_big_endian(std::as_bytes(std::span(recorded))));
}

}  // namespace fsimage
