#include "plan_report.hpp"

#include "text.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/layout/item_rules.hpp>

#include <algorithm>
#include <utility>

namespace fsimage::tools {
namespace {

// Losses that the user may want to know of without asking: what ISO 9660 makes of names is not news when Rock Ridge or
// another view keeps them.
bool in_summary(const Plan& plan, View view, Finding::Kind kind) {
  const auto& fs = plan.profile().file_systems;
  const bool others = fs.joliet || fs.rockridge || fs.udf || fs.iso1999;
  if (kind == Finding::Kind::stripped) return plan.profile().allow_strip;  // else some view has all of it
  return is_loss(kind) && !(view == View::iso9660 && others && kind != Finding::Kind::clamped);
}

std::string_view plural_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::renamed: return "renamed";
    case Finding::Kind::cut: return "cut";
    case Finding::Kind::collided: return "renamed apart";
    case Finding::Kind::dropped: return "left out";
    case Finding::Kind::stripped: return "stripped";
    case Finding::Kind::clamped: return "clamped";
    case Finding::Kind::deviation: return "unusual";
    case Finding::Kind::lost: return "lost";
  }
  return "changed";
}

void print_finding(const Finding& f, std::ostream& out) {
  out << to_string(f.view) << ": " << to_string(f.kind) << ": " << printable(f.path) << ": " << f.text;
  if (!f.to.empty()) out << ": " << printable(f.to);
  out << '\n';
}

std::vector<View> views_of(const FileSystems& fs) {
  std::vector<View> out;
  for (const auto& [chosen, view] :
       {std::pair{fs.iso9660, View::iso9660}, std::pair{fs.rockridge, View::rockridge},
        std::pair{fs.joliet, View::joliet}, std::pair{fs.iso1999, View::enhanced}, std::pair{fs.udf, View::udf}})
    if (chosen) out.push_back(view);
  return out;
}

// Of the disc that an image is made for, else of blank media.
struct Room {
  std::string name;
  std::string_view type;
  std::optional<BlockCount> blocks;  // nullopt: as many as one likes
};

std::vector<Room> rooms(const TargetDisc* disc) {
  if (disc != nullptr) return {{disc->name, to_string(disc->media.type), disc->media.free}};
  std::vector<Room> out;
  for (const auto& kind : nominal_capacities())
    out.push_back({std::string(kind.name), to_string(kind.type), kind.blocks});
  return out;
}

// What a file's disk has left is another number every time, and no news.
void print_room(BlockCount needed, const TargetDisc* disc, std::ostream& out) {
  for (const auto& room : rooms(disc)) {
    if (!room.blocks || (needed <= *room.blocks && room.type == to_string(MediaType::file))) continue;
    if (needed <= *room.blocks) {
      const BlockCount left{room.blocks->value - needed.value};
      out << "fits " << printable(room.name) << " with " << format_count(left.value) << " blocks left, "
          << format_bytes(left.bytes()) << '\n';
    } else {
      const BlockCount more{needed.value - room.blocks->value};
      out << "too large for " << printable(room.name) << " by " << format_count(more.value) << " blocks, "
          << format_bytes(more.bytes()) << '\n';
    }
  }
}

}  // namespace

DryRun::DryRun(FileSystemImage& image) : image_(image), asked_(image.profile()) {
  image.profile().interchange_level = 3;
  image.profile().deep_folders = DeepFolders::keep;
}

void DryRun::plan() {
  auto& profile = image_.profile();
  profile.interchange_level = asked_.interchange_level;
  profile.deep_folders = asked_.deep_folders;
  const auto& tree = std::as_const(image_).tree();
  for_each_obstacle(profile, tree, TreeIndex(tree), [&](const Error& e) { obstacles_.push_back(e); });
  if (!obstacles_.empty()) return;
  profile.allow_rename = profile.allow_drop = profile.allow_strip = profile.allow_clamp = true;
  profile.exact = false;
  try {
    plan_.reset(new const Plan(image_.plan()));  // NOLINT(modernize-make-unique): plans do not move
  } catch (const Error& e) {
    obstacles_.push_back(e);
  }
}

int DryRun::tell(const std::string& output, const TargetDisc* disc, const Summary& summary, const Options& options,
                 Io& io) {
  plan();
  const bool json = options.has("json");
  if (plan_) {
    if (json) print_plan_json(*plan_, image_.source_findings(), output, io.out, [&] { print_json(disc, io.out); });
    if (options.has("map")) print_map(*plan_->create_image(), io.out);
    summary(*plan_, json ? io.err : io.out);
    if (!json && !options.has("quiet")) {
      print_losses(options, io.out);
      print_room(plan_->total_blocks(), disc, io.out);
    }
  } else if (json) {
    io.out << R"({"output":)" << json_string(output);
    print_json(disc, io.out);
    io.out << "}\n";
  }
  bool refused = false;
  for_each_refusal([&](std::string_view, const Error& e) {
    io.err << "fsimage: " << error_text(e) << '\n';
    refused = true;
  });
  return refused ? kFailed : kDone;
}

