#include "volumes.hpp"

#include "input.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/import/block_dump.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/import/volume_verify.hpp>
#include <fsimage/layout/planner.hpp>

#include <import/iso_builder.hpp>
#include <import/udf_forms.hpp>

#include <algorithm>

namespace fsimage::fuzz {
namespace {

// Folders, links, a long name that needs a continuation area, a file of two blocks, folders below the eighth level.
std::shared_ptr<const Tree> small_tree() {
  auto tree = std::make_shared<Tree>();
  const auto docs = tree->add_directory(kRootNode, "docs", {});
  const auto deep = tree->add_directory(docs, "deep", {});
  const auto file = tree->add_file(docs, "a.txt", {}, std::make_shared<MemorySource>(std::string(3000, 'a')));
  tree->add_hard_link(deep, "b.txt", file);
  tree->add_symlink(deep, "link", {}, "../../docs/a.txt");
  tree->add_file(kRootNode, std::string(200, 'n'), {}, std::make_shared<MemorySource>("n"));
  tree->add_special(kRootNode, "tty", FileType::char_device, {}, {4, 64});
  auto folder = deep;
  for (int level = 3; level < 10; ++level) folder = tree->add_directory(folder, "d", {});
  return tree;
}

bool is_structure(std::string_view label) {
  return !label.starts_with(kContentLabel) && label.find("anchor volume descriptor pointers") == std::string_view::npos;
}

SoundVolume planned(std::string name, FileSystems file_systems) {
  Profile profile;
  profile.file_systems = file_systems;
  profile.udf_special_files = true;
  profile.allow_drop = profile.allow_rename = profile.allow_clamp = true;
  if (file_systems.rockridge) profile.deep_folders = DeepFolders::relocate;
  const auto image = Plan(small_tree(), profile).create_image();
  SoundVolume out{.name = std::move(name), .bytes = {}, .block_size = kBlockSize, .blocks = {}};
  out.bytes.resize(static_cast<std::size_t>(image->size()));
  image->read_at(0, out.bytes);
  for (std::uint32_t block = 0; block < image->total_blocks().value; ++block)
    if (const auto part = image->part_at(Lba{block}); part && is_structure(part->label)) out.blocks.push_back(block);
  if (file_systems.udf) out.blocks.push_back(256);
  return out;
}

template <WireStruct T, class Change>
void edit(std::span<std::byte> at, Change change) {
  T value = load<T>(at);
  change(value);
  store(at, value);
}

// An image behind another, whose descriptors it has put in the place of the first one's: a grown overwritable disc. Of
// the second session only the root is where it says, which is as much as the search for sessions looks at.
SoundVolume grown(const SoundVolume& one) {
  SoundVolume out = one;
  out.name = "grown";
  const auto start = static_cast<std::uint32_t>(one.bytes.size() / kBlockSize);
  out.bytes.insert(out.bytes.end(), one.bytes.begin(), one.bytes.end());
  const auto first = iso9660::kFirstDescriptor.value;
  edit<iso9660::PrimaryVolumeDescriptor>(out.block(start + first), [&](auto& vd) {
    const auto root = vd.root.record.extent.value();
    vd.root.record.extent = root + start;
    edit<iso9660::DirectoryRecord>(out.block(root + start), [&](auto& self) { self.extent = root + start; });
    out.blocks.push_back(root + start);
  });
  std::ranges::copy(out.block(start + first), out.block(first).begin());
  out.blocks.push_back(start + first);
  return out;
}

SoundVolume built(const test::UdfForm& form) {
  test::UdfBuilder b(form.revision == udf::Revision::v2_01 ? 512 : 2048, form.revision);
  form.make(b);
  SoundVolume out{.name = form.name, .bytes = {}, .block_size = b.block_size(), .blocks = {}};
  for (std::uint32_t i = 0; i < b.bytes().size() / b.block_size(); ++i) {
    const auto block = b.block(i);
    const bool used = std::any_of(block.begin(), block.end(), [](std::byte v) { return v != std::byte{}; });
    // Blocks that begin with these letters are content.
    if (used && block[0] != std::byte{'A'} && block[0] != std::byte{'B'}) out.blocks.push_back(i);
  }
  out.bytes = std::move(b.bytes());
  return out;
}

// Extended attributes in the records and behind them, and folders that were moved, one of them with nothing to lead there.
SoundVolume attributed() {
  using namespace test;
  IsoBuilder b;
  b.root_use = kSharing + px(0040755) + use_field("AL", std::string("\0\0\4\3top\0\1t", 10));
  const auto further =
      use_field("AL", std::string("\1\0\3\3ab\0\2cd", 10)) + use_field("AL", std::string("\0\0\0\0\4\x16\xAF\1\5", 9));
  const auto area = b.put(further);
  const auto ce = use_field("CE", both(area) + both(0) + both(static_cast<std::uint32_t>(further.size())));
  b.add(b.file("A.;1", "a", px(0100644) + nm("a") + ce));
  const auto moved = b.add_folder("RR_MOVED", 0, px(0040755) + nm("rr_moved"));
  const auto gone = b.add_folder("GONE", moved, px(0040755) + nm("gone") + use_field("RE", ""));
  b.add(b.file("B.;1", "b", px(0100644) + nm("b") + use_field("CL", both(area))), gone);
  const auto text = b.build();
  SoundVolume out{.name = "attributes", .bytes = {}, .block_size = kBlockSize, .blocks = {}};
  const auto bytes = std::as_bytes(std::span(text));
  out.bytes.assign(bytes.begin(), bytes.end());
  for (std::uint32_t i = iso9660::kFirstDescriptor.value; i < out.bytes.size() / kBlockSize; ++i)
    out.blocks.push_back(i);
  return out;
}

ImportLimits small_limits() {
  ImportLimits limits;
  limits.entries = 10'000;
  limits.depth = 64;
  return limits;
}

void read_xattrs(VolumeCursor& cursor, const ImportLimits& limits) {
  try {
    for (const auto& x : cursor.xattrs()) {
      require(!x.name.empty(), "an extended attribute has a name");
      require(x.is_held() ? x.size <= limits.attribute_bytes : x.value.empty(), "what is held has its limit");
    }
  } catch (const Error&) {
    // What is wrong with them is told; the walk goes on.
  }
}

void walk(const std::shared_ptr<const ByteSource>& source, View view, EntryOrder order, Strictness strictness) {
  ContentStore store;
  std::vector<std::byte> buffer(4096);
  const auto limits = small_limits();
  VolumeOptions options;
  options.view = view;
  options.order = order;
  options.limits = limits;
  options.strictness = strictness;
  options.xattrs = order == EntryOrder::by_name;  // the other walk names those that it drops
  const auto cursor = open_volume(source, options, [](const Finding&) {});
  std::uint64_t seen = 0;
  if (options.xattrs) read_xattrs(*cursor, limits);
  while (const auto entry = cursor->next()) {
    if (options.xattrs) read_xattrs(*cursor, limits);
    require(++seen <= limits.entries, "the budget of entries holds");
    require(is_valid_name(entry->name), "an entry's name is one that a tree can hold");
    if (entry->type != FileType::regular) continue;
    try {
      const auto content = cursor->content(store);
      const auto size = content ? store.size(content) : 0;
      require(size == entry->size, "content is as long as its entry says");
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer.size()));
      if (n == 0) continue;
      store.read_at(content, 0, std::span(buffer).first(n));
      store.read_at(content, size - n, std::span(buffer).first(n));
    } catch (const Error& e) {
      require(std::string_view(e.what()).find(printable(cursor->origin())) != std::string_view::npos,
              "content that cannot be had is named");
    }
  }
}

