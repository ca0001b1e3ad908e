#include <fsimage/layout/boot_options.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/format/eltorito/boot_info_table.hpp>

#include <string_view>
#include <utility>

namespace fsimage {
namespace {

using eltorito::BootMedia;
using eltorito::Platform;

// The sectors between where PC firmware loads to, 7C00h, and its own data below 640 KiB.
constexpr std::uint64_t kMostForPc = (0x9FC00 - 0x7C00) / eltorito::kSectorSize;
constexpr std::uint16_t kForBootInfoTable = 4;

[[noreturn]] void refuse_boot(Errc code, const std::string& path, std::string_view why, std::string_view clause = {}) {
  throw Error(code, {.path = path, .lba = {}, .clause = std::string(clause)}, why);
}

std::uint64_t sectors_of(std::uint64_t bytes) { return (bytes + eltorito::kSectorSize - 1) / eltorito::kSectorSize; }

}  // namespace

void BootOptions::assign_boot_image(std::shared_ptr<const ByteSource> image) {
  boot_image = std::move(image);
  boot_file.clear();
  emulation = eltorito::floppy_of(boot_image ? boot_image->size() : 0);
}

void BootOptions::assign_boot_file(const Tree& tree, std::string path) {
  BootOptions other;
  other.boot_file = std::move(path);
  const auto size = other.image_size(tree);
  boot_image.reset();
  boot_file = std::move(other.boot_file);
  emulation = eltorito::floppy_of(size);
}

std::uint64_t BootOptions::image_size(const Tree& tree) const {
  if (boot_image) return boot_image->size();
  const auto n = tree.find(boot_file);
  if (boot_file.empty() || !n) refuse_boot(Errc::boot_image, boot_file, "the boot image is not there");
  const auto& inode = tree.inode(*n);
  if (inode.type != FileType::regular) refuse_boot(Errc::boot_image, boot_file, "a boot image has to be a file");
  if (inode.size == 0) refuse_boot(Errc::boot_image, boot_file, "the boot image is empty");
  return inode.size;
}

void BootOptions::check(const Tree& tree) const {
  const auto size = image_size(tree);
  if (size == 0) refuse_boot(Errc::boot_image, boot_file, "the boot image is empty");
  if (size > 0xFFFF'FFFF) refuse_boot(Errc::boot_image, boot_file, "a boot image has less than 4 GiB");
  if (manufacturer.size() > kManufacturerBytes)
    refuse_boot(Errc::invalid_argument, boot_file, "the manufacturer of a boot image has at most 24 bytes",
                "El Torito 1.0 2.1");
  if (emulation != BootMedia::none) {
    if (boot_info_table)
      refuse_boot(Errc::invalid_argument, boot_file, "a boot info table is for boot images without emulation");
    const auto floppy = eltorito::floppy_bytes(emulation);
    if (floppy != 0 ? size != floppy : size % eltorito::kSectorSize != 0)
      refuse_boot(
          Errc::boot_image_size, boot_file,
          "a boot image of " + std::to_string(size) + " bytes is no " + std::string(eltorito::to_string(emulation)),
          "El Torito 1.0 2.2");
    return;
  }
  if (boot_info_table && size < eltorito::kBootInfoEnd)
    refuse_boot(Errc::boot_image, boot_file, "a boot image with a boot info table has at least 64 bytes");
  const bool all = !load_size && !boot_info_table && platform_id != Platform::efi;
  if (all && sectors_of(size) > (platform_id == Platform::x86 ? kMostForPc : 0xFFFF))
    refuse_boot(Errc::boot_image, boot_file,
                "the boot image is too large to be loaded whole: the load size has to be given");
}

std::uint16_t BootOptions::sectors_to_load(const Tree& tree) const {
  if (load_size) return *load_size;
  if (emulation != BootMedia::none) return 1;
  if (boot_info_table) return kForBootInfoTable;
  const auto all = sectors_of(image_size(tree));
  return all > 0xFFFF ? std::uint16_t{0} : static_cast<std::uint16_t>(all);  // UEFI 13.3.2.1
}

}  // namespace fsimage
