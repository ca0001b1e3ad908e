// A small image of ours with everything in it, as bytes that a test may damage, and what a walk over it ends with.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>
#include <fsimage/format/udf/file_structures.hpp>
#include <fsimage/format/udf/tag.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/layout/planner.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::test {

inline constexpr auto kSampleTime = Timestamp::from_seconds(1'700'000'000);

inline Attributes sample_attributes(std::uint16_t permissions, std::uint32_t uid = 1000, std::uint32_t gid = 100) {
  Attributes a;
  a.permissions = permissions;
  a.uid = uid;
  a.gid = gid;
  a.modified = kSampleTime;
  return a;
}

inline std::shared_ptr<Tree> sample_tree() {
  auto tree = std::make_shared<Tree>(sample_attributes(0755));
  const auto docs = tree->add_directory(kRootNode, "docs", sample_attributes(0750));
  const auto deep = tree->add_directory(docs, "deep", sample_attributes(0700));
  const auto text = std::make_shared<MemorySource>(std::string(3000, 'a'));
  const auto file = tree->add_file(docs, "a.txt", sample_attributes(0640), text);
  tree->add_hard_link(deep, "again.txt", file);
  tree->add_file(docs, "empty", sample_attributes(0600), ContentId{});
  tree->add_symlink(deep, "link", sample_attributes(0777), "../../docs/a.txt");
  tree->add_file(kRootNode, std::string(240, 'n'), sample_attributes(04755), std::make_shared<MemorySource>("long"));
  tree->add_file(kRootNode, "umlaut \xC3\xA4\xE6\xBC\xA2.txt", sample_attributes(0644),
                 std::make_shared<MemorySource>("wide"));
  tree->add_special(kRootNode, "tty", FileType::char_device, sample_attributes(0620), {259, 300});
  tree->add_special(kRootNode, "pipe", FileType::fifo, sample_attributes(0600));
  return tree;
}

class SampleVolume {
 public:
  SampleVolume() : SampleVolume(sample_tree()) {}
  explicit SampleVolume(std::shared_ptr<const Tree> tree, Profile profile = special_files()) {
    const auto image = Plan(std::move(tree), std::move(profile)).create_image();
    bytes_.resize(static_cast<std::size_t>(image->size()));
    image->read_at(0, bytes_);
    image->for_each_part([&](const ExtentPart& p) { places_.emplace(p.label, p.start); });
  }
  static Profile special_files() {
    Profile profile;
    profile.udf_special_files = true;
    return profile;
  }

  // Where the image has the structure with that label of its map.
  Lba place(const std::string& label) const {
    const auto found = places_.find(label);
    if (found == places_.end()) throw std::logic_error("no part is called " + label);
    return found->second;
  }
  std::span<std::byte> bytes() { return bytes_; }
  std::span<std::byte> block(Lba at) { return std::span(bytes_).subspan(at.byte_offset(), kBlockSize); }
  std::span<std::byte> block(const std::string& label) { return block(place(label)); }
  std::uint32_t blocks() const { return static_cast<std::uint32_t>(bytes_.size() / kBlockSize); }
  void cut(std::uint32_t blocks) { bytes_.resize(std::size_t{blocks} * kBlockSize); }
  void append(std::uint32_t blocks) { bytes_.resize(bytes_.size() + std::size_t{blocks} * kBlockSize); }

  template <WireStruct T, class Change>
  void edit(std::span<std::byte> at, Change change) {
    T value = load<T>(at);
    change(value);
    store(at, value);
  }

  // The directory record with that identifier in a folder of one block.
  std::span<std::byte> record(const std::string& label, std::string_view identifier) {
    const auto sector = block(label);
    for (std::size_t at = 0; at < sector.size() && sector[at] != std::byte{};) {
      const auto r = load<iso9660::DirectoryRecord>(sector.subspan(at));
      const auto id = sector.subspan(at + sizeof r, r.identifier_length);
      if (std::ranges::equal(id, std::as_bytes(std::span(identifier)))) return sector.subspan(at, r.length);
      at += r.length;
    }
    throw std::logic_error("no record is called " + std::string(identifier));
  }
  // The system use field with that signature in a record.
  static std::span<std::byte> field(std::span<std::byte> record, std::string_view signature) {
    const auto r = load<iso9660::DirectoryRecord>(record);
    auto rest = record.subspan(sizeof r + r.identifier_length + (r.identifier_length % 2 == 0 ? 1U : 0U));
    while (rest.size() >= 4) {
      const auto length = std::to_integer<std::size_t>(rest[2]);
      if (std::memcmp(rest.data(), signature.data(), 2) == 0) return rest.first(length);
      rest = rest.subspan(length);
    }
    throw std::logic_error("no field is called " + std::string(signature));
  }

  // Changes a structure of UDF and gives it a sound tag again.
  template <WireStruct T, class Change>
  void edit_sealed(std::span<std::byte> descriptor, Change change) {
    edit<T>(descriptor, change);
    reseal(descriptor);
  }
  static void reseal(std::span<std::byte> descriptor) {
    const auto tag = load<udf::DescriptorTag>(descriptor);
    const auto length = sizeof tag + tag.crc_length.value();
    udf::seal(descriptor.first(std::min(length, descriptor.size())),
              static_cast<udf::TagIdentifier>(tag.identifier.value()), tag.location.value(), tag.version.value());
  }

  std::shared_ptr<const ByteSource> source() const { return std::make_shared<MemorySource>(bytes_); }

 private:
  std::vector<std::byte> bytes_;
  std::map<std::string, Lba> places_;
};

struct WalkResult {
  std::vector<std::string> paths;  // in the order in which they came
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> contents;  // of files up to 64 KiB
  std::map<std::string, Error> refused;         // contents that could not be had
  std::vector<Finding> findings;
  std::optional<Error> error;  // that ended the walk

  bool has_finding(std::string_view clause) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& f) { return located_text(f).find(clause) != std::string::npos; });
  }
};

inline ::testing::Message describe(const WalkResult& r) {
  ::testing::Message out;
  if (r.error) out << "error: " << r.error->what() << '\n';
  for (const auto& f : r.findings) out << "finding: " << f.path << ": " << located_text(f) << '\n';
  for (const auto& p : r.paths) out << p << '\n';
  return out;
}

inline WalkResult walk_volume(std::shared_ptr<const ByteSource> source, const VolumeOptions& options) {
  WalkResult out;
  const auto start = std::clock();  // of this process: a busy machine is nobody's fault
  try {
    const auto cursor = open_volume(std::move(source), options, [&](const Finding& f) { out.findings.push_back(f); });
    ContentStore store;
    while (auto entry = cursor->next()) {
      const auto path = cursor->origin();
      out.paths.push_back(path);
      if (entry->type == FileType::regular) {
        try {
          const auto content = cursor->content(store);
          std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(store.size(content), 65536)), '\0');
          if (content) store.read_at(content, 0, std::as_writable_bytes(std::span(text)));
          EXPECT_EQ(store.size(content), entry->size) << path;
          out.contents[path] = std::move(text);
        } catch (const Error& e) {
          out.refused.emplace(path, e);
        }
      }
      out.entries[path] = std::move(*entry);
    }
  } catch (const Error& e) {
    out.error.emplace(e);
  }
  EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC) << "damage must not cost time";
  return out;
}
inline WalkResult walk_volume(const SampleVolume& volume, View view) {
  return walk_volume(volume.source(), {.view = view, .order = EntryOrder::recorded, .session = {}, .limits = {}});
}

}  // namespace fsimage::test
