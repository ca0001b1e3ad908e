// The one exception of the library, and its codes. An error says what, where and by which rule.
// Errors of the operating system keep their own code (std::generic_category / system_category) and still carry a Where.
#pragma once

#include <fsimage/core/units.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace fsimage {

enum class Errc {
  cancelled = 1,        // stopped on request; the medium is as the phase promised
  invalid_argument,     // a caller's value that can never work
  not_found,            // a path that the tree, the folder or the image does not hold
  not_a_directory,      // a path that goes through something else
  duplicate_path,       // two sources for one path
  directory_not_empty,  // remove() of a folder that holds entries
  source_changed,       // size, time or identity differs from when the source was planned
  unsupported,          // a kind of thing that this version does not handle
  not_representable,    // no chosen file system can hold this name, type or value
  too_large,            // a value beyond its field, or a disc beyond its format
  corrupt_structure,    // on-disk bytes break the cited clause
  limit_exceeded,       // a budget for hostile input ran out
  no_space,             // the target cannot hold the image
  busy,                 // somebody else is writing there
  no_media,             // recorder without a disc, or one that was taken out meanwhile
  write_protected,      // medium refuses to be written
  not_blank,            // a medium that would have to be blank holds something
  medium_state,         // the medium's state forbids what was asked: closed, interrupted, another next writable address
  write_failed,         // the drive could not write, close, blank or format
  read_failed,          // the medium cannot be read there
  underrun,             // the source did not keep up with the device
  session_conflict,     // the disc's last session cannot be gone on with
  disc_mismatch,        // another disc than the image was made for, or the same in another state
  verification_failed,  // what was read back differs from the image
  boot_image,           // a boot image that is missing, or cannot be one
  boot_image_size,      // a boot image that has not the size of the disk that it stands for
};

// Why, for callers whose own interface tells more apart than Errc does: IMAPI2FS has a number for each of them, see
// image/hresult.hpp. Everybody else asks for the code.
enum class Reason : std::uint8_t {
  none,
  // --- what was asked for
  no_file_system,       // none is chosen
  invalid_volume_name,  // too long, or not of the characters that volumes are named with
  invalid_time,         // an entry was changed or read before it was created
  not_a_file,           // a folder, where a file was meant
  not_in_image,         // an item that has no place in the image
  invalid_path,         // what can be no path in an image
  no_such_file,
  no_such_folder,
  // --- room and limits
  over_budget,       // with this item the image is larger than its free_media_blocks
  budget_too_low,    // what is in the image takes more
  too_many_folders,  // for ISO 9660's path tables
  too_deep,          // for ISO 9660
  file_too_large,    // for a chosen file system
  // --- sources
  source_unreadable,
  source_not_opened,
  folder_not_listed,
  // --- staging
  stash_not_opened,
  stash_not_written,
  stash_not_read,
  stash_not_moved,
  working_directory,  // none was given, or it is no folder
  no_working_space,
  // --- discs
  empty_disc,
  no_known_file_system,  // nothing on the disc can be read here
  no_such_file_system,   // not the one that was asked for
  foreign_feature,       // of a file system on the disc
  file_meets_folder,     // the disc has a file where the image has a folder
  folder_meets_file,
  no_sessions,           // media of this kind have one at most
  no_further_session,    // this disc takes none
  recorder_contradicts,  // what a recorder says of a disc makes no sense
  no_disc,               // none was chosen to go on with
  udf_not_continued,     // such a UDF volume cannot be gone on with here
  udf_revision_fixed,    // by the disc
  file_systems_fixed,    // by the disc
  // --- finished images
  no_image,
  image_not_aligned,
  image_without_volume,
  image_too_long,
};

const std::error_category& error_category() noexcept;  // name(): "fsimage"
std::error_code make_error_code(Errc) noexcept;

// Any part may be empty. The path is UTF-8 where the source is; a foreign byte stays as it is.
struct Where {
  std::string path{};
  std::optional<Lba> lba{};
  std::string clause{};  // "ECMA-167 3/7.2.3"
};

class Error : public std::system_error {
 public:
  Error(Errc code, Where where, std::string_view what, Reason reason = Reason::none);
  Error(std::error_code code, Where where, std::string_view what, Reason reason = Reason::none);

  const Where& where() const noexcept { return where_; }
  Reason reason() const noexcept { return reason_; }
  const std::string& message() const noexcept { return message_; }  // the text alone, without Where and code

  // The same error with a path where it had none: for the layer that owns the name.
  Error with_path(std::string_view path) const;
  // The same with a reason where it had none.
  Error with_reason(Reason reason) const;

 private:
  Where where_;
  Reason reason_;
  std::string message_;
};

// Error from errno (captured before anything else can change it).
Error os_error(int errno_value, std::string path, std::string_view what);

}  // namespace fsimage

template <>
struct std::is_error_code_enum<fsimage::Errc> : std::true_type {};
