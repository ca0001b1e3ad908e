#include "boot_object.hpp"
#include "com/variant.hpp"
#include "image_object.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>

namespace fsimage::com::automation {

HRESULT ImageObject::get_StrictFileSystemCompliance(VARIANT_BOOL* out) noexcept {
  return read([&] { place(out) = truth(profile().strict_file_system_compliance); });
}

HRESULT ImageObject::put_StrictFileSystemCompliance(VARIANT_BOOL strict) noexcept {
  return write([&] {
    if (is_true(strict) && !is_empty()) throw Failure(kFileSystemNotEmpty, "there are items in the image already");
    change_profile([&](Profile& p) { p.strict_file_system_compliance = is_true(strict); });
  });
}

HRESULT ImageObject::get_UseRestrictedCharacterSet(VARIANT_BOOL* out) noexcept {
  return read([&] { place(out) = truth(profile().use_restricted_character_set); });
}

HRESULT ImageObject::put_UseRestrictedCharacterSet(VARIANT_BOOL restricted) noexcept {
  return write([&] { image().profile().use_restricted_character_set = is_true(restricted); });
}

HRESULT ImageObject::get_FileSystemsToCreate(FsiFileSystems* out) noexcept {
  return read([&] { place(out) = to_fsi(profile().file_systems); });
}

// Named streams and real-time files that the chosen file systems will not have.
HRESULT ImageObject::lost_features() const {
  const Tree& tree = std::as_const(model_->image).tree();
  const std::uint16_t revision = profile().file_systems.udf ? profile().udf_revision : 0;
  if (tree.stream_count() != 0 && revision < 0x0200) return kFeatureNotSupported;
  return S_OK;
}

HRESULT ImageObject::put_FileSystemsToCreate(FsiFileSystems systems) noexcept {
  return write([&] {
    check_mask(systems);
    const bool iso9660 = (systems & FsiFileSystemISO9660) != 0, joliet = (systems & FsiFileSystemJoliet) != 0;
    if (joliet && !iso9660) throw Failure(kInvalidParameter, "Joliet needs ISO 9660");
    const auto chosen = [&](Profile& p) {
      p.file_systems = {.iso9660 = iso9660,
                        .joliet = joliet,
                        .rockridge = iso9660,
                        .udf = (systems & FsiFileSystemUDF) != 0,
                        .iso1999 = iso9660 && p.file_systems.iso1999};
    };
    // An image without any is refused when it is made, not before.
    if (systems == FsiFileSystemNone)
      chosen(image().profile());
    else
      change_profile(chosen);
    return lost_features();
  });
}

HRESULT ImageObject::get_FileSystemsSupported(FsiFileSystems* out) noexcept {
  return read([&] { place(out) = to_fsi(FileSystems()); });
}

HRESULT ImageObject::put_UDFRevision(LONG revision) noexcept {
  return write([&] {
    if (std::find(kUdfRevisions.begin(), kUdfRevisions.end(), revision) == kUdfRevisions.end())
      throw Failure(kInvalidParameter, "no revision of UDF that is written here");
    if (image().continuation() != nullptr && revision != profile().udf_revision)
      throw Error(Errc::invalid_argument, {}, "the disc says which revision of UDF it has", Reason::udf_revision_fixed);
    change_profile([&](Profile& p) { p.udf_revision = static_cast<std::uint16_t>(revision); });
    return lost_features();
  });
}

HRESULT ImageObject::get_UDFRevision(LONG* out) noexcept {
  return read([&] { place(out) = profile().udf_revision; });
}

HRESULT ImageObject::get_UDFRevisionsSupported(SAFEARRAY** out) noexcept {
  return read([&] {
    std::vector<Variant> elements;
    for (const auto revision : kUdfRevisions) elements.emplace_back(LONG{revision});
    place(out), *out = array_of(elements);
  });
}

// Level 3, files in sections, is not among what IMAPI2FS has.
HRESULT ImageObject::put_ISO9660InterchangeLevel(LONG level) noexcept {
  return write([&] {
    if (level != 1 && level != 2) throw Failure(kInvalidParameter, "an interchange level is 1 or 2");
    change_profile([&](Profile& p) { p.interchange_level = static_cast<std::uint8_t>(level); });
  });
}

HRESULT ImageObject::get_ISO9660InterchangeLevel(LONG* out) noexcept {
  return read([&] { place(out) = profile().interchange_level; });
}

HRESULT ImageObject::get_ISO9660InterchangeLevelsSupported(SAFEARRAY** out) noexcept {
  return read([&] { place(out), *out = array_of({Variant(ULONG{1}), Variant(ULONG{2})}); });
}

HRESULT ImageObject::get_BootImageOptions(IBootOptions** out) noexcept {
  return read([&] {
    place(out);
    if (!boot_images_.empty()) *out = Ptr<IBootOptions>(boot_images_.front()).release();
  });
}

// The first is kept as it is now, whatever becomes of the client's object.
HRESULT ImageObject::put_BootImageOptions(IBootOptions* boot) noexcept {
  return write([&] {
    if (boot != nullptr && image().continuation() != nullptr)
      throw Failure(kBootObjectConflict, "a boot image belongs to the first session of a disc");
    std::vector<Ptr<IBootOptions>> all;
    if (boot != nullptr) all.push_back(copy_of(*boot));
    boot_images_ = std::move(all);
  });
}

HRESULT ImageObject::get_BootImageOptionsArray(SAFEARRAY** out) noexcept {
  return read([&] {
    std::vector<Variant> elements;
    for (const auto& boot : boot_images_) elements.emplace_back(boot.query<IDispatch>());
    place(out), *out = array_of(elements);
  });
}

HRESULT ImageObject::put_BootImageOptionsArray(SAFEARRAY* boot) noexcept {
  return write([&] {
    std::vector<Ptr<IBootOptions>> all;
    for (const auto& element : elements_of(boot)) {
      auto object = element.object().query<IBootOptions>();
      if (!object) throw Failure(kInvalidParameter, "an element that is no boot image");
      all.push_back(std::move(object));
    }
    if (all.size() > fsimage::BootOptions::kMost) throw Failure(kInvalidParameter, "more than 32 boot images");
    if (!all.empty() && image().continuation() != nullptr)
      throw Failure(kBootObjectConflict, "a boot image belongs to the first session of a disc");
    boot_images_ = std::move(all);
  });
}

HRESULT ImageObject::get_CreateRedundantUdfMetadataFiles(VARIANT_BOOL* out) noexcept {
  return read([&] { place(out) = truth(profile().redundant_udf_metadata); });
}

HRESULT ImageObject::put_CreateRedundantUdfMetadataFiles(VARIANT_BOOL redundant) noexcept {
  return write([&] {
    change_profile([&](Profile& p) { p.redundant_udf_metadata = is_true(redundant); });
    return profile().udf_revision < 0x0250 ? kFeatureNotSupported : S_OK;
  });
}

}  // namespace fsimage::com::automation
