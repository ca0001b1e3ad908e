#include "items.hpp"

#include <fsimage/core/error.hpp>

namespace fsimage::com::automation {
namespace {

[[noreturn]] void gone(const std::string& path) {
  throw Error(Errc::not_found, {.path = path}, "the item is no longer in the image");
}

// The view that stands for the file system, as far as the image has it.
View shown_view(const Model& model, FsiFileSystems system) {
  const auto view = view_of(system);
  const auto& chosen = model.image.profile().file_systems;
  if (view == View::iso9660 ? !chosen.iso9660 : view == View::joliet ? !chosen.joliet : !chosen.udf)
    throw Failure(kInvalidParameter, "a file system that the image does not have");
  return view;
}

}  // namespace

ItemState::ItemState(std::shared_ptr<Model> model, NodeId node)
    : model_(std::move(model)),
      node_(node),
      rollbacks_(model_->rollbacks),
      path_(tree().path(node)),
      type_(tree().inode(node).type) {}

ItemState::ItemState(std::shared_ptr<Model> model, std::string name, FileType type)
    : model_(std::move(model)), type_(type), name_(std::move(name)) {
  attributes_.permissions = type == FileType::directory ? 0755 : 0644;
  attributes_.created = attributes_.accessed = attributes_.modified = attributes_.changed = now();
}

NodeId ItemState::node() const {
  if (!node_) throw Error(Errc::invalid_argument, {.path = name_}, "the item is in no image", Reason::not_in_image);
  if (rollbacks_ != model_->rollbacks) {
    const auto found = tree().find(path_);
    if (!found || tree().inode(*found).type != type_) gone(path_);
    node_ = *found;
    rollbacks_ = model_->rollbacks;
  }
  if (*node_ != kRootNode && !tree().attached(*node_)) gone(path_);
  return *node_;
}

std::string ItemState::path() const { return tree().path(node()); }

std::string ItemState::name() const { return node_ ? std::string(tree().name(node())) : name_; }

Attributes ItemState::attributes() const { return node_ ? tree().inode(node()).attributes : attributes_; }

void ItemState::set_attributes(const Attributes& attributes) {
  if (node_)
    model_->image.set_attributes(path(), attributes);
  else
    attributes_ = attributes;
}

std::optional<std::string> ItemState::name_in(FsiFileSystems system) const {
  return model_->image.plan().name_in(shown_view(*model_, system), node());
}

std::optional<std::string> ItemState::path_in(FsiFileSystems system) const {
  return model_->image.plan().path_in(shown_view(*model_, system), node());
}

Ptr<IFsiItem> make_item(ItemState state) {
  if (state.tree().is_directory(state.node())) return make_directory_item(std::move(state)).query<IFsiItem>();
  return make_file_item(std::move(state)).query<IFsiItem>();
}

}  // namespace fsimage::com::automation
