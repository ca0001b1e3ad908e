#include "image_object.hpp"

#include "boot_object.hpp"
#include "com/text.hpp"
#include "items.hpp"
#include "result_objects.hpp"
#include "values.hpp"

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/core/error.hpp>

#include <cstdio>

namespace fsimage::com::automation {
namespace {

constexpr std::uint32_t kDefaultFreeBlocks = 332'800;  // of a CD of 74 minutes: 650 MB

// What IMAPI2FS makes of a volume that nobody has named.
std::string name_by_the_clock() {
  const auto t = to_civil(now());
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02d%02d_%02d%02d", t.year, t.month, t.day, t.hour, t.minute);
  return text;
}

std::string temporary_folder() {
  wchar_t path[MAX_PATH + 2];
  return utf8_of(std::wstring_view(path, GetTempPathW(MAX_PATH + 1, path)));
}

}  // namespace

Ptr<IUnknown> create_file_system_image() { return make<ImageObject>().query<IFileSystemImage3>().query<IUnknown>(); }

ImageObject::ImageObject() {
  Profile& p = image().profile();
  p.interchange_level = 1;
  p.volume_name.clear();
  p.allow_rename = p.allow_strip = p.allow_clamp = true;  // each file system has its own names, as clients know
  image().set_free_media_blocks(BlockCount{kDefaultFreeBlocks});
  model_->object = static_cast<IFileSystemImage3*>(this);
  model_->add_events = &point(0);
  model_->import_events = &point(1);
}

ImageObject::~ImageObject() {
  const std::lock_guard lock(model_->mutex);
  model_->object = nullptr;
  model_->add_events = model_->import_events = nullptr;
}

HRESULT ImageObject::get_Root(IFsiDirectoryItem** out) noexcept {
  return read([&] {
    place(out);
    *out = make_directory_item(ItemState(model_, kRootNode)).release();
  });
}

HRESULT ImageObject::get_FreeMediaBlocks(LONG* out) noexcept {
  return read([&] { place(out) = to_long(image().free_media_blocks().value_or(BlockCount{}).value); });
}

HRESULT ImageObject::put_FreeMediaBlocks(LONG blocks) noexcept {
  return write([&] {
    const BlockCount count{from_long(blocks, "FreeMediaBlocks")};
    image().set_free_media_blocks(count == BlockCount{} ? std::nullopt : std::optional(count));
  });
}

HRESULT ImageObject::get_UsedBlocks(LONG* out) noexcept {
  return read([&] { place(out) = to_long(image().used_blocks().value); });
}

HRESULT ImageObject::get_VolumeName(BSTR* out) noexcept {
  return read([&] { place(out), *out = Bstr(named_ ? profile().volume_name : std::string()).release(); });
}

HRESULT ImageObject::put_VolumeName(BSTR name) noexcept {
  return write([&] {
    image().set_volume_name(utf8_of(name));
    named_ = !profile().volume_name.empty();
  });
}

HRESULT ImageObject::name_in(View view, bool chosen, BSTR* out) noexcept {
  return read([&] {
    place(out);
    if (named_ && chosen) *out = Bstr(volume_name_in(view, profile())).release();
    if (*out == nullptr) *out = Bstr(std::wstring_view()).release();
  });
}

HRESULT ImageObject::get_VolumeNameUDF(BSTR* out) noexcept {
  return name_in(View::udf, profile().file_systems.udf, out);
}
HRESULT ImageObject::get_VolumeNameJoliet(BSTR* out) noexcept {
  return name_in(View::joliet, profile().file_systems.joliet, out);
}
HRESULT ImageObject::get_VolumeNameISO9660(BSTR* out) noexcept {
  return name_in(View::iso9660, profile().file_systems.iso9660, out);
}

HRESULT ImageObject::get_FileCount(LONG* out) noexcept {
  return read([&] { place(out) = to_long(image().counts().files); });
}

HRESULT ImageObject::get_DirectoryCount(LONG* out) noexcept {
  return read([&] { place(out) = to_long(image().counts().directories); });
}

HRESULT ImageObject::get_WorkingDirectory(BSTR* out) noexcept {
  return read([&] {
    const auto& folder = image().working_directory();
    place(out), *out = Bstr(folder.empty() ? temporary_folder() : to_imapi_path(folder)).release();
  });
}

HRESULT ImageObject::put_WorkingDirectory(BSTR folder) noexcept {
  return write([&] { image().set_working_directory(to_path(utf8_of(folder))); });
}

HRESULT ImageObject::get_ChangePoint(LONG* out) noexcept {
  return read([&] { place(out) = to_long(image().change_point()); });
}

HRESULT ImageObject::RollbackToChangePoint(LONG change) noexcept {
  return write([&] {
    image().roll_back_to(from_long(change, "change point"));
    ++model_->rollbacks;
  });
}

HRESULT ImageObject::LockInChangePoint() noexcept {
  return write([&] { image().lock_in(); });
}

HRESULT ImageObject::Exists(BSTR path, FsiItemType* out) noexcept {
  return read([&] {
    place(out) = FsiItemNotFound;
    const auto full = to_path(utf8_of(path));
    if (full.empty() || full.front() != '/')
      throw Error(Errc::invalid_argument, {.path = full}, "a full path begins with a backslash", Reason::invalid_path);
    if (const auto type = image().exists(full)) *out = type == FileType::directory ? FsiItemDirectory : FsiItemFile;
  });
}

HRESULT ImageObject::CreateDirectoryItem(BSTR name, IFsiDirectoryItem** out) noexcept {
  return write([&] {
    place(out);
    *out = make_directory_item(ItemState(model_, utf8_of(name), FileType::directory)).release();
  });
}

HRESULT ImageObject::CreateFileItem(BSTR name, IFsiFileItem** out) noexcept {
  return write([&] {
    place(out);
    *out = make_file_item(ItemState(model_, utf8_of(name), FileType::regular)).release();
  });
}

HRESULT ImageObject::get_StageFiles(VARIANT_BOOL* out) noexcept {
  return read([&] { place(out) = truth(image().stage_files()); });
}

HRESULT ImageObject::put_StageFiles(VARIANT_BOOL stage) noexcept {
  return write([&] {
    if (is_true(stage) && image().working_directory().empty())
      image().set_working_directory(to_path(temporary_folder()));
    image().set_stage_files(is_true(stage));
  });
}

// Boot images are the client's objects until now.
void ImageObject::take_boot_images() {
  std::vector<fsimage::BootOptions> all;
  for (const auto& boot : boot_images_) all.push_back(boot_options_of(*boot));
  image().profile().boot_image_options = std::move(all);
}

HRESULT ImageObject::CreateResultImage(IFileSystemImageResult** out) noexcept {
  return write([&] {
    place(out);
    if (to_fsi(profile().file_systems) == FsiFileSystemNone)
      throw Error(Errc::invalid_argument, {}, "no file system is chosen", Reason::no_file_system);
    take_boot_images();
    if (!named_) image().set_volume_name(name_by_the_clock());
    Result result;
    result.image = image().create_result_image();
    result.disc_identifier = continued_ ? disc_identifier(identify_disc(continued_->media, continued_->content))
                                        : std::string(kNoDiscIdentifier);
    if (continued_ && !result.image->replaced().empty()) result.disc = continued_->content;
    result.freeze = std::make_shared<int>(0);
    model_->result = result.freeze;
    *out = make_result(std::move(result)).release();
  });
}

}  // namespace fsimage::com::automation
