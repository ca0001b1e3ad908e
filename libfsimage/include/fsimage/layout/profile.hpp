// What an image should be: file systems, names, dates, and what may be lost. A value; option names follow
// IFileSystemImage where it has them.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/time.hpp>
#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/layout/boot_options.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsimage {

// Versions of Rock Ridge, binary-coded decimal as those of UDF.
inline constexpr std::uint16_t kRockRidge110 = 0x0110, kRockRidge112 = 0x0112;
// What there is to choose from: of UDF, the revisions as volumes record them; of ISO 9660, the levels of ECMA-119 10.
inline constexpr std::array<std::uint16_t, 6> kUdfRevisions{0x0102, 0x0150, 0x0200, 0x0201, 0x0250, 0x0260};
inline constexpr std::array<std::uint8_t, 3> kInterchangeLevels{1, 2, 3};

struct FileSystems {
  bool iso9660 = true;
  bool joliet = true;     // needs iso9660
  bool rockridge = true;  // needs iso9660
  bool udf = true;
  bool iso1999 = false;  // needs iso9660: an enhanced volume descriptor, with folders of its own
  friend bool operator==(const FileSystems&, const FileSystems&) = default;
};

// What becomes of folders below the eighth level, ECMA-119 6.8.2.1.
enum class DeepFolders : std::uint8_t {
  keep,      // recorded where they are: every reader of today follows them
  relocate,  // moved to RR_MOVED with CL, PL and RE, RRIP 4.1.5; needs Rock Ridge
  refuse,    // an error that names the folder
};

// An entry that one view does not have, and all below it: View::iso9660, with Rock Ridge, or joliet, or enhanced.
struct LeftOut {
  View view{};
  std::string path;
};

struct Profile {
  FileSystems file_systems;

  std::string volume_name = "FSIMAGE";  // UTF-8; cut and mapped per file system, with a finding
  std::string system_id, volume_set, publisher, data_preparer, application;  // a- or d-characters where ISO 9660 asks
  // Names of files in the root, ECMA-119 8.4.23 to 8.4.25: the descriptors have them as their view's records do.
  std::string copyright_file, abstract_file, bibliographic_file;
  std::uint16_t volume_set_size = 1, volume_sequence_number = 1;  // of ISO 9660; ECMA-119 8.4.10, 8.4.11

  std::uint8_t interchange_level = 3;               // ECMA-119 10: 1 (8.3), 2 (31 characters), 3 (files in sections)
  iso9660::RelaxedIdentifiers relaxed_identifiers;  // of the primary volume descriptor's tree
  DeepFolders deep_folders = DeepFolders::keep;
  bool transliterate = false;             // ISO 9660: "é" is E and not _ (unicode.hpp)
  std::string moved_folder = "rr_moved";  // in the root, for relocated folders; its own number when the name is taken
  std::uint16_t rock_ridge_version = kRockRidge112;  // 1.10 has no serial numbers: readers of old know no others
  std::uint8_t joliet_name_units = 64;               // 64 by the specification; up to 103 fit a directory record
  std::uint16_t udf_revision = 0x0102;  // 0x0102, 0x0150, 0x0200, 0x0201, 0x0250 or 0x0260, as volumes record it
  bool redundant_udf_metadata = true;   // from UDF 2.50 on, the metadata's mirror has blocks of its own
  bool udf_embedded_files = false;      // files that fit lie in their file entries; of UDF alone, and not of what boots
  bool udf_special_files = false;       // symlinks, devices and FIFOs in UDF: 7-Zip then refuses the volume
  bool all_times = false;               // access and change times as the source has them; else the
                                        // modification time stands for all, so that reading changes nothing

  // Volume dates, and times of folders that no source gave. Not set: the newest modification time in the tree.
  std::optional<Timestamp> timestamp;

  // What firmware may boot from, the first as El Torito's default entry (IFileSystemImage2::BootImageOptionsArray). An image
  // that has no ISO 9660 otherwise then has an empty volume of it, for firmware to find them. A further session without any
  // keeps those of the disc.
  std::vector<BootOptions> boot_image_options;
  // The first bytes of the session, up to 32 KiB, ECMA-119 6.2.1: a partition table or a boot program of the caller's.
  std::vector<std::byte> system_area;

  std::vector<LeftOut> left_out;

  // Names have no characters but the code points 32 to 127 (IFileSystemImage::UseRestrictedCharacterSet). For what is added
  // from then on, and no affair of plans: see obstacle().
  bool use_restricted_character_set = false;
  // What the standards ask for holds, though readers of today do without: eight levels of folders in ISO 9660, 64 units for
  // a name of Joliet (IFileSystemImage::StrictFileSystemCompliance).
  bool strict_file_system_compliance = false;

  // What an entry loses in one view is fine while another keeps it. These are about what all views lose; or, when the image
  // is to be exact, about what any of them does: each folder tree as its best reader shows it, so that identifiers of
  // ISO 9660 are of no account beside Rock Ridge.
  bool allow_rename = false;  // a name may be changed or cut
  bool allow_drop = false;    // an entry may be missing
  bool allow_strip = false;   // named streams, or that a file is a real-time file, may be missing
  bool allow_clamp = false;   // a time or number may be the nearest that there is
  bool exact = false;
};

// What a view shows as the volume's name, with characters replaced and cut as it has to be
// (IFileSystemImage::VolumeNameUDF, VolumeNameJoliet, VolumeNameISO9660).
std::string volume_name_in(View, const Profile&);

}  // namespace fsimage
