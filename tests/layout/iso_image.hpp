// An image of ISO 9660, with Joliet and ISO 9660:1999 if the profile has them, put together without the planner; and what its folders say,
// found out with the decoders that readers use.
#pragma once

#include <fsimage/core/text.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/format/joliet/names.hpp>
#include <fsimage/format/rockridge/rrip.hpp>
#include <fsimage/image/content_region.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/layout/iso_layout.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::test {

inline constexpr Timestamp kIsoImageTime{1'700'000'000'123'456'789}, kIsoFileTime{1'650'000'000'987'654'321};

inline std::shared_ptr<const ByteSource> text_source(std::string_view text) {
  return std::make_shared<const MemorySource>(text);
}

inline Attributes iso_attributes(std::uint16_t permissions = 0644) {
  return {.modified = kIsoFileTime, .permissions = permissions};
}

struct IsoImage {
  PlanInput input;
  std::unique_ptr<IsoLayout> primary, joliet, enhanced;
  Lba terminator;
  BlockCount total;
  std::vector<ImageExtent> extents;
  std::shared_ptr<const ResultImage> image;

  std::shared_ptr<const ByteSource> extent(std::string_view label) const {
    for (const auto& e : extents)
      if (e.label == label) return e.bytes;
    throw std::logic_error("no extent " + std::string(label));
  }
  std::vector<std::byte> read(Lba at, std::uint64_t bytes) const {
    std::vector<std::byte> out(bytes);
    image->read_at((at - image->first_block()).bytes(), out);
    return out;
  }
  std::string map() const {
    std::string out;
    image->for_each_part([&](const ExtentPart& p) { out += format_part(p) + "\n"; });
    return out;
  }
  std::vector<Finding> findings() const {
    std::vector<Finding> out;
    for (const auto* layout : {primary.get(), joliet.get(), enhanced.get()})
      if (layout != nullptr) layout->for_each_finding([&](const Finding& f) { out.push_back(f); });
    return out;
  }
};

inline IsoImage make_iso_image(std::shared_ptr<const Tree> tree, Profile profile = {}, Lba session = {}) {
  IsoImage i;
  if (!profile.timestamp) profile.timestamp = kIsoImageTime;
  i.input = {tree, std::make_shared<const TreeIndex>(*tree), profile};
  i.primary = std::make_unique<IsoLayout>(i.input, View::iso9660);
  if (profile.file_systems.joliet) i.joliet = std::make_unique<IsoLayout>(i.input, View::joliet);
  if (profile.file_systems.iso1999) i.enhanced = std::make_unique<IsoLayout>(i.input, View::enhanced);
  const struct {
    IsoLayout* layout;
    const char* label;
  } trees[] = {{i.primary.get(), "iso9660/primary volume descriptor"},
               {i.joliet.get(), "joliet/supplementary volume descriptor"},
               {i.enhanced.get(), "iso9660/enhanced volume descriptor"}};
  Allocator at(session + iso9660::kFirstDescriptor);
  auto descriptor = at.next();
  for (const auto& t : trees)
    if (t.layout != nullptr) at.take({1});
  i.terminator = at.take({1});
  for (const auto& t : trees)
    if (t.layout != nullptr) t.layout->place(at);
  const auto content_start = at.next();
  ContentPlacement content;
  content.at.resize(tree->inode_count());
  std::vector<ContentRegion::Placed> placed;
  for (std::uint32_t rank = 0; rank < i.input.index->inode_count(); ++rank) {
    const auto id = i.input.index->inode(rank);
    const auto& inode = tree->inode(id);
    if (inode.type != FileType::regular || inode.size == 0) continue;
    content.at[id.value] = at.take(blocks_for(inode.size));
    placed.push_back({content.at[id.value] - content_start, inode.content, i.input.index->first_name(rank).value});
  }
  const auto content_blocks = at.next() - content_start;
  i.total = at.next() - Lba{};
  const auto add = [&](Lba where, std::span<const std::byte> bytes, const char* label) {
    i.extents.push_back(
        {where, std::make_shared<MemorySource>(std::vector<std::byte>(bytes.begin(), bytes.end())), label});
  };
  for (const auto& t : trees)
    if (t.layout != nullptr)
      add(std::exchange(descriptor, descriptor + BlockCount{1}), t.layout->descriptor(i.total), t.label);
  const auto end = iso9660::volume_descriptor_set_terminator();
  add(i.terminator, bytes_of(end), "iso9660/volume descriptor set terminator");
  const auto places = std::make_shared<const ContentPlacement>(std::move(content));
  for (const auto& t : trees)
    if (t.layout != nullptr) t.layout->emit(places, i.terminator, i.extents);
  auto extents = i.extents;
  if (!placed.empty())
    extents.push_back(
        {content_start,
         std::make_shared<ContentRegion>(std::shared_ptr<const ContentStore>(tree, &tree->contents()), placed,
                                         content_blocks, [tree](std::uint32_t n) { return tree->path(NodeId{n}); }),
         "content"});
  i.image = std::make_shared<const ResultImage>(std::move(extents), at.next() - session, std::string(64, '0'), session);
  return i;
}
inline IsoImage make_iso_image(Tree tree, Profile profile = {}, Lba session = {}) {
  return make_iso_image(std::make_shared<const Tree>(std::move(tree)), std::move(profile), session);
}

