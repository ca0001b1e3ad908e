#include "iso_path_table.hpp"

#include <fsimage/format/iso9660/path_table.hpp>

#include <algorithm>

namespace fsimage::volume {
namespace {

using iso9660::PathTableType;

std::vector<TableFolder> read_table(Walk& walk, const IsoVolume& volume, std::uint32_t block, std::uint32_t bytes,
                                    PathTableType type) {
  std::vector<TableFolder> out;
  const auto at = volume.offset_of(block);
  if (block == 0 || at >= walk.blocks.size()) return out;
  bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>({bytes, kMaxPathTable, walk.blocks.size() - at}));
  try {
    walk.budget.charge_metadata(bytes, lba_of(at));
    std::vector<std::byte> table(bytes);
    walk.blocks.read(at, table, "ECMA-119 6.9");
    iso9660::PathTableRecords records(table, type);
    while (const auto r = records.next()) {
      // The root comes first and is its own parent; parents come before their children, ECMA-119 6.9.1.
      const auto number = out.size() + 1;
      if (r->parent == 0 || (number > 1 && r->parent >= number) || (number == 1 && r->parent != 1)) break;
      out.push_back({.at = volume.offset_of(r->extent.value) + volume.offset_of(r->extended_attribute_length),
                     .parent = number == 1 ? 0U : r->parent,
                     .identifier = {r->identifier.begin(), r->identifier.end()}});
    }
  } catch (const Error& e) {
    if (e.code() == Errc::limit_exceeded) throw;
    // What came before is sound.
  }
  return out;
}

}  // namespace

IsoPathTables::IsoPathTables(Walk& walk, const IsoVolume& volume, Lba descriptor) {
  const auto vd = load_descriptor(walk.blocks, descriptor);
  const auto bytes = vd.path_table_size.value();
  for (const auto& [block, type] : {std::pair{vd.type_l_path_table.value(), PathTableType::l},
                                    {vd.type_m_path_table.value(), PathTableType::m},
                                    {vd.optional_type_l_path_table.value(), PathTableType::l},
                                    {vd.optional_type_m_path_table.value(), PathTableType::m}}) {
    auto table = read_table(walk, volume, block, bytes, type);
    if (table.size() > folders_.size()) folders_ = std::move(table);
  }
  for (std::uint32_t i = 0; i < folders_.size(); ++i) numbers_.emplace_back(folders_[i].at, i + 1);
  std::sort(numbers_.begin(), numbers_.end());
  std::stable_sort(folders_.begin(), folders_.end(),
                   [](const TableFolder& a, const TableFolder& b) { return a.parent < b.parent; });
}

std::span<const TableFolder> IsoPathTables::children_of(std::uint64_t at) const {
  const auto number = std::lower_bound(numbers_.begin(), numbers_.end(), std::pair{at, std::uint32_t{0}});
  if (number == numbers_.end() || number->first != at) return {};
  const auto found = std::equal_range(folders_.begin(), folders_.end(),
                                      TableFolder{.at = 0, .parent = number->second, .identifier = {}},
                                      [](const TableFolder& a, const TableFolder& b) { return a.parent < b.parent; });
  return {found.first, found.second};
}

}  // namespace fsimage::volume
