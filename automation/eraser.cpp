#include "com/object.hpp"
#include "format_objects.hpp"
#include "server.hpp"

#include <fsimage/core/error.hpp>

#include <chrono>

namespace fsimage::com::automation {
namespace {

bool is_erasable(const Media& media) {
  return media.media_class == MediaClass::overwritable || media.type == MediaType::cd_rw ||
         media.type == MediaType::dvd_minus_rw;
}

class Eraser final : public SourceObject<::DiscFormat2Erase, Events<DDiscFormat2EraseEvents>,
                                         Iface<IDiscFormat2Erase, IDiscFormat2, IDispatch>>,
                     private Guarded<IDiscFormat2Erase> {
 public:
  HRESULT STDMETHODCALLTYPE IsRecorderSupported(IDiscRecorder2* recorder, VARIANT_BOOL* out) noexcept override {
    return value(out, [&] { return truth(drive_behind(needed(recorder)) != nullptr); });
  }
  HRESULT STDMETHODCALLTYPE IsCurrentMediaSupported(IDiscRecorder2* recorder, VARIANT_BOOL* out) noexcept override {
    return value(out, [&] {
      const auto drive = drive_behind(needed(recorder));
      const auto media = drive ? drive->media() : Media{};
      return truth(media.state != MediaState::absent && is_erasable(media));
    });
  }
  HRESULT STDMETHODCALLTYPE get_MediaPhysicallyBlank(VARIANT_BOOL* out) noexcept override {
    return value(out, [&] { return truth(state_.media().state == MediaState::blank); });
  }
  HRESULT STDMETHODCALLTYPE get_MediaHeuristicallyBlank(VARIANT_BOOL* out) noexcept override {
    return value(out, [&] { return truth(heuristically_blank(state_.drive(), state_.media())); });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedMediaTypes(SAFEARRAY** out) noexcept override {
    return value(out, [] {
      std::vector<Variant> types;
      for (const auto type : {MediaType::cd_rw, MediaType::dvd_ram, MediaType::dvd_plus_rw, MediaType::dvd_minus_rw,
                              MediaType::dvd_plus_rw_dl, MediaType::bd_re})
        types.emplace_back(static_cast<LONG>(to_imapi(type)));
      return array_of(types);
    });
  }
  HRESULT STDMETHODCALLTYPE put_Recorder(IDiscRecorder2* recorder) noexcept override {
    return guarded([&] {
      if (recorder != nullptr && state_.recorder() && !same_object(recorder, state_.recorder().get()))
        throw Failure(kEraseOneRecorder, "the recorder that is set has to be taken away first");
      state_.set_recorder(recorder);
    });
  }
  HRESULT STDMETHODCALLTYPE get_Recorder(IDiscRecorder2** out) noexcept override {
    return value(out, [&] { return Ptr<IDiscRecorder2>(state_.recorder()).release(); });
  }
  HRESULT STDMETHODCALLTYPE put_FullErase(VARIANT_BOOL full) noexcept override {
    return guarded([&] {
      state_.require_idle();
      full_ = is_true(full);
    });
  }
  HRESULT STDMETHODCALLTYPE get_FullErase(VARIANT_BOOL* out) noexcept override {
    return value(out, [&] { return truth(full_); });
  }
  HRESULT STDMETHODCALLTYPE get_CurrentPhysicalMediaType(IMAPI_MEDIA_PHYSICAL_TYPE* out) noexcept override {
    return value(out, [&] { return to_imapi(state_.media().type); });
  }
  HRESULT STDMETHODCALLTYPE put_ClientName(BSTR name) noexcept override {
    return guarded([&] { state_.set_client_name(name); });
  }
  HRESULT STDMETHODCALLTYPE get_ClientName(BSTR* out) noexcept override {
    return value(out, [&] { return Bstr(state_.client_name()).release(); });
  }
  HRESULT STDMETHODCALLTYPE EraseMedia() noexcept override {
    return guarded([&] {
      if (!is_erasable(state_.media())) throw Failure(kNotErasable, "the disc cannot be erased");
      state_.run([&](Drive& drive, const std::stop_token& stop) {
        drive.forget_disc();
        drive.recorder().erase(full_ ? EraseKind::full : EraseKind::quick, tell(), stop);
      });
    });
  }

 private:
  // DDiscFormat2EraseEvents::Update.
  ProgressFn tell() {
    if (!point().anybody()) return {};
    return [this](const BurnProgress& progress) {
      const auto seconds = [](auto time) {
        return to_long(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count()));
      };
      const auto left = progress.remaining().value_or(std::chrono::steady_clock::duration::zero());
      point().fire(0x200, {Variant(Ptr<IDispatch>(this)), Variant(seconds(progress.elapsed)),
                           Variant(seconds(progress.elapsed + left))});
    };
  }

  FormatState state_{FormatNumbers{kEraseInProgress, kEraseBadClientName, number(0xC0AA090A)}};
  bool full_ = false;
};

}  // namespace

Ptr<IUnknown> create_eraser() { return make<Eraser>().query<IDiscFormat2Erase>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
