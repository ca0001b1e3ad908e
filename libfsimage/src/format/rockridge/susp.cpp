#include <fsimage/format/rockridge/susp.hpp>

namespace fsimage::rockridge {
namespace {

constexpr std::array<std::uint8_t, 2> kCheck{0xBE, 0xEF};  // SUSP 5.3

}  // namespace

void put_sharing_protocol_indicator(Sink& out) {
  out.put(
      bytes_of(SharingProtocolIndicator{{{'S', 'P'}, sizeof(SharingProtocolIndicator), kSystemUseVersion}, kCheck, 0}));
}

void put_continuation_area(Sink& out, Lba block, std::uint32_t offset, std::uint32_t length) {
  ContinuationArea ce{};
  ce.header = {{'C', 'E'}, sizeof ce, kSystemUseVersion};
  ce.block = block.value;
  ce.offset = offset;
  ce.length = length;
  out.put(bytes_of(ce));
}

void put_extensions_reference(Sink& out, std::string_view identifier, std::string_view descriptor,
                              std::string_view source) {
  const auto length = sizeof(ExtensionsReference) + identifier.size() + descriptor.size() + source.size();
  ExtensionsReference er{};
  er.header = {
      {'E', 'R'}, checked<std::uint8_t>(length, "length of extensions reference (SUSP 5.5)"), kSystemUseVersion};
  er.identifier_length = static_cast<std::uint8_t>(identifier.size());
  er.descriptor_length = static_cast<std::uint8_t>(descriptor.size());
  er.source_length = static_cast<std::uint8_t>(source.size());
  er.extension_version = 1;
  out.put(bytes_of(er));
  for (const auto part : {identifier, descriptor, source}) out.put(std::as_bytes(std::span(part)));
}

std::optional<SystemUseEntry> SystemUseEntries::next() {
  if (rest_.size() < sizeof(SystemUseHeader)) return std::nullopt;
  const auto header = load<SystemUseHeader>(rest_);
  const auto end = [&](bool malformed) {
    rest_ = {};
    malformed_ = malformed;
    return std::nullopt;
  };
  // SUSP 4: what is left over at the end of a field is zero.
  if (header.signature == std::array<char, 2>{'\0', '\0'}) return end(false);
  if (header.length < sizeof header || header.length > rest_.size()) return end(true);
  const SystemUseEntry entry{header, rest_.first(header.length)};
  rest_ = rest_.subspan(header.length);
  if (entry.is("ST")) return end(false);
  return entry;
}

std::optional<std::uint8_t> sharing_protocol(std::span<const std::byte> system_use) {
  SystemUseEntries entries(system_use);
  const auto first = entries.next();
  if (!first || !first->is("SP")) return std::nullopt;
  const auto sp = first->as<SharingProtocolIndicator>();
  if (!sp || sp->check != kCheck) return std::nullopt;
  return sp->skipped;
}

std::optional<ExtensionText> extension_text(const SystemUseEntry& entry) {
  const auto er = entry.as<ExtensionsReference>();
  if (!er) return std::nullopt;
  const auto tail = text_of(entry.tail(sizeof(ExtensionsReference)));
  const std::size_t id = er->identifier_length, descriptor = er->descriptor_length, source = er->source_length;
  if (id + descriptor + source > tail.size()) return std::nullopt;
  return ExtensionText{tail.substr(0, id), tail.substr(id, descriptor), tail.substr(id + descriptor, source),
                       er->extension_version};
}

}  // namespace fsimage::rockridge
