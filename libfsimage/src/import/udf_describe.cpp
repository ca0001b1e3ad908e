#include "udf_checks.hpp"
#include "udf_volume.hpp"
#include "volume_describe.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/identifiers.hpp>
#include <fsimage/format/udf/integrity.hpp>
#include <fsimage/format/udf/partition_maps.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <array>

namespace fsimage::volume {
namespace {

using udf::TagIdentifier;

constexpr std::string_view kClause = "ECMA-167 3/8.4.2";

template <std::size_t N>
std::string text_of(const udf::DString<N>& s) {
  const auto text = udf::from_dstring(s);
  return text ? to_utf8(*text) : std::string();
}

std::string_view kind_text(UdfPartition::Kind kind) {
  static constexpr std::array<std::string_view, 5> kTexts{"physical", "virtual", "sparable", "metadata", "unknown"};
  return kTexts[static_cast<std::size_t>(kind)];
}

class Describer {
 public:
  Describer(Walk& walk, VolumesInfo& out) : walk_(walk), out_(out) {}

  void run() {
    recognition();
    const auto anchor = find_anchor(walk_.blocks, out_.found.session);
    if (!anchor) {
      if (out_.found.udf_recognition)
        walk_.report.deviation(*out_.found.udf_recognition, "ECMA-167 3/8.4.2.1",
                               "a recognition sequence for UDF, but no anchor");
      return;
    }
    out_.udf.emplace();
    out_.udf->block_size = anchor->block_size;
    anchors(*anchor);
    const auto volume = read_udf_volume(walk_, *anchor);
    check_volume(walk_, volume, out_.found.session);
    sequences(volume);
    logical_volume(volume);
    if (volume.integrity_at) integrity(volume);
    file_set(volume);
  }

 private:
  template <class T>
  T at(std::uint64_t offset) {
    return load<T>(walk_.blocks.view(offset, sizeof(T), kClause));
  }
  template <WireStruct T>
  void describe(std::uint64_t offset, std::string name) {
    out_.structures.push_back(describe_structure(at<T>(offset), offset, std::move(name)));
  }

  void recognition() {
    const auto recognition = read_recognition(walk_.blocks, out_.found.session);
    if (!recognition) return;
    for (std::size_t i = 0; i < recognition->identifiers.size(); ++i) {
      if (recognition->identifiers[i].empty()) continue;
      describe<udf::VolumeStructureDescriptor>(
          (recognition->first + BlockCount{static_cast<std::uint32_t>(i)}).byte_offset(),
          "udf/recognition " + recognition->identifiers[i]);
    }
  }

  // All are listed; only those that stand alone or begin a run are described.
  void anchors(const UdfAnchor& anchor) {
    std::uint64_t before = UINT64_MAX;
    for (const auto offset : all_anchors(walk_.blocks, out_.found.session, anchor)) {
      out_.udf->anchors.push_back(lba_of(offset));
      if (before == UINT64_MAX || offset != before + anchor.block_size)
        describe<udf::AnchorVolumeDescriptorPointer>(offset, "udf/anchor volume descriptor pointer");
      before = offset;
    }
  }

  void sequences(const UdfVolume& volume) {
    for (const auto& d : volume.main.descriptors) descriptor(d, "udf/main ");
    for (const auto& d : volume.reserve.descriptors) descriptor(d, "udf/reserve ");
    const auto& prevailing = volume.from_reserve ? volume.reserve : volume.main;
    for (const auto& d : prevailing.descriptors)
      if (d.identifier == TagIdentifier::primary_volume_descriptor) primary(at<udf::PrimaryVolumeDescriptor>(d.at));
  }

