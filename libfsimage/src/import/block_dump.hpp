// The parts of dump_block(), one file for each family of standards. One thread.
#pragma once

#include <fsimage/import/block_dump.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace fsimage::volume {

class Dumper {
 public:
  Dumper(std::span<const std::byte> block, Lba at) : block_(block), at_(at) {}

  // Each is false when the block is nothing of the kind.
  bool iso_descriptor();
  bool directory();
  bool continuation_area();
  bool boot_catalog();
  bool boot_info_table();
  // The block is a whole table from its start at byte `table_at` of the source; told are the records from `from` on.
  // Without its end, the last record may be cut.
  void path_table(std::uint64_t table_at, std::size_t from, bool big_endian, bool to_its_end);
  bool udf();

  BlockDump take() { return std::move(out_); }

 private:
  template <WireStruct T>
  DescribedStructure& add(std::size_t offset, std::string name) {
    return add(wire_rows<T>, sizeof(T), offset, std::move(name));
  }
  DescribedStructure& add(const WireRows& rows, std::size_t size, std::size_t offset, std::string name);
  static void add_field(DescribedStructure& s, std::string_view name, std::string clause, std::size_t offset,
                        std::span<const std::byte> bytes, std::string value = {});
  void wrong(std::string clause, std::string text);

  void directory_record(std::size_t offset, std::size_t identifier, std::size_t system_use);
  void system_use(std::size_t offset, std::size_t length);
  void system_use_entry(std::size_t offset, std::string_view signature);

  bool descriptor_at(std::size_t offset);
  bool fid_at(std::size_t& offset);
  void file_entry(std::size_t offset, bool extended);
  void attributes(std::size_t offset, std::size_t length);
  void allocation(std::size_t offset, std::size_t length, unsigned form);
  void partition_maps(std::size_t offset);
  void integrity(std::size_t offset);

  std::span<const std::byte> block_;
  Lba at_;
  BlockDump out_;
};

}  // namespace fsimage::volume
