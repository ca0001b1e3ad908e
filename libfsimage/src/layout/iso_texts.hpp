// Texts of the volume descriptor of a tree of ISO 9660, as its view can have them.
#pragma once

#include "iso_tables.hpp"

#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

struct ChangedText {
  std::string_view what;
  std::string to;
};
// Fills the descriptor's texts, and says which of them are not what the profile asks for.
std::vector<ChangedText> put_texts(const IsoTables&, iso9660::SupplementaryVolumeDescriptor&);

}  // namespace fsimage
