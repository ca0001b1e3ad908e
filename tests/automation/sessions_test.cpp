// Images that go on with a disc: both halves of the server together, as IMAPI2's clients join them.
#include "com/module.hpp"
#include "com/type_info.hpp"
#include "disc_client.hpp"

#include <objidl.h>

#include <thread>

namespace fsimage::com::automation {
namespace {

using Image = IFileSystemImage3;

class Sessions : public DiscClient {
 protected:
  static Ptr<Image> new_image() { return create<Image, ::FileSystemImage>(); }

  void add(const Ptr<Image>& image, const std::string& name, const std::string& content) {
    write("tree/" + name, content);
    EXPECT_EQ(object_of(image, &Image::get_Root)->AddTree(bstr(path("tree")).get(), VARIANT_FALSE), S_OK);
  }
  static HRESULT set_multisession(const Ptr<Image>& image, const Ptr<IDiscFormat2Data>& data) {
    SAFEARRAY* array = nullptr;
    EXPECT_EQ(data->get_MultisessionInterfaces(&array), S_OK);
    const HRESULT answer = image->put_MultisessionInterfaces(array);
    SafeArrayDestroy(array);
    return answer;
  }
  static void burn(const Ptr<Image>& image, const Ptr<IDiscFormat2Data>& data) {
    Ptr<IFileSystemImageResult> result;
    ASSERT_EQ(image->CreateResultImage(result.out()), S_OK) << last_error_text();
    const auto stream = object_of<IStream>(result, &IFileSystemImageResult::get_ImageStream);
    ASSERT_EQ(data->Write(stream.get()), S_OK) << last_error_text();
  }
  void first_session(const Ptr<IDiscRecorder2>& drive) {
    const auto image = new_image();
    ASSERT_EQ(image->ChooseImageDefaults(drive.get()), S_OK) << last_error_text();
    ASSERT_EQ(image->put_VolumeName(bstr("FIRST").get()), S_OK);
    add(image, "docs/a.txt", "a");
    const auto data = writer(drive);
    ASSERT_EQ(data->put_DisableConsumerDvdCompatibilityMode(VARIANT_TRUE), S_OK);
    burn(image, data);
  }
};

TEST_F(Sessions, AreImportedAndAdded) {
  for (const char* media : {"cd-r", "dvd+r", "bd-re"}) {
    SCOPED_TRACE(media);
    TearDown();
    SetUp();
    insert(media);
    const auto drive = recorder();
    first_session(drive);
    const auto data = writer(drive);
    ASSERT_EQ(data->put_DisableConsumerDvdCompatibilityMode(VARIANT_TRUE), S_OK);
    const auto image = new_image();
    ASSERT_EQ(set_multisession(image, data), S_OK) << last_error_text();
    EXPECT_EQ(array_in(image, &Image::get_MultisessionInterfaces).size(), 1U);
    const bool cd = std::string(media) == "cd-r";
    FsiFileSystems systems{};
    EXPECT_EQ(image->IdentifyFileSystemsOnDisc(nullptr, &systems), S_OK) << last_error_text();
    EXPECT_EQ(systems, cd ? 3 : 7);
    EXPECT_EQ(image->IdentifyFileSystemsOnDisc(drive.get(), &systems), S_OK) << last_error_text();
    EXPECT_EQ(systems, cd ? 3 : 7);
    VARIANT_BOOL appendable = VARIANT_FALSE;
    EXPECT_EQ(image->ProbeSpecificFileSystem(FsiFileSystemISO9660, &appendable), S_OK);
    EXPECT_EQ(appendable, VARIANT_TRUE);
    Bstr before;
    EXPECT_EQ(image->CalculateDiscIdentifier(before.out()), S_OK) << last_error_text();
    EXPECT_EQ(before.wide().size(), 16U);
    {
      const Listening listening(image, __uuidof(DFileSystemImageImportEvents));
      ASSERT_EQ(image->ImportFileSystem(&systems), S_OK) << last_error_text();
      ASSERT_FALSE(listening.sink->events.empty());
      EXPECT_EQ(listening.sink->events.front(), 0x101);
    }
    EXPECT_EQ(systems, cd ? FsiFileSystemJoliet : FsiFileSystemUDF);
    EXPECT_EQ(text(image, &Image::get_ImportedVolumeName), "FIRST");
    EXPECT_EQ(text(image, &Image::get_VolumeName), "");
    EXPECT_EQ(get(image, &Image::get_FileCount), 1);
    EXPECT_EQ(get(image, &Image::get_FileSystemsToCreate), cd ? 3 : 7);
    EXPECT_GT(get(image, &Image::get_SessionStartBlock), 0);
    EXPECT_LT(image->put_SessionStartBlock(1), 0);
    EXPECT_EQ(image->put_UDFRevision(0x250), hr(0xC0AAB161));  // IMAPI_E_UDF_REVISION_CHANGE_NOT_ALLOWED
    add(image, "b.txt", "b");
    burn(image, data);
    const auto third = new_image();
    ASSERT_EQ(set_multisession(third, data), S_OK) << last_error_text();
    Bstr after;
    EXPECT_EQ(third->CalculateDiscIdentifier(after.out()), S_OK);
    EXPECT_NE(after.wide(), before.wide());
    ASSERT_EQ(third->ImportSpecificFileSystem(FsiFileSystemISO9660), S_OK) << last_error_text();
    EXPECT_EQ(get(third, &Image::get_FileCount), 2);
  }
}

TEST_F(Sessions, ThatCannotBeAreRefused) {
  insert("cd-r");
  const auto drive = recorder();
  const auto data = writer(drive);
  const auto image = new_image();
  EXPECT_EQ(set_multisession(image, data), hr(0xC0AAB15C));  // IMAPI_E_NO_COMPATIBLE_MULTISESSION_TYPE: it is blank
  EXPECT_EQ(image->put_MultisessionInterfaces(nullptr), hr(0xC0AAB15C));
  SAFEARRAY* const strange = array_of({Variant(drive.query<IDispatch>())});
  EXPECT_EQ(image->put_MultisessionInterfaces(strange), hr(0xC0AAB101));
  SafeArrayDestroy(strange);

  first_session(drive);
  auto session = array_in(data, &IDiscFormat2Data::get_MultisessionInterfaces).at(0).object().query<IMultisession>();
  ASSERT_EQ(session->put_InUse(VARIANT_TRUE), S_OK);
  auto* const twice = array_of({Variant(session.query<IDispatch>()), Variant(session.query<IDispatch>())});
  EXPECT_EQ(image->put_MultisessionInterfaces(twice), hr(0xC0AAB15B));  // ..._INCOMPATIBLE_MULTISESSION_TYPE
  SafeArrayDestroy(twice);
  ASSERT_EQ(set_multisession(image, data), S_OK) << last_error_text();
  EXPECT_EQ(image->ImportSpecificFileSystem(FsiFileSystemUDF), hr(0xC0AAB152));  // IMAPI_E_FILE_SYSTEM_NOT_FOUND
  EXPECT_EQ(image->ImportSpecificFileSystem(FsiFileSystemNone), hr(0xC0AAB101));
  const auto boot = create<IBootOptions, ::BootOptions>();
  const auto zeros = create<IStream, ::StreamZero>();
  ULARGE_INTEGER size{};
  size.QuadPart = 2048;
  ASSERT_EQ(zeros->SetSize(size), S_OK);
  ASSERT_EQ(boot->AssignBootImage(zeros.get()), S_OK);
  ASSERT_EQ(image->put_BootImageOptions(boot.get()), S_OK);
  FsiFileSystems systems{};
  EXPECT_EQ(image->ImportFileSystem(&systems), hr(0xC0AAB149));  // IMAPI_E_BOOT_OBJECT_CONFLICT
}

TEST_F(Sessions, SourcesThatChangedAreNamed) {
  insert("dvd+rw");
  const auto drive = recorder();
  const auto image = new_image();
  add(image, "a.txt", "as it was");
  Ptr<IFileSystemImageResult> result;
  ASSERT_EQ(image->CreateResultImage(result.out()), S_OK);
  const auto stream = object_of<IStream>(result, &IFileSystemImageResult::get_ImageStream);
  write("tree/a.txt", "longer than it was");
  EXPECT_EQ(writer(drive)->Write(stream.get()), hr(0xC0AAB128));  // IMAPI_E_DATA_STREAM_INCONSISTENCY
  EXPECT_NE(last_error_text().find("a.txt"), std::string::npos);
}

// The type libraries carry calls from one apartment to another.
TEST_F(Sessions, ObjectsAreUsedFromOtherApartments) {
  ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
  register_own_names(module_path());
  {
    const auto image = new_image();
    Ptr<IStream> carried;
    ASSERT_EQ(CoMarshalInterThreadInterfaceInStream(__uuidof(Image), image.get(), carried.out()), S_OK);
    const DWORD here = GetCurrentThreadId();
    std::jthread other([stream = carried.release(), here] {
      CoInitializeEx(nullptr, COINIT_MULTITHREADED);
      {
        Ptr<Image> proxy;
        EXPECT_EQ(CoGetInterfaceAndReleaseStream(stream, __uuidof(Image), proxy.out_void()), S_OK);
        if (proxy) {
          EXPECT_EQ(get(proxy, &Image::get_DirectoryCount), 1);
          EXPECT_EQ(proxy->put_UDFRevision(0x103), hr(0xC0AAB101));
        }
      }
      CoUninitialize();
      PostThreadMessageW(here, WM_QUIT, 0, 0);
    });
    for (MSG message; GetMessageW(&message, nullptr, 0, 0) > 0;) DispatchMessageW(&message);
  }
  unregister_own_names(module_path());
  CoUninitialize();
}

}  // namespace
}  // namespace fsimage::com::automation
