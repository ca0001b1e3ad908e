// One structure of UDF from the fuzzer's bytes, with a sound tag, in a volume that is sound otherwise. The first byte
// chooses the structure.
#include "input.hpp"
#include "volumes.hpp"

#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/symlink.hpp>
#include <fsimage/format/udf/timestamp.hpp>

#include <import/udf_forms.hpp>

#include <algorithm>
#include <array>

namespace {

using namespace fsimage;
using test::Bytes;
using test::UdfBuilder;
using udf::TagIdentifier;

constexpr std::uint32_t kFileIcb = UdfBuilder::kFileB;  // the file of the tree that may become anything

struct Volume {
  UdfBuilder built;
  Lba at;  // of the structure
};

UdfBuilder form(void (*make)(UdfBuilder&), udf::Revision revision) {
  UdfBuilder b(kBlockSize, revision);
  make(b);
  return b;
}
template <WireStruct T>
void edit(std::span<std::byte> at, const auto& change) {
  T value = load<T>(at);
  change(value);
  store(at, value);
}
Bytes cut(std::span<const std::byte> bytes, std::size_t most) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), most))};
}
Lba at_block(std::uint32_t lbn) { return Lba{UdfBuilder::kStart + lbn}; }

const UdfBuilder& physical() {
  static const UdfBuilder b = form(test::make_physical, udf::Revision::v1_02);
  return b;
}
const UdfBuilder& physical_201() {
  static const UdfBuilder b = form(test::make_physical, udf::Revision::v2_01);
  return b;
}

// Identifiers as they follow one another, each with a sound tag; what is left over stays as it is.
void seal_identifiers(std::span<std::byte> rest, std::uint32_t lbn) {
  while (rest.size() >= sizeof(udf::FileIdentifierDescriptor)) {
    const auto fid = load<udf::FileIdentifierDescriptor>(rest);
    const auto size = udf::fid_size(fid.implementation_use_length.value(), fid.identifier_length);
    if (size > rest.size()) return;
    udf::seal(rest.first(size), TagIdentifier::file_identifier_descriptor, lbn, 2);
    rest = rest.subspan(size);
  }
}

Volume with_directory(std::span<const std::byte> bytes) {
  Volume v{physical(), at_block(UdfBuilder::kSub)};
  UdfBuilder::File folder;
  folder.type = udf::IcbFileType::directory;
  folder.area = cut(bytes, 1800);
  folder.size = folder.area.size();
  seal_identifiers(folder.area, UdfBuilder::kSub);
  v.built.put_file(UdfBuilder::physical(), UdfBuilder::kSub, folder);
  return v;
}

Volume with_structure(const UdfBuilder& in, std::uint32_t lsn, std::uint32_t location, TagIdentifier id,
                      std::span<const std::byte> bytes) {
  Volume v{in, Lba{lsn}};
  auto block = cut(bytes, kBlockSize - sizeof(udf::DescriptorTag));
  block.insert(block.begin(), sizeof(udf::DescriptorTag), std::byte{});
  block.resize(kBlockSize);
  v.built.put_sealed(lsn, location, id, block);
  return v;
}
Volume with_file_entry(std::span<const std::byte> bytes) {
  return with_structure(physical(), at_block(kFileIcb).value, kFileIcb, TagIdentifier::file_entry, bytes);
}
Volume with_extended_file_entry(std::span<const std::byte> bytes) {
  return with_structure(physical_201(), at_block(kFileIcb).value, kFileIcb, TagIdentifier::extended_file_entry, bytes);
}

