#include "iso_view.hpp"

namespace fsimage::volume {
namespace {

class IsoView final : public VolumeView {
 public:
  IsoView(Walk& walk, IsoNaming naming, const DirectoryRef& root, const iso9660::DirectoryRecord& record)
      : walk_(walk), naming_(naming), root_(root), record_(record) {}

  View view() const override { return naming_.view; }
  DirectoryRef root() override { return root_; }

  Attributes root_attributes() override {
    auto attributes = record_attributes(record_);
    if (naming_.view == View::rockridge)
      if (const auto self = read_self(walk_, root_.at, naming_)) apply_attributes(self->fields, attributes);
    return attributes;
  }

  std::unique_ptr<DirectoryStream> open(const DirectoryRef& ref, EntryOrder order) override {
    return std::make_unique<IsoStream>(walk_, ref, order, naming_);
  }

  std::vector<EntryStructure> root_structures() override {
    std::vector<EntryStructure> areas;
    const Muted muted(walk_.report);
    if (naming_.view == View::rockridge) read_self(walk_, root_.at, naming_, &areas);
    return areas;
  }

 private:
  Walk& walk_;
  IsoNaming naming_;
  DirectoryRef root_;
  iso9660::DirectoryRecord record_;
};

}  // namespace

std::unique_ptr<VolumeView> open_iso_view(Walk& walk, View view, Lba session) {
  const auto set = read_descriptor_set(walk.blocks, session);
  const auto at = view == View::joliet ? set.joliet : set.primary;
  const Lba first = session + iso9660::kFirstDescriptor;
  if (!at)
    throw Error(Errc::not_found, {.path = {}, .lba = first, .clause = "ECMA-119 6.7.1"},
                view == View::joliet ? "no Joliet volume descriptor" : "no primary volume descriptor");
  if (!set.terminated)
    walk.report.deviation(set.items.back().at, "ECMA-119 8.3", "the volume descriptor set has no terminator");
  const auto vd = load_descriptor(walk.blocks, *at);
  const auto root = root_of(vd, *at, walk.blocks, walk.report);
  IsoNaming naming{.view = view, .skipped = 0, .root_at = root.at};
  if (view == View::rockridge) {
    const auto skipped = find_rock_ridge(walk, root);
    if (!skipped)
      throw Error(Errc::not_found, {.path = {}, .lba = lba_of(root.at), .clause = "SUSP 1.12 5.3"},
                  "no Rock Ridge fields in the root");
    naming.skipped = *skipped;
  }
  return std::make_unique<IsoView>(walk, naming, root, vd.root.record);
}

}  // namespace fsimage::volume
