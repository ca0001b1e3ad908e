#include <fsimage/format/rockridge/zisofs.hpp>

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <string>

namespace fsimage::rockridge {
namespace {

constexpr std::uint8_t kSecondVersion = 2;

bool begins_with(std::span<const std::byte> head, const std::array<std::uint8_t, 8>& magic) {
  return head.size() >= magic.size() && std::equal(magic.begin(), magic.end(), head.begin(),
                                                   [](std::uint8_t a, std::byte b) { return std::byte{a} == b; });
}

[[noreturn]] void refuse(std::string_view text) {
  throw Error(Errc::corrupt_structure, {.path = {}, .lba = {}, .clause = "zisofs"}, text);
}

}  // namespace

std::optional<CompressedFile> compressed_file(const SystemUseEntry& entry) {
  const auto zf = entry.as<CompressedFileEntry>();
  if (!zf) return std::nullopt;
  const bool wide = zf->header.version >= kSecondVersion;
  return CompressedFile{.algorithm = zf->algorithm,
                        .size = wide ? load<le64>(zf->size).value() : load<le32>(zf->size).value()};
}

ZisofsForm zisofs_form(std::span<const std::byte> head) {
  ZisofsForm form;
  std::uint8_t words = 0, exponent = 0, most = kMaxBlockExponent;
  if (begins_with(head, kZisofsMagic) && head.size() >= sizeof(ZisofsHeader)) {
    const auto h = load<ZisofsHeader>(head);
    form.size = h.size.value();
    form.pointer_bytes = sizeof(le32);
    words = h.header_words;
    exponent = h.block_exponent;
  } else if (begins_with(head, kZisofs2Magic) && head.size() >= sizeof(Zisofs2Header)) {
    const auto h = load<Zisofs2Header>(head);
    form.size = h.size.value();
    form.pointer_bytes = sizeof(le64);
    form.algorithm = h.algorithm;
    words = h.header_words;
    exponent = h.block_exponent;
    most = kMaxBlockExponent2;
  } else {
    refuse("a compressed file without its header");
  }
  form.header_bytes = words * 4U;
  if (form.header_bytes < (form.pointer_bytes == sizeof(le32) ? sizeof(ZisofsHeader) : sizeof(Zisofs2Header)))
    refuse("the header of a compressed file has " + std::to_string(form.header_bytes) + " bytes");
  if (exponent < kMinBlockExponent || exponent > most)
    refuse("blocks of 2^" + std::to_string(exponent) + " bytes in a compressed file");
  form.block_size = 1U << exponent;
  return form;
}

}  // namespace fsimage::rockridge
