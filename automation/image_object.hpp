// The image in the making as a COM object (IFileSystemImage3). What each member does is the library's FileSystemImage's
// affair; here stands how IMAPI2FS's clients see it.
#pragma once

#include "com/events.hpp"
#include "model.hpp"

#include <imapi2fs.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fsimage::com::automation {

Ptr<IUnknown> create_file_system_image();

class ImageObject final
    : public SourceObject<::FileSystemImage, Events<DFileSystemImageEvents, DFileSystemImageImportEvents>,
                          Iface<IFileSystemImage3, IFileSystemImage2, IFileSystemImage, IDispatch>> {
 public:
  ImageObject();
  ~ImageObject() override;

  // --- image_object.cpp
  HRESULT STDMETHODCALLTYPE get_Root(IFsiDirectoryItem** out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_FreeMediaBlocks(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_FreeMediaBlocks(LONG blocks) noexcept override;
  HRESULT STDMETHODCALLTYPE get_UsedBlocks(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_VolumeName(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_VolumeName(BSTR name) noexcept override;
  HRESULT STDMETHODCALLTYPE get_VolumeNameUDF(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_VolumeNameJoliet(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_VolumeNameISO9660(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_FileCount(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_DirectoryCount(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_WorkingDirectory(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_WorkingDirectory(BSTR folder) noexcept override;
  HRESULT STDMETHODCALLTYPE get_ChangePoint(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE RollbackToChangePoint(LONG point) noexcept override;
  HRESULT STDMETHODCALLTYPE LockInChangePoint() noexcept override;
  HRESULT STDMETHODCALLTYPE Exists(BSTR path, FsiItemType* out) noexcept override;
  HRESULT STDMETHODCALLTYPE CreateDirectoryItem(BSTR name, IFsiDirectoryItem** out) noexcept override;
  HRESULT STDMETHODCALLTYPE CreateFileItem(BSTR name, IFsiFileItem** out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_StageFiles(VARIANT_BOOL* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_StageFiles(VARIANT_BOOL stage) noexcept override;
  HRESULT STDMETHODCALLTYPE CreateResultImage(IFileSystemImageResult** out) noexcept override;

  // --- image_object_options.cpp
  HRESULT STDMETHODCALLTYPE get_StrictFileSystemCompliance(VARIANT_BOOL* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_StrictFileSystemCompliance(VARIANT_BOOL strict) noexcept override;
  HRESULT STDMETHODCALLTYPE get_UseRestrictedCharacterSet(VARIANT_BOOL* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_UseRestrictedCharacterSet(VARIANT_BOOL restricted) noexcept override;
  HRESULT STDMETHODCALLTYPE get_FileSystemsToCreate(FsiFileSystems* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_FileSystemsToCreate(FsiFileSystems systems) noexcept override;
  HRESULT STDMETHODCALLTYPE get_FileSystemsSupported(FsiFileSystems* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_UDFRevision(LONG revision) noexcept override;
  HRESULT STDMETHODCALLTYPE get_UDFRevision(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_UDFRevisionsSupported(SAFEARRAY** out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_ISO9660InterchangeLevel(LONG level) noexcept override;
  HRESULT STDMETHODCALLTYPE get_ISO9660InterchangeLevel(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_ISO9660InterchangeLevelsSupported(SAFEARRAY** out) noexcept override;
  HRESULT STDMETHODCALLTYPE get_BootImageOptions(IBootOptions** out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_BootImageOptions(IBootOptions* boot) noexcept override;
  HRESULT STDMETHODCALLTYPE get_BootImageOptionsArray(SAFEARRAY** out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_BootImageOptionsArray(SAFEARRAY* boot) noexcept override;
  HRESULT STDMETHODCALLTYPE get_CreateRedundantUdfMetadataFiles(VARIANT_BOOL* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_CreateRedundantUdfMetadataFiles(VARIANT_BOOL redundant) noexcept override;

  // --- image_object_discs.cpp
  HRESULT STDMETHODCALLTYPE get_SessionStartBlock(LONG* out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_SessionStartBlock(LONG block) noexcept override;
  HRESULT STDMETHODCALLTYPE SetMaxMediaBlocksFromDevice(IDiscRecorder2* recorder) noexcept override;
  HRESULT STDMETHODCALLTYPE get_ImportedVolumeName(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE ChooseImageDefaults(IDiscRecorder2* recorder) noexcept override;
  HRESULT STDMETHODCALLTYPE ChooseImageDefaultsForMediaType(IMAPI_MEDIA_PHYSICAL_TYPE type) noexcept override;
  HRESULT STDMETHODCALLTYPE CalculateDiscIdentifier(BSTR* out) noexcept override;
  HRESULT STDMETHODCALLTYPE IdentifyFileSystemsOnDisc(IDiscRecorder2* recorder, FsiFileSystems* out) noexcept override;
  HRESULT STDMETHODCALLTYPE GetDefaultFileSystemForImport(FsiFileSystems systems,
                                                          FsiFileSystems* out) noexcept override;
  HRESULT STDMETHODCALLTYPE ImportFileSystem(FsiFileSystems* out) noexcept override;
  HRESULT STDMETHODCALLTYPE ImportSpecificFileSystem(FsiFileSystems system) noexcept override;
  HRESULT STDMETHODCALLTYPE get_MultisessionInterfaces(SAFEARRAY** out) noexcept override;
  HRESULT STDMETHODCALLTYPE put_MultisessionInterfaces(SAFEARRAY* interfaces) noexcept override;
  HRESULT STDMETHODCALLTYPE ProbeSpecificFileSystem(FsiFileSystems system, VARIANT_BOOL* out) noexcept override;

 private:
  // The disc that the multisession interfaces stand for.
  struct Disc {
    Media media;
    std::shared_ptr<const ByteSource> content;
  };

  template <class Body>
  HRESULT read(Body&& body) noexcept {
    return with(*model_, __uuidof(IFileSystemImage3), std::forward<Body>(body));
  }
  template <class Body>
  HRESULT write(Body&& body) noexcept {
    return changing(*model_, __uuidof(IFileSystemImage3), std::forward<Body>(body));
  }
  fsimage::FileSystemImage& image() { return model_->image; }
  const Profile& profile() const { return model_->image.profile(); }
  // All of the profile is looked at before it counts.
  template <class Change>
  void change_profile(Change&& change) {
    Profile changed = profile();
    change(changed);
    image().set_profile(std::move(changed));
  }
  HRESULT name_in(View view, bool chosen, BSTR* out) noexcept;
  bool is_empty() const { return !std::as_const(model_->image).tree().first_child(kRootNode); }
  HRESULT lost_features() const;
  void take_boot_images();
  Disc disc() const;
  FsiFileSystems import(View view);
  ImportProgressFn tell_importing();

  std::shared_ptr<Model> model_ = std::make_shared<Model>();
  bool named_ = false;
  std::vector<Ptr<IBootOptions>> boot_images_;
  std::vector<Ptr<IMultisession>> multisession_;
  Ptr<IMultisession> chosen_;      // of these, the one that is used
  std::optional<Disc> continued_;  // behind an import
};

}  // namespace fsimage::com::automation