  void descriptor(const UdfDescriptor& d, std::string name) {
    name += udf::to_string(d.identifier);
    switch (d.identifier) {
      case TagIdentifier::primary_volume_descriptor: return describe<udf::PrimaryVolumeDescriptor>(d.at, name);
      case TagIdentifier::volume_descriptor_pointer: return describe<udf::VolumeDescriptorPointer>(d.at, name);
      case TagIdentifier::implementation_use_volume_descriptor:
        return describe<udf::ImplementationUseVolumeDescriptor>(d.at, name);
      case TagIdentifier::partition_descriptor: return describe<udf::PartitionDescriptor>(d.at, name);
      case TagIdentifier::logical_volume_descriptor: return describe<udf::LogicalVolumeDescriptor>(d.at, name);
      case TagIdentifier::unallocated_space_descriptor: return describe<udf::UnallocatedSpaceDescriptor>(d.at, name);
      case TagIdentifier::terminating_descriptor: return describe<udf::TerminatingDescriptor>(d.at, name);
      default: return describe<udf::DescriptorTag>(d.at, name);
    }
  }

  void primary(const udf::PrimaryVolumeDescriptor& pvd) {
    auto& u = *out_.udf;
    u.volume = text_of(pvd.volume_identifier);
    u.volume_set = text_of(pvd.volume_set_identifier);
    u.application = udf::identifier_text(pvd.application);
    u.implementation = udf::identifier_text(pvd.implementation);
    u.recorded = udf::from_wire(pvd.recorded).value_or(kUnsetTime);
  }

  void logical_volume(const UdfVolume& volume) {
    auto& u = *out_.udf;
    u.revision = volume.revision;
    u.logical_volume = volume.name;
    u.from_reserve = volume.from_reserve;
    for (const auto& p : volume.partitions) {
      partition_map(p);
      tables(p);
      u.partitions.push_back(partition(volume, p));
    }
  }

  UdfPartitionInfo partition(const UdfVolume& volume, const UdfPartition& p) {
    UdfPartitionInfo info{.kind = std::string(kind_text(p.kind)),
                          .number = p.number,
                          .start = p.start,
                          .length = p.length,
                          .access_type = 0,
                          .contents = {}};
    for (const auto offset : volume.partitions_at) {
      const auto pd = at<udf::PartitionDescriptor>(offset);
      if (pd.partition_number.value() != p.number) continue;
      info.access_type = pd.access_type.value();
      info.contents = udf::identifier_text(pd.contents);
    }
    if (p.fault) info.fault = p.fault->message();
    if (p.vat) {
      info.vat = UdfVatInfo{.icb = lba_of(p.vat->icb_at),
                            .old_form = !p.vat->header_at,
                            .entries = p.vat->entries,
                            .unused = p.vat->unused,
                            .previous = {}};
      if (p.vat->previous) info.vat->previous = lba_of((std::uint64_t{p.start} + *p.vat->previous) * volume.block_size);
    }
    if (p.sparing) {
      info.sparing = UdfSparingInfo{p.sparing->packet_blocks, {}};
      for (const auto& t : p.sparing->tables)
        info.sparing->tables.push_back({lba_of(t.at), t.sound, t.used, t.sequence_number, t.entries, t.spared});
    }
    if (p.metadata)
      info.metadata = UdfMetadataInfo{.main = lba_of(p.metadata->main_at),
                                      .mirror = lba_of(p.metadata->mirror_at),
                                      .bitmap = lba_of(p.metadata->bitmap_at),
                                      .duplicated = p.metadata->duplicated,
                                      .from_mirror = p.metadata->from_mirror};
    return info;
  }

  static std::optional<Lba> lba_of(const std::optional<std::uint64_t>& offset) {
    return offset ? std::optional(volume::lba_of(*offset)) : std::nullopt;
  }
  static Lba lba_of(std::uint64_t offset) { return volume::lba_of(offset); }

  void partition_map(const UdfPartition& p) {
    if (p.kind == UdfPartition::Kind::physical) return describe<udf::Type1PartitionMap>(p.map_at, "udf/partition map");
    describe<udf::Type2PartitionMap>(p.map_at, "udf/partition map");
    const auto specific = p.map_at + offsetof(udf::Type2PartitionMap, specific);
    if (p.kind == UdfPartition::Kind::sparable)
      describe<udf::SparableMapFields>(specific, "udf/partition map, sparable");
    if (p.kind == UdfPartition::Kind::metadata)
      describe<udf::MetadataMapFields>(specific, "udf/partition map, metadata");
  }

