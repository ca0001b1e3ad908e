// One image that firmware boots from, found through El Torito (IBootOptions). A value; names follow IBootOptions where it
// has them.
#pragma once

#include <fsimage/format/eltorito/boot_catalog.hpp>
#include <fsimage/io/byte_source.hpp>
#include <fsimage/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace fsimage {

struct BootOptions {
  static constexpr std::size_t kMost = 32;  // images: their entries fill the one block that firmware reads
  static constexpr std::size_t kManufacturerBytes = 24;

  // What is booted: bytes of its own, which no view shows, or else a regular file of the tree, by its path.
  std::shared_ptr<const ByteSource> boot_image;
  std::string boot_file;

  std::string manufacturer;  // identifies who made the entry
  eltorito::Platform platform_id = eltorito::Platform::x86;
  eltorito::BootMedia emulation = eltorito::BootMedia::none;

  // Sectors of 512 bytes that firmware loads. Not set: of a disk that is emulated the first; without emulation all of the
  // image, or the first four when it has a boot info table, whose programs load the rest. UEFI takes an image of 32 MiB and
  // more to be as long as the disc, and is told 0.
  std::optional<std::uint16_t> load_size;
  std::uint16_t load_segment = 0;  // 0 stands for 7C0h
  // Bytes 8 to 63 say where the image lies on the disc, wherever it is read: in the boot image and in the file, whose source
  // stays as it is. Without emulation only.
  bool boot_info_table = false;

  // IBootOptions::AssignBootImage: the size of a floppy switches `emulation` to it, any other size to none.
  void assign_boot_image(std::shared_ptr<const ByteSource> image);
  // The same with a file of the tree. Throws boot_image when the path is none, or the file is empty.
  void assign_boot_file(const Tree& tree, std::string path);

  // Bytes of the image, in that tree or of its own.
  std::uint64_t image_size(const Tree&) const;

  // Throws what can be known before a plan: boot_image for one that is missing, empty, or so large that firmware has to be
  // told how much of it to load; boot_image_size when it is not the emulated floppy's size, or no whole sectors of a hard
  // disk; invalid_argument for a manufacturer that is too long, or a boot info table in an emulated disk.
  void check(const Tree&) const;

  // What firmware is told to load: `load_size`, or the number that stands for it. After check().
  std::uint16_t sectors_to_load(const Tree&) const;
};

}  // namespace fsimage
