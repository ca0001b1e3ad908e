#include <fsimage/core/digest.hpp>
#include <fsimage/layout/recorded_names.hpp>

#include <algorithm>
#include <span>

namespace fsimage {
namespace {

PathNumber with_text(PathNumber n, std::string_view text) { return {fnv1a(n.value, text)}; }

}  // namespace

PathNumber path_number(PathNumber folder, std::string_view name) { return with_text(with_text(folder, "/"), name); }
PathNumber path_number(std::string_view path) { return path == "/" ? PathNumber{} : with_text({}, path); }

void RecordedNames::add_entry(PathNumber entry) { entries_.push_back(entry); }

void RecordedNames::add(View view, PathNumber entry, std::string_view identifier) {
  identifiers_[static_cast<std::size_t>(view)].push_back(
      {entry, texts_.add(identifier), static_cast<std::uint32_t>(identifier.size())});
}

void RecordedNames::finish() {
  std::sort(entries_.begin(), entries_.end());
  entries_.shrink_to_fit();
  for (auto& of_view : identifiers_)
    std::stable_sort(of_view.begin(), of_view.end(), [](const auto& a, const auto& b) { return a.entry < b.entry; });
  Sha256 digest;
  digest.update(std::as_bytes(std::span(entries_)));
  for (const auto& of_view : identifiers_)
    for (const auto& i : of_view) {
      digest.update(std::as_bytes(std::span(&i.entry, 1)));
      digest.update(std::as_bytes(std::span(texts_.view(i.at, i.length))));
    }
  digest_ = to_hex(digest.finish());
}

bool RecordedNames::has_entry(PathNumber entry) const {
  return std::binary_search(entries_.begin(), entries_.end(), entry);
}

bool RecordedNames::has_any(View view) const { return !identifiers_[static_cast<std::size_t>(view)].empty(); }

std::string_view RecordedNames::identifier(View view, PathNumber entry) const {
  const auto& of_view = identifiers_[static_cast<std::size_t>(view)];
  const auto at = std::lower_bound(of_view.begin(), of_view.end(), entry,
                                   [](const Identifier& i, PathNumber e) { return i.entry < e; });
  return at == of_view.end() || at->entry != entry ? std::string_view() : texts_.view(at->at, at->length);
}

}  // namespace fsimage
