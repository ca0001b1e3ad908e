#include "udf_names.hpp"

#include <fsimage/core/sink.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/symlink.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

namespace fsimage {
namespace {

using Identifier = std::array<std::byte, udf::kMaxIdentifierBytes>;

std::string_view encode(std::u16string_view text, Identifier& out) {
  Sink sink(out);
  udf::encode_cs0(text, sink);
  return text_of(std::span(out).first(sink.size()));
}

// An extension is worth keeping when a name is cut, as long as it is one: the dot and up to fifteen units.
std::size_t extension_at(std::u16string_view name) {
  constexpr std::size_t kLongest = 16;
  const auto dot = name.rfind(u'.');
  return dot == name.npos || dot == 0 || name.size() - dot > kLongest ? name.size() : dot;
}

std::u16string decimal(std::uint64_t n) {
  const auto digits = std::to_string(n);
  return {digits.begin(), digits.end()};
}

// Finds identifiers for the entries of one folder whose own names do not fit. Names that fit come first, whatever their
// place in the order.
class Renamer {
 public:
  Renamer(const PlanInput& in, NodeId folder, StringArena& arena) : in_(in), folder_(folder), arena_(arena) {}

  // As the disc has it, while it is free.
  std::optional<UdfNames::Changed> keep(std::uint32_t position, std::string_view name, const RecordedNames& disc,
                                        PathNumber folder) {
    const auto shown = disc.identifier(View::udf, path_number(folder, name));
    if (shown.empty() || !UdfNames::fits(shown)) return std::nullopt;
    const auto id = *to_utf16(shown);
    if (taken(id)) return std::nullopt;
    return claim(position, id, false);
  }

  UdfNames::Changed choose(std::uint32_t position, std::string_view name) {
    const auto text = to_utf16_lossy(name, u'_');
    const auto dot = extension_at(text);
    const auto stem = std::u16string_view(text).substr(0, dot), extension = std::u16string_view(text).substr(dot);
    if (const auto id = compose(stem, extension); !taken(id)) return claim(position, id, false);
    return claim(position, numbered(stem, extension), true);
  }

 private:
  // The stem, cut so that the tail fits behind it, and the tail.
  static std::u16string compose(std::u16string_view stem, std::u16string_view tail) {
    std::u16string id(udf::cut_to_cs0(stem, udf::kMaxIdentifierBytes, tail));
    return id += tail;
  }

  // The first number that makes a free name, for each number of digits on from where the last search among the same
  // names ended: 200,000 equal stems take as many steps, not that many squared.
  std::u16string numbered(std::u16string_view stem, std::u16string_view extension) {
    std::uint64_t low = 1;
    for (std::size_t digits = 1; digits < 12; ++digits, low *= 10) {
      const std::u16string longest_tail = std::u16string(digits, u'0') + std::u16string(extension);
      std::u16string key(udf::cut_to_cs0(stem, udf::kMaxIdentifierBytes, longest_tail));
      key += u'/';  // in no name
      key += longest_tail;
      auto& next = next_[key];
      for (next = std::max(next, low); next < low * 10;) {
        auto id = compose(stem, decimal(next++) + std::u16string(extension));
        if (!taken(id)) return id;
      }
    }
    throw std::logic_error("no free name");  // more numbers than nodes
  }

  bool taken(std::u16string_view id) const {
    Identifier buffer;
    if (claimed_.count(encode(id, buffer)) != 0) return true;
    const auto name = to_utf8(id);
    const auto node = in_.tree->child(folder_, name);
    return node && UdfNames::fits(name) && UdfNames::shows(in_, *node);
  }

  UdfNames::Changed claim(std::uint32_t position, std::u16string_view id, bool collided) {
    Identifier buffer;
    const auto bytes = encode(id, buffer);
    const auto at = arena_.add(bytes);
    claimed_.insert(arena_.view(at, bytes.size()));
    return {position, at, static_cast<std::uint8_t>(bytes.size()), collided};
  }