void import(const std::shared_ptr<const ByteSource>& source, Strictness strictness) {
  Tree tree;
  ImportOptions options;
  options.limits = small_limits();
  options.strictness = strictness;
  import_file_system(tree, source, options);
}

template <class Read>
void attempt(Read read) {
  try {
    read();
  } catch (const Error&) {
    // It has been told; what must not happen ends the program.
  }
}

}  // namespace

const std::vector<SoundVolume>& iso_volumes() {
  static const std::vector<SoundVolume> all = [] {
    std::vector<SoundVolume> out;
    out.push_back(planned("iso", {.iso9660 = true, .joliet = false, .rockridge = false, .udf = false}));
    out.push_back(planned("rockridge", {.iso9660 = true, .joliet = false, .rockridge = true, .udf = false}));
    out.push_back(planned("joliet", {.iso9660 = true, .joliet = true, .rockridge = false, .udf = false}));
    out.push_back(planned("bridge", {.iso9660 = true, .joliet = true, .rockridge = true, .udf = true}));
    out.push_back(grown(out[1]));
    out.push_back(attributed());
    return out;
  }();
  return all;
}

const std::vector<SoundVolume>& udf_volumes() {
  static const std::vector<SoundVolume> all = [] {
    std::vector<SoundVolume> out;
    for (const auto& form : test::all_forms()) out.push_back(built(form));
    out.push_back(built({"streams", udf::Revision::v2_00, test::make_streams}));
    out.push_back(built({"states", udf::Revision::v2_00, [](test::UdfBuilder& b) {
                           test::make_virtual(b);
                           test::add_state(b, test::kFirstTable);
                         }}));
    return out;
  }();
  return all;
}

void reseal(std::span<std::byte> block) {
  const auto tag = load<udf::DescriptorTag>(block);
  const auto length = sizeof tag + tag.crc_length.value();
  if (tag.version.value() < 2 || tag.version.value() > 3 || length > block.size()) return;
  udf::seal(block.first(length), static_cast<udf::TagIdentifier>(tag.identifier.value()), tag.location.value(),
            tag.version.value());
}

void read_everything(const std::shared_ptr<const ByteSource>& source, Lba block, Strictness strictness) {
  const auto found = identify_file_systems(*source);
  attempt([&] { find_sessions(source); });
  if (block.byte_offset() < source->size()) dump_block(*source, block);
  VolumeOptions options;
  options.limits = small_limits();
  options.strictness = strictness;
  for (const auto view : {View::iso9660, View::enhanced, View::rockridge, View::joliet, View::udf}) {
    if (!found.has(view)) continue;
    for (const auto order : {EntryOrder::recorded, EntryOrder::by_name})
      attempt([&] { walk(source, view, order, strictness); });
  }
  attempt([&] {
    map_volumes(
        source, options, [](const VolumePart&) {}, [](const Finding&) {});
  });
  describe_volumes(*source, {}, options.limits);
  attempt([&] {
    VerifyVolumesOptions verify;
    verify.volume = options;
    verify_volumes(source, verify, [](const Finding&) {});
  });
  attempt([&] { import(source, strictness); });
}

}  // namespace fsimage::fuzz
