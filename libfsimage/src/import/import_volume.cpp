#include <fsimage/import/import_volume.hpp>

#include "volume_report.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/volume_info.hpp>

#include <array>

namespace fsimage {
namespace {

// Tells of every entry, and in salvage passes over files whose content is lost: the tree holds none without one.
class WatchedCursor final : public EntryCursor {
 public:
  WatchedCursor(VolumeCursor& inner, ContentStore& store, const ImportOptions& options, ImportProgress told)
      : inner_(inner), store_(store), options_(options), told_(told) {}

  std::optional<Entry> next() override {
    tell();
    for (;;) {
      auto entry = inner_.next();
      if (!entry) return entry;
      if (entry->type == FileType::regular && options_.strictness == Strictness::salvage && !has_content()) continue;
      ++(entry->type == FileType::directory ? told_.folders : told_.files);
      untold_ = static_cast<bool>(options_.progress);
      folder_ = entry->type == FileType::directory;
      if (folder_) tell();
      return entry;
    }
  }
  ContentId content(ContentStore& store) override {
    return options_.strictness == Strictness::salvage ? content_ : inner_.content(store);
  }
  std::vector<EntryStream> streams(ContentStore& store) override { return inner_.streams(store); }
  bool tells_streams() const override { return inner_.tells_streams(); }
  void skip_subtree() override { inner_.skip_subtree(); }
  std::string origin() const override { return inner_.origin(); }

 private:
  bool has_content() {
    try {
      content_ = inner_.content(store_);
      return true;
    } catch (const Error& e) {
      if (e.code() != Errc::corrupt_structure && e.code() != Errc::unsupported) throw;
      if (options_.on_finding) options_.on_finding(volume::lost_finding(inner_.view(), inner_.origin(), e));
      return false;
    }
  }

  void tell() {
    if (!untold_) return;
    untold_ = false;
    const auto path = inner_.origin() + (folder_ ? "/" : "");
    told_.item = path;
    options_.progress(told_);
  }

  VolumeCursor& inner_;
  ContentStore& store_;
  const ImportOptions& options_;
  ImportProgress told_;
  ContentId content_;
  bool untold_ = false, folder_ = false;
};

ImportProgress totals(View view, const VolumesInfo& info) {
  ImportProgress told{.view = view, .item = {}, .total_folders = {}, .total_files = {}};
  const auto& iso = view == View::joliet ? info.joliet : info.iso9660;
  if (view == View::udf) {
    if (info.udf && info.udf->integrity) {
      told.total_folders = info.udf->integrity->directories;
      told.total_files = info.udf->integrity->files;
    }
  } else if (iso && iso->path_table_folders != 0) {
    told.total_folders = iso->path_table_folders;
  }
  return told;
}

struct Chosen {
  ImportedVolume volume;
  VolumesInfo info;
};

// What a disc that is imported cannot give, in the words of who imports.
template <class Work>
auto as_import(Work work) {
  try {
    return work();
  } catch (const Error& e) {
    if (e.code() == Errc::unsupported) throw e.with_reason(Reason::foreign_feature);
    if (e.code() == std::errc::io_error && e.reason() == Reason::none)
      throw Error(Errc::read_failed, e.where(), e.message());
    throw;
  }
}

Chosen choose(const std::shared_ptr<const ByteSource>& source, const ImportOptions& options) {
  if (!source) throw Error(Errc::session_conflict, {.path = options.label}, "no disc was given", Reason::no_disc);
  Chosen out;
  out.volume.session = choose_session(source, options.session, options.hint);
  const Session& session = out.volume.session;
  auto& view = out.volume.view;
  view = options.view == View::none ? default_view(session.found, options.order) : options.view;
  if (view == View::none || !session.found.has(view))
    throw Error(Errc::not_found, {.path = options.label, .lba = session.start, .clause = {}},
                "session " + std::to_string(session.number) + " holds no file system" +
                    (view == View::none ? std::string(" that can be imported") : " " + std::string(to_string(view))),
                options.view == View::none ? Reason::no_known_file_system : Reason::no_such_file_system);
  out.info = describe_volumes(*session.source, session.start, options.limits);
  if (view == View::udf && out.info.udf) {
    out.volume.name = out.info.udf->logical_volume;
    out.volume.udf_revision = out.info.udf->revision;
  } else if (const auto& iso = view == View::joliet ? out.info.joliet : out.info.iso9660) {
    out.volume.name = iso->volume;
  }
  return out;
}

std::unique_ptr<VolumeCursor> open(const ImportedVolume& volume, const ImportOptions& options) {
  return open_volume(volume.session.source,
                     {.view = volume.view,
                      .order = EntryOrder::recorded,
                      .session = volume.session.start,
                      .limits = options.limits,
                      .strictness = options.strictness,
                      .streams = true,
                      .label = options.label},
                     options.on_finding);
}

}  // namespace

View default_view(const RecognizedFileSystems& found, ViewOrder order) {
  if (order == ViewOrder::files && found.has(View::rockridge)) return View::rockridge;
  if (order != ViewOrder::imapi) return found.most_advanced();
  for (const View view : {View::udf, View::joliet, View::iso9660})
    if (found.has(view)) return view;
  return View::none;
}

ImportedVolume probe_file_system(const std::shared_ptr<const ByteSource>& source, const ImportOptions& options) {
  return as_import([&] {
    auto volume = choose(source, options).volume;
    ImportOptions quiet = options;
    quiet.on_finding = {};
    volume.root = open(volume, quiet)->root_attributes();
    return volume;
  });
}

ImportedVolume import_file_system(Tree& tree, const std::shared_ptr<const ByteSource>& source,
                                  const ImportOptions& options) {
  return as_import([&] {
    auto [volume, info] = choose(source, options);
    const auto cursor = open(volume, options);
    volume.root = cursor->root_attributes();
    const bool empty = !tree.first_child(kRootNode);
    WatchedCursor watched(*cursor, tree.contents(), options, totals(volume.view, info));
    add_entries(tree, kRootNode, watched, {.stop = options.stop, .existing = Tree::Existing::keep});
    if (empty) tree.set_attributes(kRootNode, volume.root);
    return volume;
  });
}

}  // namespace fsimage