  const PlanInput& in_;
  NodeId folder_;
  StringArena& arena_;
  std::unordered_set<std::string_view> claimed_;  // CS0: one form for one text
  std::unordered_map<std::u16string, std::uint64_t> next_;
};

bool by_position(const UdfNames::Changed& a, const UdfNames::Changed& b) { return a.position < b.position; }

}  // namespace

bool UdfNames::fits(std::string_view name) {
  if (is_ascii(name)) return name.size() <= udf::kMaxNarrowUnits;
  const auto text = to_utf16(name);
  return text && udf::cs0_size(*text) <= udf::kMaxIdentifierBytes;
}

bool UdfNames::shows(const PlanInput& in, NodeId n) {
  const auto type = in.tree->inode(n).type;
  if (type == FileType::regular || type == FileType::directory) return true;
  if (!in.profile.udf_special_files) return false;
  return type != FileType::symlink || udf::symlink_size(in.tree->symlink_target(n)) <= kLongestTarget;
}

UdfNames::UdfNames(const PlanInput& in) {
  const auto& index = *in.index;
  const auto* disc = in.continuation && in.continuation->names && in.continuation->names->has_any(View::udf)
                         ? in.continuation->names.get()
                         : nullptr;
  for (std::uint32_t d = 0; d < index.directory_count(); ++d) {
    std::optional<Renamer> renamer;
    const auto first = changed_.size();
    // First those that the disc has: new ones give way.
    for (const bool old : {true, false}) {
      if (old && disc == nullptr) continue;
      const auto folder = old ? path_number(in.tree->path(index.directory(d))) : PathNumber{};
      const auto known = changed_.size();
      auto position = index.first_entry(d);
      for (const NodeId n : index.entries(d)) {
        const auto at = position++;
        const auto name = in.tree->name(n);
        if (fits(name) || !shows(in, n)) continue;
        if (!renamer) renamer.emplace(in, index.directory(d), identifiers_);
        if (old) {
          if (const auto kept = renamer->keep(at, name, *disc, folder)) changed_.push_back(*kept);
        } else if (!std::binary_search(changed_.begin() + static_cast<std::ptrdiff_t>(first),
                                       changed_.begin() + static_cast<std::ptrdiff_t>(known), Changed{at, 0, 0, false},
                                       by_position)) {
          changed_.push_back(renamer->choose(at, name));
        }
      }
    }
    std::sort(changed_.begin() + static_cast<std::ptrdiff_t>(first), changed_.end(), by_position);
  }
}

const UdfNames::Changed* UdfNames::changed(std::uint32_t position) const {
  const auto at = std::lower_bound(changed_.begin(), changed_.end(), position,
                                   [](const Changed& c, std::uint32_t p) { return c.position < p; });
  return at != changed_.end() && at->position == position ? &*at : nullptr;
}

std::size_t UdfNames::identifier(std::uint32_t position, std::string_view name, std::span<std::byte> out) const {
  const auto* c = changed(position);
  if (c == nullptr) return identifier(name, out);
  Sink sink(out);
  sink.put(std::as_bytes(std::span(identifiers_.view(c->at, c->length))));
  return sink.size();
}

std::size_t UdfNames::identifier(std::string_view name, std::span<std::byte> out) {
  Sink sink(out);
  if (is_ascii(name)) {
    sink.put(std::byte{8});
    sink.put(std::as_bytes(std::span(name)));
  } else {
    udf::encode_cs0(to_utf16_lossy(name, u'_'), sink);
  }
  return sink.size();
}

std::size_t UdfNames::identifier_size(std::uint32_t position, std::string_view name) const {
  const auto* c = changed(position);
  return c != nullptr ? c->length : identifier_size(name);
}

std::size_t UdfNames::identifier_size(std::string_view name) {
  return is_ascii(name) ? 1 + name.size() : udf::cs0_size(to_utf16_lossy(name, u'_'));
}

std::string UdfNames::text(const Changed& c) const {
  return to_utf8(*udf::decode_cs0(std::as_bytes(std::span(identifiers_.view(c.at, c.length)))));
}

}  // namespace fsimage
