#include "com/variant.hpp"
#include "disc_reader.hpp"
#include "image_object.hpp"
#include "values.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/core/error.hpp>

namespace fsimage::com::automation {
namespace {

// Blocks that are there to be read. Of overwritable media all are.
BlockCount readable(const Media& media) {
  if (media.media_class == MediaClass::overwritable) return media.capacity.value_or(BlockCount{});
  return media.used;
}

std::optional<BlockCount> room_in(const Media& media) { return media.free; }

RecognizedFileSystems recognized(const std::shared_ptr<const ByteSource>& disc, const Media& media) {
  return choose_session(disc, 0, session_hint(media)).found;
}

bool in_use(IMultisession& multisession) {
  VARIANT_BOOL value = VARIANT_FALSE;
  check(multisession.get_InUse(&value), "InUse");
  return is_true(value);
}

bool usable(IMultisession& multisession) {
  VARIANT_BOOL value = VARIANT_FALSE;
  check(multisession.get_IsSupportedOnCurrentMediaState(&value), "IsSupportedOnCurrentMediaState");
  return is_true(value);
}

}  // namespace

HRESULT ImageObject::get_SessionStartBlock(LONG* out) noexcept {
  return read([&] { place(out) = to_long(image().session_start_block().value); });
}

HRESULT ImageObject::put_SessionStartBlock(LONG block) noexcept {
  return write([&] { image().set_session_start_block(Lba{from_long(block, "SessionStartBlock")}); });
}

HRESULT ImageObject::SetMaxMediaBlocksFromDevice(IDiscRecorder2* recorder) noexcept {
  return write([&] { image().set_max_media_blocks_from_device(media_in(needed(recorder))); });
}

HRESULT ImageObject::get_ImportedVolumeName(BSTR* out) noexcept {
  return read([&] {
    place(out);
    if (const auto& name = image().imported_volume_name()) *out = Bstr(*name).release();
  });
}

HRESULT ImageObject::ChooseImageDefaults(IDiscRecorder2* recorder) noexcept {
  return write([&] { image().choose_image_defaults(media_in(needed(recorder))); });
}

HRESULT ImageObject::ChooseImageDefaultsForMediaType(IMAPI_MEDIA_PHYSICAL_TYPE type) noexcept {
  return write([&] { image().choose_image_defaults(media_type_of(type)); });
}

ImageObject::Disc ImageObject::disc() const {
  if (!chosen_) throw Failure(kMultisessionNotSet, "MultisessionInterfaces has to be set first");
  Disc result{media_of(*chosen_), nullptr};
  Ptr<IDiscRecorder2> recorder;
  check(chosen_->get_ImportRecorder(recorder.out()), "ImportRecorder");
  result.content = disc_in(*recorder, readable(result.media));
  return result;
}

HRESULT ImageObject::CalculateDiscIdentifier(BSTR* out) noexcept {
  return read([&] {
    place(out);
    const auto here = disc();
    *out = Bstr(disc_identifier(identify_disc(here.media, here.content))).release();
  });
}

HRESULT ImageObject::IdentifyFileSystemsOnDisc(IDiscRecorder2* recorder, FsiFileSystems* out) noexcept {
  return read([&] {
    place(out) = FsiFileSystemNone;
    if (recorder == nullptr) {
      const auto here = disc();
      *out = to_fsi(recognized(here.content, here.media));
      return;
    }
    auto media = media_in(*recorder);
    if (media.media_class != MediaClass::sequential) media.capacity = media.free;
    *out = to_fsi(recognized(disc_in(*recorder, readable(media)), media));
  });
}

HRESULT ImageObject::GetDefaultFileSystemForImport(FsiFileSystems systems, FsiFileSystems* out) noexcept {
  return read([&] {
    place(out) = FsiFileSystemNone;
    check_mask(systems);
    RecognizedFileSystems found;
    if ((systems & FsiFileSystemISO9660) != 0) found.iso9660 = Lba{};
    if ((systems & FsiFileSystemJoliet) != 0) found.joliet = Lba{};
    if ((systems & FsiFileSystemUDF) != 0) found.udf = Lba{};
    *out = to_fsi(default_view(found, ViewOrder::imapi));
  });
}

// DFileSystemImageImportEvents::UpdateImport.
ImportProgressFn ImageObject::tell_importing() {
  if (!point(1).anybody()) return {};
  return [this](const ImportProgress& progress) {
    point(1).fire(0x101, {Variant(Ptr<IDispatch>(static_cast<IFileSystemImage3*>(this))),
                          Variant(static_cast<LONG>(to_fsi(progress.view))), Variant(to_imapi_path(progress.item)),
                          Variant(to_long(progress.folders)),
                          Variant(progress.total_folders ? to_long(*progress.total_folders) : LONG{-1}),
                          Variant(to_long(progress.files)),
                          Variant(progress.total_files ? to_long(*progress.total_files) : LONG{-1})});
  };
}

FsiFileSystems ImageObject::import(View view) {
  if (!boot_images_.empty())
    throw Failure(kBootObjectConflict, "a boot image belongs to the first session of a disc: there is one already");
  auto here = disc();
  ImportOptions options;
  options.view = view;
  options.progress = tell_importing();
  options.label = "disc";
  const auto own_name = profile().volume_name;
  const auto imported = image().continue_disc(here.content, here.media, options);
  image().profile().volume_name = own_name;  // that of the disc is not carried over
  continued_ = std::move(here);
  return to_fsi(view != View::none ? view : default_view(imported.session.found, ViewOrder::imapi));
}

HRESULT ImageObject::ImportFileSystem(FsiFileSystems* out) noexcept {
  return write([&] {
    place(out) = FsiFileSystemNone;
    *out = import(View::none);
  });
}

HRESULT ImageObject::ImportSpecificFileSystem(FsiFileSystems system) noexcept {
  return write([&] { import(view_of(system)); });
}

HRESULT ImageObject::get_MultisessionInterfaces(SAFEARRAY** out) noexcept {
  return read([&] {
    std::vector<Variant> elements;
    for (const auto& multisession : multisession_) elements.emplace_back(multisession.query<IDispatch>());
    place(out), *out = array_of(elements);
  });
}

// One is marked to be used, or the first that can be is.
HRESULT ImageObject::put_MultisessionInterfaces(SAFEARRAY* interfaces) noexcept {
  return write([&] {
    std::vector<Ptr<IMultisession>> all;
    Ptr<IMultisession> marked, possible;
    for (const auto& element : elements_of(interfaces)) {
      auto object = element.object().query<IMultisession>();
      if (!object) throw Failure(kInvalidParameter, "an element that is no multisession object");
      if (in_use(*object)) {
        if (marked) throw Failure(kIncompatibleMultisession, "more than one multisession object is in use");
        marked = object;
      }
      if (!possible && usable(*object)) possible = object;
      all.push_back(std::move(object));
    }
    if (marked && !usable(*marked))
      throw Failure(kIncompatibleMultisession, "the multisession object that is in use cannot be used on this disc");
    const auto chosen = marked ? marked : possible;
    if (!chosen) throw Failure(kNoCompatibleMultisession, "no further session can be added to this disc");
    const auto media = media_of(*chosen);
    require_continuable(media, "disc");
    image().set_free_media_blocks(room_in(media));
    multisession_ = std::move(all);
    chosen_ = chosen;
  });
}

HRESULT ImageObject::ProbeSpecificFileSystem(FsiFileSystems system, VARIANT_BOOL* out) noexcept {
  return read([&] {
    place(out) = VARIANT_FALSE;
    const auto view = view_of(system);
    const auto here = disc();
    *out = truth(fsimage::FileSystemImage::is_continuable(here.content, here.media, view));
  });
}

}  // namespace fsimage::com::automation
