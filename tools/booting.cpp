// --boot and --system-area: what create and append make of them.

#include "authoring.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/layout/boot_options.hpp>

#include <charconv>
#include <optional>
#include <tuple>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

using eltorito::BootMedia;
using eltorito::Platform;

// Split at the commas that no backslash precedes.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') {
      parts.back() += text[++i];
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

std::uint16_t number_of(const std::string& word, const std::string& text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const auto* const begin = text.data() + (hexadecimal ? 2 : 0);
  const auto* const end = text.data() + text.size();
  std::uint16_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, hexadecimal ? 16 : 10);
  if (error != std::errc() || stop != end)
    throw UsageError("--boot: " + word + " is a number from 0 to 65535, not '" + printable(text) + "'");
  return value;
}

Platform platform_of(const std::string& word) {
  if (word == "bios") return Platform::x86;
  if (word == "uefi") return Platform::efi;
  if (word == "powerpc") return Platform::power_pc;
  if (word == "mac") return Platform::mac;
  throw UsageError("--boot begins with bios=, uefi=, powerpc= or mac=, not '" + printable(word) + "'");
}

void set_emulation(BootOptions& boot, const std::string& word, const Tree& tree) {
  if (word == "none") {
    boot.emulation = BootMedia::none;
  } else if (word == "hard-disk") {
    boot.emulation = BootMedia::hard_disk;
  } else if (word == "floppy") {  // its size says which
    boot.emulation = eltorito::floppy_of(boot.image_size(tree));
    if (boot.emulation == BootMedia::none) boot.emulation = BootMedia::floppy_1440;
  } else {
    throw UsageError("--boot: emulation is none, floppy or hard-disk, not '" + printable(word) + "'");
  }
}

// PLATFORM=PATH[,WORD[=VALUE]]...
BootOptions parse_boot(const std::string& text, const Tree& tree) {
  constexpr std::string_view kHost = "host:";
  const auto parts = parts_of(text);
  const auto equals = parts[0].find('=');
  if (equals == std::string::npos) throw UsageError("--boot is PLATFORM=PATH, not '" + printable(text) + "'");
  BootOptions boot;
  boot.platform_id = platform_of(parts[0].substr(0, equals));
  const auto path = parts[0].substr(equals + 1);
  if (path.starts_with(kHost)) {
    boot.assign_boot_image(std::make_shared<const ContentSource>(path.substr(kHost.size())));
  } else {
    boot.assign_boot_file(tree, path);
  }
  for (const auto& part : std::span(parts).subspan(1)) {
    const auto at = part.find('=');
    const auto word = part.substr(0, at);
    const auto value = at == part.npos ? std::string() : part.substr(at + 1);
    if (word == "emulation") {
      set_emulation(boot, value, tree);
    } else if (word == "load-size") {
      boot.load_size = number_of(word, value);
    } else if (word == "load-segment") {
      boot.load_segment = number_of(word, value);
    } else if (word == "id") {
      boot.manufacturer = value;
    } else if (word == "info-table" && at == part.npos) {
      boot.boot_info_table = true;
    } else {
      throw UsageError("--boot does not know '" + printable(part) + "'");
    }
  }
  boot.check(tree);
  return boot;
}

std::vector<std::byte> system_area_of(const std::string& path) {
  const FileSource file(path);
  constexpr std::uint64_t kMost = 32 * std::uint64_t{1024};
  if (file.size() > kMost)
    throw Error(Errc::too_large, {.path = path, .lba = {}, .clause = "ECMA-119 6.2.1"},
                "a system area has at most 32 KiB");
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
  file.read_at(0, bytes);
  return bytes;
}

}  // namespace

void add_boot_options(Options& options) {
  auto add = options.add();
  add("boot", po::value<std::vector<std::string>>()->value_name("PLATFORM=PATH[,...]"),
      "let firmware boot from PATH in the image, or from host:FILE, which no view then shows. PLATFORM: bios, uefi, "
      "powerpc, mac; may be repeated, the first is the default. More, behind commas: emulation=none|floppy|hard-disk "
      "(else by the size), load-size=SECTORS, load-segment=0x7C0, id=TEXT, info-table");
  add("system-area", po::value<std::string>()->value_name("FILE"),
      "the first 32 KiB of the image: a partition table, a boot program");
}

void set_boot_images(const Options& options, FileSystemImage& image) {
  auto& profile = image.profile();
  if (options.has("boot"))
    for (const auto& text : options.get<std::vector<std::string>>("boot"))
      profile.boot_image_options.push_back(parse_boot(text, std::as_const(image).tree()));
  if (options.has("system-area")) profile.system_area = system_area_of(options.get<std::string>("system-area"));
}

}  // namespace fsimage::tools
