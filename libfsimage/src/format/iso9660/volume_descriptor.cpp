#include <fsimage/format/iso9660/volume_descriptor.hpp>

namespace fsimage::iso9660 {

VolumeDescriptorSetTerminator volume_descriptor_set_terminator() noexcept {
  VolumeDescriptorSetTerminator t{};
  t.header = descriptor_header(DescriptorType::terminator);
  return t;
}

std::string_view trimmed(std::span<const char> field) noexcept {
  std::string_view text(field.data(), field.size());
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return text;
}

std::optional<VolumeDescriptorHeader> descriptor_in(std::span<const std::byte> sector) {
  if (sector.size() < kBlockSize) return std::nullopt;
  const auto header = load<VolumeDescriptorHeader>(sector);
  if (!header.is_iso9660()) return std::nullopt;
  return header;
}

}  // namespace fsimage::iso9660
