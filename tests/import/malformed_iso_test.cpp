// Malformed ISO 9660, Joliet and El Torito: classes 1 to 10 and 19 of images that have broken parsers.
#include "iso_changes.hpp"
#include "malformed.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/format/eltorito/boot_catalog.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

using namespace iso;

constexpr std::size_t kAll = 10;   // entries of the sample
const std::string kSelf(1, '\0');  // a folder's own record

// A case upon the sample: `change` does the damage and returns the block that must be named.
Malformed on_sample(std::string name, View view, Told told, std::string clause, std::string path, std::size_t reached,
                    std::function<Lba(SampleVolume&)> change) {
  return {std::move(name), view, told, std::move(clause), std::move(path), reached, [change = std::move(change)] {
            SampleVolume volume;
            const Lba at = change(volume);
            return Malformed::Made{volume.source(), at};
          }};
}
// The damage is a change to a record of a folder, which is where it is told.
Malformed in_record(std::string name, Told told, std::string clause, std::string path, std::size_t reached,
                    std::string folder, std::string identifier, std::function<void(DirectoryRecord&)> change) {
  return on_sample(std::move(name), View::iso9660, told, std::move(clause), std::move(path), reached,
                   [=](SampleVolume& v) {
                     record(folder, identifier, change)(v);
                     return v.place(folder);
                   });
}
Malformed in_descriptor(std::string name, Told told, std::string clause, std::size_t reached,
                        std::function<void(PrimaryVolumeDescriptor&)> change) {
  return on_sample(std::move(name), View::iso9660, told, std::move(clause), "", reached, [=](SampleVolume& v) {
    primary(change)(v);
    return v.place(kPrimary);
  });
}

class MalformedIso : public ::testing::TestWithParam<Malformed> {};
TEST_P(MalformedIso, IsToldWithinBounds) { expect_told(GetParam()); }
const auto name_of = [](const auto& i) { return i.param.name; };

// --- 1: a folder that is its own child or ancestor

INSTANTIATE_TEST_SUITE_P(Loops, MalformedIso,
                         ::testing::Values(on_sample("class_01_directory_that_contains_its_parent", View::iso9660,
                                                     Told::finding, "ECMA-119 6.8.2", "/DOCS/DEEP", kAll - 2,
                                                     [](SampleVolume& v) {
                                                       record(kDocs, "DEEP",
                                                              [&](auto& r) { r.extent = v.place(kDocs).value; })(v);
                                                       return v.place(kDocs);
                                                     }),
                                           on_sample("class_01_directory_that_contains_the_root", View::rockridge,
                                                     Told::finding, "ECMA-119 6.8.2", "/docs/deep", kAll - 2,
                                                     [](SampleVolume& v) {
                                                       record(kDocs, "DEEP",
                                                              [&](auto& r) { r.extent = v.place(kRoot).value; })(v);
                                                       return v.place(kRoot);
                                                     }),
                                           on_sample("class_01_directory_that_contains_itself", View::iso9660,
                                                     Told::finding, "ECMA-119 6.8.2", "/DOCS/DEEP/AGAIN.TXT;1", kAll,
                                                     [](SampleVolume& v) {
                                                       record(kDeep, "AGAIN.TXT;1", [&](auto& r) {
                                                         r.extent = v.place(kDeep).value, r.data_length = kBlockSize;
                                                         r.flags = iso9660::file_flags::kDirectory;
                                                       })(v);
                                                       return v.place(kDeep);
                                                     })),
                         name_of);

// --- 2, 3: lengths of records and names

