// Volumes of ISO 9660 record by record, with whatever a test wants in them: for forms that no writer at hand makes.
#pragma once

#include <fsimage/core/wire.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/iso9660/path_table.hpp>
#include <fsimage/format/iso9660/volume_descriptor.hpp>
#include <fsimage/io/byte_source.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::test {

struct IsoRecord {
  std::string identifier;
  std::uint32_t extent = 0, length = 0;
  std::uint8_t flags = 0, attribute_blocks = 0, unit = 0, gap = 0;
  std::uint16_t sequence = 1;
  std::string system_use{};
  std::uint8_t more_length = 0;  // added to the length of the record
};

inline std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string encoded(const IsoRecord& from) {
  iso9660::DirectoryRecord r{};
  r.extended_attribute_length = from.attribute_blocks;
  r.extent = from.extent;
  r.data_length = from.length;
  r.flags = from.flags;
  r.file_unit_size = from.unit;
  r.interleave_gap_size = from.gap;
  r.volume_sequence_number = from.sequence;
  r.identifier_length = static_cast<std::uint8_t>(from.identifier.size());
  std::string rest = from.identifier;
  if (rest.size() % 2 == 0) rest += '\0';
  rest += from.system_use;
  if (rest.size() % 2 == 0) rest += '\0';
  rest.append(from.more_length, '\0');
  r.length = static_cast<std::uint8_t>(sizeof r + rest.size());
  return as_text(bytes_of(r)) + rest;
}

// A system use field.
inline std::string use_field(std::string_view signature, std::string_view data, char version = 1) {
  return std::string(signature) + static_cast<char>(data.size() + 4) + version + std::string(data);
}
inline std::string both(std::uint32_t value) {
  Both32 v{};
  v = value;
  return as_text(bytes_of(v));
}
inline std::string px(std::uint32_t mode) { return use_field("PX", both(mode) + both(1) + both(1000) + both(100)); }
inline std::string nm(std::string_view name, char flags = 0) { return use_field("NM", flags + std::string(name)); }
inline const std::string kSharing = use_field("SP", std::string("\xBE\xEF\0", 3));

class IsoBuilder {
 public:
  explicit IsoBuilder(std::uint32_t block_size = 2048) : block_size_(block_size) {
    bytes_.resize(24 * std::size_t{2048});
    folders_.push_back({});
  }

  // Records of the folder's own two may have system use bytes too.
  std::string root_use{};
  std::uint16_t set_size = 1;
  std::string escape{};      // of a supplementary descriptor with the same root; none when empty and version 1
  std::uint8_t version = 1;  // 2: an enhanced descriptor

  std::uint32_t next_block() const { return static_cast<std::uint32_t>(bytes_.size() / block_size_); }
  // Contents begin in the next block, whichever that is. Returns it.
  std::uint32_t put(std::string_view content) {
    const auto at = next_block();
    bytes_ += content;
    bytes_.resize((bytes_.size() + block_size_ - 1) / block_size_ * block_size_);
    return at;
  }
  // A file of the root, or of another folder, whose content is put at once.
  IsoRecord file(std::string identifier, std::string_view content, std::string use = {}) {
    const auto at = put(content);
    return {.identifier = std::move(identifier),
            .extent = at,
            .length = static_cast<std::uint32_t>(content.size()),
            .system_use = std::move(use)};
  }
  void add(IsoRecord record, std::size_t folder = 0) { folders_[folder].records.push_back(std::move(record)); }
  // Returns its number, for add().
  std::size_t add_folder(std::string identifier, std::size_t parent = 0, std::string use = {}) {
    folders_.push_back({.identifier = identifier, .parent = parent, .use = {}, .records = {}});
    folders_[parent].records.push_back({.identifier = std::move(identifier),
                                        .extent = static_cast<std::uint32_t>(folders_.size() - 1),
                                        .flags = iso9660::file_flags::kDirectory,
                                        .system_use = std::move(use)});
    return folders_.size() - 1;
  }
  std::uint32_t block_of(std::size_t folder) const { return folders_[folder].block; }

