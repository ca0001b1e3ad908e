// The System Use Sharing Protocol: entries in the system use area of directory records. Walking is bounds-checked and
// ends on any bytes; what it yields is valid as long as the bytes. Values and pure functions, any thread.
#pragma once

#include <fsimage/core/sink.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/core/wire.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fsimage::rockridge {

// SUSP 4.1: what every entry begins with.
struct SystemUseHeader {
  std::array<char, 2> signature;  // BP 1-2
  std::uint8_t length;            // BP 3, of the whole entry
  std::uint8_t version;           // BP 4
};
static_assert(sizeof(SystemUseHeader) == 4 && alignof(SystemUseHeader) == 1);
inline constexpr std::uint8_t kSystemUseVersion = 1;  // of every entry here and in RRIP

// SUSP 5.1, "CE": more entries lie elsewhere.
struct ContinuationArea {
  SystemUseHeader header;
  Both32 block;   // BP 5-12
  Both32 offset;  // BP 13-20, in that block
  Both32 length;  // BP 21-28
};
static_assert(sizeof(ContinuationArea) == 28 && offsetof(ContinuationArea, length) + 1 == 21);

// SUSP 5.3, "SP": first entry of the first record of the root.
struct SharingProtocolIndicator {
  SystemUseHeader header;
  std::array<std::uint8_t, 2> check;  // BP 5-6: BE EF
  std::uint8_t skipped;               // BP 7: bytes before the first entry in every other record
};
static_assert(sizeof(SharingProtocolIndicator) == 7 && offsetof(SharingProtocolIndicator, skipped) + 1 == 7);

// SUSP 5.4, "ST": nothing further in this area.
struct SharingProtocolTerminator {
  SystemUseHeader header;
};
static_assert(sizeof(SharingProtocolTerminator) == 4);

// SUSP 5.5, "ER", the fixed part: identifier, descriptor and source follow.
struct ExtensionsReference {
  SystemUseHeader header;
  std::uint8_t identifier_length;  // BP 5
  std::uint8_t descriptor_length;  // BP 6
  std::uint8_t source_length;      // BP 7
  std::uint8_t extension_version;  // BP 8
};
static_assert(sizeof(ExtensionsReference) == 8 && offsetof(ExtensionsReference, extension_version) + 1 == 8);

// SUSP 5.6, "ES": whose entries follow, when several extensions are in use.
struct ExtensionSelector {
  SystemUseHeader header;
  std::uint8_t sequence;  // BP 5
};
static_assert(sizeof(ExtensionSelector) == 5 && offsetof(ExtensionSelector, sequence) + 1 == 5);

void put_sharing_protocol_indicator(Sink&);
void put_continuation_area(Sink&, Lba block, std::uint32_t offset, std::uint32_t length);
// Throws too_large when the parts do not fit one entry.
void put_extensions_reference(Sink&, std::string_view identifier, std::string_view descriptor, std::string_view source);

// One entry of an area, its header checked.
struct SystemUseEntry {
  SystemUseHeader header;
  std::span<const std::byte> bytes;  // the whole entry, header included: header.length bytes

  bool is(std::string_view signature) const { return std::string_view(header.signature.data(), 2) == signature; }
  std::span<const std::byte> tail(std::size_t fixed) const {
    return bytes.subspan(fixed < bytes.size() ? fixed : bytes.size());
  }
  // The entry as its structure; nullopt when it is too short for it.
  template <WireStruct T>
  std::optional<T> as() const {
    if (bytes.size() < sizeof(T)) return std::nullopt;
    return load<T>(bytes);
  }
};

// Walks one area: a record's system use field behind the skipped bytes, or a continuation area. CE is handed out like any
// other entry; following it, and bounding the hops, is the reader's.
class SystemUseEntries {
 public:
  explicit SystemUseEntries(std::span<const std::byte> area) : rest_(area) {}
  // nullopt at the end: nothing left, fewer than four bytes, padding of zeros, or behind ST. Also where an entry's
  // length is below four or leaves the area; malformed() then says so.
  std::optional<SystemUseEntry> next();
  bool malformed() const { return malformed_; }

