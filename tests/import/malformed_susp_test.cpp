// Malformed SUSP and Rock Ridge: classes 11 to 18 of images that have broken parsers.
#include "iso_changes.hpp"
#include "malformed.hpp"

#include <fsimage/format/rockridge/zisofs.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

using namespace iso;

constexpr std::size_t kAll = 10;                           // entries of the sample
const std::string kLongPath = "/" + std::string(30, 'N');  // until its fields tell the name

Malformed on_sample(std::string name, Told told, std::string clause, std::string path, std::size_t reached,
                    std::function<Lba(SampleVolume&)> change) {
  return {std::move(name),
          View::rockridge,
          told,
          std::move(clause),
          std::move(path),
          reached,
          [change = std::move(change)] {
            SampleVolume volume;
            const Lba at = change(volume);
            return Malformed::Made{volume.source(), at};
          }};
}

class MalformedSusp : public ::testing::TestWithParam<Malformed> {};
TEST_P(MalformedSusp, IsToldWithinBounds) { expect_told(GetParam()); }
const auto name_of = [](const auto& i) { return i.param.name; };

// --- 11, 12: continuation areas

std::vector<std::byte> to_area(Lba block, std::uint32_t offset, std::uint32_t length) {
  return encoded([&](Sink& sink) { rockridge::put_continuation_area(sink, block, offset, length); });
}

Lba ring_of(SampleVolume& v, std::uint32_t areas) {
  const Lba first{v.blocks()};
  for (std::uint32_t i = 0; i < areas; ++i)
    appended(v, to_area(i + 1 == areas ? first : first + BlockCount{i + 1}, 0, 28));
  continuation([&](auto& ce, auto&) { ce.block = first.value, ce.offset = 0, ce.length = 28; })(v);
  return v.place(kRoot);
}

