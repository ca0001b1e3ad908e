#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

namespace fsimage {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "fsimage"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::cancelled: return "cancelled";
      case Errc::invalid_argument: return "invalid argument";
      case Errc::not_found: return "not found";
      case Errc::not_a_directory: return "not a directory";
      case Errc::duplicate_path: return "two entries for one path";
      case Errc::directory_not_empty: return "directory is not empty";
      case Errc::source_changed: return "source has changed since it was planned";
      case Errc::unsupported: return "not supported";
      case Errc::not_representable: return "not representable in the chosen file systems";
      case Errc::too_large: return "too large";
      case Errc::corrupt_structure: return "on-disk structure is corrupt";
      case Errc::limit_exceeded: return "limit exceeded";
      case Errc::no_space: return "not enough space";
      case Errc::busy: return "in use";
      case Errc::no_media: return "no medium";
      case Errc::write_protected: return "write protected";
      case Errc::not_blank: return "medium is not blank";
      case Errc::medium_state: return "not possible in the medium's state";
      case Errc::write_failed: return "drive cannot write";
      case Errc::read_failed: return "medium cannot be read";
      case Errc::underrun: return "source did not keep up";
      case Errc::session_conflict: return "the last session cannot be gone on with";
      case Errc::disc_mismatch: return "not the disc that the image was made for";
      case Errc::verification_failed: return "verification failed";
      case Errc::boot_image: return "no boot image";
      case Errc::boot_image_size: return "boot image of the wrong size";
    }
    return "unknown error " + std::to_string(value);
  }
  // A block that a drive cannot read is to its readers what one of a file is.
  std::error_condition default_error_condition(int value) const noexcept override {
    if (static_cast<Errc>(value) == Errc::read_failed) return std::make_error_condition(std::errc::io_error);
    return {value, *this};
  }
};

// "what [path P] [LBA n] [clause]"; system_error itself appends ": " and the code's own text.
std::string compose(const Where& where, std::string_view what) {
  std::string text = printable(what);
  if (!where.path.empty()) text += " [path " + printable(where.path) + "]";
  if (where.lba) text += " [LBA " + std::to_string(where.lba->value) + "]";
  if (!where.clause.empty()) text += " [" + where.clause + "]";
  return text;
}

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(Errc e) noexcept { return {static_cast<int>(e), error_category()}; }

Error::Error(Errc code, Where where, std::string_view what, Reason reason)
    : Error(make_error_code(code), std::move(where), what, reason) {}

Error::Error(std::error_code code, Where where, std::string_view what, Reason reason)
    : std::system_error(code, compose(where, what)), where_(std::move(where)), reason_(reason), message_(what) {}

Error Error::with_path(std::string_view path) const {
  if (!where_.path.empty()) return *this;
  Where where = where_;
  where.path = path;
  return {code(), std::move(where), message_, reason_};
}

Error Error::with_reason(Reason reason) const {
  return {code(), where_, message_, reason_ == Reason::none ? reason : reason_};
}

Error os_error(int errno_value, std::string path, std::string_view what) {
  Where where;
  where.path = std::move(path);
  return {std::error_code(errno_value, std::generic_category()), std::move(where), what};
}

}  // namespace fsimage
