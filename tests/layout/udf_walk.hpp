// Reads a UDF volume back from its bytes alone, by positions written down here a second time: ECMA-167 and UDF as the tests
// understand them, not as the library's structures do. Every descriptor that is reached has its tag checked.
#pragma once

#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/image/result_image.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::test {

using Block = std::vector<std::byte>;

inline std::uint64_t number_at(std::span<const std::byte> b, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | std::to_integer<unsigned>(b[at + i]);
  return value;
}
inline std::uint32_t u8(std::span<const std::byte> b, std::size_t at) {
  return static_cast<std::uint32_t>(number_at(b, at, 1));
}
inline std::uint32_t u16(std::span<const std::byte> b, std::size_t at) {
  return static_cast<std::uint32_t>(number_at(b, at, 2));
}
inline std::uint32_t u32(std::span<const std::byte> b, std::size_t at) {
  return static_cast<std::uint32_t>(number_at(b, at, 4));
}
inline std::uint64_t u64(std::span<const std::byte> b, std::size_t at) { return number_at(b, at, 8); }

// Compression id and units, as UTF-8.
inline std::string cs0_at(std::span<const std::byte> b, std::size_t at, std::size_t length) {
  std::u16string text;
  if (length == 0) return {};
  const bool wide = u8(b, at) == 16;
  EXPECT_TRUE(wide || u8(b, at) == 8);
  for (std::size_t i = at + 1; i < at + length; i += wide ? 2 : 1)
    text += static_cast<char16_t>(wide ? u8(b, i) << 8 | u8(b, i + 1) : u8(b, i));
  return to_utf8(text);
}
inline std::string dstring_at(std::span<const std::byte> b, std::size_t at, std::size_t field) {
  return cs0_at(b, at, u8(b, at + field - 1));
}

struct WalkedEntry {
  std::uint32_t icb = 0;  // LBN
  std::uint32_t characteristics = 0, identifier_compression = 0, fid_unique_id = 0;
  std::uint32_t file_type = 0, flags = 0, uid = 0, gid = 0, permissions = 0, links = 0;
  std::uint64_t size = 0, blocks = 0, unique_id = 0, object_size = 0;
  std::optional<std::uint32_t> streams;  // LBN of the stream directory
  Block accessed, modified, changed, created, attributes, embedded;
  std::vector<std::pair<std::uint32_t, std::uint32_t>>
      extents;              // LBN in the partition that is none of metadata, and bytes
  std::uint32_t first = 0;  // LBN of the first as recorded
  std::size_t allocation_extents = 0;
};

class UdfWalk {
 public:
  // `first` is where on the medium the image's first block lies.
  explicit UdfWalk(const ResultImage& image) : image_(image), session_(image.first_block().value) {
    version_ = u16(block(session_ + 256), 2);
    const auto anchor = checked(session_ + 256, 2, session_ + 256);
    main_ = u32(anchor, 20);
    reserve_ = u32(anchor, 28);
    read_sequence();
    const auto set = checked(entry_lba(file_set_), 256, file_set_);
    file_set_name_ = dstring_at(set, 304, 32);
    checked(entry_lba(file_set_ + 1), 8, file_set_ + 1);
    const auto root = u32(set, 404);
    EXPECT_EQ(u16(set, 408), entries_map());
    entries_["/"] = read_entry(root, 0);
    links_[root] = 0;
    read_directory("", root, root);
    for (const auto& [path, e] : entries_)
      if (const auto names = name_ids_.find(e.icb); names != name_ids_.end()) {
        expect_name_ids(e, names->second);
        name_ids_.erase(names);  // once for all names of a file
      }
    EXPECT_TRUE(revision_ < 0x200 || ids_.size() == files + folders - 1);
    const auto walked = entries_;
    for (const auto& [path, e] : walked) read_streams(path, e);
  }

