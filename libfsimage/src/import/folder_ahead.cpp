#include "folder_ahead.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <exception>

namespace fsimage {

void SortedNames::add(std::string_view name) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < sizeof prefix; ++i)
    prefix = prefix << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0U);
  refs_.push_back({prefix, static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(name.size())});
  bytes_.insert(bytes_.end(), name.begin(), name.end());
  bytes_.push_back('\0');
  if (bytes_.size() > 0xFFFF0000U) throw Error(Errc::limit_exceeded, {}, "more than 4 GiB of names in one folder");
}

void SortedNames::sort() {
  std::sort(refs_.begin(), refs_.end(),
            [&](const Ref& a, const Ref& b) { return a.prefix != b.prefix ? a.prefix < b.prefix : view(a) < view(b); });
}

SortedNames names_in(const HostFolder& folder) {
  SortedNames names;
  folder.list([&](std::string_view name) { names.add(name); });
  names.sort();
  return names;
}

LookAtNames::LookAtNames(std::shared_ptr<const HostFolder> folder, std::shared_ptr<const SortedNames> names,
                         std::size_t first)
    : folder_(std::move(folder)),
      names_(std::move(names)),
      first_(first),
      end_(std::min(names_->size(), first + kMost)),
      looks_(end_ - first_) {}

void LookAtNames::run() noexcept {
  for (std::size_t i = 0; i < looks_.size(); ++i) {
    try {
      looks_[i] = folder_->stat((*names_)[first_ + i].data(), Links::keep);
    } catch (const std::exception&) {  // that name's answer is missing
    }
  }
  folder_.reset();
}

void ListFolder::run() noexcept {
  try {
    auto opened = parent_->open_folder(name_.c_str(), HostFolder::Access::list, Links::keep);
    names = std::make_shared<const SortedNames>(names_in(*opened));
    looks = std::make_shared<LookAtNames>(opened, names, 0);
    looks->run();
    folder = std::move(opened);
  } catch (const std::exception&) {  // all of it is missing
  }
  parent_.reset();
}

}  // namespace fsimage
