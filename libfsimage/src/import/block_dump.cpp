#include "block_dump.hpp"

#include "iso_descriptors.hpp"

#include <fsimage/core/text.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace fsimage {
namespace volume {

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
    for (const auto& [place, big] : {std::pair{vd.type_l_path_table.value(), false},
                                     {vd.optional_type_l_path_table.value(), false},
                                     {vd.type_m_path_table.value(), true},
                                     {vd.optional_type_m_path_table.value(), true}})
      if (place != 0) out.push_back({Lba{place}.byte_offset(), bytes, big});
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
  for (const auto& table : volume::path_tables(blocks, session)) {
    if (at.byte_offset() < table.at || at.byte_offset() >= table.at + table.bytes) continue;
    // Records go on over the borders of blocks: the walk begins at the table's own start.
    const auto bytes = static_cast<std::size_t>(
        std::min<std::uint64_t>({table.bytes, at.byte_offset() + kBlockSize - table.at, size - table.at}));
    std::vector<std::byte> whole(bytes);
    source.read_at(table.at, whole);
    volume::Dumper walker(whole, Lba{static_cast<std::uint32_t>(table.at / kBlockSize)});
    walker.path_table(static_cast<std::size_t>(at.byte_offset() - table.at), table.big_endian);
    return walker.take();
  }
  if (!dumper.iso_descriptor() && !dumper.udf() && !dumper.directory() && !dumper.boot_catalog())
    dumper.continuation_area();
  return dumper.take();
}

}  // namespace fsimage
