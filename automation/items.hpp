// Files, folders and named streams of an image as COM objects (IFsiFileItem2, IFsiDirectoryItem2). An object is a name
// for an item of the tree, or holds what is to become one: CreateFileItem's and CreateDirectoryItem's are in no tree
// before Add().
#pragma once

#include "com/object.hpp"
#include "model.hpp"
#include "values.hpp"

#include <imapi2fs.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fsimage::com::automation {

// What an item is, whichever interface it has.
class ItemState {
 public:
  // In the tree.
  ItemState(std::shared_ptr<Model> model, NodeId node);
  // In none yet.
  ItemState(std::shared_ptr<Model> model, std::string name, FileType type);

  Model& model() const { return *model_; }
  const std::shared_ptr<Model>& shared_model() const { return model_; }
  const Tree& tree() const { return std::as_const(model_->image).tree(); }
  bool in_image() const { return node_.has_value(); }
  // Throws not_found for an item that was removed, IMAPI_E_NOT_IN_FILE_SYSTEM's reason for one that was never there.
  NodeId node() const;
  std::string path() const;  // of an item that is in the tree
  std::string name() const;
  Attributes attributes() const;
  void set_attributes(const Attributes& attributes);
  std::optional<std::string> name_in(FsiFileSystems system) const;
  std::optional<std::string> path_in(FsiFileSystems system) const;

  // Content of a file that is in no tree; a file of the tree has its own.
  std::shared_ptr<const ByteSource> data;
  // The folder that it was added to has made it one of the tree.
  void become(NodeId node) { *this = ItemState(model_, node); }

 private:
  std::shared_ptr<Model> model_;
  mutable std::optional<NodeId> node_;
  mutable std::uint32_t rollbacks_ = 0;
  std::string path_;  // where it was when the object was made
  FileType type_;
  std::string name_;       // of an item that is in no tree
  Attributes attributes_;  // likewise
};

// How one of our objects tells another of ours what it is, whoever made it.
struct IItemState : public IUnknown {
  static constexpr IID kId{0x6C3C2680, 0xE759, 0x45B2, {0xBA, 0x65, 0xE9, 0x93, 0x4F, 0x75, 0x8A, 0x0D}};
  virtual ItemState& state() = 0;

 protected:
  ~IItemState() = default;
};

// The members of IFsiItem for both kinds.
template <class Interface, class... Bases>
class Item : public Object<Iface<Interface, Bases..., IFsiItem, IDispatch>, Iface<IItemState>> {
 public:
  explicit Item(ItemState state) : state_(std::move(state)) {}
  ItemState& state() override { return state_; }

  HRESULT STDMETHODCALLTYPE get_Name(BSTR* out) noexcept override {
    return read([&] { place(out), *out = Bstr(state_.name()).release(); });
  }
  HRESULT STDMETHODCALLTYPE get_FullPath(BSTR* out) noexcept override {
    return read(
        [&] { place(out), *out = Bstr(state_.in_image() ? to_imapi_path(state_.path()) : state_.name()).release(); });
  }
  HRESULT STDMETHODCALLTYPE get_CreationTime(DATE* out) noexcept override {
    return get_time(out, &Attributes::created);
  }
  HRESULT STDMETHODCALLTYPE put_CreationTime(DATE date) noexcept override {
    return put_time(date, &Attributes::created);
  }
  HRESULT STDMETHODCALLTYPE get_LastAccessedTime(DATE* out) noexcept override {
    return get_time(out, &Attributes::accessed);
  }
  HRESULT STDMETHODCALLTYPE put_LastAccessedTime(DATE date) noexcept override {
    return put_time(date, &Attributes::accessed);
  }
  HRESULT STDMETHODCALLTYPE get_LastModifiedTime(DATE* out) noexcept override {
    return get_time(out, &Attributes::modified);
  }
  HRESULT STDMETHODCALLTYPE put_LastModifiedTime(DATE date) noexcept override {
    return put_time(date, &Attributes::modified);
  }
  HRESULT STDMETHODCALLTYPE get_IsHidden(VARIANT_BOOL* out) noexcept override {
    return read([&] { place(out) = truth(state_.attributes().hidden); });
  }
  HRESULT STDMETHODCALLTYPE put_IsHidden(VARIANT_BOOL hidden) noexcept override {
    return change([&](Attributes& attributes) { attributes.hidden = is_true(hidden); });
  }
  HRESULT STDMETHODCALLTYPE FileSystemName(FsiFileSystems system, BSTR* out) noexcept override {
    return read([&] { place(out), *out = Bstr(shown(state_.name_in(system))).release(); });
  }
  HRESULT STDMETHODCALLTYPE FileSystemPath(FsiFileSystems system, BSTR* out) noexcept override {
    return read([&] { place(out), *out = Bstr(to_imapi_path(shown(state_.path_in(system)))).release(); });
  }

 protected:
  Model& model() { return state_.model(); }
  template <class Body>
  HRESULT read(Body&& body) noexcept {
    return with(model(), __uuidof(Interface), std::forward<Body>(body));
  }
  template <class Body>
  HRESULT write(Body&& body) noexcept {
    return changing(model(), __uuidof(Interface), std::forward<Body>(body));
  }

  ItemState state_;

 private:
  static std::string shown(const std::optional<std::string>& name) {
    if (!name) throw Failure(kItemNotFound, "the file system does not have the item");
    return *name;
  }
  HRESULT get_time(DATE* out, Timestamp Attributes::*time) noexcept {
    return read([&] { place(out) = to_date(state_.attributes().*time); });
  }
  HRESULT put_time(DATE date, Timestamp Attributes::*time) noexcept {
    return change([&](Attributes& attributes) { attributes.*time = from_date(date); });
  }
  template <class Change>
  HRESULT change(Change&& change) noexcept {
    return write([&] {
      auto attributes = state_.attributes();
      change(attributes);
      state_.set_attributes(attributes);
    });
  }
};

// The object for an item of the tree, or for one that CreateFileItem and the like make.
Ptr<IFsiItem> make_item(ItemState state);
Ptr<IFsiDirectoryItem2> make_directory_item(ItemState state);
Ptr<IFsiFileItem2> make_file_item(ItemState state);

}  // namespace fsimage::com::automation
