#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/normalized_names.hpp>

#include <utility>

namespace fsimage {
namespace {

class NormalizedNames final : public EntryFilter {
 public:
  NormalizedNames(std::unique_ptr<EntryCursor> inner, Normalization form, FindingFn on_finding)
      : EntryFilter(std::move(inner)), form_(form), on_finding_(std::move(on_finding)) {}

  std::optional<Entry> next() override {
    auto entry = EntryFilter::next();
    if (!entry) return entry;
    change(entry->name, "name in another form of Unicode");
    if (!is_valid_name(entry->name))
      throw Error(Errc::too_large, {.path = origin()}, "the name takes more than 255 bytes in that form of Unicode");
    change(entry->target, "target of a link in another form of Unicode");
    return entry;
  }

 private:
  void change(std::string& text, std::string_view what) {
    if (is_ascii(text)) return;
    auto changed = normalize(text, form_);
    if (changed == text) return;
    text = std::move(changed);
    if (on_finding_)
      on_finding_({.kind = Finding::Kind::renamed,
                   .view = View::none,
                   .path = origin(),
                   .text = std::string(what),
                   .to = text});
  }

  Normalization form_;
  FindingFn on_finding_;
};

}  // namespace

std::unique_ptr<EntryCursor> normalize_names(std::unique_ptr<EntryCursor> cursor, Normalization form,
                                             FindingFn on_finding) {
  if (form == Normalization::keep) return cursor;
  return std::make_unique<NormalizedNames>(std::move(cursor), form, std::move(on_finding));
}

}  // namespace fsimage