// Records of 200 bytes until one does not fit the sector, which says that it does.
Lba fill_sector_and_one_more(SampleVolume& v) {
  const auto original = v.record(kDeep, "AGAIN.TXT;1");
  const std::vector<std::byte> one(original.begin(), original.end());
  auto at = static_cast<std::size_t>(original.data() - v.block(kDeep).data());
  const auto sector = v.block(kDeep);
  std::ranges::fill(sector.subspan(at), std::byte{});
  for (char c = 'A'; at + 33 < sector.size(); ++c, at += 200) {
    const auto room = sector.subspan(at);
    std::ranges::copy(std::span(one).first(std::min(one.size(), room.size())), room.begin());
    v.edit<DirectoryRecord>(room, [](auto& r) { r.length = 200; });
    room[33] = static_cast<std::byte>(c);
  }
  return v.place(kDeep);
}

INSTANTIATE_TEST_SUITE_P(
    Records, MalformedIso,
    ::testing::Values(in_record("class_02_record_of_length_0", Told::finding, "ECMA-119 6.8.1.1", "/DOCS", kAll - 1,
                                kDocs, "A.TXT;1", [](auto& r) { r.length = 0; }),
                      in_record("class_02_record_of_length_1", Told::error, "ECMA-119 9.1.1", "/DOCS", kAll - 1, kDocs,
                                "A.TXT;1", [](auto& r) { r.length = 1; }),
                      in_record("class_02_record_of_length_33", Told::error, "ECMA-119 9.1.10", "/DOCS", kAll - 1,
                                kDocs, "A.TXT;1", [](auto& r) { r.length = 33; }),
                      on_sample("class_02_record_beyond_the_sector", View::iso9660, Told::error, "ECMA-119 6.8.1.1",
                                "/DOCS/DEEP", kAll + 7, fill_sector_and_one_more),
                      strict_ends_earlier(on_sample(
                          "class_02_record_beyond_the_directory", View::iso9660, Told::error, "ECMA-119 6.8.1.1",
                          "/DOCS", kAll - 2,
                          [](SampleVolume& v) {
                            const auto inside = v.record(kDocs, "A.TXT;1").data() - v.block(kDocs).data();
                            for (const auto& [folder, name] : {std::pair{kRoot, std::string("DOCS")}, {kDocs, kSelf}})
                              record(folder, name,
                                     [&](auto& r) { r.data_length = static_cast<std::uint32_t>(inside) + 10; })(v);
                            return v.place(kDocs);
                          })),
                      in_record("class_03_name_longer_than_its_record", Told::error, "ECMA-119 9.1.10", "/DOCS",
                                kAll - 1, kDocs, "A.TXT;1", [](auto& r) { r.identifier_length = 255; }),
                      in_record("class_03_name_of_no_bytes", Told::error, "ECMA-119 9.1.10", "/DOCS", kAll - 1, kDocs,
                                "A.TXT;1", [](auto& r) { r.identifier_length = 0; })),
    name_of);

// --- 4, 5: extents