  std::string build() {
    align();
    for (auto& f : folders_) {
      f.length = folder_length(f);
      f.block = next_block();
      bytes_.resize(bytes_.size() + f.length);
    }
    for (const auto& f : folders_) write_folder(f);
    write_descriptors();
    return bytes_;
  }
  std::shared_ptr<const ByteSource> source() { return std::make_shared<MemorySource>(std::string_view(build())); }

 private:
  struct Folder {
    std::string identifier{};
    std::size_t parent = 0;
    std::string use{};
    std::vector<IsoRecord> records{};
    std::uint32_t block = 0, length = 0;
  };

  void align() { bytes_.resize((bytes_.size() + 2047) / 2048 * 2048); }

  std::vector<std::string> records_of(const Folder& f) const {
    const auto special = [&](char id, const Folder& of) {
      return IsoRecord{.identifier = std::string(1, id),
                       .extent = of.block,
                       .length = of.length,
                       .flags = iso9660::file_flags::kDirectory,
                       .system_use = id == '\0' && &f == &folders_.front() ? root_use : std::string()};
    };
    std::vector<std::string> out{encoded(special('\0', f)), encoded(special('\1', folders_[f.parent]))};
    for (auto r : f.records) {
      if ((r.flags & iso9660::file_flags::kDirectory) != 0 && r.extent < folders_.size() && r.extent != 0) {
        const auto& child = folders_[r.extent];
        r.extent = child.block;
        r.length = child.length;
      }
      out.push_back(encoded(r));
    }
    return out;
  }
  std::uint32_t folder_length(const Folder& f) const {
    std::size_t at = 0;
    for (const auto& r : records_of(f)) {
      if (at % 2048 + r.size() > 2048) at = (at + 2047) / 2048 * 2048;
      at += r.size();
    }
    return static_cast<std::uint32_t>((at + 2047) / 2048 * 2048);
  }
  void write_folder(const Folder& f) {
    std::size_t at = 0;
    for (const auto& r : records_of(f)) {
      if (at % 2048 + r.size() > 2048) at = (at + 2047) / 2048 * 2048;
      bytes_.replace(std::size_t{f.block} * block_size_ + at, r.size(), r);
      at += r.size();
    }
  }
  std::string path_table(iso9660::PathTableType type) const {
    std::vector<std::byte> table(64 * 1024);
    Sink sink{std::span(table)};
    const std::string root(1, '\0');
    for (const auto& f : folders_)
      iso9660::encode({.extent = Lba{f.block},
                       .parent = static_cast<std::uint16_t>(f.parent + 1),
                       .identifier = std::as_bytes(std::span(f.identifier.empty() ? root : f.identifier))},
                      type, sink);
    return as_text(std::span(table).first(sink.size()));
  }
  void write_descriptors() {
    const auto l = path_table(iso9660::PathTableType::l), m = path_table(iso9660::PathTableType::m);
    const auto at_l = put(l), at_m = put(m);
    align();
    iso9660::SupplementaryVolumeDescriptor d{};
    d.header = iso9660::descriptor_header(iso9660::DescriptorType::primary);
    d.volume_space_size = next_block();
    d.volume_set_size = set_size;
    d.volume_sequence_number = 1;
    d.logical_block_size = static_cast<std::uint16_t>(block_size_);
    d.path_table_size = static_cast<std::uint32_t>(l.size());
    d.type_l_path_table = at_l;
    d.type_m_path_table = at_m;
    d.root.record.length = sizeof d.root;
    d.root.record.extent = folders_[0].block;
    d.root.record.data_length = folders_[0].length;
    d.root.record.flags = iso9660::file_flags::kDirectory;
    d.root.record.volume_sequence_number = 1;
    d.root.record.identifier_length = 1;
    d.file_structure_version = 1;
    std::size_t sector = 16;
    const auto write = [&](const auto& value) { bytes_.replace(sector++ * 2048, 2048, as_text(bytes_of(value))); };
    write(d);
    if (!escape.empty() || version == 2) {
      d.header = iso9660::descriptor_header(iso9660::DescriptorType::supplementary, version);
      std::ranges::copy(escape, d.escape_sequences.begin());
      write(d);
    }
    write(iso9660::volume_descriptor_set_terminator());
  }

  std::uint32_t block_size_;
  std::string bytes_;
  std::vector<Folder> folders_;
};

}  // namespace fsimage::test
