#include "iso_findings.hpp"
#include "iso_region.hpp"
#include "iso_texts.hpp"

#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/joliet/names.hpp>
#include <fsimage/layout/iso_note.hpp>

#include <algorithm>
#include <stdexcept>

namespace fsimage {
namespace {

Lba placed(const std::optional<Lba>& at) {
  if (!at) throw std::logic_error("layout of ISO 9660 has no place yet");
  return *at;
}

Lba folders_of(const IsoTables& tables, Lba at) { return at + tables.path_table_blocks() + tables.path_table_blocks(); }

}  // namespace

IsoLayout::IsoLayout(PlanInput input, View view) : tables_(std::make_shared<const IsoTables>(std::move(input), view)) {}
IsoLayout::~IsoLayout() = default;

BlockCount IsoLayout::blocks() const {
  return tables_->path_table_blocks() + tables_->path_table_blocks() + tables_->folder_blocks();
}

void IsoLayout::place(Allocator& allocator) {
  if (at_) throw std::logic_error("layout of ISO 9660 is placed twice");
  at_ = allocator.take(blocks());
}

// A primary descriptor is a supplementary one without flags and escape sequences: all else has the same positions.
std::array<std::byte, kBlockSize> IsoLayout::descriptor(BlockCount volume_space) const {
  using enum iso9660::DescriptorType;
  const Lba at = placed(at_), folders = folders_of(*tables_, at);
  const auto& profile = tables_->input().profile;
  const std::uint8_t version = tables_->tree_view() == View::enhanced ? 2 : 1;  // ISO 9660:1999
  iso9660::SupplementaryVolumeDescriptor d{};
  d.header = iso9660::descriptor_header(tables_->primary() ? primary : supplementary, version);
  if (tables_->joliet())
    std::copy(joliet::kEscapeLevel3.begin(), joliet::kEscapeLevel3.end(), d.escape_sequences.begin());
  put_texts(*tables_, d);
  if (tables_->primary()) {
    const auto note = iso_note(profile);
    const auto bytes = std::as_bytes(std::span(note));
    std::copy(bytes.begin(), bytes.end(), d.application_use.begin());
  }
  d.volume_space_size = volume_space.value;
  d.volume_set_size = profile.volume_set_size;
  d.volume_sequence_number = profile.volume_sequence_number;
  d.logical_block_size = kBlockSize;
  d.path_table_size = tables_->path_table_bytes();
  d.type_l_path_table = at.value;
  d.type_m_path_table = (at + tables_->path_table_blocks()).value;
  d.created = d.modified = iso9660::to_long_date(*profile.timestamp);
  d.expires = d.effective = iso9660::unset_long_date();
  d.file_structure_version = version;

  auto& root = d.root.record;
  root.length = sizeof d.root;
  root.extent = folders.value;
  root.data_length = tables_->record_blocks(0) * kBlockSize;
  root.recorded = iso9660::to_short_date(recorded_attributes(tables_->input(), kRootNode).modified);
  root.flags = iso9660::file_flags::kDirectory;
  root.volume_sequence_number = profile.volume_sequence_number;
  root.identifier_length = 1;

  std::array<std::byte, kBlockSize> block;
  store(std::span(block), d);
  return block;
}

void IsoLayout::emit(std::shared_ptr<const ContentPlacement> content, Lba empty_file_at,
                     std::vector<ImageExtent>& out) const {
  const Lba at = placed(at_);
  const Lba folders = folders_of(*tables_, at);
  const std::string view(to_string(tables_->tree_view()));
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
  if (n == kRootNode || (tables_->rockridge() && shows(n))) return true;
  return shows(n) && keeps_name({tables_->tree().name(n), tables_->tree().is_directory(n)}, tables_->scheme());
}

bool IsoLayout::keeps_extras(const Inode& inode) const {
  std::size_t streams = 0;
  for (auto s = inode.first_stream; s; s = tables_->tree().next_stream(s)) ++streams;
  return !inode.real_time && streams == tables_->attributes(inode).size();
}

void IsoLayout::for_each_finding(const FindingFn& fn, const FindingFilter& wanted) const {
  for_each_iso_finding(*tables_, fn, wanted);
}

std::optional<std::string> IsoLayout::identifier_of(NodeId n) const {
  const auto entry = tables_->find_entry(n);
  if (!entry) return std::nullopt;
  IdentifierBuffer buffer;
  const auto recorded = tables_->identifier(*entry, buffer);
  return tables_->joliet() ? shown_identifier(recorded, tables_->scheme()) : std::string(recorded);
}

}  // namespace fsimage
