#include "iso_texts.hpp"

#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>

namespace fsimage {
namespace {

std::string allowed(std::string_view text, Characters characters) {
  switch (characters) {
    case Characters::a: return iso9660::to_a_characters(text);
    case Characters::d: return iso9660::to_d_characters(text);
    case Characters::file_identifier: break;
  }
  return std::string(text);
}

// The file's identifier in this view's root; nothing when it is not there.
std::string file_identifier(const IsoTables& tables, const std::string& name) {
  const auto file = name.empty() ? std::nullopt : tables.tree().child(kRootNode, name);
  const auto entry = file ? tables.find_entry(*file) : std::nullopt;
  if (!entry) return {};
  IdentifierBuffer buffer;
  const auto recorded = tables.identifier(*entry, buffer);
  return tables.joliet() ? shown_identifier(recorded, tables.scheme()) : std::string(recorded);
}

}  // namespace

std::string put_text_of(View view, std::span<char> field, std::string_view wanted, Characters characters) {
  if (view == View::joliet) {
    if (joliet::put_text(field, wanted)) return std::string(wanted);
    auto shown = shown_identifier({field.data(), field.size()}, {.view = view});
    return shown.erase(shown.find_last_not_of(' ') + 1);
  }
  auto text = view == View::enhanced ? iso9660::map_enhanced_text(wanted, field.size())
                                     : allowed(wanted, characters).substr(0, field.size());
  std::fill(std::copy(text.begin(), text.end(), field.begin()), field.end(), ' ');
  return text;
}

std::vector<ChangedText> put_texts(const IsoTables& tables, iso9660::SupplementaryVolumeDescriptor& d) {
  const auto& p = tables.input().profile;
  std::vector<ChangedText> changed;
  const auto put = [&](std::string_view what, std::span<char> field, const std::string& wanted, Characters characters) {
    auto shown = put_text_of(tables.tree_view(), field, wanted, characters);
    if (shown != wanted) changed.push_back({what, std::move(shown)});
  };
  const auto put_file = [&](std::string_view what, std::span<char> field, const std::string& name) {
    put(what, field, file_identifier(tables, name), Characters::file_identifier);
  };
  put("system identifier", d.system_identifier, p.system_id, Characters::a);
  put("volume identifier", d.volume_identifier, p.volume_name, Characters::d);
  put("volume set identifier", d.volume_set_identifier, p.volume_set, Characters::d);
  put("publisher identifier", d.publisher_identifier, p.publisher, Characters::a);
  put("data preparer identifier", d.data_preparer_identifier, p.data_preparer, Characters::a);
  put("application identifier", d.application_identifier, p.application, Characters::a);
  put_file("copyright file identifier", d.copyright_file_identifier, p.copyright_file);
  put_file("abstract file identifier", d.abstract_file_identifier, p.abstract_file);
  put_file("bibliographic file identifier", d.bibliographic_file_identifier, p.bibliographic_file);
  return changed;
}

}  // namespace fsimage
