#include "format_objects.hpp"

#include <algorithm>

namespace fsimage::com::automation {
namespace {

class SpeedObject final : public Object<Iface<IWriteSpeedDescriptor, IDispatch>> {
 public:
  SpeedObject(MediaType type, LONG speed) : type_(type), speed_(speed) {}
  HRESULT STDMETHODCALLTYPE get_MediaType(IMAPI_MEDIA_PHYSICAL_TYPE* out) noexcept override {
    return guard(__uuidof(IWriteSpeedDescriptor), [&] { place(out) = to_imapi(type_); });
  }
  HRESULT STDMETHODCALLTYPE get_RotationTypeIsPureCAV(VARIANT_BOOL* out) noexcept override {
    return guard(__uuidof(IWriteSpeedDescriptor), [&] { place(out) = VARIANT_FALSE; });
  }
  HRESULT STDMETHODCALLTYPE get_WriteSpeed(LONG* out) noexcept override {
    return guard(__uuidof(IWriteSpeedDescriptor), [&] { place(out) = speed_; });
  }

 private:
  MediaType type_;
  LONG speed_;
};

// What the two kinds of multisession object share. It tells of the disc as it is when it is asked.
template <class Interface, class... Bases>
class MultisessionObject : public Object<Iface<Interface, Bases..., IMultisession, IDispatch>>,
                           protected Guarded<Interface> {
 public:
  MultisessionObject(Ptr<IDiscRecorder2> recorder, std::shared_ptr<Drive> drive)
      : recorder_(std::move(recorder)), drive_(std::move(drive)) {}

  HRESULT STDMETHODCALLTYPE get_IsSupportedOnCurrentMediaState(VARIANT_BOOL* out) noexcept override {
    return this->guarded([&] {
      place(out);
      *out = truth(is_supported(drive_->media()));
    });
  }
  HRESULT STDMETHODCALLTYPE put_InUse(VARIANT_BOOL value) noexcept override {
    in_use_ = is_true(value);
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE get_InUse(VARIANT_BOOL* out) noexcept override {
    return this->guarded([&] { place(out) = truth(in_use_); });
  }
  HRESULT STDMETHODCALLTYPE get_ImportRecorder(IDiscRecorder2** out) noexcept override {
    return this->guarded([&] {
      place(out);
      *out = Ptr<IDiscRecorder2>(recorder_).release();
    });
  }

 protected:
  template <class Get>
  HRESULT number(LONG* out, Get&& get) noexcept {
    return this->guarded([&] {
      place(out);
      const auto media = drive_->media();
      if (media.state == MediaState::absent) throw Failure(kNoMedia, "there is no disc in the drive");
      *out = get(media);
    });
  }
  Drive& drive() const { return *drive_; }

 private:
  virtual bool is_supported(const Media& media) const = 0;
  Ptr<IDiscRecorder2> recorder_;
  std::shared_ptr<Drive> drive_;
  std::atomic<bool> in_use_{false};
};

class SequentialObject final : public MultisessionObject<IMultisessionSequential2, IMultisessionSequential> {
 public:
  using MultisessionObject::MultisessionObject;

  HRESULT STDMETHODCALLTYPE get_IsFirstDataSession(VARIANT_BOOL* out) noexcept override {
    LONG first = 0;
    const HRESULT answer = number(&first, [](const Media& m) { return LONG{m.sessions.empty()}; });
    if (out != nullptr) *out = truth(first != 0);
    return out != nullptr ? answer : E_POINTER;
  }
  HRESULT STDMETHODCALLTYPE get_StartAddressOfPreviousSession(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return m.sessions.empty() ? -1 : to_long(m.sessions.back().first.value); });
  }
  HRESULT STDMETHODCALLTYPE get_LastWrittenAddressOfPreviousSession(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return m.sessions.empty() ? -1 : to_long(m.sessions.back().last.value); });
  }
  HRESULT STDMETHODCALLTYPE get_NextWritableAddress(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return m.next_writable ? to_long(m.next_writable->value) : -1; });
  }
  HRESULT STDMETHODCALLTYPE get_FreeSectorsOnMedia(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return to_long(m.free.value_or(BlockCount{0x7FFFFFFF}).value); });
  }
  HRESULT STDMETHODCALLTYPE get_WriteUnitSize(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return to_long(m.write_unit.value); });
  }

 private:
  bool is_supported(const Media& media) const override {
    return media.media_class == MediaClass::sequential && media.state == MediaState::appendable &&
           !media.write_protected;
  }
};

