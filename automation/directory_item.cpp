#include "com/enumerator.hpp"
#include "com/image_streams.hpp"
#include "items.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

#include <functional>

namespace fsimage::com::automation {
namespace {

// DFileSystemImageEvents::Update.
AddProgressFn tell_adding(Model& model) {
  if (model.add_events == nullptr || !model.add_events->anybody()) return {};
  return [&model](const AddProgress& progress) {
    if (model.object == nullptr) return;
    model.add_events->fire(0x100, {Variant(Ptr<IDispatch>(model.object)), Variant(to_imapi_path(progress.item)),
                                   Variant(to_long(progress.sectors)),
                                   Variant(to_long(progress.total_sectors.value_or(progress.sectors)))});
  };
}

class DirectoryItem final : public Item<IFsiDirectoryItem2, IFsiDirectoryItem> {
 public:
  using Item::Item;

  HRESULT STDMETHODCALLTYPE get__NewEnum(IEnumVARIANT** out) noexcept override {
    return read([&] {
      place(out);
      std::vector<Variant> elements;
      for (auto& item : entries()) elements.emplace_back(item.query<IDispatch>());
      give(out, make<EnumVariants>(std::move(elements)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_EnumFsiItems(IEnumFsiItems** out) noexcept override {
    return read([&] {
      place(out);
      give(out, make<Enumerator<IEnumFsiItems, Ptr<IFsiItem>, IFsiItem*>>(entries()));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Item(BSTR path, IFsiItem** out) noexcept override {
    return read([&] {
      place(out);
      const auto full = below(path);
      const auto found = state_.tree().find(full);
      if (!found) throw Error(Errc::not_found, {.path = full}, "no such item in the image");
      *out = make_item(ItemState(state_.shared_model(), *found)).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_Count(LONG* out) noexcept override {
    return read([&] { place(out) = to_long(state_.tree().child_count(state_.node())); });
  }
  HRESULT STDMETHODCALLTYPE AddDirectory(BSTR path) noexcept override {
    return write([&] {
      const auto full = below(path);
      model().image.add_directory(full, ItemState(state_.shared_model(), {}, FileType::directory).attributes());
    });
  }
  HRESULT STDMETHODCALLTYPE AddFile(BSTR path, IStream* data) noexcept override {
    return write([&] {
      const auto full = below(path);
      model().image.add_file(full, source_of(needed(data)),
                             ItemState(state_.shared_model(), {}, FileType::regular).attributes());
    });
  }
  HRESULT STDMETHODCALLTYPE AddTree(BSTR folder, VARIANT_BOOL include_base) noexcept override {
    return add_tree(folder, include_base, false);
  }
  HRESULT STDMETHODCALLTYPE AddTreeWithNamedStreams(BSTR folder, VARIANT_BOOL include_base) noexcept override {
    return add_tree(folder, include_base, true);
  }
  HRESULT STDMETHODCALLTYPE Add(IFsiItem* item) noexcept override {
    return write([&] {
      const auto ours = Ptr<IFsiItem>(&needed(item)).query<IItemState>();
      if (!ours) throw Failure(kInvalidParameter, "an item of another image system");
      add_item(ours->state(), Ptr<IFsiItem>(item).query<IFsiDirectoryItem>() ? FileType::directory : FileType::regular);
    });
  }
  HRESULT STDMETHODCALLTYPE Remove(BSTR path) noexcept override {
    return write([&] { model().image.remove(below(path)); });
  }
  HRESULT STDMETHODCALLTYPE RemoveTree(BSTR path) noexcept override {
    return write([&] { model().image.remove_tree(below(path)); });
  }

 private:
  // What a client names, relative to this folder or not, from the root of the image.
  std::string below(BSTR relative) const {
    const auto path = to_path(utf8_of(relative));
    const auto here = state_.path();
    if (path.empty()) throw Error(Errc::invalid_argument, {}, "no path was given", Reason::invalid_path);
    const bool slash = here.back() == '/' || path.front() == '/';
    auto full = here == "/" && path.front() == '/' ? path : here + (slash ? "" : "/") + path;
    while (full.size() > 1 && full.back() == '/') full.pop_back();
    return full;
  }

  std::vector<Ptr<IFsiItem>> entries() const {
    std::vector<Ptr<IFsiItem>> all;
    const Tree& tree = state_.tree();
    for (auto entry = tree.first_child(state_.node()); entry; entry = tree.next_sibling(*entry))
      all.push_back(make_item(ItemState(state_.shared_model(), *entry)));
    return all;
  }

  HRESULT add_tree(BSTR folder, VARIANT_BOOL include_base, bool streams) noexcept {
    return write([&] {
      const auto source = to_path(utf8_of(folder));
      if (source.empty()) throw Failure(kInvalidParameter, "no folder was given");
      FileSystemImage::AddOptions options;
      options.include_base_directory = is_true(include_base);
      options.existing = Tree::Existing::replace;
      options.scan.user_xattrs = streams;
      options.progress = tell_adding(model());
      if (!is_host_directory(source))
        throw Error(Errc::not_a_directory, {.path = source}, "only folders are added with all that is in them");
      model().image.add(source, state_.path(), options);
      const bool lost =
          streams && (!model().image.profile().file_systems.udf || model().image.profile().udf_revision < 0x0200);
      return lost ? kFeatureNotSupported : S_OK;
    });
  }

  void add_item(ItemState& item, FileType type) {
    if (&item.model() != &model()) throw Failure(kInvalidParameter, "an item of another image");
    if (item.in_image()) throw Error(Errc::duplicate_path, {.path = item.path()}, "the item is in the image already");
    const auto path = below(Bstr(item.name()).get());
    if (type == FileType::directory) {
      item.become(model().image.add_directory(path, item.attributes()));
    } else {
      const auto data = item.data ? item.data : std::make_shared<const MemorySource>(std::string_view());
      item.become(model().image.add_file(path, data, item.attributes()));
    }
  }
};

}  // namespace

Ptr<IFsiDirectoryItem2> make_directory_item(ItemState state) {
  return make<DirectoryItem>(std::move(state)).query<IFsiDirectoryItem2>();
}

}  // namespace fsimage::com::automation