  // The fixed parts of what a partition stands on.
  void tables(const UdfPartition& p) {
    if (p.vat) {
      file_entry(p.vat->icb_at, "udf/virtual allocation table ICB");
      if (p.vat->header_at) describe<udf::VatHeader>(*p.vat->header_at, "udf/virtual allocation table");
      if (p.vat->trailer_at) describe<udf::VatTrailer>(*p.vat->trailer_at, "udf/virtual allocation table, trailer");
    }
    if (p.sparing)
      for (const auto& t : p.sparing->tables)
        if (walk_.blocks.contains(t.at, sizeof(udf::SparingTable)))
          describe<udf::SparingTable>(t.at, "udf/sparing table");
    if (!p.metadata) return;
    for (const auto& [place, name] : {std::pair{p.metadata->main_at, "udf/metadata file"},
                                      {p.metadata->mirror_at, "udf/metadata mirror file"},
                                      {p.metadata->bitmap_at, "udf/metadata bitmap file"}})
      if (place && walk_.blocks.contains(*place, sizeof(udf::ExtendedFileEntry))) file_entry(*place, name);
  }

  void file_entry(std::uint64_t offset, std::string name) {
    const auto identifier = static_cast<TagIdentifier>(at<udf::DescriptorTag>(offset).identifier.value());
    if (identifier == TagIdentifier::file_entry) return describe<udf::FileEntry>(offset, std::move(name));
    if (identifier == TagIdentifier::extended_file_entry)
      return describe<udf::ExtendedFileEntry>(offset, std::move(name));
    describe<udf::DescriptorTag>(offset, std::move(name));
  }

  void integrity(const UdfVolume& volume) {
    const auto offset = *volume.integrity_at;
    describe<udf::LogicalVolumeIntegrityDescriptor>(offset, "udf/logical volume integrity descriptor");
    const auto lvid = at<udf::LogicalVolumeIntegrityDescriptor>(offset);
    UdfIntegrityInfo info{
        .closed = lvid.integrity_type.value() == static_cast<std::uint32_t>(udf::IntegrityType::close),
        .recorded = udf::from_wire(lvid.recorded).value_or(kUnsetTime),
        .next_unique_id = lvid.unique_id.value()};
    const auto use_at = offset + sizeof lvid + std::uint64_t{lvid.partition_count.value()} * 8;
    if (use_at + sizeof(udf::IntegrityImplementationUse) <= offset + volume.block_size &&
        lvid.implementation_use_length.value() >= sizeof(udf::IntegrityImplementationUse)) {
      describe<udf::IntegrityImplementationUse>(use_at, "udf/logical volume integrity implementation use");
      const auto use = at<udf::IntegrityImplementationUse>(use_at);
      info.files = use.file_count.value();
      info.directories = use.directory_count.value();
      info.min_read = use.min_read_revision.value();
      info.min_write = use.min_write_revision.value();
      info.max_write = use.max_write_revision.value();
    }
    out_.udf->integrity = info;
  }

  void file_set(const UdfVolume& volume) {
    const auto found = read_file_set(walk_, volume);
    describe<udf::FileSetDescriptor>(found.at, "udf/file set descriptor");
    if (found.terminator_at) describe<udf::TerminatingDescriptor>(*found.terminator_at, "udf/file set terminator");
    out_.udf->file_set = lba_of(found.at);
    out_.udf->root = lba_of(found.root.at);
  }

  Walk& walk_;
  VolumesInfo& out_;
};

}  // namespace

void describe_udf(Walk& walk, VolumesInfo& out) { Describer(walk, out).run(); }

}  // namespace fsimage::volume