void DryRun::for_each_refusal(const std::function<void(std::string_view kind, const Error&)>& fn) const {
  for (const auto& e : obstacles_) fn("impossible", e);
  if (!plan_) return;
  plan_->for_each_refused(asked_, [&](const Finding& f) {
    const auto text = f.view == View::none ? f.text : std::string(to_string(f.view)) + ": " + f.text;
    fn(to_string(f.kind), Error(Errc::not_representable, {.path = f.path}, text));
  });
}

void DryRun::print_losses(const Options& options, std::ostream& out) const {
  const auto counts = plan_->count_findings();
  for (const View view : views_of(plan_->profile().file_systems)) {
    out << to_string(view) << ": ";
    std::string_view before;
    for (const auto& c : counts)
      if (c.view == view && is_loss(c.kind))
        out << std::exchange(before, ", ") << format_count(c.count) << ' ' << plural_of(c.kind);
    out << (before.empty() ? "nothing is lost\n" : "\n");
  }
  for (const auto& f : image_.source_findings()) print_finding(f, out);
  plan_->for_each_finding(
      [&](const Finding& f) { print_finding(f, out); },
      [&](View view, Finding::Kind kind) { return options.has("verbose") || in_summary(*plan_, view, kind); });
}

void DryRun::print_json(const TargetDisc* disc, std::ostream& out) const {
  out << R"(,"dry_run":true,"refused":[)";
  std::string_view before = "\n";
  for_each_refusal([&](std::string_view kind, const Error& e) {
    out << std::exchange(before, ",\n") << R"({"kind":)" << json_string(kind) << R"(,"error":)";
    write_json(out, e);
    out << '}';
  });
  out << ']';
  if (!plan_) return;
  out << R"(,"views":{)";
  const auto counts = plan_->count_findings();
  write_separated(out, views_of(plan_->profile().file_systems), [&](View view) {
    out << json_string(to_string(view)) << ":{";
    std::string_view comma;
    for (const auto& c : counts)
      if (c.view == view) out << std::exchange(comma, ",") << json_string(to_string(c.kind)) << ':' << c.count;
    out << '}';
  });
  out << R"(},"media":[)";
  write_separated(
      out, rooms(disc),
      [&](const Room& room) {
        out << R"({"name":)" << json_string(room.name) << R"(,"type":)" << json_string(room.type);
        const auto needed = plan_->total_blocks();
        if (room.blocks)
          out << R"(,"blocks":)" << room.blocks->value << R"(,"left":)"
              << std::int64_t{room.blocks->value} - std::int64_t{needed.value};
        out << R"(,"fits":)" << (!room.blocks || needed <= *room.blocks ? "true}" : "false}");
      },
      ",\n");
  out << ']';
}

void print_findings(const Plan& plan, SourceFindings sources, const Options& options, Io& io) {
  if (options.has("verbose")) {
    for (const auto& f : sources) print_finding(f, io.err);
    plan.for_each_finding([&](const Finding& f) { print_finding(f, io.err); });
  } else if (!options.has("quiet")) {
    if (!sources.empty())
      io.err << "fsimage: " << format_count(sources.size()) << " changed (" << sources.front().text << "), for example "
             << printable(sources.front().path) << "; -v lists all\n";
    for (const auto& f :
         plan.count_findings([&](View view, Finding::Kind kind) { return in_summary(plan, view, kind); }))
      io.err << "fsimage: " << to_string(f.view) << ": " << format_count(f.count) << ' ' << plural_of(f.kind) << " ("
             << f.first.text << "), for example " << printable(f.first.path) << "; -v lists all\n";
  }
}

void print_plan_json(const Plan& plan, SourceFindings sources, const std::string& output, std::ostream& out,
                     const std::function<void()>& more) {
  out << R"({"output":)" << json_string(output) << R"(,"image_id":)" << json_string(plan.image_id()) << R"(,"entries":)"
      << plan.entries() << R"(,"first_block":)" << plan.first_block().value << R"(,"blocks":)"
      << plan.total_blocks().value << R"(,"bytes":)" << plan.total_blocks().bytes() << R"(,"kept_files":)"
      << plan.kept().files << R"(,"kept_blocks":)" << plan.kept().blocks.value << R"(,"timestamp":)"
      << json_string(format_time(*plan.profile().timestamp));
  more();
  out << R"(,"findings":[)";
  std::string_view before = "\n";
  const auto write = [&](const Finding& f) {
    out << std::exchange(before, ",\n");
    write_json(out, f);
  };
  for (const auto& f : sources) write(f);
  plan.for_each_finding(write);
  out << "]}\n";
}

void print_map(const ResultImage& image, std::ostream& out) {
  image.for_each_part([&](const ExtentPart& part) { out << printable(format_part(part)) << '\n'; });
}

}  // namespace fsimage::tools
