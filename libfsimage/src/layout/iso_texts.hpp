// Texts of the volume descriptor of a tree of ISO 9660, as its view can have them.
#pragma once

#include "iso_tables.hpp"

#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

enum class Characters { a, d, file_identifier };  // ECMA-119 7.4

// Fills the field, and returns what it then shows.
std::string put_text_of(View view, std::span<char> field, std::string_view wanted, Characters characters);

struct ChangedText {
  std::string_view what;
  std::string to;
};
// Fills the descriptor's texts, and says which of them are not what the profile asks for.
std::vector<ChangedText> put_texts(const IsoTables&, iso9660::SupplementaryVolumeDescriptor&);

}  // namespace fsimage
