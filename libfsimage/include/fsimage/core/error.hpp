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
  Error(Errc code, Where where, std::string_view what);
  Error(std::error_code code, Where where, std::string_view what);

  const Where& where() const noexcept { return where_; }
  const std::string& message() const noexcept { return message_; }  // the text alone, without Where and code

  // The same error with a path where it had none: for the layer that owns the name.
  Error with_path(std::string_view path) const;

 private:
  Where where_;
  std::string message_;
};

// Error from errno (captured before anything else can change it).
Error os_error(int errno_value, std::string path, std::string_view what);

}  // namespace fsimage

template <>
struct std::is_error_code_enum<fsimage::Errc> : std::true_type {};
