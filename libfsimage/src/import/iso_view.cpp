#include "iso_view.hpp"

namespace fsimage::volume {
namespace {

// A block size that cannot be and the like is damage that only salvage survives; reading on costs nothing then.
bool in_salvage(const Report& report) { return report.survives(Error(Errc::corrupt_structure, {}, "damage")); }

class IsoView final : public VolumeView {
 public:
  IsoView(Walk& walk, const IsoVolume& volume, Lba descriptor) : walk_(walk), volume_(volume) {
    if (!in_salvage(walk_.report)) return;
    tables_.emplace(walk_, volume_, descriptor);
    find_root();
    if (volume_.view == View::rockridge) relocated_.emplace(walk_, volume_);
  }

  View view() const override { return volume_.view; }
  DirectoryRef root() override { return volume_.root; }

  Attributes root_attributes() override {
    auto attributes = record_attributes(volume_.root_record);
    if (volume_.view != View::rockridge) return attributes;
    try {
      if (const auto self = read_self(walk_, volume_, volume_.root.at)) {
        apply_attributes(self->fields, attributes);
        if (self->fields.attribute_list) root_xattrs_ = DirectoryRef{.at = volume_.root.at};
      }
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;  // who reads the folder will tell
    }
    return attributes;
  }

  std::optional<DirectoryRef> root_xattrs() override { return root_xattrs_; }
  std::vector<ExtendedAttribute> xattrs(const DirectoryRef& record) override {
    return read_record_xattrs(walk_, volume_, record.at);
  }

  std::unique_ptr<DirectoryStream> open(const DirectoryRef& ref, EntryOrder order) override {
    const IsoContext context{volume_, tables_ ? &*tables_ : nullptr, cache_, relocated_ ? &*relocated_ : nullptr};
    return std::make_unique<IsoStream>(walk_, context, ref, order);
  }

  std::vector<EntryStructure> root_structures() override {
    std::vector<EntryStructure> areas;
    const Muted muted(walk_.report);
    if (volume_.view == View::rockridge) read_self(walk_, volume_, volume_.root.at, &areas);
    return areas;
  }

 private:
  // Where the descriptor leads to no folder and the path table does, the path table is believed.
  void find_root() {
    if (tables_->empty() || tables_->root() == volume_.root.at) return;
    const auto own_length = [&](std::uint64_t at) -> std::optional<std::uint32_t> {
      const Muted muted(walk_.report);
      try {
        if (const auto self = read_self(walk_, volume_, at)) return self->record.data_length.value();
      } catch (const Error& e) {
        if (!walk_.report.survives(e)) throw;
      }
      return std::nullopt;
    };
    if (own_length(volume_.root.at)) return;
    const auto length = own_length(tables_->root());
    if (!length) return;
    walk_.report.lost(Error(Errc::corrupt_structure,
                            {.path = {}, .lba = lba_of(volume_.root.at), .clause = "ECMA-119 8.4.18"},
                            "no folder where the root should be; that of the path table is taken"));
    volume_.root = {.at = tables_->root(), .bytes = *length};
  }

  Walk& walk_;
  IsoVolume volume_;
  std::optional<IsoPathTables> tables_;
  std::optional<IsoRelocated> relocated_;
  std::optional<DirectoryRef> root_xattrs_;  // once its attributes are read
  std::shared_ptr<ZisofsCache> cache_ = std::make_shared<ZisofsCache>();
};

}  // namespace

std::unique_ptr<VolumeView> open_iso_view(Walk& walk, View view, Lba session) {
  const auto set = read_descriptor_set(walk.blocks, session);
  const auto at = set.descriptor_of(view);
  const Lba first = session + iso9660::kFirstDescriptor;
  if (!at)
    throw Error(Errc::not_found, {.path = {}, .lba = first, .clause = "ECMA-119 6.7.1"},
                view == View::joliet     ? "no Joliet volume descriptor"
                : view == View::enhanced ? "no enhanced volume descriptor"
                                         : "no primary volume descriptor");
  if (!set.terminated)
    walk.report.deviation(set.items.back().at, "ECMA-119 8.3", "the volume descriptor set has no terminator");
  if (set.gap) walk.report.deviation(first, "ECMA-119 6.7.1", "the volume descriptor set has gaps");
  auto volume = read_volume(walk.blocks, *at, view, walk.report);
  if (view == View::rockridge && !find_rock_ridge(walk, volume)) {
    const Where root{.path = {}, .lba = lba_of(volume.root.at), .clause = "SUSP 1.12 5.3"};
    const Error lost(Errc::corrupt_structure, root, "no Rock Ridge fields in the root; those of others may be there");
    if (!walk.report.survives(lost)) throw Error(Errc::not_found, root, "no Rock Ridge fields in the root");
    walk.report.lost(lost);
  }
  return std::make_unique<IsoView>(walk, volume, *at);
}

}  // namespace fsimage::volume