class RandomObject final : public MultisessionObject<IMultisessionRandomWrite> {
 public:
  using MultisessionObject::MultisessionObject;

  HRESULT STDMETHODCALLTYPE get_WriteUnitSize(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return to_long(m.write_unit.value); });
  }
  // IMAPI2 answers E_NOTIMPL for a drive that does not tell; ours tell of what was written through them.
  HRESULT STDMETHODCALLTYPE get_LastWrittenAddress(LONG* out) noexcept override {
    return number(out, [this](const Media&) {
      const auto last = drive().last_written();
      if (!last) throw Failure(E_NOTIMPL, "the drive does not tell what others wrote");
      return to_long(last->value);
    });
  }
  HRESULT STDMETHODCALLTYPE get_TotalSectorsOnMedia(LONG* out) noexcept override {
    return number(out, [](const Media& m) { return to_long(m.capacity.value_or(BlockCount{0x7FFFFFFF}).value); });
  }

 private:
  bool is_supported(const Media& media) const override {
    return media.media_class == MediaClass::overwritable &&
           (media.state == MediaState::appendable || media.state == MediaState::blank) && !media.write_protected;
  }
};

}  // namespace

SAFEARRAY* writable_media_types() {
  std::vector<Variant> types;
  for (const auto type :
       {MediaType::cd_r, MediaType::cd_rw, MediaType::dvd_ram, MediaType::dvd_plus_r, MediaType::dvd_plus_rw,
        MediaType::dvd_plus_r_dl, MediaType::dvd_minus_r, MediaType::dvd_minus_rw, MediaType::dvd_minus_r_dl,
        MediaType::disk, MediaType::dvd_plus_rw_dl, MediaType::bd_r, MediaType::bd_re})
    types.emplace_back(static_cast<LONG>(to_imapi(type)));
  return array_of(types);
}

bool is_writable(const Media& media) {
  return media.media_class != MediaClass::read_only && media.state != MediaState::absent &&
         media.state != MediaState::unsupported;
}

IMAPI_FORMAT2_DATA_MEDIA_STATE state_of(const Media& media) {
  int bits = media.media_class == MediaClass::overwritable ? IMAPI_FORMAT2_DATA_MEDIA_STATE_OVERWRITE_ONLY : 0;
  switch (media.state) {
    case MediaState::absent:
    case MediaState::unsupported: bits = IMAPI_FORMAT2_DATA_MEDIA_STATE_UNSUPPORTED_MEDIA; break;
    case MediaState::blank: bits |= IMAPI_FORMAT2_DATA_MEDIA_STATE_BLANK; break;
    case MediaState::appendable:
      if (bits == 0) bits = IMAPI_FORMAT2_DATA_MEDIA_STATE_APPENDABLE;
      break;
    case MediaState::closed: bits = IMAPI_FORMAT2_DATA_MEDIA_STATE_FINALIZED; break;
    case MediaState::damaged: bits = IMAPI_FORMAT2_DATA_MEDIA_STATE_NON_EMPTY_SESSION; break;
  }
  if (media.final_session) bits |= IMAPI_FORMAT2_DATA_MEDIA_STATE_FINAL_SESSION;
  if (media.write_protected) bits |= IMAPI_FORMAT2_DATA_MEDIA_STATE_WRITE_PROTECTED;
  return static_cast<IMAPI_FORMAT2_DATA_MEDIA_STATE>(bits);
}

SAFEARRAY* write_speeds(const Media& media) {
  std::vector<Variant> speeds;
  for (const auto speed : media.write_speeds) speeds.emplace_back(static_cast<ULONG>(sectors_per_second(speed)));
  return array_of(speeds);
}

SAFEARRAY* write_speed_descriptors(const Media& media) {
  std::vector<Variant> speeds;
  for (const auto speed : media.write_speeds)
    speeds.emplace_back(make<SpeedObject>(media.type, sectors_per_second(speed)).query<IDispatch>());
  return array_of(speeds);
}

SAFEARRAY* multisession_objects(const Ptr<IDiscRecorder2>& recorder, const std::shared_ptr<Drive>& drive) {
  Ptr<IDispatch> object;
  if (drive->media().media_class == MediaClass::overwritable)
    object = make<RandomObject>(recorder, drive).query<IDispatch>();
  else
    object = make<SequentialObject>(recorder, drive).query<IDispatch>();
  return array_of({Variant(std::move(object))});
}

}  // namespace fsimage::com::automation
