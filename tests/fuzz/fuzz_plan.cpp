// Bytes become a tree and a profile. Whatever they are, planning ends in an Error or in an image that can be read whole,
// twice alike, and that is right by the letter and gives back every entry with type, size, mode, target and content.
#include "input.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/layout/planner.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
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
  switch (in.byte() % 8) {
    case 0: return tree.add_directory(folder, name, attributes);
    case 1: return tree.add_file(folder, name, attributes, std::make_shared<MemorySource>(in.text()));
    case 2: return tree.add_file(folder, name, attributes, std::make_shared<ZeroSource>(in.number(3)));
    case 3: return tree.add_symlink(folder, name, attributes, in.text());
    case 4: return tree.add_special(folder, name, FileType::char_device, attributes, {in.number(2), in.number(2)});
    case 5: {
      const NodeId of{in.number(1) % static_cast<std::uint32_t>(tree.node_count())};
      tree.add_stream(of, name, std::make_shared<MemorySource>(in.text()));
      return of;
    }
    case 6: {
      const NodeId file = tree.add_file(folder, name, attributes, std::make_shared<ZeroSource>(in.number(2)));
      tree.set_real_time(file, true);
      return file;
    }
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
  p.allow_drop = p.allow_strip = (flags & 128) != 0;
  const auto more = in.byte();
  p.interchange_level = static_cast<std::uint8_t>(1 + more % 3);
  p.deep_folders = static_cast<DeepFolders>(more / 4 % 3);
  p.joliet_name_units = (more & 64) != 0 ? 103 : 64;
  p.file_systems.iso1999 = p.file_systems.iso9660 && (more & 32) != 0;
  p.rock_ridge_version = (more & 32) != 0 ? kRockRidge110 : kRockRidge112;
  p.udf_revision = kUdfRevisions[more / 8 % kUdfRevisions.size()];
  p.redundant_udf_metadata = (more & 128) == 0;
  p.udf_embedded_files = (more & 2) != 0 && !p.file_systems.iso9660;
  p.volume_name = in.text();
  if ((more & 128) != 0) p.boot_image_options.resize(1 + more % 4);
  return p;
}

// Images of their own, with and without a table, and the tree's first file that can be one.
void choose_boot_images(Profile& p, const Tree& tree) {
  for (std::size_t i = 0; i < p.boot_image_options.size(); ++i) {
    auto& boot = p.boot_image_options[i];
    boot.platform_id = i % 2 == 0 ? eltorito::Platform::x86 : eltorito::Platform::efi;
    boot.assign_boot_image(std::make_shared<ZeroSource>(512 * (i + 1)));
    boot.boot_info_table = i == 0;
  }
  if (p.boot_image_options.size() < 4) return;
  for (std::uint32_t n = 0; n < tree.node_count(); ++n)
    if (const NodeId node{n}; tree.attached(node) && tree.inode(node).type == FileType::regular &&
                              tree.inode(node).size != 0 && tree.inode(node).size < 100'000)
      return p.boot_image_options.back().assign_boot_file(tree, tree.path(node));
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

// What can be told of an entry.
struct Told {
  FileType type{};
  std::uint64_t size = 0;
  std::string target;
  std::vector<std::byte> content;
  std::uint16_t permissions = 0;
  bool real_time = false;
  std::map<std::string, std::vector<std::byte>> streams;
  friend bool operator==(const Told&, const Told&) = default;
};
constexpr std::size_t kMostContent = 4096;

std::vector<std::byte> content_of(const Tree& tree, ContentId id) {
  std::vector<std::byte> out(static_cast<std::size_t>(std::min<std::uint64_t>(tree.contents().size(id), kMostContent)));
  if (!out.empty()) tree.contents().read_at(id, 0, out);
  return out;
}

std::map<std::string, std::vector<std::byte>> streams_of(const Tree& tree, NodeId n) {
  std::map<std::string, std::vector<std::byte>> out;
  for (auto s = tree.inode(n).first_stream; s; s = tree.next_stream(s))
    out.emplace(tree.stream_name(s), content_of(tree, tree.stream_content(s)));
  return out;
}

std::map<std::string, Told> entries_of(const Tree& tree) {
  std::map<std::string, Told> out;
  std::vector<NodeId> left{kRootNode};
  while (!left.empty()) {
    const NodeId folder = left.back();
    left.pop_back();
    for (auto n = tree.first_child(folder); n; n = tree.next_sibling(*n)) {
      const auto& inode = tree.inode(*n);
      Told told;
      told.type = inode.type;
      told.permissions = inode.attributes.permissions;
      told.real_time = inode.real_time;
      told.streams = streams_of(tree, *n);
      if (inode.type == FileType::symlink) told.target = tree.symlink_target(*n);
      if (inode.type == FileType::regular && inode.content) {
        told.size = tree.contents().size(inode.content);
        told.content = content_of(tree, inode.content);
      }
      if (inode.type == FileType::directory) left.push_back(*n);
      out.emplace(tree.path(*n), std::move(told));
    }
  }
  return out;
}

// The view that says most, read by the letter, is the tree again, where the plan says that nothing was changed in it.
void require_readable(const Plan& plan, const Tree& tree, std::vector<std::byte> bytes) {
  const auto source = std::make_shared<MemorySource>(std::move(bytes));
  const auto view = default_view(identify_file_systems(*source), ViewOrder::most_kept);
  bool same = true;
  plan.for_each_finding([&](const Finding& f) { same = same && f.view != view && f.view != View::none; });
  Tree read;
  ImportOptions options;
  options.view = view;
  options.strictness = Strictness::strict;
  import_file_system(read, source, options);
  if (same && (view == View::udf || view == View::rockridge))
    fuzz::require(entries_of(read) == entries_of(tree), "what was planned is what is read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  try {
    auto profile = profile_from(in);
    const auto tree = tree_from(in);
    choose_boot_images(profile, *tree);
    const Plan plan(tree, profile);
    const auto image = plan.create_image();
    fuzz::require(image->size() % (32 * std::uint64_t{kBlockSize}) == 0, "an image is whole clusters");
    if (image->size() > (std::uint64_t{64} << 20)) return 0;
    auto bytes = bytes_of(*image);
    fuzz::require(bytes == bytes_of(*Plan(tree, profile).create_image()),
                  "the same tree and profile give the same bytes");
    try {
      require_readable(plan, *tree, std::move(bytes));
    } catch (const Error& e) {
      fuzz::require(false, e.what());  // what we write is right by the letter
    }
  } catch (const Error&) {  // a profile or an entry that cannot be had, named
  }
  return 0;
}
