#include "block_dump.hpp"

#include "iso_descriptors.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

namespace fsimage {
namespace volume {

DescribedStructure& Dumper::add(const WireRows& rows, std::size_t size, std::size_t offset, std::string name) {
  const auto bytes = block_.subspan(offset);
  if (bytes.size() < size) throw Error(Errc::corrupt_structure, {}, "structure is cut short");
  out_.structures.push_back(
      {at_, static_cast<std::uint32_t>(offset), std::move(name), describe_fields(rows, bytes.first(size))});
  return out_.structures.back();
}

void Dumper::add_field(DescribedStructure& s, std::string_view name, std::string clause, std::size_t offset,
                       std::span<const std::byte> bytes, std::string value) {
  if (bytes.empty()) return;
  s.fields.push_back({.name = name,
                      .clause = std::move(clause),
                      .offset = offset,
                      .size = bytes.size(),
                      .value = value.empty() ? describe_bytes(bytes) : std::move(value)});
}

void Dumper::wrong(std::string clause, std::string text) {
  out_.findings.push_back({.kind = Finding::Kind::deviation,
                           .view = View::none,
                           .path = {},
                           .text = std::move(text),
                           .to = {},
                           .lba = at_,
                           .clause = std::move(clause)});
}

namespace {

struct PathTablePlace {
  std::uint64_t at, bytes;
  bool big_endian;
};

std::vector<PathTablePlace> path_tables(Blocks& blocks, Lba session) {
  std::vector<PathTablePlace> out;
  const auto set = read_descriptor_set(blocks, session);
  for (const auto& at : {set.primary, set.joliet, set.enhanced}) {
    if (!at) continue;
    const auto vd = load_descriptor(blocks, *at);
    const std::uint64_t bytes = vd.path_table_size.value();
    const auto said = vd.logical_block_size.value();  // what the tables' locations count, ECMA-119 6.2.2
    const std::uint64_t block_size = said == 0 || said % 512 != 0 || kBlockSize % said != 0 ? kBlockSize : said;
    for (const auto& [place, big] : {std::pair{vd.type_l_path_table.value(), false},
                                     {vd.optional_type_l_path_table.value(), false},
                                     {vd.type_m_path_table.value(), true},
                                     {vd.optional_type_m_path_table.value(), true}})
      if (place != 0) out.push_back({place * block_size, bytes, big});
  }
  return out;
}

}  // namespace
}  // namespace volume

BlockDump dump_block(const ByteSource& source, Lba at, Lba session) {
  const auto size = source.size();
  if (at.byte_offset() >= size) throw std::out_of_range("no block " + std::to_string(at.value));
  std::vector<std::byte> block(static_cast<std::size_t>(std::min<std::uint64_t>(kBlockSize, size - at.byte_offset())));
  source.read_at(at.byte_offset(), block);
  block.resize(kBlockSize);
  volume::Dumper dumper(block, at);
  volume::Blocks blocks(source);
  BlockDump tables;
  for (const auto& table : volume::path_tables(blocks, session)) {
    const auto begin = at.byte_offset(), end = std::min(begin + kBlockSize, size);
    if (end <= table.at || begin >= table.at + table.bytes) continue;
    // Records go on over the borders of blocks: the walk begins at the table's own start. With small logical blocks a
    // sector holds parts of several tables.
    std::vector<std::byte> whole(static_cast<std::size_t>(std::min(table.bytes, end - table.at)));
    source.read_at(table.at, whole);
    volume::Dumper walker(whole, volume::lba_of(table.at));
    const auto from = static_cast<std::size_t>(begin - std::min(begin, table.at));
    walker.path_table(table.at, from, table.big_endian, whole.size() == table.bytes);
    auto dump = walker.take();
    std::ranges::move(dump.structures, std::back_inserter(tables.structures));
    std::ranges::move(dump.findings, std::back_inserter(tables.findings));
  }
  if (!tables.structures.empty() || !tables.findings.empty()) return tables;
  if (!dumper.iso_descriptor() && !dumper.udf() && !dumper.directory() && !dumper.boot_catalog() &&
      !dumper.boot_info_table())
    dumper.continuation_area();
  return dumper.take();
}

}  // namespace fsimage
