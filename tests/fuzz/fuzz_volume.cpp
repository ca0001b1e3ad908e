// A volume that somebody damaged: bytes are patches upon an image of ours, after which the tag of a UDF structure may be
// made sound again, or nothing behind it would ever be reached. Whatever they break, every view is walked to its end or to
// an Error, within its budget.
#include "input.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/import/block_dump.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/layout/planner.hpp>

#include <memory>
#include <span>
#include <vector>

namespace {

using namespace fsimage;

// Folders, links, a long name that needs a continuation area, a file of two blocks.
std::shared_ptr<const Tree> base_tree() {
  auto tree = std::make_shared<Tree>();
  const auto docs = tree->add_directory(kRootNode, "docs", {});
  const auto deep = tree->add_directory(docs, "deep", {});
  const auto file = tree->add_file(docs, "a.txt", {}, std::make_shared<MemorySource>(std::string(3000, 'a')));
  tree->add_hard_link(deep, "b.txt", file);
  tree->add_symlink(deep, "link", {}, "../../docs/a.txt");
  tree->add_file(kRootNode, std::string(200, 'n'), {}, std::make_shared<MemorySource>("n"));
  tree->add_special(kRootNode, "tty", FileType::char_device, {}, {4, 64});
  return tree;
}

struct Base {
  std::vector<std::byte> bytes;
  std::vector<std::uint32_t> blocks;  // those that hold anything: where a patch can matter
};

Base make_base() {
  Profile profile;
  profile.udf_special_files = true;
  const auto image = Plan(base_tree(), profile).create_image();
  Base base;
  base.bytes.resize(static_cast<std::size_t>(image->size()));
  image->read_at(0, base.bytes);
  for (std::uint32_t block = 0; block < image->total_blocks().value; ++block) {
    const auto part = image->part_at(Lba{block});
    if (!part || part->label.starts_with(kContentLabel) || part->label.find("anchor") != std::string::npos) continue;
    base.blocks.push_back(block);
  }
  base.blocks.push_back(256);
  return base;
}

// Seals the structure at the front of the block, if it looks like one of UDF.
void reseal(std::span<std::byte> block) {
  const auto tag = load<udf::DescriptorTag>(block);
  const auto length = sizeof tag + tag.crc_length.value();
  if (tag.version.value() < 2 || tag.version.value() > 3 || length > block.size()) return;
  udf::seal(block.first(length), static_cast<udf::TagIdentifier>(tag.identifier.value()), tag.location.value(),
            tag.version.value());
}

void walk(const std::shared_ptr<const ByteSource>& source, View view) {
  ContentStore store;
  std::vector<std::byte> buffer(4096);
  ImportLimits limits;
  limits.entries = 10'000;
  limits.depth = 64;
  try {
    const auto cursor = open_volume(source, {.view = view, .limits = limits}, [](const Finding&) {});
    std::uint64_t seen = 0;
    while (const auto entry = cursor->next()) {
      fuzz::require(++seen <= limits.entries, "the budget of entries holds");
      if (entry->type != FileType::regular) continue;
      const auto content = cursor->content(store);
      if (content && store.size(content) <= buffer.size()) {
        store.read_at(content, 0, std::span(buffer).first(static_cast<std::size_t>(store.size(content))));
      }
    }
  } catch (const Error&) {}
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Base base = make_base();
  fuzz::Input in(data, size);
  auto bytes = base.bytes;
  Lba last{};
  while (!in.empty()) {
    const auto block = base.blocks[in.number(2) % base.blocks.size()];
    const auto place = in.number(2);
    last = Lba{block};
    const auto sector = std::span(bytes).subspan(std::size_t{block} * kBlockSize, kBlockSize);
    sector[place % kBlockSize] = std::byte{in.byte()};
    if ((place & 0x8000) != 0) reseal(sector);
  }
  const auto source = std::make_shared<MemorySource>(std::move(bytes));
  identify_file_systems(*source);
  find_sessions(source);
  dump_block(*source, last);
  for (const auto view : {View::iso9660, View::rockridge, View::joliet, View::udf, View::none}) walk(source, view);
  try {
    map_volumes(
        source, {.limits = {.depth = 64, .entries = 10'000}}, [](const VolumePart&) {}, [](const Finding&) {});
  } catch (const Error&) {}
  describe_volumes(*source);
  return 0;
}