  const std::map<std::string, WalkedEntry>& entries() const { return entries_; }
  const WalkedEntry& at(const std::string& path) const { return entries_.at(path); }
  // Order in which the identifiers of a folder stand.
  const std::vector<std::string>& order(const std::string& folder) const { return order_.at(folder); }
  std::uint32_t names_of(std::uint32_t icb) const { return links_.at(icb); }
  std::uint32_t files = 0, folders = 1;

  std::uint32_t revision() const { return revision_; }
  bool has_metadata() const { return !metadata_.empty(); }
  // Of the metadata file and its mirror; nothing before 2.50.
  const WalkedEntry& metadata_file(bool mirror) const { return metadata_.at(mirror ? 1 : 0); }
  std::uint32_t metadata_flags() const { return metadata_flags_; }
  std::uint32_t session() const { return session_; }
  std::uint32_t main() const { return main_; }
  std::uint32_t reserve() const { return reserve_; }
  std::uint32_t partition_start() const { return partition_start_; }
  std::uint32_t partition_length() const { return partition_length_; }
  std::uint32_t integrity() const { return integrity_; }
  const std::string& file_set_name() const { return file_set_name_; }

  Block block(std::uint32_t lba) const {
    Block out(2048);
    image_.read_at(std::uint64_t{lba - session_} * 2048, out);
    return out;
  }
  std::string content(const std::string& path) const {
    const auto& e = at(path);
    if (!e.embedded.empty()) return std::string(text_of(e.embedded));
    std::string out;
    for (const auto& [lbn, bytes] : e.extents) {
      std::string piece(bytes, '\0');
      image_.read_at(std::uint64_t{lba(lbn) - session_} * 2048, std::as_writable_bytes(std::span(piece)));
      out += piece;
    }
    return out;
  }

  // The block, after its tag is found to be right.
  Block checked(std::uint32_t at, std::uint16_t identifier, std::uint32_t location) const {
    auto b = block(at);
    expect_tag(b, identifier, location);
    return b;
  }

 private:
  void expect_tag(std::span<const std::byte> b, std::uint16_t identifier, std::uint32_t location) const {
    const auto fault = udf::check_tag(b, static_cast<udf::TagIdentifier>(identifier), location);
    EXPECT_FALSE(fault) << (fault ? fault->text : "") << " at " << location;
    EXPECT_EQ(u16(b, 2), version_);
    EXPECT_EQ(u16(b, 6), 0U);
  }
  std::uint32_t lba(std::uint32_t lbn) const { return partition_start_ + lbn; }
  std::uint32_t entries_map() const { return metadata_.empty() ? 0 : 1; }
  // Of a block in the partition where entries and folders lie.
  std::uint32_t entry_lba(std::uint32_t lbn) const {
    if (metadata_.empty()) return lba(lbn);
    std::uint64_t before = 0;
    for (const auto& [first, bytes] : metadata_[0].extents) {
      if (lbn < before + bytes / 2048) return lba(first + lbn - static_cast<std::uint32_t>(before));
      before += bytes / 2048;
    }
    throw std::out_of_range("block " + std::to_string(lbn) + " of the metadata");
  }

