// zisofs: files of an image with Rock Ridge that are compressed block by block. What the system use entry says, and what
// the file itself begins with. Values and pure functions, any thread.
//
// There is no standard; the clauses name the structures of zisofs-tools 1.0 ("zisofs") and of the second version that
// libisofs 1.5.4 brought ("zisofs2").
#pragma once

#include <fsimage/format/rockridge/susp.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace fsimage::rockridge {

// "ZF", and "Z2" for a file that older readers should not see as one of a kind that they do not know.
struct CompressedFileEntry {
  SystemUseHeader header;         // version 1, or 2 for zisofs2
  std::array<char, 2> algorithm;  // BP 5-6: "pz", or "PZ" in zisofs2
  std::uint8_t header_words;      // BP 7: bytes of the file's header, divided by 4
  std::uint8_t block_exponent;    // BP 8: binary logarithm of the block size
  std::array<std::byte, 8> size;  // BP 9-16: in both byte orders; in zisofs2 64 bits, little-endian
};
static_assert(sizeof(CompressedFileEntry) == 16 && offsetof(CompressedFileEntry, size) + 1 == 9);

// What a compressed file begins with. Block pointers follow: one for each block, one for the end of the last. They count
// from the start of the file; a block of no bytes is one of zeros.
struct ZisofsHeader {
  std::array<std::byte, 8> magic;   // 37 E4 53 96 C9 DB D6 07
  le32 size;                        // of the content
  std::uint8_t header_words;        // 4
  std::uint8_t block_exponent;      // 15 to 17
  std::array<std::byte, 2> unused;  // zero
};
static_assert(sizeof(ZisofsHeader) == 16 && offsetof(ZisofsHeader, block_exponent) == 13);

struct Zisofs2Header {
  std::array<std::byte, 8> magic;  // EF 22 55 A1 BC 1B 95 A0
  std::uint8_t version;            // 0
  std::uint8_t header_words;       // 6
  std::uint8_t algorithm;          // 1: zlib
  std::uint8_t block_exponent;     // 15 to 17; writers go up to 20
  le64 size;                       // of the content
  std::array<std::byte, 4> unused;
};
static_assert(sizeof(Zisofs2Header) == 24 && offsetof(Zisofs2Header, size) == 12);

inline constexpr std::array<std::uint8_t, 8> kZisofsMagic{0x37, 0xE4, 0x53, 0x96, 0xC9, 0xDB, 0xD6, 0x07};
inline constexpr std::array<std::uint8_t, 8> kZisofs2Magic{0xEF, 0x22, 0x55, 0xA1, 0xBC, 0x1B, 0x95, 0xA0};
inline constexpr std::uint8_t kMinBlockExponent = 15, kMaxBlockExponent = 17, kMaxBlockExponent2 = 20;
inline constexpr std::uint8_t kZisofs2Zlib = 1;

struct CompressedFile {
  std::array<char, 2> algorithm{};
  std::uint64_t size = 0;  // of the content
  bool is_zlib() const {
    return algorithm == std::array<char, 2>{'p', 'z'} || algorithm == std::array<char, 2>{'P', 'Z'};
  }
};
std::optional<CompressedFile> compressed_file(const SystemUseEntry& zf);  // nullopt: too short

// The header of a compressed file, of either version.
struct ZisofsForm {
  std::uint64_t size = 0;          // of the content
  std::uint32_t header_bytes = 0;  // where the block pointers begin
  std::uint32_t block_size = 0;
  std::uint32_t pointer_bytes = 0;  // 4 or 8
  std::uint8_t algorithm = kZisofs2Zlib;
};
inline constexpr std::size_t kZisofsHeaderBytes = sizeof(Zisofs2Header);  // enough to tell the form
// `head` is what the file begins with. Throws corrupt_structure: no such header, or a size or exponent that cannot be.
ZisofsForm zisofs_form(std::span<const std::byte> head);

}  // namespace fsimage::rockridge

namespace fsimage {

template <>
struct WireTable<rockridge::CompressedFileEntry> {
  using T = rockridge::CompressedFileEntry;
  static constexpr std::string_view spec = "zisofs";
  static constexpr auto fields =
      std::tuple{Field{"header", "ZF", &T::header}, Field{"algorithm", "ZF", &T::algorithm},
                 Field{"header size div 4", "ZF", &T::header_words},
                 Field{"log2 of block size", "ZF", &T::block_exponent}, Field{"uncompressed size", "ZF", &T::size}};
};
static_assert(tiled_size<rockridge::CompressedFileEntry>() == sizeof(rockridge::CompressedFileEntry));

template <>
struct WireTable<rockridge::ZisofsHeader> {
  using T = rockridge::ZisofsHeader;
  static constexpr std::string_view spec = "zisofs";
  static constexpr auto fields =
      std::tuple{Field{"magic number", "header", &T::magic}, Field{"uncompressed size", "header", &T::size},
                 Field{"header size div 4", "header", &T::header_words},
                 Field{"log2 of block size", "header", &T::block_exponent}, Field{"reserved", "header", &T::unused}};
};
static_assert(tiled_size<rockridge::ZisofsHeader>() == sizeof(rockridge::ZisofsHeader));

template <>
struct WireTable<rockridge::Zisofs2Header> {
  using T = rockridge::Zisofs2Header;
  static constexpr std::string_view spec = "zisofs2";
  static constexpr auto fields = std::tuple{Field{"magic number", "header", &T::magic},
                                            Field{"version", "header", &T::version},
                                            Field{"header size div 4", "header", &T::header_words},
                                            Field{"algorithm", "header", &T::algorithm},
                                            Field{"log2 of block size", "header", &T::block_exponent},
                                            Field{"uncompressed size", "header", &T::size},
                                            Field{"padding", "header", &T::unused}};
};
static_assert(tiled_size<rockridge::Zisofs2Header>() == sizeof(rockridge::Zisofs2Header));

}  // namespace fsimage