// Both records of /docs/deep say this, or of the root.
Malformed deep_folder(std::string name, std::size_t reached, std::uint32_t extent, std::uint32_t length) {
  return on_sample(std::move(name), View::iso9660, Told::error, "ECMA-119 6.8.1", "/DOCS/DEEP", reached,
                   [=](SampleVolume& v) {
                     const Lba at{extent == 0 ? v.place(kDeep).value : extent};
                     record(kDeep, kSelf, [&](auto& r) { r.data_length = length; })(v);
                     record(kDocs, "DEEP", [&](auto& r) { r.extent = at.value, r.data_length = length; })(v);
                     return at;
                   });
}
Malformed root_folder(std::string name, std::uint32_t length) {
  return on_sample(std::move(name), View::iso9660, Told::error, "ECMA-119 6.8.1", "", kAll, [=](SampleVolume& v) {
    record(kRoot, kSelf, [&](auto& r) { r.data_length = length; })(v);
    primary([&](auto& d) { d.root.record.data_length = length; })(v);
    return v.place(kRoot);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Extents, MalformedIso,
    ::testing::Values(
        deep_folder("class_04_directory_of_almost_4_gib", kAll, 0, 0xFFFFF800),
        strict_ends_earlier(deep_folder("class_04_directory_whose_size_overflows_when_rounded", kAll, 0, 0xFFFFFFFF)),
        root_folder("class_04_root_of_almost_4_gib", 0xFFFFF800),
        // The folder's own record is believed when the one that leads to it cannot be right.
        on_sample("class_04_directory_of_two_sizes", View::iso9660, Told::finding, "ECMA-119 9.1.4", "/DOCS/DEEP", kAll,
                  [](SampleVolume& v) {
                    record(kDocs, "DEEP", [](auto& r) { r.data_length = 0xFFFFF800; })(v);
                    return v.place(kDeep);
                  }),
        deep_folder("class_05_directory_beyond_the_end", kAll - 2, 0x00FFFFFF, kBlockSize),
        deep_folder("class_05_directory_at_the_last_address", kAll - 2, 0xFFFFFFFF, kBlockSize),
        in_record("class_05_content_beyond_the_end", Told::finding, "ECMA-119 9.1.3", "/DOCS/A.TXT", kAll, kDocs,
                  "A.TXT;1", [](auto& r) { r.extent = 0xFFFFFFFE; }),
        in_record("class_05_content_longer_than_the_image", Told::finding, "ECMA-119 9.1.3", "/DOCS/A.TXT", kAll, kDocs,
                  "A.TXT;1", [](auto& r) { r.data_length = 0xFFFFFFFF; }),
        on_sample("class_05_image_cut_short", View::iso9660, Told::finding, "ECMA-119 8.4.8", "", kAll,
                  [](SampleVolume& v) {
                    v.cut(v.blocks() - 100);
                    return v.place(kPrimary);
                  })),
    name_of);

// --- 6: the two halves of a number, the block size

INSTANTIATE_TEST_SUITE_P(
    Numbers, MalformedIso,
    ::testing::Values(in_record("class_06_halves_of_a_location_differ", Told::finding, "ECMA-119 9.1.3", "/DOCS/A.TXT",
                                kAll, kDocs, "A.TXT;1", [](auto& r) { r.extent.big = 1; }),
                      in_record("class_06_halves_of_a_length_differ", Told::finding, "ECMA-119 9.1.4", "/DOCS/A.TXT",
                                kAll, kDocs, "A.TXT;1", [](auto& r) { r.data_length.big = 0xFFFFFFFF; }),
                      in_descriptor("class_06_halves_of_the_block_size_differ", Told::finding, "ECMA-119 8.4.12", kAll,
                                    [](auto& d) { d.logical_block_size.big = 0; }),
                      in_descriptor("class_06_block_size_0", Told::finding, "ECMA-119 8.4.12", kAll,
                                    [](auto& d) { d.logical_block_size = 0; }),
                      in_descriptor("class_06_block_size_odd", Told::finding, "ECMA-119 8.4.12", kAll,
                                    [](auto& d) { d.logical_block_size = 2049; }),
                      in_descriptor("class_06_block_size_huge", Told::finding, "ECMA-119 8.4.12", kAll,
                                    [](auto& d) { d.logical_block_size = 0xFFFF; })),
    name_of);

// --- 7: path tables

const std::string kTable = "iso9660/path table L";

Malformed in_path_table(std::string name, std::string clause, std::function<Lba(SampleVolume&)> change) {
  return on_sample(std::move(name), View::iso9660, Told::verification, std::move(clause), "", kAll, std::move(change));
}
// The second record of the table, which is that of /docs: the root's has ten bytes.
auto second_record(std::function<void(iso9660::PathTableRecordL&)> change) {
  return [=](SampleVolume& v) {
    v.edit<iso9660::PathTableRecordL>(v.block(kTable).subspan(10), change);
    return v.place(kTable);
  };
}

// A table of more folders than a parent's number can name, each the child of the one before it.
Lba table_of_70000(SampleVolume& v) {
  const auto table = encoded([](Sink& sink) {
    for (std::uint32_t i = 0; i < 6000; ++i) {
      const std::byte name{'A'};
      iso9660::encode({.extent = Lba{i + 1}, .parent = static_cast<std::uint16_t>(i), .identifier = {&name, 1}},
                      iso9660::PathTableType::l, sink);
    }
  });
  const Lba at{v.blocks()};
  for (int i = 0; i < 12; ++i) appended(v, table);
  primary([&](auto& d) {
    d.type_l_path_table = at.value;
    d.path_table_size = static_cast<std::uint32_t>((v.blocks() - at.value) * kBlockSize);
  })(v);
  return at;
}

INSTANTIATE_TEST_SUITE_P(
    PathTables, MalformedIso,
    ::testing::Values(in_path_table("class_07_path_table_of_size_0", "ECMA-119 6.9.1",
                                    [](SampleVolume& v) {
                                      primary([](auto& d) { d.path_table_size = 0; })(v);
                                      return v.place(kDocs);
                                    }),
                      in_path_table("class_07_path_table_of_4_gib", "ECMA-119 8.4.13",
                                    [](SampleVolume& v) {
                                      primary([](auto& d) { d.path_table_size = 0xFFFFFFFF; })(v);
                                      return v.place(kTable);
                                    }),
                      in_path_table("class_07_path_table_beyond_the_end", "ECMA-119 8.4.13",
                                    [](SampleVolume& v) {
                                      primary([](auto& d) { d.type_l_path_table = 0xFFFFFFF0; })(v);
                                      return Lba{0xFFFFFFF0};
                                    }),
                      in_path_table("class_07_parent_out_of_range", "ECMA-119 9.4.4",
                                    second_record([](auto& r) { r.parent = std::uint16_t{0xFFFF}; })),
                      in_path_table("class_07_parent_0", "ECMA-119 9.4.4",
                                    second_record([](auto& r) { r.parent = std::uint16_t{0}; })),
                      in_path_table("class_07_parent_of_itself", "ECMA-119 9.4.4",
                                    second_record([](auto& r) { r.parent = std::uint16_t{2}; })),
                      in_path_table("class_07_location_that_no_directory_has", "ECMA-119 6.9.1",
                                    [](SampleVolume& v) {
                                      second_record([](auto& r) { r.extent = std::uint32_t{20}; })(v);
                                      return Lba{20};
                                    }),
                      in_path_table("class_07_name_beyond_the_table", "ECMA-119 9.4.5",
                                    second_record([](auto& r) { r.identifier_length = 255; })),
                      in_path_table("class_07_more_than_65535_directories", "ECMA-119 9.4.4", table_of_70000)),
    name_of);

// --- 8: the set of volume descriptors

// Supplementary descriptors of nothing, from the primary one to the end of the image; the root has moved behind them.
Lba endless_descriptors(SampleVolume& v) {
  const auto root = v.block(kRoot);
  const std::vector<std::byte> folder(root.begin(), root.end());
  iso9660::SupplementaryVolumeDescriptor nothing{};
  nothing.header = iso9660::descriptor_header(iso9660::DescriptorType::supplementary);
  for (auto at = v.place(kPrimary) + BlockCount{1}; at.value < v.blocks(); at = at + BlockCount{1})
    store(v.block(at), nothing);
  const Lba moved = appended(v, folder);
  primary([&](auto& d) { d.root.record.extent = moved.value; })(v);
  return v.place(kPrimary) + BlockCount{63};  // where reading them stops
}

// --- 9: files of several sections

std::span<std::byte> doubled(SampleVolume& v, const std::string& folder, const std::string& identifier) {
  const auto first = v.record(folder, identifier);
  const auto sector = v.block(folder);
  const auto at = static_cast<std::size_t>(first.data() - sector.data());
  const std::vector<std::byte> rest(sector.begin() + static_cast<std::ptrdiff_t>(at), sector.end());
  std::ranges::copy(std::span(rest).first(rest.size() - first.size()), sector.subspan(at + first.size()).begin());
  return sector.subspan(at + first.size(), first.size());
}

Lba sections_without_end(SampleVolume& v) {
  record(kDeep, "AGAIN.TXT;1",
         [](auto& r) { r.flags |= iso9660::file_flags::kMultiExtent, r.data_length = kBlockSize; })(v);
  const auto first = v.record(kDeep, "AGAIN.TXT;1");
  const auto sector = v.block(kDeep);
  for (auto at = static_cast<std::size_t>(first.data() - sector.data()) + first.size(); at < sector.size();
       at += first.size()) {
    const auto room = sector.subspan(at);
    if (room.size() < first.size())
      std::ranges::fill(room, std::byte{});
    else
      std::ranges::copy(first, room.begin());
  }
  return v.place(kDeep);
}

Lba sections_apart(SampleVolume& v) {
  const auto second = doubled(v, kDeep, "AGAIN.TXT;1");
  record(kDeep, "AGAIN.TXT;1", [](auto& r) {
    r.flags |= iso9660::file_flags::kMultiExtent;
    r.data_length = kBlockSize;
  })(v);
  v.edit<DirectoryRecord>(second, [&](auto& r) { r.extent = v.place(kPrimary).value; });
  return v.place(kDeep);
}

INSTANTIATE_TEST_SUITE_P(Descriptors, MalformedIso,
                         ::testing::Values(on_sample("class_08_set_without_terminator", View::iso9660, Told::finding,
                                                     "ECMA-119 8.3", "", kAll,
                                                     [](SampleVolume& v) {
                                                       const Lba at = v.place(kTerminator);
                                                       std::ranges::fill(v.block(at), std::byte{});
                                                       return Lba{at.value - 1};
                                                     }),
                                           on_sample("class_08_set_without_end", View::iso9660, Told::error,
                                                     "ECMA-119 8.3", "", 5, endless_descriptors)),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Sections, MalformedIso,
    ::testing::Values(in_record("class_09_last_section_says_that_another_follows", Told::finding, "ECMA-119 9.1.6",
                                "/DOCS/EMPTY", kAll, kDocs, "EMPTY.;1",
                                [](auto& r) { r.flags |= iso9660::file_flags::kMultiExtent; }),
                      in_record("class_09_sections_of_different_names", Told::finding, "ECMA-119 9.1.6", "/DOCS/A.TXT",
                                kAll, kDocs, "A.TXT;1", [](auto& r) { r.flags |= iso9660::file_flags::kMultiExtent; }),
                      on_sample("class_09_sections_without_end", View::iso9660, Told::finding, "ECMA-119 9.1.6",
                                "/DOCS/DEEP/AGAIN.TXT", kAll - 1, sections_without_end),
                      on_sample("class_09_sections_apart", View::iso9660, Told::finding, "", "", kAll, sections_apart)),
    name_of);

// --- 10: Joliet

constexpr std::size_t kAllOfJoliet = 7;

std::string units(std::u16string_view text) {
  std::string out;
  for (const char16_t u : text) {
    out += static_cast<char>(u >> 8);
    out += static_cast<char>(u & 0xFF);
  }
  return out;
}

// Below /docs, sixty folders in one another, with names of a hundred units.
Lba long_path(SampleVolume& v) {
  const auto name = units(std::u16string(100, u'x'));
  const Lba first{v.blocks()};
  constexpr std::uint32_t kFolders = 60;
  for (std::uint32_t i = 0; i < kFolders; ++i) {
    const Lba self = first + BlockCount{i};
    appended(v, encoded([&](Sink& sink) {
               iso9660::DirectoryEntry e;
               e.data_length = kBlockSize;
               e.flags = iso9660::file_flags::kDirectory;
               e.extent = self;
               e.identifier = {&iso9660::kSelfIdentifier, 1};
               iso9660::encode(e, sink);
               e.identifier = {&iso9660::kParentIdentifier, 1};
               iso9660::encode(e, sink);
               if (i + 1 == kFolders) return;
               e.extent = self + BlockCount{1};
               e.identifier = std::as_bytes(std::span(name));
               iso9660::encode(e, sink);
             }));
  }
  record(kJolietDocs, units(u"deep"), [&](auto& r) { r.extent = first.value; })(v);
  return first;
}

INSTANTIATE_TEST_SUITE_P(
    Joliet, MalformedIso,
    ::testing::Values(on_sample("class_10_name_of_an_odd_length", View::joliet, Told::finding, "ECMA-119 9.1.11",
                                "/docs/empt", kAllOfJoliet,
                                [](SampleVolume& v) {
                                  record(kJolietDocs, units(u"empty"), [](auto& r) { r.identifier_length = 9; })(v);
                                  return v.place(kJolietDocs);
                                }),
                      on_sample("class_10_lone_surrogates", View::joliet, Told::finding, "", "", kAllOfJoliet,
                                [](SampleVolume& v) {
                                  const auto r = v.record(kJolietDocs, units(u"empty"));
                                  const auto text = units(u"\xD800\xDC00\xDFFF\xD800z");
                                  std::ranges::copy(std::as_bytes(std::span(text)), r.subspan(33).begin());
                                  return v.place(kJolietDocs);
                                }),
                      on_sample("class_10_path_longer_than_any_buffer", View::joliet, Told::finding, "", "",
                                kAllOfJoliet - 1 + 59, long_path)),
    name_of);

// --- 19: El Torito

// A boot record behind the other descriptors, and a catalog of these entries in blocks of its own at the end.
Malformed with_catalog(std::string name, std::string clause, std::uint32_t entries_before,
                       std::function<std::array<std::byte, eltorito::kEntrySize>(std::uint32_t)> entry,
                       std::uint32_t blocks = 1) {
  return on_sample(
      std::move(name), View::iso9660, Told::description, "El Torito 1.0 " + clause, "", kAll, [=](SampleVolume& v) {
        const Lba at = v.place(kTerminator), catalog{v.blocks()};
        std::ranges::copy(v.block(at), v.block(at + BlockCount{1}).begin());
        iso9660::BootRecord record{};
        record.header = iso9660::descriptor_header(iso9660::DescriptorType::boot_record);
        std::ranges::copy(std::string_view("EL TORITO SPECIFICATION"), record.boot_system_identifier.begin());
        store(std::span(record.boot_system_use), le32{catalog.value});
        store(v.block(at), record);
        v.append(blocks);
        eltorito::ValidationEntry validation{};
        validation.header_id = 1;
        validation.key = {0x55, 0xAA};
        validation.checksum = static_cast<std::uint16_t>(0 - 1 - 0xAA55);
        const auto bytes = v.bytes().subspan(catalog.byte_offset());
        store(bytes, validation);
        for (std::uint32_t i = 1; i < bytes.size() / eltorito::kEntrySize; ++i)
          std::ranges::copy(entry(i), bytes.subspan(i * eltorito::kEntrySize).begin());
        return catalog + BlockCount{entries_before * std::uint32_t{eltorito::kEntrySize} / kBlockSize};
      });
}
template <WireStruct T>
std::array<std::byte, eltorito::kEntrySize> entry_of(const T& value) {
  std::array<std::byte, eltorito::kEntrySize> out{};
  store(std::span(out), value);
  return out;
}
auto boot_entry(std::uint32_t block, std::uint8_t media = 0) {
  eltorito::BootEntry e{};
  e.indicator = eltorito::kBootable;
  e.media = media;
  e.load_block = block;
  return entry_of(e);
}
auto section(std::uint16_t entries) {
  eltorito::SectionHeader header{};
  header.indicator = eltorito::kSection;
  header.entry_count = entries;
  return entry_of(header);
}
auto extension() {
  eltorito::EntryExtension e{};
  e.indicator = eltorito::kExtension;
  e.flags = 0x20;
  return entry_of(e);
}

INSTANTIATE_TEST_SUITE_P(
    BootCatalogs, MalformedIso,
    ::testing::Values(
        with_catalog(
            "class_19_sections_without_end", "2.0", 2048, [](auto i) { return i == 1 ? boot_entry(300) : section(0); },
            64),
        with_catalog("class_19_more_entries_than_the_image_holds", "2.0", 64,
                     [](auto i) { return i == 2 ? section(0xFFFF) : boot_entry(300); }),
        with_catalog(
            "class_19_extensions_without_end", "2.0", 2048,
            [](auto i) {
              return i == 1 ? boot_entry(300) : i == 2 ? section(1) : i == 3 ? boot_entry(300, 0x20) : extension();
            },
            64),
        with_catalog("class_19_image_beyond_the_end", "2.2", 0,
                     [](auto i) {
                       return i == 1 ? boot_entry(0xFFFFFFFF) : std::array<std::byte, eltorito::kEntrySize>{};
                     }),
        on_sample("class_19_catalog_beyond_the_end", View::iso9660, Told::description, "El Torito 1.0 2.0", "", kAll,
                  [](SampleVolume& v) {
                    const Lba at = v.place(kTerminator);
                    std::ranges::copy(v.block(at), v.block(at + BlockCount{1}).begin());
                    iso9660::BootRecord record{};
                    record.header = iso9660::descriptor_header(iso9660::DescriptorType::boot_record);
                    std::ranges::copy(std::string_view("EL TORITO SPECIFICATION"),
                                      record.boot_system_identifier.begin());
                    store(std::span(record.boot_system_use), le32{0xFFFFFFF0});
                    store(v.block(at), record);
                    return Lba{0xFFFFFFF0};
                  })),
    name_of);

// Lengths of almost 4 GiB on a disc that is as long: nothing lies outside, and still nothing may be read for them.
class LongDisc final : public ByteSource {
 public:
  LongDisc(std::shared_ptr<const ByteSource> front, std::byte fill) : front_(std::move(front)), fill_(fill) {}
  std::uint64_t size() const override { return std::uint64_t{6} << 30; }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::fill(out, fill_);
    if (offset >= front_->size()) return;
    const auto n = std::min<std::uint64_t>(out.size(), front_->size() - offset);
    front_->read_at(offset, out.first(static_cast<std::size_t>(n)));
  }

 private:
  std::shared_ptr<const ByteSource> front_;
  std::byte fill_;
};

TEST(MalformedLongDisc, FoldersOfAlmost4GibAreReadAsFarAsTheirRecordsGo) {
  for (const auto fill : {std::byte{}, std::byte{0x55}}) {
    SampleVolume v;
    // Moved to the end of what is there, so that nothing of use follows.
    const auto sector = v.block(kDeep);
    const std::vector<std::byte> records(sector.begin(), sector.end());
    const Lba at = appended(v, records);
    const auto lie = [&](DirectoryRecord& r) { r.extent = at.value, r.data_length = 0xFFFFF800; };
    record(kDocs, "DEEP", lie)(v);
    v.edit<DirectoryRecord>(v.block(at), lie);
    const auto source = std::make_shared<LongDisc>(v.source(), fill);
    for (const auto strictness : {Strictness::strict, Strictness::tolerant, Strictness::salvage})
      for (const auto order : {EntryOrder::recorded, EntryOrder::by_name}) {
        const auto walk = walk_within_bounds(source, View::iso9660, strictness, order);
        EXPECT_FALSE(walk.said.empty());
        if (strictness == Strictness::salvage) {
          EXPECT_EQ(walk.entries, kAll) << describe(walk);
        }
      }
  }
}

// The bounds would hold for anything if nothing were counted.
TEST(HeapMeterItself, SeesWhatWasHeldAtOnce) {
  const HeapMeter meter;
  for (int i = 0; i < 3; ++i) std::vector<std::byte>(std::size_t{8} << 20).back() = std::byte{1};
  EXPECT_GE(meter.peak(), std::size_t{8} << 20);
  EXPECT_LT(meter.peak(), std::size_t{16} << 20);
}

}  // namespace
}  // namespace fsimage::test
