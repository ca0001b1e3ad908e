// Writes what fuzzing begins with into a folder for each target: the structures that the sound volumes hold, as the
// targets take them, and a few patches. seeds FOLDER
#include "mutator.hpp"
#include "volumes.hpp"

#include <fsimage/burn/session_image.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>

#include <import/udf_forms.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace fsimage;

class Folder {
 public:
  Folder(const std::filesystem::path& below, std::string_view target) : path_(below / target) {
    std::filesystem::create_directories(path_);
  }
  // What the target's own bytes are, then those of a structure without the zeros behind it.
  void add(std::string_view name, std::initializer_list<int> head, std::span<const std::byte> bytes) {
    while (!bytes.empty() && bytes.back() == std::byte{}) bytes = bytes.first(bytes.size() - 1);
    std::ofstream out(path_ / ("seed-" + std::string(name)), std::ios::binary);
    for (const int h : head) out.put(static_cast<char>(h));
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path path_;
};

fuzz::SoundVolume named(const std::vector<fuzz::SoundVolume>& volumes, std::string_view name) {
  return *std::find_if(volumes.begin(), volumes.end(), [&](const auto& v) { return v.name == name; });
}

constexpr std::size_t kTag = sizeof(udf::DescriptorTag);
std::uint32_t lsn(std::uint32_t lbn) { return test::UdfBuilder::kStart + lbn; }

// The numbers are those of fuzz_udf_structures.
void udf_structures(Folder to) {
  using test::UdfBuilder;
  auto physical = named(fuzz::udf_volumes(), "physical");
  const auto& behind_tag = [&](std::uint32_t at) { return physical.block(at).subspan(kTag); };
  const auto area = [&](std::uint32_t lbn) { return physical.block(lsn(lbn)).subspan(sizeof(udf::FileEntry)); };
  to.add("identifiers", {0}, area(UdfBuilder::kRoot));
  to.add("file-entry", {1}, behind_tag(lsn(UdfBuilder::kFileA)));
  to.add("embedded", {1}, behind_tag(lsn(UdfBuilder::kFileB)));
  to.add("directory-entry", {1}, behind_tag(lsn(UdfBuilder::kSub)));
  to.add("areas-long", {3, 0x51, 0, 0, 0, 16, 100}, area(UdfBuilder::kFileA));
  to.add("areas-link", {3, 0x83, 0, 0, 0, 0, 8}, area(UdfBuilder::kFileB));
  to.add("allocation-extent", {4, 0, 0, 0, 0, 16, 0, 0, 0}, area(UdfBuilder::kFileA));
  auto lvd = physical.block(UdfBuilder::kMainAt + 2);
  to.add("map-physical", {5, 1}, lvd.subspan(sizeof(udf::LogicalVolumeDescriptor)));
  for (const auto* kind : {"sparable", "virtual_150", "metadata"}) {
    auto volume = named(fuzz::udf_volumes(), kind);
    to.add(std::string("maps-") + kind, {5, 2},
           volume.block(UdfBuilder::kMainAt + 2).subspan(sizeof(udf::LogicalVolumeDescriptor)));
  }
  for (int i = 0; i < 3; ++i)
    to.add("volume-" + std::to_string(i), {6, i}, behind_tag(UdfBuilder::kMainAt + static_cast<std::uint32_t>(i)));
  to.add("anchor", {7}, behind_tag(256));
  to.add("integrity", {8}, behind_tag(UdfBuilder::kIntegrityAt));
  to.add("file-set", {9}, behind_tag(lsn(0)));
  auto chain = named(fuzz::udf_volumes(), "chain");
  to.add("indirect", {10}, chain.block(lsn(61)).subspan(kTag));
  auto sparable = named(fuzz::udf_volumes(), "sparable");
  to.add("sparing", {11}, sparable.block(test::kSparingTable[1]).subspan(kTag));
  auto old = named(fuzz::udf_volumes(), "virtual_150");
  to.add("vat-150", {12, 1}, old.block(UdfBuilder::kBlocks - 1).subspan(sizeof(udf::FileEntry)));
  auto metadata = named(fuzz::udf_volumes(), "metadata");
  for (int mirror = 0; mirror < 2; ++mirror)
    to.add("metadata-" + std::to_string(mirror), {13, mirror},
           metadata.block(lsn(mirror == 0 ? test::kMetadataFile : test::kMetadataMirror))
               .subspan(sizeof(udf::ExtendedFileEntry)));
}

// The numbers are those of fuzz_iso_structures.
void iso_structures(Folder to) {
  auto bridge = named(fuzz::iso_volumes(), "bridge");
  const auto primary = load<iso9660::PrimaryVolumeDescriptor>(bridge.block(16));
  const auto joliet = load<iso9660::PrimaryVolumeDescriptor>(bridge.block(17));
  constexpr std::size_t kHeader = sizeof(iso9660::VolumeDescriptorHeader);
  to.add("primary", {0}, bridge.block(16).subspan(kHeader));
  to.add("descriptor", {1}, bridge.block(17));
  to.add("joliet", {2}, bridge.block(17).subspan(kHeader));
  auto folder = bridge.block(primary.root.record.extent.value());
  for (int i = 0; i < 2; ++i) folder = folder.subspan(std::to_integer<std::size_t>(folder[0]));
  to.add("records", {3}, folder);
  to.add("joliet-records", {5}, bridge.block(joliet.root.record.extent.value()).subspan(68));
  to.add("path-table", {6}, bridge.block(primary.type_l_path_table.value()));
}

void susp(Folder to) {
  auto volume = named(fuzz::iso_volumes(), "rockridge");
  const auto root = load<iso9660::PrimaryVolumeDescriptor>(volume.block(16)).root.record.extent.value();
  auto records = volume.block(root);
  for (int i = 0; records.size() > 34 && records[0] != std::byte{}; ++i) {
    const auto length = std::to_integer<std::size_t>(records[0]);
    const auto identifier = std::to_integer<std::size_t>(records[32]);
    const auto use = records.first(length).subspan(33 + identifier + (identifier % 2 == 0 ? 1 : 0));
    to.add("record-" + std::to_string(i), {static_cast<int>(use.size()), i == 0 ? 0x80 : 0}, use);
    records = records.subspan(length);
  }
  // Attributes, the second of them in a further entry, and an access control list.
  const auto fields =
      std::string("AL\x11\1\1\0\5\3name\1\3one", 17) + std::string("AL\x11\1\0\0\2wo\0\0\0\4\x16\xAF\1\5", 17);
  to.add("attributes", {static_cast<int>(fields.size()), 0}, std::as_bytes(std::span(fields)));
}

// Patches at places that matter: one of each kind of volume and of each block.
void patches(Folder to, const std::vector<fuzz::SoundVolume>& volumes) {
  int number = 0;
  for (std::size_t kind = 0; kind < volumes.size(); ++kind)
    for (std::size_t block = 0; block < volumes[kind].blocks.size(); block += 7) {
      ++number;
      fuzz::Mutator random(static_cast<std::uint64_t>(number));
      const auto place = static_cast<int>(random.below(200));
      to.add("patch-" + std::to_string(number),
             {static_cast<int>(kind), number % 3, static_cast<int>(block >> 8), static_cast<int>(block & 0xFF), 0x80,
              place, static_cast<int>(random.below(255)) + 1},
             {});
    }
}

// The numbers are those of fuzz_session_image.
void own_files(Folder to) {
  const auto add = [&](std::string_view name, int head, std::string_view text) {
    to.add(name, {head}, std::as_bytes(std::span(text)));
  };
  const auto bridge = std::make_shared<MemorySource>(named(fuzz::iso_volumes(), "bridge").bytes);
  Media media;
  media.type = MediaType::bd_re;
  media.media_class = MediaClass::overwritable;
  media.state = MediaState::appendable;
  media.used = blocks_for(bridge->size());
  const auto identity = identify_disc(media, bridge);
  add("identity", 4, to_json(identity));
  add("media", 5, to_json(media));

  const auto block = std::make_shared<MemorySource>(std::string(kBlockSize, 'x'));
  const SessionImage session{std::make_shared<const ResultImage>(std::vector<ImageExtent>{{Lba{640}, block, "x"}},
                                                                 BlockCount{2}, std::string(64, 'a'), Lba{640},
                                                                 std::vector<ImageExtent>{{Lba{0}, block, "front"}}),
                             identity};
  const auto file = session_file(session);
  std::string text(static_cast<std::size_t>(file->size()), '\0');
  file->read_at(0, std::as_writable_bytes(std::span(text)));
  add("file", 0, text);
  const auto json = text.find('\n') + 1;
  add("session", 1 + (3 << 3), text.substr(json, text.find('\n', json) - json));
  add("description", 3 + (1 << 3),
      "{\"media\":" + to_json(media) + ",\"identity\":" + to_json(identity) +
          ",\"bytes\":20480,\"metadata\":[[0,2,0,30,\"" + std::string(64, '0') + "\"],[4,6,0,0,null]]}");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path below = argv[1];
  udf_structures(Folder(below, "fuzz_udf_structures"));
  iso_structures(Folder(below, "fuzz_iso_structures"));
  susp(Folder(below, "fuzz_susp"));
  patches(Folder(below, "fuzz_iso_volume"), fuzz::iso_volumes());
  patches(Folder(below, "fuzz_udf_volume"), fuzz::udf_volumes());
  own_files(Folder(below, "fuzz_session_image"));
  return 0;
}