  void read_sequence() {
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto b = block(main_ + i);
      const auto id = u16(b, 0);
      expect_tag(b, static_cast<std::uint16_t>(id), main_ + i);
      if (id == 5) {
        partition_start_ = u32(b, 188);
        partition_length_ = u32(b, 192);
      } else if (id == 6) {
        file_set_ = u32(b, 252);
        integrity_ = u32(b, 436);
        revision_ = u16(b, 240);
        logical_volume_ = b;
        EXPECT_EQ(version_, revision_ < 0x200 ? 2U : 3U);
      } else if (id == 8) {
        read_metadata_files();
        return;
      }
    }
    ADD_FAILURE() << "no terminating descriptor";
  }

  // UDF 2.3.4.3, 3.2.1.1: one name has the low half of the file's id; from 2.00 on each other has an id of its own.
  void expect_name_ids(const WalkedEntry& e, const std::vector<std::uint32_t>& ids) {
    const auto own =
        static_cast<std::size_t>(std::count(ids.begin(), ids.end(), static_cast<std::uint32_t>(e.unique_id)));
    EXPECT_EQ(own, revision_ < 0x200 ? ids.size() : 1U) << e.icb;
    ids_.insert(ids.begin(), ids.end());
  }

  void read_metadata_files() {
    const auto& b = logical_volume_;
    const std::uint32_t maps = revision_ < 0x250 ? 1 : 2;
    EXPECT_EQ(u32(b, 268), maps);
    EXPECT_EQ(u32(b, 264), maps == 1 ? 6U : 70U);
    EXPECT_EQ(u16(b, 256), maps - 1);  // where the file set lies
    if (maps == 1) return;
    EXPECT_EQ(u16(b, 446), 0x4002U);
    EXPECT_EQ(u16(b, 446 + 28), revision_);
    metadata_flags_ = u8(b, 446 + 58);
    std::vector<WalkedEntry> entries;
    for (const std::size_t at : {446U + 40, 446U + 44}) {
      const auto icb = u32(b, at);
      entries.push_back(read_entry_at(lba(icb), icb, 0, true));
      EXPECT_EQ(entries.back().file_type, at == 446 + 40 ? 250U : 251U);
      EXPECT_EQ(entries.back().unique_id, 0U);
      EXPECT_EQ(entries.back().links, 0U);
      for (const auto& [first, bytes] : entries.back().extents) {
        EXPECT_EQ(first % 32, 0U);
        EXPECT_EQ(bytes % (32 * 2048), 0U);
      }
    }
    metadata_ = std::move(entries);
  }

  WalkedEntry read_entry(std::uint32_t icb, std::uint32_t characteristics) const {
    return read_entry_at(entry_lba(icb), icb, characteristics, false);
  }

  WalkedEntry read_entry_at(std::uint32_t at, std::uint32_t icb, std::uint32_t characteristics, bool metadata) const {
    EXPECT_LT(at - partition_start_, partition_length_);
    const bool extended = revision_ >= 0x200;
    const auto b = checked(at, extended ? 266 : 261, icb);
    const std::size_t shift = extended ? 8 : 0, base = extended ? 216 : 176;
    EXPECT_EQ(u16(b, 20), 4U);                    // strategy
    EXPECT_EQ(u16(b, 24), 1U);                    // maximum number of entries
    EXPECT_EQ(u32(b, extended ? 128 : 108), 1U);  // checkpoint
    WalkedEntry e;
    e.icb = icb;
    e.characteristics = characteristics;
    e.file_type = u8(b, 27);
    e.flags = u16(b, 34);
    e.uid = u32(b, 36);
    e.gid = u32(b, 40);
    e.permissions = u32(b, 44);
    e.links = u16(b, 48);
    e.size = u64(b, 56);
    e.object_size = extended ? u64(b, 64) : e.size;
    if (extended && u32(b, 152) != 0) {
      EXPECT_EQ(u32(b, 152), 2048U);
      EXPECT_EQ(u16(b, 160), entries_map());
      e.streams = u32(b, 156);
    }
    e.blocks = u64(b, 64 + shift);
    e.accessed = slice(b, 72 + shift, 12);
    e.modified = slice(b, 84 + shift, 12);
    if (extended) e.created = slice(b, 104, 12);
    e.changed = slice(b, extended ? 116 : 96, 12);
    e.unique_id = u64(b, base - 16);
    const auto attributes = u32(b, base - 8), descriptors = u32(b, base - 4);
    EXPECT_EQ(u16(b, 10), base - 16 + attributes + descriptors);  // CRC up to the end of what is used
    e.attributes = slice(b, base, attributes);
    const auto ads = slice(b, base + attributes, descriptors);
    EXPECT_TRUE(std::all_of(b.begin() + static_cast<std::ptrdiff_t>(base) + attributes + descriptors, b.end(),
                            [](std::byte x) { return x == std::byte{0}; }));
    if ((e.flags & 7) == 3) {
      e.embedded = ads;
      EXPECT_EQ(e.size, ads.size());
    } else {
      // From 2.50 on content lies in another partition than its entry, and says so.
      const bool folder = e.file_type == 4 || e.file_type == 13;
      const bool named = revision_ >= 0x250 && !metadata && !folder;
      EXPECT_EQ(e.flags & 7, named ? 1U : 0U);
      read_extents(ads, named, !metadata && folder, e);
    }
    return e;
  }

  void read_extents(Block ads, bool named, bool beside, WalkedEntry& e) const {
    std::uint64_t total = 0;
    const std::size_t width = named ? 16 : 8;
    for (std::size_t at = 0; at < ads.size(); at += width) {
      const auto field = u32(ads, at), position = u32(ads, at + 4), length = field & 0x3FFFFFFF;
      if (named) {
        EXPECT_EQ(u16(ads, at + 8), field >> 30 == 3 ? 1U : 0U);
        EXPECT_TRUE(std::all_of(ads.begin() + static_cast<std::ptrdiff_t>(at) + 10,
                                ads.begin() + static_cast<std::ptrdiff_t>(at) + 16,
                                [](std::byte x) { return x == std::byte{0}; }));
      }
      if (field >> 30 == 3) {
        EXPECT_EQ(at + width, ads.size());
        EXPECT_EQ(length, 2048U);
        const auto b = checked(entry_lba(position), 258, position);
        const auto bytes = u32(b, 20);
        EXPECT_EQ(u16(b, 10), 8 + bytes);
        ++e.allocation_extents;
        ads = slice(b, 24, bytes);
        at = std::size_t{0} - width;
        continue;
      }
      EXPECT_EQ(field >> 30, 0U);
      EXPECT_GT(length, 0U);
      if (!e.extents.empty()) {
        EXPECT_EQ(e.extents.back().second % 2048, 0U);
      }
      if (e.extents.empty()) e.first = position;
      const auto lbn = beside ? entry_lba(position) - partition_start_ : position;
      EXPECT_LE(std::uint64_t{lbn} + (length + 2047) / 2048, partition_length_);
      e.extents.emplace_back(lbn, length);
      total += length;
    }
    EXPECT_EQ(total, e.size);
    EXPECT_EQ(e.blocks, (total + 2047) / 2048);
  }

  void read_directory(const std::string& path, std::uint32_t icb, std::uint32_t parent) {
    const auto& self = at(path.empty() ? "/" : path);
    EXPECT_EQ(self.extents.size(), 1U);
    const auto bytes_text = content(path.empty() ? "/" : path);
    const auto bytes = std::as_bytes(std::span(bytes_text));
    std::vector<std::pair<std::string, std::uint32_t>> below;
    auto& order = order_[path.empty() ? "/" : path];
    for (std::size_t at = 0; at < bytes.size();) {
      const auto b = bytes.subspan(at);
      const auto begins = self.first + static_cast<std::uint32_t>(at / 2048);
      const auto length = u8(b, 19), used = u16(b, 36);
      const auto size = (38 + used + length + 3) / 4 * 4;
      expect_tag(b.first(size), 257, begins);
      EXPECT_EQ(u16(b, 10), size - 16);
      EXPECT_EQ(u16(b, 16), 1U);
      EXPECT_EQ(u32(b, 20), 2048U);
      EXPECT_EQ(u16(b, 28), entries_map());
      const auto characteristics = u8(b, 18), target = u32(b, 24);
      ++links_[target];
      if (at == 0) {
        EXPECT_EQ(characteristics, 0x0AU);
        EXPECT_EQ(length, 0U);
        EXPECT_EQ(target, parent);
      } else {
        EXPECT_GE(length, 2U);
        const auto name = path + "/" + cs0_at(b, 38, length);
        EXPECT_FALSE(entries_.count(name)) << name;
        auto e = read_entry(target, characteristics);
        e.identifier_compression = u8(b, 38);
        e.fid_unique_id = u32(b, 32);
        name_ids_[target].push_back(e.fid_unique_id);
        EXPECT_EQ((characteristics & 2) != 0, e.file_type == 4);
        order.push_back(name);
        if (e.file_type == 4) {
          below.emplace_back(name, target);
          ++folders;
        } else {
          ++files;
        }
        entries_[name] = std::move(e);
      }
      at += size;
    }
    for (const auto& [name, target] : below) read_directory(name, target, icb);
  }

  // Named streams of an entry, UDF 3.3.5: as entries "path:name".
  void read_streams(const std::string& path, const WalkedEntry& owner) {
    std::uint64_t object_size = owner.size;
    if (owner.streams && stream_directories_.insert(*owner.streams).second) {
      auto& self = entries_[path + ":"] = read_entry(*owner.streams, 0);
      EXPECT_EQ(self.file_type, 13U);
      EXPECT_EQ(self.flags & (1U << 13), 0U);
      EXPECT_EQ(self.unique_id, owner.unique_id);
      EXPECT_FALSE(self.streams);
      const auto text = content(path + ":");
      const auto bytes = std::as_bytes(std::span(text));
      for (std::size_t at = 0; at < bytes.size();) {
        const auto b = bytes.subspan(at);
        const auto length = u8(b, 19), characteristics = u8(b, 18);
        const auto size = (38U + length + 3) / 4 * 4;
        expect_tag(b.first(size), 257, self.first + static_cast<std::uint32_t>(at / 2048));
        EXPECT_EQ(u16(b, 36), 0U);
        EXPECT_EQ(u16(b, 28), entries_map());
        EXPECT_EQ(u32(b, 32), static_cast<std::uint32_t>(owner.unique_id));
        if (at == 0) {
          EXPECT_EQ(characteristics, 0x0AU);
          EXPECT_EQ(u32(b, 24), owner.icb);
        } else {
          const auto name = cs0_at(b, 38, length);
          auto e = read_entry(u32(b, 24), characteristics);
          EXPECT_EQ(characteristics, name.starts_with("*UDF ") ? 0x10U : 0U);
          EXPECT_EQ(e.file_type, 5U);
          EXPECT_NE(e.flags & (1U << 13), 0U);
          EXPECT_EQ(e.links, 1U);
          EXPECT_EQ(e.unique_id, owner.unique_id);
          EXPECT_FALSE(e.streams);
          EXPECT_EQ(e.object_size, e.size);
          EXPECT_TRUE(entries_.emplace(path + ":" + name, e).second);
          streams_size_[*owner.streams] += e.size;
        }
        at += size;
      }
    }
    if (owner.streams) object_size += streams_size_[*owner.streams];
    EXPECT_EQ(owner.object_size, object_size) << path;
  }

  static Block slice(std::span<const std::byte> b, std::size_t at, std::size_t n) {
    const auto s = b.subspan(at, n);
    return {s.begin(), s.end()};
  }

  const ResultImage& image_;
  std::uint32_t session_, main_ = 0, reserve_ = 0, partition_start_ = 0, partition_length_ = 0, file_set_ = 0,
                          integrity_ = 0;
  std::uint32_t version_ = 0, revision_ = 0, metadata_flags_ = 0;
  Block logical_volume_;
  std::vector<WalkedEntry> metadata_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> name_ids_;  // by ICB
  std::set<std::uint32_t> ids_;
  std::string file_set_name_;
  std::map<std::string, WalkedEntry> entries_;
  std::map<std::string, std::vector<std::string>> order_;
  std::map<std::uint32_t, std::uint32_t> links_;
  std::set<std::uint32_t> stream_directories_;
  std::map<std::uint32_t, std::uint64_t> streams_size_;  // by stream directory
};

}  // namespace fsimage::test
