// Names, each a text of the fuzzer's, as files of two folders. Every view of the planned image has each of them once, but
// for those that the plan says are not there, under names that differ, and under the names that the plan says.
#include "input.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/layout/planner.hpp>

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace {

using namespace fsimage;

constexpr std::size_t kMostNames = 300;

Profile profile_from(fuzz::Input& in) {
  Profile p;
  const auto flags = in.byte();
  p.interchange_level = static_cast<std::uint8_t>(1 + flags % 3);
  p.joliet_name_units = (flags & 4) != 0 ? 103 : 64;
  p.file_systems.iso1999 = true;
  const bool dots = p.interchange_level > 1 && (flags & 32) != 0;
  p.relaxed_identifiers = {.lower_case = (flags & 8) != 0,
                           .full_ascii = (flags & 16) != 0,
                           .several_dots = dots,
                           .long_names = dots,
                           .no_version = (flags & 64) != 0,
                           .no_trailing_dot = (flags & 128) != 0};
  p.allow_rename = p.allow_drop = true;
  return p;
}

std::shared_ptr<Tree> tree_from(fuzz::Input& in) {
  auto tree = std::make_shared<Tree>();
  const auto folder = tree->add_directory(kRootNode, "folder", {});
  while (!in.empty() && tree->node_count() < kMostNames) {
    const auto kind = in.byte();
    try {
      const auto into = (kind & 1) != 0 ? folder : kRootNode;
      if ((kind & 6) == 6)
        tree->add_directory(into, in.text(), {});
      else
        tree->add_file(into, in.text(), {}, ContentId{});
    } catch (const Error&) {  // taken, or no name at all
    }
  }
  return tree;
}

struct Told {
  std::size_t dropped = 0;
  std::multiset<std::string> names;  // new ones, the last component alone
};

std::map<View, Told> told_by(const Plan& plan) {
  std::map<View, Told> out;
  plan.for_each_finding([&](const Finding& f) {
    auto& told = out[f.view];
    if (f.kind == Finding::Kind::dropped) ++told.dropped;
    if (f.kind == Finding::Kind::renamed || f.kind == Finding::Kind::cut || f.kind == Finding::Kind::collided)
      told.names.insert(f.to);
  });
  return out;
}

void check_view(const std::shared_ptr<const ByteSource>& source, View view, const Plan& plan, const Told& told) {
  VolumeOptions options;
  options.view = view;
  options.strictness = Strictness::strict;
  const auto cursor = open_volume(source, options, {});
  std::set<std::string> paths;
  while (cursor->next()) fuzz::require(paths.insert(cursor->origin()).second, "names of a folder differ in every view");
  fuzz::require(paths.size() + told.dropped >= plan.entries(), "what is missing from a view is told");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input in(data, size);
  std::unique_ptr<Plan> plan;
  std::shared_ptr<const ByteSource> source;
  try {
    const auto profile = profile_from(in);
    plan = std::make_unique<Plan>(tree_from(in), profile);
    const auto image = plan->create_image();
    std::vector<std::byte> bytes(static_cast<std::size_t>(image->size()));
    image->read_at(0, bytes);
    source = std::make_shared<MemorySource>(std::move(bytes));
  } catch (const Error&) {  // a name that no view can hold, named
    return 0;
  }
  auto told = told_by(*plan);
  try {
    for (const View view : {View::iso9660, View::joliet, View::enhanced, View::rockridge, View::udf})
      check_view(source, view, *plan, told[view]);
  } catch (const Error& e) {
    fuzz::require(false, e.what());  // what we write is right by the letter
  }
  return 0;
}