// Behind a sound file entry: the first byte chooses type and form, the second how much of the bytes are attributes.
Volume with_areas(std::span<const std::byte> bytes) {
  fuzz::Input in(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  UdfBuilder::File file;
  const auto kind = in.byte();
  file.type = static_cast<udf::IcbFileType>((kind & 0x80) != 0 ? 12 : kind >> 4);
  file.form = static_cast<udf::AllocationForm>(kind & 3);
  const auto attributes = std::size_t{in.byte()};
  file.size = in.number(4);
  const auto rest = bytes.subspan(std::min<std::size_t>(bytes.size(), 6));
  file.attributes = cut(rest, attributes);
  file.area = cut(rest.subspan(file.attributes.size()), 1500);
  if ((kind & 0x0C) == 0) file.size = file.area.size();
  Volume v{(kind & 0x08) != 0 ? physical_201() : physical(), at_block(kFileIcb)};
  v.built.put_file(UdfBuilder::physical(), kFileIcb, file);
  return v;
}

Volume with_allocation_extent(std::span<const std::byte> bytes) {
  constexpr std::uint32_t kAt = 60;
  auto v = with_structure(physical(), at_block(kAt).value, kAt, TagIdentifier::allocation_extent_descriptor, bytes);
  udf::LongAllocationDescriptor ad = v.built.long_ad(0, kAt, kBlockSize);
  ad.length = udf::extent_length_field(udf::ExtentType::continuation, kBlockSize);
  UdfBuilder::File file;
  file.form = udf::AllocationForm::long_form;
  file.size = 1'000'000;
  file.area = test::joined({bytes_of(ad)});
  v.built.put_file(UdfBuilder::physical(), kFileIcb, file);
  return v;
}

Volume with_partition_maps(std::span<const std::byte> bytes) {
  Volume v{physical(), Lba{UdfBuilder::kMainAt + 2}};
  const auto maps = cut(bytes.subspan(std::min<std::size_t>(bytes.size(), 1)), 1500);
  for (const auto sequence : {UdfBuilder::kMainAt, UdfBuilder::kReserveAt}) {
    auto lvd = load<udf::LogicalVolumeDescriptor>(v.built.block(sequence + 2));
    lvd.partition_map_count = bytes.empty() ? 0 : std::to_integer<std::uint32_t>(bytes[0]);
    lvd.map_table_length = static_cast<std::uint32_t>(maps.size());
    v.built.put_sealed(sequence + 2, sequence + 2, TagIdentifier::logical_volume_descriptor,
                       test::joined({bytes_of(lvd), maps}));
  }
  return v;
}

// The volume's descriptors: the bytes take the place of one of them from the tag on.
Volume with_volume_descriptor(std::span<const std::byte> bytes) {
  const auto which = bytes.empty() ? 0U : std::to_integer<std::uint32_t>(bytes[0]) % 3;
  static constexpr std::array kIds{TagIdentifier::primary_volume_descriptor, TagIdentifier::partition_descriptor,
                                   TagIdentifier::logical_volume_descriptor};
  return with_structure(physical(), UdfBuilder::kMainAt + which, UdfBuilder::kMainAt + which, kIds[which],
                        bytes.subspan(std::min<std::size_t>(bytes.size(), 1)));
}
Volume with_anchor(std::span<const std::byte> bytes) {
  return with_structure(physical(), 256, 256, TagIdentifier::anchor_volume_descriptor_pointer, bytes);
}
Volume with_integrity(std::span<const std::byte> bytes) {
  return with_structure(physical(), UdfBuilder::kIntegrityAt, UdfBuilder::kIntegrityAt,
                        TagIdentifier::logical_volume_integrity_descriptor, bytes);
}
Volume with_file_set(std::span<const std::byte> bytes) {
  return with_structure(physical(), at_block(0).value, 0, TagIdentifier::file_set_descriptor, bytes);
}
Volume with_indirect_entry(std::span<const std::byte> bytes) {
  static const UdfBuilder chain = form(test::make_chain, udf::Revision::v1_02);
  return with_structure(chain, at_block(61).value, 61, TagIdentifier::indirect_entry, bytes);
}
Volume with_sparing_table(std::span<const std::byte> bytes) {
  static const UdfBuilder sparable = form(test::make_sparable, udf::Revision::v1_50);
  return with_structure(sparable, test::kSparingTable[1], test::kSparingTable[1], TagIdentifier::sparing_table, bytes);
}

Volume with_vat(std::span<const std::byte> bytes) {
  static const UdfBuilder old = form(test::make_virtual, udf::Revision::v1_50);
  static const UdfBuilder recent = form(test::make_virtual, udf::Revision::v2_01);
  const bool is_old = !bytes.empty() && (bytes[0] & std::byte{1}) != std::byte{};
  Volume v{is_old ? old : recent, Lba{UdfBuilder::kBlocks - 1}};
  UdfBuilder::File file;
  file.type = is_old ? udf::IcbFileType::unspecified : udf::IcbFileType::vat;
  file.area = cut(bytes.subspan(std::min<std::size_t>(bytes.size(), 1)), 1800);
  file.size = file.area.size();
  v.built.put_file(UdfBuilder::physical(), UdfBuilder::kBlocks - 1 - UdfBuilder::kStart, file);
  return v;
}

// The allocation descriptors of the metadata file and of its mirror.
Volume with_metadata_file(std::span<const std::byte> bytes) {
  static const UdfBuilder metadata = form(test::make_metadata, udf::Revision::v2_50);
  const bool mirror = !bytes.empty() && (bytes[0] & std::byte{1}) != std::byte{};
  const auto icb = mirror ? test::kMetadataMirror : test::kMetadataFile;
  Volume v{metadata, at_block(icb)};
  if (mirror) std::ranges::fill(v.built.block(at_block(test::kMetadataFile).value), std::byte{});
  UdfBuilder::File file;
  file.type = mirror ? udf::IcbFileType::metadata_mirror : udf::IcbFileType::metadata;
  file.form = udf::AllocationForm::short_form;
  file.size = std::uint64_t{test::kMetadataBlocks} * kBlockSize;
  file.area = cut(bytes.subspan(std::min<std::size_t>(bytes.size(), 1)), 1600);
  v.built.put_file(UdfBuilder::physical(), icb, file);
  return v;
}

// Texts, times and paths have no place that matters.
void decode(std::span<const std::byte> bytes) {
  if (const auto text = udf::decode_cs0(bytes)) {
    fuzz::require(text->size() <= bytes.size(), "a text has no more units than bytes");
    std::vector<std::byte> again(udf::cs0_size(*text));
    Sink sink{std::span(again)};
    udf::encode_cs0(*text, sink);
    fuzz::require(text->empty() || udf::decode_cs0(again) == text, "CS0 survives being written and read");
  }
  udf::decode_dstring(bytes);
  if (const auto target = udf::decode_symlink(bytes))
    fuzz::require(target->size() <= bytes.size() * 4, "a target is not much longer than its components");
  if (bytes.size() >= sizeof(udf::WireTimestamp)) udf::from_wire(load<udf::WireTimestamp>(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static constexpr std::array kMake{with_directory,
                                    with_file_entry,
                                    with_extended_file_entry,
                                    with_areas,
                                    with_allocation_extent,
                                    with_partition_maps,
                                    with_volume_descriptor,
                                    with_anchor,
                                    with_integrity,
                                    with_file_set,
                                    with_indirect_entry,
                                    with_sparing_table,
                                    with_vat,
                                    with_metadata_file};
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const auto which = (data[0] & 0x3F) % (kMake.size() + 1);
  if (which == kMake.size()) {
    decode(bytes);
    return 0;
  }
  const auto volume = kMake[which](bytes);
  fuzz::read_everything(volume.built.source(), volume.at, static_cast<Strictness>(data[0] / 64 % 3));
  return 0;
}
