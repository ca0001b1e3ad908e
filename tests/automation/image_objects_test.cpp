// IMAPI2FS's objects as its clients use them: what an image is at first, items, change points, errors by their numbers
// and texts, events, the finished image.
#include "client.hpp"
#include "com/image_streams.hpp"

#include <objidl.h>

#include <algorithm>
#include <atomic>

namespace fsimage::com::automation {
namespace {

using Image = IFileSystemImage3;

class ImageObjects : public Client {
 protected:
  static Ptr<Image> new_image() { return create<Image, ::FileSystemImage>(); }
  static Ptr<IFsiDirectoryItem> root(const Ptr<Image>& image) { return object_of(image, &Image::get_Root); }
  static Ptr<IStream> stream(std::size_t bytes) {
    const auto zeros = create<IStream, ::StreamZero>();
    ULARGE_INTEGER size{};
    size.QuadPart = bytes;
    EXPECT_EQ(zeros->SetSize(size), S_OK);
    return zeros;
  }
  static Ptr<IFsiItem> item(const Ptr<Image>& image, const char* path) {
    Ptr<IFsiItem> found;
    EXPECT_EQ(root(image)->get_Item(bstr(path).get(), found.out()), S_OK) << path;
    return found;
  }
};

TEST_F(ImageObjects, BeginAsImapis) {
  const auto image = new_image();
  EXPECT_EQ(get(image, &Image::get_SessionStartBlock), 0);
  EXPECT_EQ(get(image, &Image::get_FreeMediaBlocks), 332'800);
  for (const auto name : {&Image::get_VolumeName, &Image::get_VolumeNameUDF, &Image::get_VolumeNameJoliet,
                          &Image::get_VolumeNameISO9660, &Image::get_ImportedVolumeName})
    EXPECT_EQ(text(image, name), "");
  EXPECT_FALSE(object_of(image, &Image::get_BootImageOptions));
  EXPECT_TRUE(array_in(image, &Image::get_BootImageOptionsArray).empty());
  EXPECT_TRUE(array_in(image, &Image::get_MultisessionInterfaces).empty());
  EXPECT_EQ(get(image, &Image::get_FileCount), 0);
  EXPECT_EQ(get(image, &Image::get_DirectoryCount), 1);
  EXPECT_EQ(text(image, &Image::get_WorkingDirectory).back(), '\\');
  EXPECT_EQ(get(image, &Image::get_ChangePoint), 0);
  EXPECT_EQ(get(image, &Image::get_StrictFileSystemCompliance), VARIANT_FALSE);
  EXPECT_EQ(get(image, &Image::get_UseRestrictedCharacterSet), VARIANT_FALSE);
  EXPECT_EQ(get(image, &Image::get_StageFiles), VARIANT_FALSE);
  EXPECT_EQ(get(image, &Image::get_CreateRedundantUdfMetadataFiles), VARIANT_TRUE);
  EXPECT_EQ(get(image, &Image::get_FileSystemsToCreate), 7);
  EXPECT_EQ(get(image, &Image::get_FileSystemsSupported), 7);
  EXPECT_EQ(get(image, &Image::get_UDFRevision), 0x102);
  EXPECT_EQ(get(image, &Image::get_ISO9660InterchangeLevel), 1);
  EXPECT_EQ(array_in(image, &Image::get_UDFRevisionsSupported).at(0).get().lVal, 0x102);
  EXPECT_EQ(array_in(image, &Image::get_ISO9660InterchangeLevelsSupported).at(1).get().ulVal, 2U);
  const auto top = root(image);
  EXPECT_EQ(text(top, &IFsiItem::get_Name), "");
  EXPECT_EQ(text(top, &IFsiItem::get_FullPath), "");
  EXPECT_EQ(get(top, &IFsiDirectoryItem::get_Count), 0);
  EXPECT_EQ(get(top, &IFsiItem::get_CreationTime), 0);
}

TEST_F(ImageObjects, ItemsAreAddedFoundAndRemoved) {
  const auto image = new_image();
  const auto top = root(image);
  ASSERT_EQ(top->AddDirectory(bstr("docs").get()), S_OK);
  ASSERT_EQ(top->AddFile(bstr("docs\\a.txt").get(), stream(5000).get()), S_OK);
  EXPECT_EQ(top->AddDirectory(bstr("docs").get()), hr(0xC0AAB112));  // IMAPI_E_DUP_NAME
  EXPECT_NE(last_error_text().find("/docs"), std::string::npos);
  EXPECT_EQ(top->AddDirectory(bstr("none\\deep").get()), hr(0xC0AAB11A));  // IMAPI_E_DIR_NOT_FOUND
  EXPECT_EQ(top->AddFile(bstr("b").get(), nullptr), E_POINTER);

  const auto docs = item(image, "docs").query<IFsiDirectoryItem>();
  ASSERT_TRUE(docs);
  EXPECT_EQ(text(docs, &IFsiItem::get_FullPath), "\\docs");
  const auto file = item(image, "\\docs\\a.txt").query<IFsiFileItem2>();
  ASSERT_TRUE(file);
  EXPECT_FALSE(file.query<IFsiDirectoryItem>());
  EXPECT_EQ(get(file, &IFsiFileItem::get_DataSize), 5000);
  EXPECT_EQ(get(file, &IFsiFileItem::get_DataSize32BitLow), 5000);
  STATSTG stat{};
  EXPECT_EQ(object_of<IStream>(file, &IFsiFileItem::get_Data)->Stat(&stat, STATFLAG_NONAME), S_OK);
  EXPECT_EQ(stat.cbSize.QuadPart, 5000U);
  Bstr name;
  EXPECT_EQ(file->FileSystemName(FsiFileSystemISO9660, name.out()), S_OK);
  EXPECT_EQ(name.utf8(), "A.TXT");
  EXPECT_EQ(file->put_LastModifiedTime(40'000.5), hr(0xC0AAB105));  // IMAPI_E_INVALID_DATE: before it was created
  EXPECT_EQ(file->put_LastModifiedTime(60'000.5), S_OK);
  EXPECT_EQ(get(file, &IFsiItem::get_LastModifiedTime), 60'000.5);
  EXPECT_EQ(file->get_LastModifiedTime(nullptr), E_POINTER);

  FsiItemType type{};
  EXPECT_EQ(image->Exists(bstr("\\docs\\a.txt").get(), &type), S_OK);
  EXPECT_EQ(type, FsiItemFile);
  EXPECT_EQ(image->Exists(bstr("docs").get(), &type), hr(0xC0AAB110));  // IMAPI_E_INVALID_PATH
  EXPECT_EQ(top->Remove(bstr("docs").get()), hr(0xC0AAB10A));           // IMAPI_E_DIR_NOT_EMPTY
  EXPECT_EQ(top->RemoveTree(bstr("docs\\a.txt").get()), hr(0xC0AAB109));
  EXPECT_EQ(top->RemoveTree(bstr("\\").get()), S_OK);
  EXPECT_EQ(get(image, &Image::get_DirectoryCount), 1);
  LONGLONG size = 1;
  EXPECT_EQ(file->get_DataSize(&size), hr(0xC0AAB118));  // what was removed is not there
}

TEST_F(ImageObjects, FreeItemsBecomePartOfTheImage) {
  const auto image = new_image();
  Ptr<IFsiFileItem> file;
  ASSERT_EQ(image->CreateFileItem(bstr("late.bin").get(), file.out()), S_OK);
  EXPECT_EQ(file->put_Data(stream(3).get()), S_OK);
  EXPECT_EQ(file->put_IsHidden(VARIANT_TRUE), S_OK);
  EXPECT_EQ(get(image, &Image::get_FileCount), 0);
  ASSERT_EQ(root(image)->Add(file.get()), S_OK);
  EXPECT_EQ(text(file, &IFsiItem::get_FullPath), "\\late.bin");
  EXPECT_EQ(get(item(image, "late.bin"), &IFsiItem::get_IsHidden), VARIANT_TRUE);
  EXPECT_EQ(file->put_Data(stream(4).get()), hr(0xC0AAB102));  // IMAPI_E_READONLY
  EXPECT_EQ(root(image)->Add(file.get()), hr(0xC0AAB112));
  Ptr<IFsiDirectoryItem> folder;
  ASSERT_EQ(image->CreateDirectoryItem(bstr("free").get(), folder.out()), S_OK);
  EXPECT_EQ(folder->AddDirectory(bstr("below").get()), hr(0xC0AAB10B));  // IMAPI_E_NOT_IN_FILE_SYSTEM
  EXPECT_EQ(root(new_image())->Add(folder.query<IFsiItem>().get()), hr(0xC0AAB101));
}

TEST_F(ImageObjects, CollectionsAreEnumerated) {
  const auto image = new_image();
  const auto top = root(image);
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(top->AddFile(bstr(name).get(), stream(1).get()), S_OK);
  const auto all = object_of<IEnumFsiItems>(top, &IFsiDirectoryItem::get_EnumFsiItems);
  IFsiItem* items[4]{};
  ULONG fetched = 0;
  EXPECT_EQ(all->Next(4, items, &fetched), S_FALSE);
  ASSERT_EQ(fetched, 3U);
  EXPECT_EQ(text(Ptr<IFsiItem>::adopt(items[2]), &IFsiItem::get_Name), "c");
  items[0]->Release();
  items[1]->Release();
  const auto variants = object_of<IEnumVARIANT>(top, &IFsiDirectoryItem::get__NewEnum);
  VARIANT one{};
  EXPECT_EQ(variants->Next(1, &one, nullptr), S_OK);
  EXPECT_EQ(one.vt, VT_DISPATCH);
  VariantClear(&one);
}

TEST_F(ImageObjects, ChangesAreTakenBack) {
  const auto image = new_image();
  const auto top = root(image);
  ASSERT_EQ(top->AddDirectory(bstr("first").get()), S_OK);
  const LONG before = get(image, &Image::get_ChangePoint);
  ASSERT_EQ(top->AddDirectory(bstr("second").get()), S_OK);
  const auto second = item(image, "second");
  ASSERT_EQ(image->RollbackToChangePoint(before), S_OK);
  EXPECT_EQ(get(image, &Image::get_DirectoryCount), 2);
  Bstr path;
  EXPECT_EQ(second->get_FullPath(path.out()), hr(0xC0AAB118));
  EXPECT_EQ(text(item(image, "first"), &IFsiItem::get_Name), "first");
  EXPECT_EQ(image->LockInChangePoint(), S_OK);
  EXPECT_EQ(image->RollbackToChangePoint(0), hr(0xC0AAB101));
  EXPECT_EQ(image->RollbackToChangePoint(-1), hr(0xC0AAB101));
}

TEST_F(ImageObjects, TreesAreAddedWithEvents) {
  write("tree/docs/a.txt", "a");
  write("tree/b.txt", std::string(5000, 'b'));
  const auto image = new_image();
  const Listening listening(image, __uuidof(DFileSystemImageEvents));
  std::string last;
  listening.sink->then = [&](DISPPARAMS& p) {
    EXPECT_EQ(p.cArgs, 4U);
    last = utf8_of(p.rgvarg[2].bstrVal);
  };
  ASSERT_EQ(root(image)->AddTree(bstr(path("tree")).get(), VARIANT_TRUE), S_OK) << last_error_text();
  ASSERT_FALSE(listening.sink->events.empty());
  EXPECT_EQ(listening.sink->events.back(), 0x100);
  EXPECT_EQ(get(image, &Image::get_FileCount), 2);
  EXPECT_EQ(get(image, &Image::get_DirectoryCount), 3);
  const auto missing = path("none");
  EXPECT_LT(root(image)->AddTree(bstr(missing).get(), VARIANT_FALSE), 0);
  EXPECT_NE(last_error_text().find("none"), std::string::npos);
  EXPECT_EQ(get(image, &Image::get_FileCount), 2);
}

TEST_F(ImageObjects, RoomIsKept) {
  const auto image = new_image();
  EXPECT_EQ(image->put_FreeMediaBlocks(-1), hr(0xC0AAB101));
  EXPECT_EQ(image->put_FreeMediaBlocks(10), hr(0xC0AAB121));  // IMAPI_E_IMAGE_TOO_BIG
  ASSERT_EQ(image->put_FreeMediaBlocks(1000), S_OK);
  EXPECT_EQ(root(image)->AddFile(bstr("large").get(), stream(4 << 20).get()), hr(0xC0AAB120));
  EXPECT_NE(last_error_text().find("/large"), std::string::npos);
  ASSERT_EQ(image->put_FreeMediaBlocks(0), S_OK);
  EXPECT_EQ(get(image, &Image::get_FreeMediaBlocks), 0);
  EXPECT_EQ(root(image)->AddFile(bstr("large").get(), stream(4 << 20).get()), S_OK);
  ASSERT_EQ(image->ChooseImageDefaultsForMediaType(IMAPI_MEDIA_TYPE_CDR), S_OK);
  EXPECT_EQ(get(image, &Image::get_FileSystemsToCreate), 3);
  EXPECT_EQ(image->ChooseImageDefaultsForMediaType(IMAPI_MEDIA_TYPE_UNKNOWN), hr(0xC0AAB101));
  EXPECT_EQ(image->ChooseImageDefaults(nullptr), E_POINTER);
}

TEST_F(ImageObjects, OptionsThatCannotBeAreRefused) {
  const auto image = new_image();
  EXPECT_EQ(image->put_FileSystemsToCreate(FsiFileSystemJoliet), hr(0xC0AAB101));
  EXPECT_EQ(image->put_FileSystemsToCreate(static_cast<FsiFileSystems>(8)), hr(0xC0AAB101));
  EXPECT_EQ(image->put_UDFRevision(0x103), hr(0xC0AAB101));
  EXPECT_EQ(image->put_ISO9660InterchangeLevel(3), hr(0xC0AAB101));
  EXPECT_EQ(image->put_VolumeName(bstr(std::string(200, 'x')).get()), hr(0xC0AAB104));
  EXPECT_EQ(image->put_CreateRedundantUdfMetadataFiles(VARIANT_FALSE), hr(0x00AAB15F));
  ASSERT_EQ(root(image)->AddDirectory(bstr("x").get()), S_OK);
  Ptr<IFileSystemImageResult> result;
  ASSERT_EQ(image->put_FileSystemsToCreate(FsiFileSystemNone), S_OK);
  EXPECT_EQ(image->CreateResultImage(result.out()), hr(0xC0AAB103));  // IMAPI_E_NO_OUTPUT
  EXPECT_EQ(image->put_StrictFileSystemCompliance(VARIANT_TRUE), hr(0xC0AAB106));
  FsiFileSystems imported{};
  EXPECT_EQ(image->ImportFileSystem(&imported), hr(0xC0AAB15D));  // IMAPI_E_MULTISESSION_NOT_SET
  EXPECT_EQ(image->GetDefaultFileSystemForImport(static_cast<FsiFileSystems>(3), &imported), S_OK);
  EXPECT_EQ(imported, FsiFileSystemJoliet);
}

// Of a single-threaded apartment: tells on which threads it is read.
class HomeStream final : public Object<Iface<IStream, ISequentialStream>> {
 public:
  explicit HomeStream(Ptr<IStream> of) : of_(std::move(of)) {}
  HRESULT STDMETHODCALLTYPE Read(void* to, ULONG count, ULONG* read) noexcept override {
    if (GetCurrentThreadId() != home_) ++elsewhere;
    return of_->Read(to, count, read);
  }
  HRESULT STDMETHODCALLTYPE Seek(LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER* position) noexcept override {
    return of_->Seek(move, origin, position);
  }
  HRESULT STDMETHODCALLTYPE Stat(STATSTG* stat, DWORD flags) noexcept override { return of_->Stat(stat, flags); }
  HRESULT STDMETHODCALLTYPE Write(const void*, ULONG, ULONG*) noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER) noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE CopyTo(IStream*, ULARGE_INTEGER, ULARGE_INTEGER*, ULARGE_INTEGER*) noexcept override {
    return E_NOTIMPL;
  }
  HRESULT STDMETHODCALLTYPE Commit(DWORD) noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE Revert() noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE LockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE UnlockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE Clone(IStream**) noexcept override { return E_NOTIMPL; }

  std::atomic<int> elsewhere = 0;

 private:
  Ptr<IStream> of_;
  const DWORD home_ = GetCurrentThreadId();
};

TEST_F(ImageObjects, AStreamIsReadWhereItLives) {
  for (const DWORD apartment : {COINIT_APARTMENTTHREADED, COINIT_MULTITHREADED}) {
    ASSERT_EQ(CoInitializeEx(nullptr, apartment), S_OK);
    {
      const auto image = new_image();
      std::vector<std::byte> content(32U << 20);
      for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::byte>(i ^ (i >> 11));
      const auto given = make<HomeStream>(stream_of(std::make_shared<MemorySource>(content)));
      ASSERT_EQ(root(image)->AddFile(bstr("a").get(), given.query<IStream>().get()), S_OK);
      Ptr<IFileSystemImageResult> result;
      ASSERT_EQ(image->CreateResultImage(result.out()), S_OK) << last_error_text();
      const auto bytes = object_of<IStream>(result, &IFileSystemImageResult::get_ImageStream);
      std::vector<std::byte> all(2048U * static_cast<ULONG>(get(result, &IFileSystemImageResult::get_TotalBlocks)));
      for (std::size_t at = 0; at < all.size(); at += 65536) {
        const auto piece = static_cast<ULONG>(std::min<std::size_t>(65536, all.size() - at));
        ASSERT_EQ(bytes->Read(&all[at], piece, nullptr), S_OK) << last_error_text();
      }
      EXPECT_EQ(given->elsewhere == 0, apartment == COINIT_APARTMENTTHREADED) << "read ahead: " << given->elsewhere;
      const auto found = std::search(all.begin(), all.end(), content.begin(), content.begin() + 4096);
      ASSERT_TRUE(found != all.end());
      EXPECT_TRUE(std::equal(content.begin(), content.end(), found));
    }
    CoUninitialize();
  }
}

TEST_F(ImageObjects, TheResultIsReadInAnyWay) {
  const auto image = new_image();
  ASSERT_EQ(image->put_VolumeName(bstr("Label").get()), S_OK);
  EXPECT_EQ(text(image, &Image::get_VolumeNameISO9660), "LABEL");
  ASSERT_EQ(root(image)->AddFile(bstr("a.bin").get(), stream(5000).get()), S_OK);
  const auto file = item(image, "a.bin");
  Ptr<IFileSystemImageResult> result;
  ASSERT_EQ(image->CreateResultImage(result.out()), S_OK) << last_error_text();
  EXPECT_EQ(root(image)->AddDirectory(bstr("late").get()), hr(0xC0AAB102));  // IMAPI_E_READONLY
  EXPECT_EQ(file->put_IsHidden(VARIANT_TRUE), hr(0xC0AAB102));
  EXPECT_EQ(get(result, &IFileSystemImageResult::get_BlockSize), 2048);
  EXPECT_EQ(text(result, &IFileSystemImageResult::get_DiscId), "0000000000000000");
  const auto bytes = object_of<IStream>(result, &IFileSystemImageResult::get_ImageStream);
  STATSTG stat{};
  EXPECT_EQ(bytes->Stat(&stat, STATFLAG_NONAME), S_OK);
  EXPECT_EQ(stat.cbSize.QuadPart, 2048U * static_cast<ULONG>(get(result, &IFileSystemImageResult::get_TotalBlocks)));
  LARGE_INTEGER to{};
  to.QuadPart = 16 * 2048 + 1;
  char identifier[5];
  EXPECT_EQ(bytes->Seek(to, STREAM_SEEK_SET, nullptr), S_OK);
  EXPECT_EQ(bytes->Read(identifier, sizeof identifier, nullptr), S_OK);
  EXPECT_EQ(std::string(identifier, 5), "CD001");
  Ptr<IBlockRangeList> ranges;
  EXPECT_EQ(result.query<IFileSystemImageResult2>()->get_ModifiedBlocks(ranges.out()), E_NOTIMPL);

  const auto items = object_of<IProgressItems>(result, &IFileSystemImageResult::get_ProgressItems);
  ASSERT_EQ(get(items, &IProgressItems::get_Count), 1);
  Ptr<IProgressItem> range, again;
  ASSERT_EQ(items->ProgressItemFromDescription(bstr("\\a.bin").get(), range.out()), S_OK);
  EXPECT_EQ(get(range, &IProgressItem::get_BlockCount), 3U);
  ASSERT_EQ(items->ProgressItemFromBlock(get(range, &IProgressItem::get_LastBlock), again.out()), S_OK);
  EXPECT_EQ(text(again, &IProgressItem::get_Description), "\\a.bin");
  EXPECT_EQ(items->ProgressItemFromBlock(0, again.out()), hr(0xC0AAB118));
  EXPECT_EQ(items->get_Item(1, again.out()), hr(0xC0AAB101));
  result.reset();
  EXPECT_EQ(root(image)->AddDirectory(bstr("late").get()), S_OK);  // released
}

TEST_F(ImageObjects, BootImagesAreFound) {
  const auto image = new_image();
  const auto boot = create<IBootOptions, ::BootOptions>();
  ASSERT_EQ(boot->AssignBootImage(stream(1'474'560).get()), S_OK);
  EXPECT_EQ(get(boot, &IBootOptions::get_Emulation), Emulation144MFloppy);
  EXPECT_EQ(boot->put_Emulation(Emulation288MFloppy), hr(0xC0AAB14A));
  EXPECT_EQ(boot->put_Manufacturer(bstr(std::string(25, 'm')).get()), hr(0xC0AAB101));
  ASSERT_EQ(boot->put_Manufacturer(bstr("maker").get()), S_OK);
  EXPECT_EQ(get(boot, &IBootOptions::get_ImageSize), 1'474'560U);
  ASSERT_EQ(image->put_BootImageOptions(boot.get()), S_OK);
  const auto copy = object_of<IBootOptions>(image, &Image::get_BootImageOptions);
  EXPECT_NE(copy.get(), boot.get());
  EXPECT_EQ(text(copy, &IBootOptions::get_Manufacturer), "maker");
  Ptr<IFileSystemImageResult> result;
  EXPECT_EQ(image->CreateResultImage(result.out()), S_OK) << last_error_text();
  result.reset();
  SAFEARRAY* const array = array_of({Variant(boot.query<IDispatch>()), Variant(boot.query<IDispatch>())});
  EXPECT_EQ(image->put_BootImageOptionsArray(array), S_OK);
  SafeArrayDestroy(array);
  EXPECT_EQ(array_in(image, &Image::get_BootImageOptionsArray).size(), 2U);
  EXPECT_EQ(image->put_BootImageOptions(nullptr), S_OK);
  EXPECT_FALSE(object_of<IBootOptions>(image, &Image::get_BootImageOptions));
}

TEST_F(ImageObjects, NamedStreamsAreItemsOfTheirOwn) {
  const auto image = new_image();
  ASSERT_EQ(root(image)->AddFile(bstr("a").get(), stream(1).get()), S_OK);
  const auto file = item(image, "a").query<IFsiFileItem2>();
  EXPECT_EQ(file->AddStream(bstr("note").get(), stream(10).get()), hr(0x00AAB15F));  // of UDF 1.02
  EXPECT_EQ(file->AddStream(bstr("note").get(), stream(10).get()), hr(0xC0AAB112));
  ASSERT_EQ(image->put_UDFRevision(0x201), S_OK);
  EXPECT_EQ(file->put_IsRealTime(VARIANT_TRUE), S_OK);
  EXPECT_EQ(get(file, &IFsiFileItem2::get_IsRealTime), VARIANT_TRUE);
  const auto streams = object_of<IFsiNamedStreams>(file, &IFsiFileItem2::get_FsiNamedStreams);
  ASSERT_EQ(get(streams, &IFsiNamedStreams::get_Count), 1);
  Ptr<IFsiFileItem2> note;
  ASSERT_EQ(streams->get_Item(0, note.out()), S_OK);
  EXPECT_EQ(streams->get_Item(1, Ptr<IFsiFileItem2>().out()), hr(0xC0AAB101));
  EXPECT_EQ(text(note, &IFsiItem::get_Name), "note");
  EXPECT_EQ(get(note, &IFsiFileItem::get_DataSize), 10);
  EXPECT_EQ(get(note, &IFsiFileItem2::get_IsNamedStream), VARIANT_TRUE);
  EXPECT_EQ(note->put_IsRealTime(VARIANT_TRUE), hr(0xC0AAB160));
  EXPECT_EQ(file->RemoveStream(bstr("note").get()), S_OK);
}

TEST_F(ImageObjects, FinishedImagesAreLookedAt) {
  const auto manager = create<IIsoImageManager, ::IsoImageManager>();
  EXPECT_EQ(manager->Validate(), hr(0xC0AAB202));
  const auto odd = write("odd.iso", std::string(1000, 'x'));
  ASSERT_EQ(manager->SetPath(bstr(odd).get()), S_OK);
  EXPECT_EQ(text(manager, &IIsoImageManager::get_Path), odd);
  EXPECT_EQ(manager->Validate(), hr(0xC0AAB200));
  ASSERT_EQ(manager->SetStream(stream(64 << 10).get()), S_OK);
  EXPECT_EQ(text(manager, &IIsoImageManager::get_Path), "");
  EXPECT_EQ(manager->Validate(), hr(0xC0AAB201));
  EXPECT_EQ(manager->SetStream(nullptr), E_POINTER);
}

}  // namespace
}  // namespace fsimage::com::automation
