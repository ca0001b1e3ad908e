#include "volume_view.hpp"

#include <fsimage/import/recognition.hpp>
#include <fsimage/import/volume_cursor.hpp>

#include <unordered_set>

namespace fsimage {
namespace {

using volume::DirectoryStream;
using volume::VolumeEntry;

class Cursor final : public VolumeCursor {
 public:
  Cursor(std::shared_ptr<const ByteSource> source, const VolumeOptions& options, FindingFn on_finding)
      : walk_(std::move(source), options.limits, options.view, std::move(on_finding), options.strictness),
        order_(options.order),
        label_(options.label),
        view_(open_view(walk_, options)),
        root_attributes_(view_->root_attributes()),
        xattrs_(view_->root_xattrs()) {
    visited_.insert(view_->root().at);
    open(view_->root());
  }

  View view() const override { return view_->view(); }
  Attributes root_attributes() const override { return root_attributes_; }

  std::optional<Entry> next() override {
    try {
      return advance();
    } catch (const Error& e) {
      throw e.where().path.empty() ? e.with_path(walk_.report.path()) : e;
    }
  }

  ContentId content(ContentStore& store) override {
    find_content();
    if (last_.content) return store.add_source(last_.content, origin());
    return add_pieces(store, last_.pieces, {});
  }

  std::vector<EntryStream> streams(ContentStore& store) override {
    std::vector<EntryStream> out;
    if (!xattrs_) return out;
    if (view() != View::udf) {
      for (const auto& x : view_->xattrs(*xattrs_))
        if (is_stream(x)) {
          auto name = x.name.substr(kUserNamespace.size());
          const auto label = origin() + ':' + name;
          out.push_back({std::move(name), store.add_source(std::make_shared<MemorySource>(x.value), label)});
        }
      return out;
    }
    for (auto& s : view_->streams(*xattrs_).streams) {
      const auto content = add_pieces(store, s.pieces, ':' + s.name);
      out.push_back({std::move(s.name), content});
    }
    return out;
  }

  Lba location() const override {
    const bool own = last_.entry.type == FileType::directory || view_->view() == View::udf;
    return volume::lba_of(own ? last_.directory.at : last_.record_at);
  }

  std::vector<Extent> extents() override {
    find_content();
    std::vector<Extent> out;
    for (const auto& p : last_.pieces)
      out.push_back({.offset = p.hole() ? 0 : p.at, .length = p.length, .hole = p.hole()});
    return out;
  }

  std::vector<ExtendedAttribute> xattrs() override {
    if (!xattrs_) return {};
    return view_->xattrs(*xattrs_);
  }

  void skip_subtree() override { descend_ = false; }
  std::string origin() const override { return walk_.report.path(); }

 private:
  static std::unique_ptr<volume::VolumeView> open_view(volume::Walk& walk, const VolumeOptions& options) {
    walk.xattrs_wanted = options.xattrs;
    walk.streams_wanted = options.xattrs || options.streams;
    return volume::open_view(walk, options.view, options.session);
  }

  // `what` of the entry, for the label.
  ContentId add_pieces(ContentStore& store, const std::vector<volume::Piece>& pieces, const std::string& what) {
    if (pieces.empty()) return ContentId{};
    const auto& first = pieces.front();
    if (pieces.size() == 1 && !first.hole())
      return store.add_slice(store.add_volume(walk_.source, label_), first.at, first.length);
    return store.add_source(volume::content_source(walk_.source, pieces), origin() + what);
  }

  void find_content() {
    if (last_.entry.type != FileType::regular) throw std::logic_error("content of what is not a regular file");
    view_->complete(last_);
    if (last_.is_refused())
      throw Error(last_.refused,
                  {.path = origin(), .lba = volume::lba_of(last_.record_at), .clause = last_.refused_clause},
                  last_.refused_text);
  }

  std::optional<Entry> advance() {
    enter_last();
    while (!stack_.empty()) {
      if (next_here()) {
        walk_.budget.charge_entry();
        last_.entry.depth = static_cast<std::uint32_t>(stack_.size() - 1);
        descend_ = last_.entry.type == FileType::directory;
        xattrs_ = last_.xattrs;
        return std::move(last_.entry);
      }
      stack_.pop_back();
      if (!stack_.empty()) walk_.report.leave();
    }
    return std::nullopt;
  }

  // Opens the folder that was given last.
  void enter_last() {
    if (!descend_) return;
    descend_ = false;
    if (!visited_.insert(last_.directory.at).second) {
      walk_.report.deviation(volume::lba_of(last_.directory.at), loop_clause(),
                             "a folder that was visited before; not entered again");
      return;
    }
    if (stack_.size() >= walk_.budget.limits().depth)
      throw Error(Errc::limit_exceeded, {},
                  "folders inside one another, more than " + std::to_string(walk_.budget.limits().depth));
    walk_.report.enter_entry();
    if (!open(last_.directory)) walk_.report.leave();
  }

  // False when the folder is lost.
  bool open(const volume::DirectoryRef& folder) {
    try {
      stack_.push_back(view_->open(folder, order_));
      return true;
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
      walk_.report.lost(e);
      return false;
    }
  }

  // The folder's next entry. Streams pass over what they can; what they throw ends their folder.
  bool next_here() {
    try {
      return stack_.back()->next(last_);
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
      walk_.report.lost(e);
      return false;
    }
  }

  std::string_view loop_clause() const { return view() == View::udf ? "ECMA-167 4/8.5" : "ECMA-119 6.8.2"; }

  volume::Walk walk_;
  EntryOrder order_;
  std::string label_;
  std::unique_ptr<volume::VolumeView> view_;
  Attributes root_attributes_;
  std::vector<std::unique_ptr<DirectoryStream>> stack_;
  std::unordered_set<std::uint64_t> visited_;
  VolumeEntry last_;
  std::optional<volume::DirectoryRef> xattrs_;  // of the last entry, or at first of the root
  bool descend_ = false;
};

}  // namespace

std::unique_ptr<VolumeCursor> open_volume(std::shared_ptr<const ByteSource> source, const VolumeOptions& options,
                                          FindingFn on_finding) {
  VolumeOptions chosen = options;
  if (chosen.view == View::none) {
    const auto found = identify_file_systems(*source, options.session);
    chosen.view = found.most_advanced();
    if (chosen.view == View::none) throw Error(Errc::not_found, {}, "no file system that is known here");
    if (found.udf_recognition && !found.udf && on_finding)
      on_finding(
          {.kind = Finding::Kind::deviation,
           .view = View::udf,
           .path = "/",
           .text = "a recognition sequence for UDF but no anchor; read as " + std::string(to_string(chosen.view))});
  }
  return std::make_unique<Cursor>(std::move(source), chosen, std::move(on_finding));
}

}  // namespace fsimage