 private:
  std::span<const std::byte> rest_;
  bool malformed_ = false;
};

// Bytes to skip in every other record, when the first record of the root begins with a valid SP; else nullopt.
std::optional<std::uint8_t> sharing_protocol(std::span<const std::byte> system_use);

// Text of an extensions reference; nullopt when its lengths leave the entry.
struct ExtensionText {
  std::string_view identifier, descriptor, source;
  std::uint8_t version;
};
std::optional<ExtensionText> extension_text(const SystemUseEntry&);

}  // namespace fsimage::rockridge

namespace fsimage {

template <>
struct WireTable<rockridge::SystemUseHeader> {
  using T = rockridge::SystemUseHeader;
  static constexpr std::string_view spec = "SUSP 1.12";
  static constexpr auto fields = std::tuple{Field{"signature word", "4.1", &T::signature},
                                            Field{"length", "4.1", &T::length}, Field{"version", "4.1", &T::version}};
};
static_assert(tiled_size<rockridge::SystemUseHeader>() == sizeof(rockridge::SystemUseHeader));

template <>
struct WireTable<rockridge::ContinuationArea> {
  using T = rockridge::ContinuationArea;
  static constexpr std::string_view spec = "SUSP 1.12";
  static constexpr auto fields = std::tuple{
      Field{"header", "5.1", &T::header}, Field{"block location of continuation area", "5.1", &T::block},
      Field{"offset of continuation area", "5.1", &T::offset}, Field{"length of continuation area", "5.1", &T::length}};
};
static_assert(tiled_size<rockridge::ContinuationArea>() == sizeof(rockridge::ContinuationArea));

template <>
struct WireTable<rockridge::SharingProtocolIndicator> {
  using T = rockridge::SharingProtocolIndicator;
  static constexpr std::string_view spec = "SUSP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "5.3", &T::header}, Field{"check bytes", "5.3", &T::check},
                                            Field{"bytes skipped", "5.3", &T::skipped}};
};
static_assert(tiled_size<rockridge::SharingProtocolIndicator>() == sizeof(rockridge::SharingProtocolIndicator));

template <>
struct WireTable<rockridge::SharingProtocolTerminator> {
  using T = rockridge::SharingProtocolTerminator;
  static constexpr std::string_view spec = "SUSP 1.12";
  static constexpr auto fields = std::tuple{Field{"header", "5.4", &T::header}};
};
static_assert(tiled_size<rockridge::SharingProtocolTerminator>() == sizeof(rockridge::SharingProtocolTerminator));

template <>
struct WireTable<rockridge::ExtensionsReference> {
  using T = rockridge::ExtensionsReference;
  static constexpr std::string_view spec = "SUSP 1.12";
  static constexpr auto fields = std::tuple{
      Field{"header", "5.5", &T::header}, Field{"identifier length", "5.5", &T::identifier_length},
      Field{"descriptor length", "5.5", &T::descriptor_length}, Field{"source length", "5.5", &T::source_length},
      Field{"extension version", "5.5", &T::extension_version}};
};
static_assert(tiled_size<rockridge::ExtensionsReference>() == sizeof(rockridge::ExtensionsReference));

template <>
struct WireTable<rockridge::ExtensionSelector> {
  using T = rockridge::ExtensionSelector;
  static constexpr std::string_view spec = "SUSP 1.12";
  static constexpr auto fields =
      std::tuple{Field{"header", "5.6", &T::header}, Field{"extension sequence", "5.6", &T::sequence}};
};
static_assert(tiled_size<rockridge::ExtensionSelector>() == sizeof(rockridge::ExtensionSelector));

}  // namespace fsimage
