// IMAPI2's objects over a simulated drive: recorders, writing with events and cancelling, sessions, erasing, streams,
// and what all of them refuse.
#include "disc_client.hpp"

#include <objidl.h>

#include <array>

namespace fsimage::com::automation {
namespace {

using Data = IDiscFormat2Data;

class RecorderObjects : public DiscClient {
 protected:
  static Ptr<IStream> blocks(std::uint32_t count, ULONG seed = 1) {
    const auto stream = create<IStreamPseudoRandomBased, ::StreamPrng001>();
    EXPECT_EQ(stream->put_Seed(seed), S_OK);
    ULARGE_INTEGER size{};
    size.QuadPart = std::uint64_t{count} * 2048;
    EXPECT_EQ(stream->SetSize(size), S_OK);
    return stream.query<IStream>();
  }
  static std::string first_block_on(const Ptr<IDiscRecorder2>& recorder, std::uint32_t at) {
    std::array<BYTE, 10> command{0x28,
                                 0,
                                 static_cast<BYTE>(at >> 24),
                                 static_cast<BYTE>(at >> 16),
                                 static_cast<BYTE>(at >> 8),
                                 static_cast<BYTE>(at),
                                 0,
                                 0,
                                 1,
                                 0};
    BYTE sense[18];
    std::string block(2048, '\0');
    ULONG got = 0;
    const HRESULT answer = recorder.query<IDiscRecorder2Ex>()->SendCommandGetDataFromDevice(
        command.data(), 10, sense, 10, reinterpret_cast<BYTE*>(block.data()), 2048, &got);
    return answer == S_OK && got == 2048 ? block
                                         : "sense " + std::to_string(sense[2]) + "/" + std::to_string(sense[12]);
  }
  static std::string content(const Ptr<IStream>& stream, std::size_t bytes) {
    std::string all(bytes, '\0');
    LARGE_INTEGER start{};
    EXPECT_EQ(stream->Seek(start, STREAM_SEEK_SET, nullptr), S_OK);
    ULONG got = 0;
    EXPECT_GE(stream->Read(all.data(), static_cast<ULONG>(bytes), &got), S_OK);
    all.resize(got);
    return all;
  }
};

TEST_F(RecorderObjects, WithoutDrivesThereAreNone) {
  const auto master = create<IDiscMaster2, ::DiscMaster2>();
  EXPECT_EQ(get(master, &IDiscMaster2::get_Count), 0);
  EXPECT_EQ(get(master, &IDiscMaster2::get_IsSupportedEnvironment), VARIANT_FALSE);
  EXPECT_EQ(master->get_Item(0, Bstr().out()), E_INVALIDARG);
  const auto recorder = create<IDiscRecorder2, ::DiscRecorder2>();
  EXPECT_EQ(recorder->InitializeDiscRecorder(bstr("none").get()), hr(0xC0AAB101));
  EXPECT_EQ(recorder->EjectMedia(), hr(0xC0AA0003));
  const auto data = create<Data, ::DiscFormat2Data>();
  VARIANT_BOOL blank = VARIANT_FALSE;
  EXPECT_EQ(data->get_MediaPhysicallyBlank(&blank), hr(0xC0AA0003));  // E_IMAPI_RECORDER_REQUIRED
}

TEST_F(RecorderObjects, DrivesSayWhatTheyAre) {
  insert("dvd+rw");
  const auto drive = recorder();
  EXPECT_NE(text(drive, &IDiscRecorder2::get_VendorId), "");
  EXPECT_EQ(array_in(drive, &IDiscRecorder2::get_CurrentProfiles).at(0).get().lVal, IMAPI_PROFILE_TYPE_DVD_PLUS_RW);
  EXPECT_GT(array_in(drive, &IDiscRecorder2::get_SupportedProfiles).size(), 10U);
  EXPECT_EQ(get(drive, &IDiscRecorder2::get_LegacyDeviceNumber), 0);
  EXPECT_EQ(drive->AcquireExclusiveAccess(VARIANT_FALSE, nullptr), hr(0xC0AA0211));
  ASSERT_EQ(drive->AcquireExclusiveAccess(VARIANT_FALSE, bstr("first").get()), S_OK);
  EXPECT_EQ(text(drive, &IDiscRecorder2::get_ExclusiveAccessOwner), "first");
  const auto other = recorder();
  EXPECT_EQ(other->AcquireExclusiveAccess(VARIANT_FALSE, bstr("second").get()), hr(0xC0AA0210));
  EXPECT_NE(last_error_text().find("first"), std::string::npos);
  EXPECT_EQ(writer(other)->Write(blocks(32).get()), hr(0xC0AA0210));
  EXPECT_EQ(drive->ReleaseExclusiveAccess(), S_OK);
  EXPECT_EQ(other->AcquireExclusiveAccess(VARIANT_FALSE, bstr("second").get()), S_OK);

  const auto raw = drive.query<IDiscRecorder2Ex>();
  BYTE* page = nullptr;
  ULONG size = 0;
  EXPECT_EQ(raw->GetFeaturePage(IMAPI_FEATURE_PAGE_TYPE_AACS, FALSE, &page, &size), hr(0xC0AA020A));
  EXPECT_EQ(raw->GetModePage(IMAPI_MODE_PAGE_TYPE_MRW, IMAPI_MODE_PAGE_REQUEST_TYPE_CURRENT_VALUES, &page, &size),
            hr(0xC0AA0201));
  ASSERT_EQ(raw->GetDiscInformation(&page, &size), S_OK);
  EXPECT_EQ(size, 34U);
  CoTaskMemFree(page);
}

TEST_F(RecorderObjects, ASessionIsWrittenWithEvents) {
  insert("cd-r");
  const auto drive = recorder();
  const auto data = writer(drive);
  EXPECT_EQ(get(data, &IDiscFormat2::get_MediaHeuristicallyBlank), VARIANT_TRUE);
  EXPECT_EQ(get(data, &Data::get_CurrentMediaStatus), IMAPI_FORMAT2_DATA_MEDIA_STATE_BLANK);
  EXPECT_EQ(get(data, &Data::get_CurrentPhysicalMediaType), IMAPI_MEDIA_TYPE_CDR);
  EXPECT_EQ(get(data, &Data::get_StartAddressOfPreviousSession), -1);
  EXPECT_EQ(get(data, &Data::get_NextWritableAddress), 0);
  std::vector<LONG> actions;
  {
    const Listening listening(data, __uuidof(DDiscFormat2DataEvents));
    listening.sink->then = [&](DISPPARAMS& p) {
      const auto state = Ptr<IDispatch>(p.rgvarg[0].pdispVal).query<IDiscFormat2DataEventArgs>();
      actions.push_back(get(state, &IDiscFormat2DataEventArgs::get_CurrentAction));
      EXPECT_EQ(get(state, &IWriteEngine2EventArgs::get_SectorCount), 64 + 150);  // what a CD ends with
      EXPECT_EQ(data->put_ForceOverwrite(VARIANT_TRUE), hr(0xC0AA0400));          // E_IMAPI_DF2DATA_WRITE_IN_PROGRESS
    };
    ASSERT_EQ(data->Write(blocks(64).get()), S_OK) << last_error_text();
  }
  ASSERT_FALSE(actions.empty());
  EXPECT_NE(std::find(actions.begin(), actions.end(), IMAPI_FORMAT2_DATA_WRITE_ACTION_WRITING_DATA), actions.end());
  EXPECT_EQ(actions.back(), IMAPI_FORMAT2_DATA_WRITE_ACTION_COMPLETED);
  EXPECT_TRUE(first_block_on(drive, 3) == content(blocks(64), 4 * 2048).substr(3 * 2048));
  EXPECT_EQ(first_block_on(drive, 19'000), "sense 5/33");
  EXPECT_EQ(get(data, &Data::get_CurrentMediaStatus), IMAPI_FORMAT2_DATA_MEDIA_STATE_APPENDABLE);
  EXPECT_EQ(get(data, &Data::get_LastWrittenAddressOfPreviousSession), 299);  // no track of a CD is shorter
  const auto sessions = array_in(data, &Data::get_MultisessionInterfaces);
  ASSERT_EQ(sessions.size(), 1U);
  const auto sequential = sessions[0].object().query<IMultisessionSequential2>();
  ASSERT_TRUE(sequential);
  EXPECT_EQ(get(sequential, &IMultisession::get_IsSupportedOnCurrentMediaState), VARIANT_TRUE);
  EXPECT_EQ(get(sequential, &IMultisessionSequential::get_NextWritableAddress),
            get(data, &Data::get_NextWritableAddress));
  EXPECT_TRUE(same_object(object_of(sequential, &IMultisession::get_ImportRecorder).get(), drive.get()));
}

TEST_F(RecorderObjects, WritingIsCancelledFromAnEvent) {
  insert("dvd+rw");
  const auto data = writer(recorder());
  EXPECT_EQ(data->CancelWrite(), hr(0xC0AA0401));
  const Listening listening(data, __uuidof(DDiscFormat2DataEvents));
  listening.sink->then = [&](DISPPARAMS&) { EXPECT_EQ(data->CancelWrite(), S_OK); };
  EXPECT_EQ(data->Write(blocks(5000).get()), hr(0xC0AA0002));  // E_IMAPI_REQUEST_CANCELLED
}

TEST_F(RecorderObjects, WhatCannotBeWrittenIsRefused) {
  insert("dvd+rw");
  const auto drive = recorder();
  const auto data = create<Data, ::DiscFormat2Data>();
  ASSERT_EQ(data->put_Recorder(drive.get()), S_OK);
  EXPECT_EQ(data->Write(blocks(32).get()), hr(0xC0AA0408));  // E_IMAPI_DF2DATA_CLIENT_NAME_IS_NOT_VALID
  EXPECT_EQ(data->put_ClientName(nullptr), hr(0xC0AA0408));
  ASSERT_EQ(data->put_ClientName(bstr("x").get()), S_OK);
  EXPECT_EQ(data->Write(nullptr), E_POINTER);
  const auto odd = create<IStream, ::StreamZero>();
  ULARGE_INTEGER size{};
  size.QuadPart = 1000;
  ASSERT_EQ(odd->SetSize(size), S_OK);
  EXPECT_EQ(data->Write(odd.get()), hr(0xC0AA0403));              // E_IMAPI_DF2DATA_STREAM_NOT_SUPPORTED
  EXPECT_EQ(data->Write(blocks(100'000).get()), hr(0xC0AA0404));  // ..._STREAM_TOO_LARGE_FOR_CURRENT_MEDIA
  ASSERT_EQ(data->Write(blocks(32).get()), S_OK) << last_error_text();
  EXPECT_EQ(get(data, &IDiscFormat2::get_MediaHeuristicallyBlank), VARIANT_FALSE);
  EXPECT_EQ(data->Write(blocks(32).get()), hr(0xC0AA0405));  // E_IMAPI_DF2DATA_MEDIA_NOT_BLANK
  ASSERT_EQ(data->put_ForceOverwrite(VARIANT_TRUE), S_OK);
  const auto verification = data.query<IBurnVerification>();
  EXPECT_EQ(verification->put_BurnVerificationLevel(IMAPI_BURN_VERIFICATION_FULL), S_OK);
  EXPECT_EQ(data->Write(blocks(32, 2).get()), S_OK) << last_error_text();
  EXPECT_TRUE(first_block_on(drive, 0) == content(blocks(1, 2), 2048));
}

TEST_F(RecorderObjects, WhatWasWrittenLastIsTold) {
  insert("dvd+rw");
  const auto drive = recorder();
  const auto data = writer(drive);
  ASSERT_EQ(data->put_ForceOverwrite(VARIANT_TRUE), S_OK);
  using Session = IMultisessionRandomWrite;
  const auto session = array_in(data, &Data::get_MultisessionInterfaces).at(0).object().query<Session>();
  LONG last = 0;
  EXPECT_EQ(session->get_LastWrittenAddress(&last), E_NOTIMPL);
  {
    bool under_way = false;
    const Listening listening(data, __uuidof(DDiscFormat2DataEvents));
    listening.sink->then = [&](DISPPARAMS& p) {
      const auto state = Ptr<IDispatch>(p.rgvarg[0].pdispVal).query<IDiscFormat2DataEventArgs>();
      const LONG told = get(state, &IWriteEngine2EventArgs::get_LastWrittenLba);
      if (told < 0) return;
      under_way = true;
      EXPECT_EQ(get(session, &Session::get_LastWrittenAddress), told);
    };
    ASSERT_EQ(data->Write(blocks(640).get()), S_OK) << last_error_text();
    EXPECT_TRUE(under_way);
  }
  EXPECT_EQ(get(session, &Session::get_LastWrittenAddress), 639);
  ASSERT_EQ(drive->EjectMedia(), S_OK);
  ASSERT_EQ(drive->CloseTray(), S_OK);
  EXPECT_EQ(session->get_LastWrittenAddress(&last), E_NOTIMPL) << "it may be another disc";
}

TEST_F(RecorderObjects, AFailedVerificationNamesTheBlock) {
  constexpr std::uint32_t kBlocks = 2000;  // a quick look is at 64 of them, 40 not among them
  for (const char* fault : {"read@40x*:wrong", "read@40x*"}) {
    SCOPED_TRACE(fault);
    insert(std::string("dvd+rw&fault=") + fault);
    const auto data = writer(recorder());
    ASSERT_EQ(data->put_ForceOverwrite(VARIANT_TRUE), S_OK);
    const auto write = [&](std::uint32_t count, IMAPI_BURN_VERIFICATION_LEVEL level) {
      SetErrorInfo(0, nullptr);
      EXPECT_EQ(data.query<IBurnVerification>()->put_BurnVerificationLevel(level), S_OK);
      return data->Write(blocks(count).get());
    };
    EXPECT_EQ(write(kBlocks, IMAPI_BURN_VERIFICATION_NONE), S_OK) << last_error_text();
    EXPECT_EQ(write(kBlocks, IMAPI_BURN_VERIFICATION_QUICK), S_OK) << last_error_text();
    for (const auto& [count, level] :
         {std::pair{kBlocks, IMAPI_BURN_VERIFICATION_FULL}, {64U, IMAPI_BURN_VERIFICATION_QUICK}}) {
      EXPECT_EQ(write(count, level), hr(0xC0AA0007));  // E_IMAPI_BURN_VERIFICATION_FAILED
      const auto said = last_error_text();
      EXPECT_NE(said.find("LBA 40"), std::string::npos) << said;
    }
    EXPECT_EQ(get(data, &Data::get_CurrentMediaStatus), IMAPI_FORMAT2_DATA_MEDIA_STATE_OVERWRITE_ONLY);
  }
}

TEST_F(RecorderObjects, DiscsAreErased) {
  insert("cd-rw");
  const auto drive = recorder();
  ASSERT_EQ(writer(drive)->Write(blocks(300).get()), S_OK) << last_error_text();
  const auto eraser = create<IDiscFormat2Erase, ::DiscFormat2Erase>();
  ASSERT_EQ(eraser->put_Recorder(drive.get()), S_OK);
  EXPECT_EQ(eraser->put_Recorder(recorder().get()), hr(0x80AA0901));
  EXPECT_EQ(eraser->EraseMedia(), hr(0xC0AA090B));
  ASSERT_EQ(eraser->put_ClientName(bstr("x").get()), S_OK);
  const Listening listening(eraser, __uuidof(DDiscFormat2EraseEvents));
  ASSERT_EQ(eraser->EraseMedia(), S_OK) << last_error_text();
  EXPECT_FALSE(listening.sink->events.empty());
  EXPECT_EQ(get(eraser, &IDiscFormat2::get_MediaPhysicallyBlank), VARIANT_TRUE);
}

TEST_F(RecorderObjects, WriteOnceDiscsAreNotErased) {
  insert("dvd-r");
  const auto eraser = create<IDiscFormat2Erase, ::DiscFormat2Erase>();
  ASSERT_EQ(eraser->put_Recorder(recorder().get()), S_OK);
  ASSERT_EQ(eraser->put_ClientName(bstr("x").get()), S_OK);
  EXPECT_EQ(eraser->EraseMedia(), hr(0x80AA0904));  // E_IMAPI_ERASE_MEDIA_IS_NOT_ERASABLE
}

TEST_F(RecorderObjects, SectionsAreWritten) {
  insert("bd-re");
  const auto drive = recorder();
  const auto engine = create<IWriteEngine2, ::WriteEngine2>();
  EXPECT_EQ(get(engine, &IWriteEngine2::get_BytesPerSector), -1);
  ASSERT_EQ(engine->put_Recorder(drive.query<IDiscRecorder2Ex>().get()), S_OK);
  EXPECT_EQ(engine->WriteSection(blocks(64).get(), 0, 64), E_UNEXPECTED);
  ASSERT_EQ(engine->put_BytesPerSector(2048), S_OK);
  EXPECT_EQ(engine->put_UseStreamingWrite12(VARIANT_TRUE), E_NOTIMPL);
  EXPECT_EQ(engine->CancelWrite(), hr(0x00AA0302));
  ASSERT_EQ(engine->WriteSection(blocks(64).get(), 0, 64), S_OK) << last_error_text();
  ASSERT_EQ(engine->WriteSection(blocks(64, 2).get(), 32, 32), S_OK) << last_error_text();
  EXPECT_TRUE(first_block_on(drive, 31) == content(blocks(32), 32 * 2048).substr(31 * 2048));
  EXPECT_TRUE(first_block_on(drive, 33) == content(blocks(2, 2), 4096).substr(2048));
}

TEST_F(RecorderObjects, StreamsAreMadeOfStreams) {
  const auto joined = create<IStreamConcatenate, ::StreamConcatenate>();
  ASSERT_EQ(joined->Initialize(blocks(1, 1).get(), blocks(1, 2).get()), S_OK);
  ASSERT_EQ(joined->Append(blocks(1, 3).get()), S_OK);
  const auto all = content(joined.query<IStream>(), 10'000);
  EXPECT_TRUE(all == content(blocks(1, 1), 2048) + content(blocks(1, 2), 2048) + content(blocks(1, 3), 2048));
  const auto shared = create<IStreamInterleave, ::StreamInterleave>();
  const auto a = blocks(1, 1), b = blocks(1, 2);
  IStream* both[]{a.get(), b.get()};
  ULONG sizes[]{1000, 500};
  ASSERT_EQ(shared->Initialize(both, sizes, 2), S_OK);
  EXPECT_TRUE(content(shared.query<IStream>(), 1500) == all.substr(0, 1000) + all.substr(2048, 500));
  Ptr<IStream> clone;
  ASSERT_EQ(joined->Clone(clone.out()), S_OK);
  EXPECT_TRUE(content(clone, 10'000) == all);
  EXPECT_EQ(joined->Write("x", 1, nullptr), hr(0x80030005));
  // The next number of the sequence is made of the last: the seed is the one before the first.
  const auto first = content(blocks(1, 1), 4);
  EXPECT_EQ(static_cast<unsigned char>(first[0]) | static_cast<unsigned char>(first[1]) << 8,
            (0x19660DU + 0x3C6EF35FU) & 0xFFFF);
}

TEST_F(RecorderObjects, AudioIsRefused) {
  const auto tracks = create<IDiscFormat2TrackAtOnce, ::DiscFormat2TrackAtOnce>();
  EXPECT_EQ(tracks->PrepareMedia(), E_NOTIMPL);
  EXPECT_NE(last_error_text(), "");
  EXPECT_EQ((create<IDiscFormat2RawCD, ::DiscFormat2RawCD>()->PrepareMedia()), E_NOTIMPL);
  EXPECT_EQ((create<IRawCDImageCreator, ::RawCDImageCreator>()->AddSpecialPregap(nullptr)), E_NOTIMPL);
}

}  // namespace
}  // namespace fsimage::com::automation
