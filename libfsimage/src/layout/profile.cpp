#include <fsimage/layout/profile.hpp>

#include "iso_texts.hpp"
#include "udf_volume.hpp"

#include <fsimage/core/text.hpp>

#include <array>

namespace fsimage {

std::string volume_name_in(View view, const Profile& profile) {
  if (view == View::udf) return to_utf8(udf_logical_volume_identifier(udf_volume_name(profile)));
  std::array<char, sizeof(iso9660::PrimaryVolumeDescriptor::volume_identifier)> field{};
  return put_text_of(view, field, profile.volume_name, Characters::d);
}

}  // namespace fsimage
