// Track-at-once and raw writing of CDs, and raw images of them: the interfaces are there, and say that nothing behind
// them is.
#include "com/events.hpp"
#include "server.hpp"

#include <imapi2.h>

namespace fsimage::com::automation {
namespace {

// E_NOTIMPL, with nothing in the places for results.
template <class Interface, class... Out>
HRESULT refuse(Out*... out) noexcept {
  ((out != nullptr ? void(*out = Out{}) : void()), ...);
  return guard(__uuidof(Interface), [] {
    throw Failure(E_NOTIMPL, "audio and raw sectors are not written here: use DiscFormat2Data for data");
  });
}

template <class Interface, class Tag, class EventList, class... More>
class RefusingFormat : public SourceObject<Tag, EventList, Iface<Interface, IDiscFormat2, IDispatch>, More...> {
 public:
  // No recorder and no medium is supported: that is an answer.
  HRESULT STDMETHODCALLTYPE IsRecorderSupported(IDiscRecorder2*, VARIANT_BOOL* out) noexcept override {
    return no(out);
  }
  HRESULT STDMETHODCALLTYPE IsCurrentMediaSupported(IDiscRecorder2*, VARIANT_BOOL* out) noexcept override {
    return no(out);
  }
  HRESULT STDMETHODCALLTYPE get_MediaPhysicallyBlank(VARIANT_BOOL* out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE get_MediaHeuristicallyBlank(VARIANT_BOOL* out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE get_SupportedMediaTypes(SAFEARRAY** out) noexcept override {
    return refuse<Interface>(out);
  }

  HRESULT STDMETHODCALLTYPE PrepareMedia() noexcept override { return refuse<Interface>(); }
  HRESULT STDMETHODCALLTYPE ReleaseMedia() noexcept override { return refuse<Interface>(); }
  HRESULT STDMETHODCALLTYPE SetWriteSpeed(LONG, VARIANT_BOOL) noexcept override { return refuse<Interface>(); }
  HRESULT STDMETHODCALLTYPE put_Recorder(IDiscRecorder2*) noexcept override { return refuse<Interface>(); }
  HRESULT STDMETHODCALLTYPE get_Recorder(IDiscRecorder2** out) noexcept override { return refuse<Interface>(out); }
  HRESULT STDMETHODCALLTYPE put_BufferUnderrunFreeDisabled(VARIANT_BOOL) noexcept override {
    return refuse<Interface>();
  }
  HRESULT STDMETHODCALLTYPE get_BufferUnderrunFreeDisabled(VARIANT_BOOL* out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE get_CurrentPhysicalMediaType(IMAPI_MEDIA_PHYSICAL_TYPE* out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE put_ClientName(BSTR) noexcept override { return refuse<Interface>(); }
  HRESULT STDMETHODCALLTYPE get_ClientName(BSTR* out) noexcept override { return refuse<Interface>(out); }
  HRESULT STDMETHODCALLTYPE get_RequestedWriteSpeed(LONG* out) noexcept override { return refuse<Interface>(out); }
  HRESULT STDMETHODCALLTYPE get_RequestedRotationTypeIsPureCAV(VARIANT_BOOL* out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE get_CurrentWriteSpeed(LONG* out) noexcept override { return refuse<Interface>(out); }
  HRESULT STDMETHODCALLTYPE get_CurrentRotationTypeIsPureCAV(VARIANT_BOOL* out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE get_SupportedWriteSpeeds(SAFEARRAY** out) noexcept override {
    return refuse<Interface>(out);
  }
  HRESULT STDMETHODCALLTYPE get_SupportedWriteSpeedDescriptors(SAFEARRAY** out) noexcept override {
    return refuse<Interface>(out);
  }

 private:
  static HRESULT no(VARIANT_BOOL* out) noexcept {
    return guard(__uuidof(Interface), [&] { place(out) = VARIANT_FALSE; });
  }
};

class TrackWriter final : public RefusingFormat<IDiscFormat2TrackAtOnce, ::DiscFormat2TrackAtOnce,
                                                Events<DDiscFormat2TrackAtOnceEvents>, Iface<IBurnVerification>> {
  using I = IDiscFormat2TrackAtOnce;

 public:
  HRESULT STDMETHODCALLTYPE AddAudioTrack(IStream*) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE CancelAddTrack() noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_NumberOfExistingTracks(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_TotalSectorsOnMedia(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_FreeSectorsOnMedia(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_UsedSectorsOnMedia(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_DoNotFinalizeMedia(VARIANT_BOOL) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_DoNotFinalizeMedia(VARIANT_BOOL* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_ExpectedTableOfContents(SAFEARRAY** out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_BurnVerificationLevel(IMAPI_BURN_VERIFICATION_LEVEL) noexcept override {
    return refuse<IBurnVerification>();
  }
  HRESULT STDMETHODCALLTYPE get_BurnVerificationLevel(IMAPI_BURN_VERIFICATION_LEVEL* out) noexcept override {
    return refuse<IBurnVerification>(out);
  }
};

class RawWriter final : public RefusingFormat<IDiscFormat2RawCD, ::DiscFormat2RawCD, Events<DDiscFormat2RawCDEvents>> {
  using I = IDiscFormat2RawCD;
  using Sectors = IMAPI_FORMAT2_RAW_CD_DATA_SECTOR_TYPE;

 public:
  HRESULT STDMETHODCALLTYPE WriteMedia(IStream*) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE WriteMedia2(IStream*, LONG) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE CancelWrite() noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_StartOfNextSession(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_LastPossibleStartOfLeadout(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_SupportedSectorTypes(SAFEARRAY** out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_RequestedSectorType(Sectors) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_RequestedSectorType(Sectors* out) noexcept override { return refuse<I>(out); }
};

class RawImageCreator final : public Object<Iface<IRawCDImageCreator, IDispatch>> {
  using I = IRawCDImageCreator;
  using Sectors = IMAPI_FORMAT2_RAW_CD_DATA_SECTOR_TYPE;

 public:
  HRESULT STDMETHODCALLTYPE CreateResultImage(IStream** out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE AddTrack(IMAPI_CD_SECTOR_TYPE, IStream*, LONG* out) noexcept override {
    return refuse<I>(out);
  }
  HRESULT STDMETHODCALLTYPE AddSpecialPregap(IStream*) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE AddSubcodeRWGenerator(IStream*) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE put_ResultingImageType(Sectors) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_ResultingImageType(Sectors* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_StartOfLeadout(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_StartOfLeadoutLimit(LONG) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_StartOfLeadoutLimit(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_DisableGaplessAudio(VARIANT_BOOL) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_DisableGaplessAudio(VARIANT_BOOL* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_MediaCatalogNumber(BSTR) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_MediaCatalogNumber(BSTR* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE put_StartingTrackNumber(LONG) noexcept override { return refuse<I>(); }
  HRESULT STDMETHODCALLTYPE get_StartingTrackNumber(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_TrackInfo(LONG, IRawCDImageTrackInfo** out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_NumberOfExistingTracks(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_LastUsedUserSectorInImage(LONG* out) noexcept override { return refuse<I>(out); }
  HRESULT STDMETHODCALLTYPE get_ExpectedTableOfContents(SAFEARRAY** out) noexcept override { return refuse<I>(out); }
};

}  // namespace

Ptr<IUnknown> create_track_writer() { return make<TrackWriter>().query<IDiscFormat2TrackAtOnce>().query<IUnknown>(); }
Ptr<IUnknown> create_raw_writer() { return make<RawWriter>().query<IDiscFormat2RawCD>().query<IUnknown>(); }
Ptr<IUnknown> create_raw_image_creator() { return make<RawImageCreator>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
