// Bytes become a tree and a profile. Whatever they are, planning ends in an Error or in an image that can be read whole,
// twice alike, and whose UDF, Rock Ridge or Joliet view gives back every entry that the plan says it keeps.
#include "input.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/layout/planner.hpp>

#include <memory>
#include <vector>

namespace {

using namespace fsimage;

constexpr std::size_t kMostNodes = 200;

Attributes attributes_from(fuzz::Input& in) {
  Attributes a;
  a.permissions = in.number(2) & 07777;
  a.uid = in.number(1);
  a.gid = in.number(4);
  a.modified = Timestamp::from_seconds(static_cast<std::int32_t>(in.number(4)));
  a.accessed = a.changed = a.created = a.modified;
  return a;
}

NodeId add_entry(Tree& tree, NodeId folder, std::string_view name, fuzz::Input& in) {
  const auto attributes = attributes_from(in);
  switch (in.byte() % 6) {
    case 0: return tree.add_directory(folder, name, attributes);
    case 1: return tree.add_file(folder, name, attributes, std::make_shared<MemorySource>(in.text()));
    case 2: return tree.add_file(folder, name, attributes, std::make_shared<ZeroSource>(in.number(3)));
    case 3: return tree.add_symlink(folder, name, attributes, in.text());
    case 4: return tree.add_special(folder, name, FileType::char_device, attributes, {in.number(2), in.number(2)});
    default:
      return tree.add_hard_link(folder, name, NodeId{in.number(1) % static_cast<std::uint32_t>(tree.node_count())});
  }
}

Profile profile_from(fuzz::Input& in) {
  Profile p;
  const auto flags = in.byte();
  p.file_systems = {
      .iso9660 = (flags & 1) == 0, .joliet = (flags & 2) == 0, .rockridge = (flags & 4) == 0, .udf = (flags & 8) == 0};
  p.all_times = (flags & 16) != 0;
  p.udf_special_files = (flags & 32) != 0;
  p.allow_rename = (flags & 64) != 0;
  p.allow_drop = (flags & 128) != 0;
  const auto more = in.byte();
  p.interchange_level = static_cast<std::uint8_t>(1 + more % 3);
  p.deep_folders = static_cast<DeepFolders>(more / 4 % 3);
  p.joliet_name_units = (more & 64) != 0 ? 103 : 64;
  p.volume_name = in.text();
  return p;
}

std::shared_ptr<Tree> tree_from(fuzz::Input& in) {
  auto tree = std::make_shared<Tree>();
  std::vector<NodeId> folders{kRootNode};
  while (!in.empty() && tree->node_count() < kMostNodes) {
    const NodeId folder = folders[in.byte() % folders.size()];
    const auto name = in.text();
    try {
      const NodeId made = add_entry(*tree, folder, name, in);
      if (tree->is_directory(made)) folders.push_back(made);
    } catch (const Error&) {  // a name that is taken or refused, a link to a folder: the tree says so and goes on
    }
  }
  return tree;
}

std::vector<std::byte> bytes_of(const ResultImage& image) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(image.size()));
  image.read_at(0, bytes);
  return bytes;
}

// The view that says most comes back as a tree with as many entries, when nothing is missing from it.
void require_readable(const Plan& plan, std::vector<std::byte> bytes) {
  bool complete = true;
  plan.for_each_finding([&](const Finding& f) { complete = complete && f.kind != Finding::Kind::dropped; });
  const auto cursor = open_volume(std::make_shared<MemorySource>(std::move(bytes)));
  std::uint64_t seen = 0;
  while (cursor->next()) ++seen;
  fuzz::require(!complete || seen == plan.entries(), "the volume has as many entries as the tree");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  try {
    const auto profile = profile_from(in);
    const auto tree = tree_from(in);
    const Plan plan(tree, profile);
    const auto image = plan.create_image();
    fuzz::require(image->size() % (32 * std::uint64_t{kBlockSize}) == 0, "an image is whole clusters");
    if (image->size() > (std::uint64_t{64} << 20)) return 0;
    auto bytes = bytes_of(*image);
    fuzz::require(bytes == bytes_of(*Plan(tree, profile).create_image()),
                  "the same tree and profile give the same bytes");
    require_readable(plan, std::move(bytes));
  } catch (const Error&) {  // a profile or an entry that cannot be had, named
  }
  return 0;
}
