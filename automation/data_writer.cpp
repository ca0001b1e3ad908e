#include "com/object.hpp"
#include "feed.hpp"
#include "format_objects.hpp"
#include "server.hpp"
#include "write_progress.hpp"

#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/image/com_source.hpp>

#include <algorithm>
#include <optional>

namespace fsimage::com::automation {
namespace {

struct WriteOptions {
  bool no_underrun_protection = false, postgap_in_image = false;
  bool force_close = false, no_dvd_compatibility = false, force_overwrite = false;
  LONG requested_speed = -1;
  bool requested_cav = false;
  IMAPI_BURN_VERIFICATION_LEVEL verification = IMAPI_BURN_VERIFICATION_NONE;
};

std::vector<BlockRange> ranges_of(IStream& stream) {
  std::vector<BlockRange> ranges;
  const auto list = Ptr<IStream>(&stream).query<IBlockRangeList>();
  if (!list) return ranges;
  SAFEARRAY* array = nullptr;
  check(list->get_BlockRanges(&array), "BlockRanges");
  const auto elements = elements_of(array);
  SafeArrayDestroy(array);
  for (const auto& element : elements) {
    const auto range = element.object().query<IBlockRange>();
    LONG first = 0, last = -1;
    if (!range || FAILED(range->get_StartLba(&first)) || FAILED(range->get_EndLba(&last)) || first < 0 || last < first)
      throw Failure(kDataStreamNotSupported, "the stream tells of blocks that cannot be");
    ranges.push_back(
        {Lba{static_cast<std::uint32_t>(first)}, BlockCount{static_cast<std::uint32_t>(last - first) + 1}});
  }
  return ranges;
}

// A CD's last blocks cannot be read ahead of: so many of zeros follow what is written there.
constexpr BlockCount kPostgap{150};

// What the stream is on this medium. With ranges, it is the whole disc, and those before the first are written last.
ResultImage image_of(const std::shared_ptr<const ByteSource>& stream, const std::vector<BlockRange>& ranges,
                     const Media& media, BlockCount postgap) {
  const auto label = [](Lba at) { return "stream block " + std::to_string(at.value); };
  if (ranges.empty() || media.media_class != MediaClass::overwritable) {
    const auto first = media.media_class == MediaClass::sequential ? media.next_writable.value_or(Lba{}) : Lba{};
    std::vector<ImageExtent> extents;
    extents.push_back({first, stream, label(first)});
    return ResultImage(std::move(extents), blocks_for(stream->size()) + postgap, "stream", first);
  }
  std::vector<ImageExtent> written, replaced;
  const auto first = ranges.front().first;
  auto end = first;
  for (const auto& range : ranges) {
    if (range.first.byte_offset() + range.blocks.bytes() > stream->size())
      throw Failure(kDataStreamNotSupported, "the stream tells of blocks that it does not have");
    ImageExtent extent{range.first,
                       std::make_shared<SliceSource>(stream, range.first.byte_offset(), range.blocks.bytes()),
                       label(range.first)};
    (range.first < first ? replaced : written).push_back(std::move(extent));
    end = std::max(end, range.first + range.blocks);
  }
  return ResultImage(std::move(written), end - first, "stream", first, std::move(replaced));
}

class DataWriter final
    : public SourceObject<::DiscFormat2Data, Events<DDiscFormat2DataEvents>,
                          Iface<IDiscFormat2Data, IDiscFormat2, IDispatch>, Iface<IBurnVerification>>,
      private Guarded<IDiscFormat2Data> {
 public:
  // --- IDiscFormat2
  HRESULT STDMETHODCALLTYPE IsRecorderSupported(IDiscRecorder2* recorder, VARIANT_BOOL* out) noexcept override {
    return guarded([&] {
      place(out);
      *out = truth(drive_behind(needed(recorder)) != nullptr);
    });
  }
  HRESULT STDMETHODCALLTYPE IsCurrentMediaSupported(IDiscRecorder2* recorder, VARIANT_BOOL* out) noexcept override {
    return guarded([&] {
      place(out);
      const auto drive = drive_behind(needed(recorder));
      *out = truth(drive && is_writable(drive->media()));
    });
  }
  HRESULT STDMETHODCALLTYPE get_MediaPhysicallyBlank(VARIANT_BOOL* out) noexcept override {
    return boolean(out, [&] { return state_.media().state == MediaState::blank; });
  }
  HRESULT STDMETHODCALLTYPE get_MediaHeuristicallyBlank(VARIANT_BOOL* out) noexcept override {
    return boolean(out, [&] { return heuristically_blank(state_.drive(), state_.media()); });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedMediaTypes(SAFEARRAY** out) noexcept override {
    return value(out, [] { return writable_media_types(); });
  }

  // --- the drive and its disc
  HRESULT STDMETHODCALLTYPE put_Recorder(IDiscRecorder2* recorder) noexcept override {
    return guarded([&] { state_.set_recorder(recorder); });
  }
  HRESULT STDMETHODCALLTYPE get_Recorder(IDiscRecorder2** out) noexcept override {
    return guarded([&] {
      place(out);
      *out = Ptr<IDiscRecorder2>(state_.recorder()).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_CurrentMediaStatus(IMAPI_FORMAT2_DATA_MEDIA_STATE* out) noexcept override {
    return value(out, [&] { return state_of(state_.media()); });
  }
  HRESULT STDMETHODCALLTYPE get_WriteProtectStatus(IMAPI_MEDIA_WRITE_PROTECT_STATE* out) noexcept override {
    return value(out, [&] {
      const auto media = state_.media();
      const int bits = (media.write_protected ? IMAPI_WRITEPROTECTED_BY_MEDIA_SPECIFIC_REASON : 0) |
                       (media.media_class == MediaClass::read_only ? IMAPI_WRITEPROTECTED_READ_ONLY_MEDIA : 0);
      return static_cast<IMAPI_MEDIA_WRITE_PROTECT_STATE>(bits);
    });
  }
  HRESULT STDMETHODCALLTYPE get_TotalSectorsOnMedia(LONG* out) noexcept override {
    return value(out, [&] { return to_long(state_.media().capacity.value_or(kUnlimited).value); });
  }
  HRESULT STDMETHODCALLTYPE get_FreeSectorsOnMedia(LONG* out) noexcept override {
    return value(out, [&] { return to_long(state_.media().free.value_or(kUnlimited).value); });
  }
  HRESULT STDMETHODCALLTYPE get_NextWritableAddress(LONG* out) noexcept override {
    return value(out, [&] { return to_long(state_.media().next_writable.value_or(Lba{}).value); });
  }
  HRESULT STDMETHODCALLTYPE get_StartAddressOfPreviousSession(LONG* out) noexcept override {
    return previous(out, &MediaSession::first);
  }
  HRESULT STDMETHODCALLTYPE get_LastWrittenAddressOfPreviousSession(LONG* out) noexcept override {
    return previous(out, &MediaSession::last);
  }
  HRESULT STDMETHODCALLTYPE get_CurrentPhysicalMediaType(IMAPI_MEDIA_PHYSICAL_TYPE* out) noexcept override {
    return value(out, [&] { return to_imapi(state_.media().type); });
  }
  HRESULT STDMETHODCALLTYPE get_MultisessionInterfaces(SAFEARRAY** out) noexcept override {
    return value(out, [&] {
      state_.drive();
      return multisession_objects(state_.recorder(), state_.shared_drive());
    });
  }

  // --- options
  // Kept and no more, on every medium, as IMAPI2's documentation has no error for it. It allows a drive to spoil a CD when
  // its data come late. The time of our drives stands still while they wait for data, so that none are ever late.
  HRESULT STDMETHODCALLTYPE put_BufferUnderrunFreeDisabled(VARIANT_BOOL on) noexcept override {
    return put(&WriteOptions::no_underrun_protection, on);
  }
  HRESULT STDMETHODCALLTYPE get_BufferUnderrunFreeDisabled(VARIANT_BOOL* out) noexcept override {
    return get(&WriteOptions::no_underrun_protection, out);
  }
  HRESULT STDMETHODCALLTYPE put_PostgapAlreadyInImage(VARIANT_BOOL on) noexcept override {
    return put(&WriteOptions::postgap_in_image, on);
  }
  HRESULT STDMETHODCALLTYPE get_PostgapAlreadyInImage(VARIANT_BOOL* out) noexcept override {
    return get(&WriteOptions::postgap_in_image, out);
  }
  HRESULT STDMETHODCALLTYPE put_ForceMediaToBeClosed(VARIANT_BOOL on) noexcept override {
    return put(&WriteOptions::force_close, on);
  }
  HRESULT STDMETHODCALLTYPE get_ForceMediaToBeClosed(VARIANT_BOOL* out) noexcept override {
    return get(&WriteOptions::force_close, out);
  }
  HRESULT STDMETHODCALLTYPE put_DisableConsumerDvdCompatibilityMode(VARIANT_BOOL on) noexcept override {
    return put(&WriteOptions::no_dvd_compatibility, on);
  }
  HRESULT STDMETHODCALLTYPE get_DisableConsumerDvdCompatibilityMode(VARIANT_BOOL* out) noexcept override {
    return get(&WriteOptions::no_dvd_compatibility, out);
  }
  HRESULT STDMETHODCALLTYPE put_ForceOverwrite(VARIANT_BOOL on) noexcept override {
    return put(&WriteOptions::force_overwrite, on);
  }
  HRESULT STDMETHODCALLTYPE get_ForceOverwrite(VARIANT_BOOL* out) noexcept override {
    return get(&WriteOptions::force_overwrite, out);
  }
  HRESULT STDMETHODCALLTYPE put_ClientName(BSTR name) noexcept override {
    return guarded([&] { state_.set_client_name(name); });
  }
  HRESULT STDMETHODCALLTYPE get_ClientName(BSTR* out) noexcept override {
    return value(out, [&] { return Bstr(state_.client_name()).release(); });
  }
  HRESULT STDMETHODCALLTYPE put_BurnVerificationLevel(IMAPI_BURN_VERIFICATION_LEVEL level) noexcept override {
    return guarded([&] {
      state_.require_idle();
      if (level < IMAPI_BURN_VERIFICATION_NONE || level > IMAPI_BURN_VERIFICATION_FULL)
        throw Failure(E_INVALIDARG, "no such level of verification");
      options_.verification = level;
    });
  }
  HRESULT STDMETHODCALLTYPE get_BurnVerificationLevel(IMAPI_BURN_VERIFICATION_LEVEL* out) noexcept override {
    return value(out, [&] { return options_.verification; });
  }

  // --- speeds, in sectors a second
  HRESULT STDMETHODCALLTYPE get_RequestedWriteSpeed(LONG* out) noexcept override {
    return value(out, [&] { return options_.requested_speed; });
  }
  HRESULT STDMETHODCALLTYPE get_RequestedRotationTypeIsPureCAV(VARIANT_BOOL* out) noexcept override {
    return get(&WriteOptions::requested_cav, out);
  }
  HRESULT STDMETHODCALLTYPE get_CurrentWriteSpeed(LONG* out) noexcept override {
    return value(out, [&] { return sectors_per_second(speed_for(state_.media())); });
  }
  HRESULT STDMETHODCALLTYPE get_CurrentRotationTypeIsPureCAV(VARIANT_BOOL* out) noexcept override {
    return boolean(out, [&] { return state_.media(), false; });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedWriteSpeeds(SAFEARRAY** out) noexcept override {
    return value(out, [&] { return write_speeds(state_.media()); });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedWriteSpeedDescriptors(SAFEARRAY** out) noexcept override {
    return value(out, [&] { return write_speed_descriptors(state_.media()); });
  }
  HRESULT STDMETHODCALLTYPE SetWriteSpeed(LONG speed, VARIANT_BOOL cav) noexcept override {
    return guarded([&] {
      state_.require_idle();
      if (speed < -1 || speed == 0) throw Failure(E_INVALIDARG, "no speed");
      options_.requested_speed = speed;
      options_.requested_cav = is_true(cav);
      const LONG taken = sectors_per_second(speed_for(state_.media()));
      return speed == -1 || taken == 0 || taken == speed ? S_OK : kSpeedAdjusted;
    });
  }

  // --- writing
  HRESULT STDMETHODCALLTYPE Write(IStream* data) noexcept override {
    return guarded([&] { write(needed(data)); });
  }
  HRESULT STDMETHODCALLTYPE CancelWrite() noexcept override {
    return guarded([&] {
      if (!state_.cancel()) throw Failure(kDataNoWriteInProgress, "nothing is being written");
    });
  }

 private:
  static constexpr BlockCount kUnlimited{0x7FFFFFFF};

  HRESULT put(bool WriteOptions::*option, VARIANT_BOOL on) noexcept {
    return guarded([&] {
      state_.require_idle();
      options_.*option = is_true(on);
    });
  }
  HRESULT get(bool WriteOptions::*option, VARIANT_BOOL* out) noexcept {
    return boolean(out, [&] { return options_.*option; });
  }
  HRESULT previous(LONG* out, Lba MediaSession::*which) noexcept {
    return value(out, [&] {
      const auto media = state_.media();
      return media.sessions.empty() ? LONG{-1} : to_long((media.sessions.back().*which).value);
    });
  }

  // Of those that the drive has: the fastest that is not faster than asked for, or else the slowest.
  std::uint32_t speed_for(const Media& media) const {
    if (media.write_speeds.empty()) return 0;
    if (options_.requested_speed == -1) return media.write_speeds.front();
    for (const auto speed : media.write_speeds)
      if (sectors_per_second(speed) <= options_.requested_speed) return speed;
    return media.write_speeds.back();
  }

  // In consumer mode, DVD+R is closed at once, as players ask for it.
  bool closes(const Media& media) const {
    const bool plus_r = media.type == MediaType::dvd_plus_r || media.type == MediaType::dvd_plus_r_dl;
    return options_.force_close || (plus_r && !options_.no_dvd_compatibility);
  }

  // The images of this server end with what a CD wants.
  BlockCount postgap_for(IStream& data, const Media& media) const {
    const bool cd = media.type == MediaType::cd_r || media.type == MediaType::cd_rw;
    return cd && !options_.postgap_in_image && !is_our_image(data) ? kPostgap : BlockCount{};
  }

  void refuse_what_cannot_go(const ByteSource& stream, bool ranged, const Media& media, BlockCount postgap) const {
    if (stream.size() == 0 || stream.size() % kBlockSize != 0)
      throw Failure(kDataStreamNotSupported, "the stream is not whole sectors");
    if (media.state == MediaState::unsupported)
      throw Failure(kDataMediaNotSupported, "such a disc cannot be written here");
    require_writable(media);
    if (media.media_class == MediaClass::overwritable && media.state != MediaState::blank && !ranged &&
        !options_.force_overwrite)
      throw Error(Errc::not_blank, {}, "there is something on the disc, and ForceOverwrite is not set");
    if (!ranged && media.free && blocks_for(stream.size()) + postgap > *media.free)
      throw Failure(kDataStreamTooLarge, "the stream is larger than what is free on the disc");
  }

  // Quick verification: the drive tells of a disc on which the image can be, and some of its blocks are there. Full: all are.
  void verify(const ResultImage& image, Recorder& recorder, const ProgressFn& tell, const std::stop_token& stop) const {
    const auto media = recorder.media();
    std::shared_ptr<const ByteSource> disc = recorder.read_back();
    const bool sequential = media.media_class == MediaClass::sequential;
    if (!disc || media.state == MediaState::damaged || media.sessions.empty() ||
        (sequential && media.sessions.back().first != image.first_block()))
      throw Error(Errc::verification_failed, {}, "the drive does not tell of what was written");
    const CallbackSource written(disc->size(), [&](std::uint64_t offset, std::span<std::byte> out) {
      try {
        disc->read_at(offset, out);
      } catch (const Error& e) {  // what cannot be read was not written as it should have been
        if (e.code() != Errc::read_failed) throw;
        throw Error(Errc::verification_failed, e.where(), e.message());
      }
    });
    verify_samples(image, written, image.first_block());
    VerifyOptions options;
    options.at = image.first_block();
    if (options_.verification == IMAPI_BURN_VERIFICATION_FULL) verify_image(image, written, tell, stop, options);
  }

  void write(IStream& data) {
    const auto media = state_.media();
    Feed feed(data);
    const auto source = feed.source();
    const auto ranges = ranges_of(data);
    const auto postgap = postgap_for(data, media);
    refuse_what_cannot_go(*source, !ranges.empty(), media, postgap);
    const auto image = image_of(source, ranges, media, postgap);
    BurnOptions burn;
    burn.close_disc = closes(media);
    burn.speed = speed_for(media);
    const auto tell = feed.told(tell_writing(point(), *this, image));
    feed.write([&] {
      state_.run([&](Drive& drive, const std::stop_token& stop) {
        drive.burn(image, burn, tell, stop);
        if (options_.verification != IMAPI_BURN_VERIFICATION_NONE) verify(image, drive.recorder(), tell, stop);
      });
    });
  }

  FormatState state_{FormatNumbers{kDataWriteInProgress, kDataBadClientName, kDataRecorderNotSupported}};
  WriteOptions options_;
};

}  // namespace

Ptr<IUnknown> create_data_writer() { return make<DataWriter>().query<IDiscFormat2Data>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
