#include "iso_findings.hpp"
#include "iso_region.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/joliet/names.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage {
namespace {

Lba placed(const std::optional<Lba>& at) {
  if (!at) throw std::logic_error("layout of ISO 9660 has no place yet");
  return *at;
}

Lba folders_of(const IsoTables& tables, Lba at) { return at + tables.path_table_blocks() + tables.path_table_blocks(); }

// What both descriptors have in the same positions, texts aside.
template <class Descriptor>
void fill_common(Descriptor& d, const IsoTables& tables, Lba at, BlockCount volume_space) {
  const auto folders = folders_of(tables, at);
  d.volume_space_size = volume_space.value;
  d.volume_set_size = 1;
  d.volume_sequence_number = 1;
  d.logical_block_size = kBlockSize;
  d.path_table_size = tables.path_table_bytes();
  d.type_l_path_table = at.value;
  d.type_m_path_table = (at + tables.path_table_blocks()).value;
  d.created = d.modified = iso9660::to_long_date(*tables.input().profile.timestamp);
  d.expires = d.effective = iso9660::unset_long_date();
  d.file_structure_version = 1;

  auto& root = d.root.record;
  root.length = sizeof d.root;
  root.extent = folders.value;
  root.data_length = tables.record_blocks(0) * kBlockSize;
  root.recorded = iso9660::to_short_date(recorded_attributes(tables.input(), kRootNode).modified);
  root.flags = iso9660::file_flags::kDirectory;
  root.volume_sequence_number = 1;
  root.identifier_length = 1;
}

void put_padded(std::span<char> field, std::string_view text) {
  const auto n = std::min(text.size(), field.size());
  std::fill(std::copy_n(text.begin(), n, field.begin()), field.end(), ' ');
}

template <class Descriptor, class Put>
void fill_texts(Descriptor& d, const Profile& p, Put put) {
  put(d.system_identifier, p.system_id);
  put(d.volume_identifier, p.volume_name);
  put(d.volume_set_identifier, p.volume_set);
  put(d.publisher_identifier, p.publisher);
  put(d.data_preparer_identifier, p.data_preparer);
  put(d.application_identifier, p.application);
  put(d.copyright_file_identifier, {});
  put(d.abstract_file_identifier, {});
  put(d.bibliographic_file_identifier, {});
}

template <class Descriptor>
std::array<std::byte, kBlockSize> as_block(const Descriptor& d) {
  std::array<std::byte, kBlockSize> block;
  store(std::span(block), d);
  return block;
}

}  // namespace

IsoLayout::IsoLayout(PlanInput input, Kind kind) : tables_(std::make_shared<const IsoTables>(std::move(input), kind)) {}
IsoLayout::~IsoLayout() = default;

BlockCount IsoLayout::blocks() const {
  return tables_->path_table_blocks() + tables_->path_table_blocks() + tables_->folder_blocks();
}

void IsoLayout::place(Allocator& allocator) {
  if (at_) throw std::logic_error("layout of ISO 9660 is placed twice");
  at_ = allocator.take(blocks());
}

std::array<std::byte, kBlockSize> IsoLayout::descriptor(BlockCount volume_space) const {
  const Lba at = placed(at_);
  const auto& profile = tables_->input().profile;
  if (tables_->joliet()) {
    iso9660::SupplementaryVolumeDescriptor d{};
    d.header = iso9660::descriptor_header(iso9660::DescriptorType::supplementary);
    std::copy(joliet::kEscapeLevel3.begin(), joliet::kEscapeLevel3.end(), d.escape_sequences.begin());
    fill_common(d, *tables_, at, volume_space);
    fill_texts(d, profile, [](std::span<char> field, std::string_view text) { joliet::put_text(field, text); });
    return as_block(d);
  }
  iso9660::PrimaryVolumeDescriptor d{};
  d.header = iso9660::descriptor_header(iso9660::DescriptorType::primary);
  fill_common(d, *tables_, at, volume_space);
  fill_texts(d, profile,
             [](std::span<char> field, std::string_view text) { put_padded(field, iso9660::to_a_characters(text)); });
  put_padded(d.volume_identifier, iso9660::to_d_characters(profile.volume_name));
  put_padded(d.volume_set_identifier, iso9660::to_d_characters(profile.volume_set));
  return as_block(d);
}

void IsoLayout::emit(std::shared_ptr<const ContentPlacement> content, Lba empty_file_at,
                     std::vector<ImageExtent>& out) const {
  const Lba at = placed(at_);
  const Lba folders = folders_of(*tables_, at);
  const std::string view = tables_->joliet() ? "joliet" : "iso9660";
  using iso9660::PathTableType;
  out.push_back({at, std::make_shared<IsoPathTable>(tables_, PathTableType::l, folders), view + "/path table L"});
  out.push_back({at + tables_->path_table_blocks(), std::make_shared<IsoPathTable>(tables_, PathTableType::m, folders),
                 view + "/path table M"});
  IsoAddresses addresses{folders, empty_file_at, std::move(content)};
  out.push_back({folders, std::make_shared<IsoFolderRegion>(tables_, std::move(addresses)), view + "/directories"});
}

bool IsoLayout::shows(NodeId n) const { return tables_->has_form(n); }

bool IsoLayout::keeps_times(NodeId n) const { return shows(n) && tables_->keeps_times(n); }

bool IsoLayout::keeps(NodeId n) const {
  if (tables_->rockridge() || n == kRootNode) return true;
  return shows(n) && keeps_name({tables_->tree().name(n), tables_->tree().is_directory(n)}, tables_->scheme());
}

void IsoLayout::for_each_finding(const FindingFn& fn) const { for_each_iso_finding(*tables_, fn); }

std::optional<std::string> IsoLayout::identifier_of(NodeId n) const {
  const auto& tree = tables_->tree();
  if (n == kRootNode || !tree.attached(n)) return std::nullopt;
  const auto f = tables_->folder_of(tree.parent(n));
  for (std::uint32_t i = 0; i < tables_->entry_count(f); ++i) {
    const auto entry = tables_->folder(f).first_entry + i;
    if (tables_->entry(entry) != n) continue;
    IdentifierBuffer buffer;
    const auto recorded = tables_->identifier(entry, buffer);
    return tables_->joliet() ? shown_identifier(recorded, tables_->scheme()) : std::string(recorded);
  }
  return std::nullopt;
}

}  // namespace fsimage