// System use of one record, continuation areas followed.
struct SystemUse {
  std::vector<std::vector<std::byte>> entries;
  std::vector<std::string> order;  // signatures as they come, CE included
  std::vector<rockridge::ContinuationArea> areas;

  std::optional<rockridge::SystemUseEntry> find(std::string_view signature) const {
    for (const auto& e : entries)
      if (const auto found = rockridge::SystemUseEntries(e).next(); found && found->is(signature)) return found;
    return std::nullopt;
  }
  std::string signatures() const {
    std::string out;
    for (const auto& s : order) out += (out.empty() ? "" : " ") + s;
    return out;
  }
};

struct IsoRecord {
  iso9660::DirectoryRecord fixed;
  std::string identifier;
  SystemUse use;
  Lba extent() const { return {fixed.extent.value()}; }
};

// Reads folders by their extents, as every reader but Windows does.
class IsoWalk {
 public:
  explicit IsoWalk(const IsoImage& image, View view = View::iso9660) : image_(image), joliet_(view == View::joliet) {
    const auto number = view == View::iso9660 ? 0U : view == View::joliet || !image.joliet ? 1U : 2U;
    const auto block =
        image.read(image.image->first_block() + iso9660::kFirstDescriptor + BlockCount{number}, kBlockSize);
    descriptor_ = load<iso9660::SupplementaryVolumeDescriptor>(block);
  }
  const iso9660::SupplementaryVolumeDescriptor& descriptor() const { return descriptor_; }
  Lba root() const { return {descriptor_.root.record.extent.value()}; }

  // All records of the folder whose own record lies at its beginning.
  std::vector<IsoRecord> folder(Lba at) const {
    const auto first = image_.read(at, kBlockSize);
    const auto self = iso9660::DirectoryRecords(first).next();
    if (!self || !self->is_self()) throw std::logic_error("no folder at " + std::to_string(at.value));
    const auto extent = image_.read(at, self->fixed.data_length.value());
    std::vector<IsoRecord> out;
    iso9660::DirectoryRecords records(extent);
    while (const auto r = records.next())
      out.push_back({r->fixed, std::string(reinterpret_cast<const char*>(r->identifier.data()), r->identifier.size()),
                     system_use(*r)});
    return out;
  }

  // Every record but the first two of each folder, by the path of identifiers; sections of one file get "#2" and so on.
  std::map<std::string, IsoRecord> all() const {
    std::map<std::string, IsoRecord> out;
    std::vector<std::pair<std::string, Lba>> open{{"", root()}};
    while (!open.empty()) {
      const auto [path, at] = open.back();
      open.pop_back();
      const auto records = folder(at);
      for (std::size_t i = 2; i < records.size(); ++i) {
        auto name = path + "/" +
                    (joliet_ ? to_utf8(joliet::from_big_endian(std::as_bytes(std::span(records[i].identifier))))
                             : records[i].identifier);
        for (int section = 2; out.count(name) != 0; ++section)
          name = name.substr(0, name.find('#')) + "#" + std::to_string(section);
        out.emplace(name, records[i]);
        if ((records[i].fixed.flags & iso9660::file_flags::kDirectory) != 0)
          open.emplace_back(name, records[i].extent());
      }
    }
    return out;
  }

 private:
  SystemUse system_use(const iso9660::DirectoryRecordView& r) const {
    SystemUse use;
    std::vector<std::byte> area(r.system_use.begin(), r.system_use.end());
    for (bool more = true; more;) {
      more = false;
      std::optional<rockridge::ContinuationArea> next;
      rockridge::SystemUseEntries entries(area);
      while (const auto e = entries.next()) {
        use.order.emplace_back(e->header.signature.begin(), e->header.signature.end());
        if (e->is("CE")) {
          next = e->as<rockridge::ContinuationArea>();
        } else {
          use.entries.emplace_back(e->bytes.begin(), e->bytes.end());
        }
      }
      if (entries.malformed()) throw std::logic_error("system use is malformed");
      if (next) {
        use.areas.push_back(*next);
        const auto block = image_.read({next->block.value()}, kBlockSize);
        const auto bytes = std::span(block).subspan(next->offset.value(), next->length.value());
        area.assign(bytes.begin(), bytes.end());
        more = true;
      }
    }
    return use;
  }

  const IsoImage& image_;
  bool joliet_;
  iso9660::SupplementaryVolumeDescriptor descriptor_;
};

inline std::string rock_ridge_name(const IsoRecord& r) {
  rockridge::NameCollector name;
  for (const auto& e : r.use.entries)
    if (const auto entry = rockridge::SystemUseEntries(e).next(); entry && entry->is("NM")) name.add(*entry);
  return name.name().value_or("");
}

inline std::string rock_ridge_target(const IsoRecord& r) {
  rockridge::TargetCollector target;
  for (const auto& e : r.use.entries)
    if (const auto entry = rockridge::SystemUseEntries(e).next(); entry && entry->is("SL")) target.add(*entry);
  return target.target().value_or("");
}

inline rockridge::PosixAttributes rock_ridge_attributes(const IsoRecord& r) {
  const auto px = r.use.find("PX");
  if (!px) throw std::logic_error("no PX");
  return rockridge::posix_attributes(*px).value();
}

}  // namespace fsimage::test
