#include "volume_places.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/format/iso9660/path_table.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

namespace fsimage::volume {
namespace {

constexpr std::size_t kToldAtMost = 20;  // a table that is wrong throughout needs no line for each record

constexpr std::uint64_t kSmallestUdfBlock = 512;  // of UDF; contents in blocks of their own begin at a multiple

struct Record {
  Lba extent;
  std::uint16_t parent;
};

class PathTables {
 public:
  PathTables(const ByteSource& source, const IsoVolumeInfo& info, const ContentPlaces& tree)
      : source_(source), info_(info), tree_(tree) {}

  std::vector<PathTableProblem> run() {
    const auto l = read(info_.path_table_l, iso9660::PathTableType::l);
    const auto m = read(info_.path_table_m, iso9660::PathTableType::m);
    if (l) check(*l, info_.path_table_l);
    if (l && m && !std::ranges::equal(*l, *m, [](const Record& a, const Record& b) {
          return a.extent == b.extent && a.parent == b.parent;
        }))
      tell(info_.path_table_m, "ECMA-119 6.9.2", "the L and the M path table are of different folders");
    return std::move(out_);
  }

 private:
  void tell(Lba at, std::string clause, std::string text) {
    if (out_.size() < kToldAtMost) out_.push_back({at, std::move(clause), std::move(text)});
  }

  std::optional<std::vector<Record>> read(Lba at, iso9660::PathTableType type) {
    const std::uint64_t bytes = info_.path_table_bytes;
    if (at.byte_offset() > source_.size() || bytes > source_.size() - at.byte_offset()) {
      tell(at, "ECMA-119 8.4.13", "a path table beyond the end of the image");
      return std::nullopt;
    }
    std::vector<std::byte> table(static_cast<std::size_t>(bytes));
    source_.read_at(at.byte_offset(), table);
    std::vector<Record> out;
    iso9660::PathTableRecords records(table, type);
    try {
      while (const auto r = records.next()) out.push_back({r->extent, r->parent});
    } catch (const Error& e) {
      tell(at, e.where().clause, e.message());
    }
    return out;
  }

  void check(const std::vector<Record>& table, Lba at) {
    std::vector<Lba> in_table;
    for (std::size_t i = 0; i < table.size(); ++i) {
      in_table.push_back(table[i].extent);
      const std::size_t parent = table[i].parent;
      if (parent == 0 || (i == 0 ? parent != 1 : parent > i))
        tell(at, "ECMA-119 9.4.4",
             "record " + std::to_string(i + 1) + " of a path table has parent " + std::to_string(parent));
    }
    std::sort(in_table.begin(), in_table.end());
    auto in_tree = tree_.folders();
    in_tree.insert(std::lower_bound(in_tree.begin(), in_tree.end(), info_.root), info_.root);
    for (const Lba place : difference(in_tree, in_table))
      tell(place, "ECMA-119 6.9.1", "a folder that the path table does not name");
    for (const Lba place : difference(in_table, in_tree))
      tell(place, "ECMA-119 6.9.1", "a folder of the path table that the tree does not have");
  }

  static std::vector<Lba> difference(const std::vector<Lba>& a, const std::vector<Lba>& b) {
    std::vector<Lba> out;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
    return out;
  }

  const ByteSource& source_;
  const IsoVolumeInfo& info_;
  const ContentPlaces& tree_;
  std::vector<PathTableProblem> out_;
};

}  // namespace

std::uint64_t ContentPlaces::key(std::span<const VolumeCursor::Extent> extents, std::uint64_t size) {
  std::uint64_t key = size * 0x9E37'79B9'7F4A'7C15;
  for (const auto& e : extents) {
    key ^= (e.hole ? UINT64_MAX : e.offset) + (e.length << 20);
    key *= 0xFF51'AFD7'ED55'8CCD;
    key ^= key >> 32;
  }
  return key;
}

void ContentPlaces::add_content(std::span<const VolumeCursor::Extent> extents, std::uint64_t size) {
  if (size == 0 || extents.empty()) return;
  if (!extents[0].hole && extents[0].offset % kSmallestUdfBlock != 0) {
    longest_embedded_ = std::max(longest_embedded_, size);
    return;
  }
  contents_.push_back({key(extents, size), size});
  for (const auto& e : extents)
    if (!e.hole) stretches_.push_back({e.offset, e.length});
}

void ContentPlaces::sort() {
  std::sort(folders_.begin(), folders_.end());
  std::sort(contents_.begin(), contents_.end());
  contents_.erase(std::unique(contents_.begin(), contents_.end()), contents_.end());
}

std::uint64_t ContentPlaces::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& c : contents_) sum += c.size;
  return sum;
}

std::vector<std::uint64_t> ContentPlaces::missing_in(const ContentPlaces& other) const {
  std::vector<Content> missing;
  std::set_difference(contents_.begin(), contents_.end(), other.contents_.begin(), other.contents_.end(),
                      std::back_inserter(missing));
  std::vector<std::uint64_t> keys;
  for (const auto& c : missing)
    if (c.size > other.longest_embedded_) keys.push_back(c.key);
  return keys;
}

std::vector<PathTableProblem> path_table_problems(const ByteSource& source, const IsoVolumeInfo& info,
                                                  const ContentPlaces& tree) {
  return PathTables(source, info, tree).run();
}

std::vector<ContentPlaces::Stretch> merged_stretches(const std::vector<ContentPlaces>& places) {
  std::vector<ContentPlaces::Stretch> all;
  for (const auto& p : places) all.insert(all.end(), p.stretches().begin(), p.stretches().end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  std::vector<ContentPlaces::Stretch> out;
  for (const auto& s : all) {
    if (!out.empty() && s.offset <= out.back().offset + out.back().length)
      out.back().length = std::max(out.back().length, s.offset + s.length - out.back().offset);
    else
      out.push_back(s);
  }
  return out;
}

}  // namespace fsimage::volume