Malformed area(std::string name, Told told, std::size_t reached,
               std::function<void(rockridge::ContinuationArea&, SampleVolume&)> change) {
  return on_sample(std::move(name), told, "SUSP 1.12 5.1", kLongPath, reached, [=](SampleVolume& v) {
    continuation(change)(v);
    return v.place(kRoot);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Continuations, MalformedSusp,
    ::testing::Values(
        area("class_11_continuation_of_itself", Told::error, kAll,
             [](auto& ce, auto& v) {
               const auto field = SampleVolume::field(v.record(kRoot, kLong), "CE");
               ce.block = v.place(kRoot).value;
               ce.offset = static_cast<std::uint32_t>(field.data() - v.block(kRoot).data());
               ce.length = 28U;
             }),
        on_sample("class_11_continuation_area_of_itself", Told::error, "SUSP 1.12 5.1", kLongPath, kAll,
                  [](SampleVolume& v) { return ring_of(v, 1); }),
        on_sample("class_11_continuations_in_a_ring", Told::error, "SUSP 1.12 5.1", kLongPath, kAll,
                  [](SampleVolume& v) { return ring_of(v, 3); }),
        area("class_12_continuation_outside_the_volume", Told::error, kAll,
             [](auto& ce, auto&) { ce.block = 0xFFFFFFFF; }),
        area("class_12_continuation_at_the_end", Told::error, kAll, [](auto& ce, auto& v) { ce.block = v.blocks(); }),
        area("class_12_offset_like_a_negative_number", Told::error, kAll,
             [](auto& ce, auto&) { ce.offset = 0xFFFFFFF0; }),
        area("class_12_length_like_a_negative_number", Told::error, kAll,
             [](auto& ce, auto&) { ce.length = 0xFFFFFFFF; }),
        area("class_12_longer_than_a_block", Told::finding, kAll, [](auto& ce, auto&) { ce.length = 4096U; }),
        area("class_12_across_the_border_of_a_block", Told::finding, kAll, [](auto& ce, auto&) { ce.offset = 2040U; })),
    name_of);

// --- 13, 14: lengths of fields

Malformed in_field(std::string name, std::string clause, std::string folder, std::string identifier, std::string path,
                   std::string signature, std::uint8_t length, std::size_t reached = kAll) {
  return on_sample(std::move(name), Told::finding, std::move(clause), std::move(path), reached, [=](SampleVolume& v) {
    field<rockridge::SystemUseHeader>(folder, identifier, signature, [=](auto& h) { h.length = length; })(v);
    return v.place(folder);
  });
}

INSTANTIATE_TEST_SUITE_P(
    Fields, MalformedSusp,
    ::testing::Values(
        in_field("class_13_field_of_length_0", "SUSP 1.12 4.1", kDocs, "A.TXT;1", "/docs/A.TXT", "PX", 0),
        in_field("class_13_field_of_length_3", "SUSP 1.12 4.1", kDocs, "A.TXT;1", "/docs/A.TXT", "NM", 3),
        in_field("class_13_field_beyond_its_record", "SUSP 1.12 4.1", kDocs, "A.TXT;1", "/docs/A.TXT", "NM", 255),
        in_field("class_14_attributes_cut_short", "RRIP 1.12 4.1.1", kDocs, "A.TXT;1", "/docs/A.TXT", "PX", 12),
        strict_ends_earlier(in_field("class_14_name_without_flags", "RRIP 1.12 4.1.4", kDocs, "A.TXT;1", "/docs/A.TXT",
                                     "NM", 4)),
        strict_ends_earlier(in_field("class_14_link_without_flags", "RRIP 1.12 4.1.3", kDeep, "LINK.;1",
                                     "/docs/deep/LINK", "SL", 4, kAll - 1)),
        in_field("class_14_device_number_cut_short", "RRIP 1.12 4.1.2", kRoot, "TTY.;1", "/TTY", "PN", 4),
        // Texts that leave the reference announce nothing; the other fields say that this is Rock Ridge.
        on_sample("class_14_extensions_reference_beyond_its_field", Told::finding, "", "", kAll,
                  [](SampleVolume& v) {
                    for (std::size_t at = 0; at + 8 < v.bytes().size(); ++at)
                      if (std::memcmp(&v.bytes()[at], "ER\xB6\x01", 4) == 0 ||
                          std::memcmp(&v.bytes()[at], "ER\xED\x01", 4) == 0)
                        for (int i = 4; i < 7; ++i) v.bytes()[at + static_cast<std::size_t>(i)] = std::byte{255};
                    return v.place(kRoot);
                  })),
    name_of);

// --- 15: names that are none

// With a length, that much of the name; what is left over is padding of the record.
Malformed named(std::string name, std::string_view text, std::string path, std::size_t length = 5) {
  return on_sample(std::move(name), Told::oddity, "RRIP 1.12 4.1.4", std::move(path), kAll,
                   [length, text = std::string(text)](SampleVolume& v) {
                     const auto nm = SampleVolume::field(v.record(kDocs, "A.TXT;1"), "NM");
                     std::ranges::fill(nm.subspan(5), std::byte{'x'});
                     std::ranges::copy(std::as_bytes(std::span(text)), nm.subspan(5).begin());
                     v.edit<rockridge::SystemUseHeader>(
                         nm, [&](auto& h) { h.length = static_cast<std::uint8_t>(5 + length); });
                     std::ranges::fill(nm.subspan(5 + length), std::byte{});
                     return v.place(kDocs);
                   });
}

// --- 16: relocated folders

Malformed child(std::string name, std::string clause, std::string path, std::size_t reached,
                std::function<std::pair<Lba, Lba>(SampleVolume&)> places) {
  return on_sample(std::move(name), Told::finding, std::move(clause), std::move(path), reached, [=](SampleVolume& v) {
    const auto [target, told_at] = places(v);
    in_place_of_px(kDocs, "A.TXT;1", encoded([&, to = target](Sink& sink) { rockridge::put_child_link(sink, to); }))(v);
    return told_at;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Relocation, MalformedSusp,
    ::testing::Values(child("class_16_child_is_the_folder_itself", "ECMA-119 6.8.2", "/docs/a.txt", kAll,
                            [](auto& v) {
                              return std::pair{v.place(kDocs), v.place(kDocs)};
                            }),
                      child("class_16_child_is_the_root", "ECMA-119 6.8.2", "/docs/a.txt", kAll,
                            [](auto& v) {
                              return std::pair{v.place(kRoot), v.place(kRoot)};
                            }),
                      child("class_16_child_is_a_file", "RRIP 1.12 4.1.5.1", "/docs/a.txt", kAll - 1,
                            [](auto& v) {
                              return std::pair{v.place("content /docs/a.txt"), v.place(kDocs)};
                            }),
                      child("class_16_child_beyond_the_end", "RRIP 1.12 4.1.5.1", "/docs/a.txt", kAll - 1,
                            [](auto& v) {
                              return std::pair{Lba{0xFFFFFFFF}, v.place(kDocs)};
                            }),
                      // Nothing leads by parent links.
                      on_sample("class_16_parent_is_the_folder_itself", Told::finding, "", "", kAll,
                                [](SampleVolume& v) {
                                  in_place_of_px(kDeep, "\x01", encoded([&](Sink& sink) {
                                                   rockridge::put_parent_link(sink, v.place(kDeep));
                                                 }))(v);
                                  return v.place(kDeep);
                                })),
    name_of);

// --- 17: a target longer than any path

// Three areas of 30,000 bytes of components; what is a file by its record becomes a link by its areas.
Lba endless_target(SampleVolume& v) {
  const auto components = encoded([](Sink& sink) {
    for (int i = 0; i < 120; ++i) {
      std::vector<std::byte> sl(250, std::byte{'x'});
      const std::array<std::byte, 7> head{
          std::byte{'S'}, std::byte{'L'}, std::byte{250}, std::byte{1}, std::byte{rockridge::kContinue},
          std::byte{0},   std::byte{243}};
      std::ranges::copy(head, sl.begin());
      sink.put(sl);
    }
  });
  constexpr std::uint32_t kBlocks = 15;
  const Lba first{v.blocks()};
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto bytes = encoded([&](Sink& sink) {
      if (i == 0) {
        rockridge::put_posix_attributes(
            sink, {.mode = rockridge::mode::kSymlink | 0777, .links = 1, .user = 0, .group = 0, .serial = {}});
        rockridge::put_alternate_name(sink, "link");
      }
      if (i < 2) rockridge::put_continuation_area(sink, first + BlockCount{(i + 1) * kBlocks}, 0, 30200);
      sink.put(components);
    });
    appended(v, bytes);
  }
  continuation([&](auto& ce, auto&) { ce.block = first.value, ce.offset = 0U, ce.length = 30200U; })(v);
  return v.place(kRoot);
}

INSTANTIATE_TEST_SUITE_P(Targets, MalformedSusp,
                         ::testing::Values(strict_ends_earlier(on_sample("class_17_target_longer_than_any_path",
                                                                         Told::finding, "RRIP 1.12 4.1.3", kLongPath,
                                                                         kAll - 1, endless_target))),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Names, MalformedSusp,
                         ::testing::Values(named("class_15_name_with_slash", "a/b", "/docs/a_bxx"),
                                           named("class_15_name_with_nul", std::string_view("a\0b", 3), "/docs/a_bxx"),
                                           named("class_15_name_of_a_dot", ".", "/docs/_", 1),
                                           named("class_15_name_of_two_dots", "..", "/docs/__", 2)),
                         name_of);

// --- 18: zisofs

// The header of a compressed file and its first pointers, in the place of the content of /docs/a.txt.
Malformed compressed(std::string name, std::uint32_t size, std::uint8_t exponent, std::uint32_t first_pointer,
                     std::uint8_t header_words = 4) {
  return on_sample(std::move(name), Told::content, "zisofs", "", kAll, [=](SampleVolume& v) {
    rockridge::CompressedFileEntry zf{};
    zf.header = {{'Z', 'F'}, sizeof zf, 1};
    zf.algorithm = {'p', 'z'};
    zf.header_words = 4;
    zf.block_exponent = exponent;
    Both32 both{};
    both = size;
    store(std::span(zf.size), both);
    const auto bytes = bytes_of(zf);
    in_place_of_px(kDocs, "A.TXT;1", {bytes.begin(), bytes.end()})(v);
    rockridge::ZisofsHeader header{};
    std::ranges::copy(std::as_bytes(std::span(rockridge::kZisofsMagic)), header.magic.begin());
    header.size = size;
    header.header_words = header_words;
    header.block_exponent = exponent;
    const Lba at = v.place("content /docs/a.txt");
    store(v.block(at), header);
    store(v.block(at).subspan(sizeof header), le32{first_pointer});
    store(v.block(at).subspan(sizeof header + 4), le32{3000});
    return at;
  });
}

INSTANTIATE_TEST_SUITE_P(Compressed, MalformedSusp,
                         ::testing::Values(compressed("class_18_block_exponent_0", 100, 0, 24),
                                           compressed("class_18_block_exponent_32", 100, 32, 24),
                                           compressed("class_18_block_exponent_255", 100, 255, 24),
                                           compressed("class_18_pointer_beyond_the_file", 100, 15, 0xFFFFFFF0),
                                           compressed("class_18_pointers_backwards", 100, 15, 3001),
                                           compressed("class_18_size_of_almost_4_gib", 0xFFFFFFFF, 15, 24),
                                           compressed("class_18_header_of_no_bytes", 100, 15, 24, 0)),
                         name_of);

}  // namespace
}  // namespace fsimage::test
