#include "com/object.hpp"
#include "com/variant.hpp"
#include "drive_commands.hpp"
#include "drives.hpp"
#include "numbers.hpp"
#include "server.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <cstring>

namespace fsimage::com::automation {
namespace {

std::vector<Variant> numbers(const std::vector<LONG>& values) {
  std::vector<Variant> result;
  for (const LONG value : values) result.emplace_back(value);
  return result;
}

void check_request(IMAPI_MODE_PAGE_REQUEST_TYPE type) {
  if (static_cast<unsigned>(type) > IMAPI_MODE_PAGE_REQUEST_TYPE_SAVED_VALUES)
    throw Failure(E_INVALIDARG, "there are no such values of mode pages");
}

// For the client to free with CoTaskMemFree.
template <class T, class From>
void give_array(const std::vector<From>& from, T** data, ULONG* count) {
  place(count);
  place(data);
  const auto bytes = std::max<std::size_t>(from.size() * sizeof(T), 1);
  *data = static_cast<T*>(CoTaskMemAlloc(bytes));
  if (*data == nullptr) throw std::bad_alloc();
  std::transform(from.begin(), from.end(), *data, [](From value) { return static_cast<T>(value); });
  *count = static_cast<ULONG>(from.size());
}

class RecorderObject final : public Object<Iface<IDiscRecorder2, IDispatch>, Iface<IDiscRecorder2Ex>, Iface<IHasDrive>>,
                             private Guarded<IDiscRecorder2> {
 public:
  ~RecorderObject() override {
    if (drive_) drive_->unlock(this, true);
  }

  const std::shared_ptr<Drive>& drive() override {
    if (!drive_) throw Failure(kRecorderRequired, "the recorder was not initialized");
    return drive_;
  }

  const void* client() override { return this; }

  // --- IDiscRecorder2
  HRESULT STDMETHODCALLTYPE EjectMedia() noexcept override { return move(Tray::open); }
  HRESULT STDMETHODCALLTYPE CloseTray() noexcept override { return move(Tray::close); }
  HRESULT STDMETHODCALLTYPE AcquireExclusiveAccess(VARIANT_BOOL, BSTR name) noexcept override {
    return guarded([&] {
      const auto client = utf8_of(name);
      if (client.empty()) throw Failure(kBadClientName, "a client that wants a drive for itself has a name");
      drive()->lock(this, client);
    });
  }
  HRESULT STDMETHODCALLTYPE ReleaseExclusiveAccess() noexcept override {
    return guarded([&] { drive()->unlock(this); });
  }
  // Nobody is notified of another disc anyway.
  HRESULT STDMETHODCALLTYPE DisableMcn() noexcept override {
    return guarded([&] { drive(); });
  }
  HRESULT STDMETHODCALLTYPE EnableMcn() noexcept override {
    return guarded([&] { drive(); });
  }
  HRESULT STDMETHODCALLTYPE InitializeDiscRecorder(BSTR id) noexcept override {
    return guarded([&] {
      auto drive = drive_of(utf8_of(id));
      if (drive_) drive_->unlock(this, true);
      drive_ = std::move(drive);
    });
  }
  HRESULT STDMETHODCALLTYPE get_ActiveDiscRecorder(BSTR* out) noexcept override {
    return text(out, [&] { return drive()->id(); });
  }
  HRESULT STDMETHODCALLTYPE get_VendorId(BSTR* out) noexcept override {
    return text(out, [&] { return info().vendor; });
  }
  HRESULT STDMETHODCALLTYPE get_ProductId(BSTR* out) noexcept override {
    return text(out, [&] { return info().product; });
  }
  HRESULT STDMETHODCALLTYPE get_ProductRevision(BSTR* out) noexcept override {
    return text(out, [&] { return info().revision; });
  }
  // A simulated drive is no volume of the system.
  HRESULT STDMETHODCALLTYPE get_VolumeName(BSTR* out) noexcept override {
    return text(out, [&] { return drive(), std::string(); });
  }
  HRESULT STDMETHODCALLTYPE get_VolumePathNames(SAFEARRAY** out) noexcept override { return array(out, {}); }
  HRESULT STDMETHODCALLTYPE get_DeviceCanLoadMedia(VARIANT_BOOL* out) noexcept override {
    return guarded([&] {
      place(out);
      *out = truth(info().backend == "mock");
    });
  }
  HRESULT STDMETHODCALLTYPE get_LegacyDeviceNumber(LONG* out) noexcept override {
    return guarded([&] {
      place(out);
      const auto ids = drive_ids();
      *out = static_cast<LONG>(std::find(ids.begin(), ids.end(), drive()->id()) - ids.begin());
    });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedFeaturePages(SAFEARRAY** out) noexcept override {
    return array(out, [&] { return drive(), all_features(); });
  }
  HRESULT STDMETHODCALLTYPE get_CurrentFeaturePages(SAFEARRAY** out) noexcept override {
    return array(out, [&] { return current_features(drive()->media()); });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedProfiles(SAFEARRAY** out) noexcept override {
    return array(out, [&] { return drive(), all_profiles(); });
  }
  HRESULT STDMETHODCALLTYPE get_CurrentProfiles(SAFEARRAY** out) noexcept override {
    return array(out, [&] { return current_profiles(drive()->media()); });
  }
  HRESULT STDMETHODCALLTYPE get_SupportedModePages(SAFEARRAY** out) noexcept override {
    return array(out, [&] { return drive(), all_mode_pages(); });
  }
  HRESULT STDMETHODCALLTYPE get_ExclusiveAccessOwner(BSTR* out) noexcept override {
    return text(out, [&] { return drive()->owner(); });
  }

  // --- IDiscRecorder2Ex
  HRESULT STDMETHODCALLTYPE SendCommandNoData(BYTE* cdb, ULONG size, BYTE* sense, ULONG) noexcept override {
    return raw([&] { return send(cdb, size, sense, {}, nullptr); });
  }
  HRESULT STDMETHODCALLTYPE SendCommandSendDataToDevice(BYTE* cdb, ULONG size, BYTE* sense, ULONG, BYTE* from,
                                                        ULONG count) noexcept override {
    return raw([&] {
      needed(from);
      if (count == 0) throw Failure(E_INVALIDARG, "nothing to send");
      return send(cdb, size, sense, {}, nullptr);  // no command that takes data is known
    });
  }
  HRESULT STDMETHODCALLTYPE SendCommandGetDataFromDevice(BYTE* cdb, ULONG size, BYTE* sense, ULONG, BYTE* to,
                                                         ULONG count, ULONG* got) noexcept override {
    return raw([&] {
      place(got);
      needed(to);
      if (count == 0) throw Failure(E_INVALIDARG, "no room for an answer");
      return send(cdb, size, sense, {reinterpret_cast<std::byte*>(to), count}, got);
    });
  }
  HRESULT STDMETHODCALLTYPE ReadDvdStructure(ULONG, ULONG, ULONG, ULONG, BYTE** data, ULONG* count) noexcept override {
    return raw([&] {
      place(data), place(count);
      drive();
      throw Failure(number(0xC0AA020E), "the disc has no such structure");  // ..._DVD_STRUCTURE_NOT_PRESENT
    });
  }
  HRESULT STDMETHODCALLTYPE SendDvdStructure(ULONG, BYTE* data, ULONG) noexcept override {
    return raw([&] {
      needed(data);
      drive();
      throw Failure(number(0xC0AA020E), "the drive takes no structures");
    });
  }
  HRESULT STDMETHODCALLTYPE GetAdapterDescriptor(BYTE** data, ULONG* size) noexcept override {
    return bytes(data, size, [&] { return drive(), adapter_descriptor(); });
  }
  HRESULT STDMETHODCALLTYPE GetDeviceDescriptor(BYTE** data, ULONG* size) noexcept override {
    return bytes(data, size, [&] { return device_descriptor(info()); });
  }
  HRESULT STDMETHODCALLTYPE GetDiscInformation(BYTE** data, ULONG* size) noexcept override {
    return bytes(data, size, [&] { return disc_information(media()); });
  }
  HRESULT STDMETHODCALLTYPE GetTrackInformation(ULONG address, IMAPI_READ_TRACK_ADDRESS_TYPE type, BYTE** data,
                                                ULONG* size) noexcept override {
    return bytes(data, size, [&] { return track_information(media(), address, type); });
  }
  HRESULT STDMETHODCALLTYPE GetFeaturePage(IMAPI_FEATURE_PAGE_TYPE page, BOOLEAN current, BYTE** data,
                                           ULONG* size) noexcept override {
    return bytes(data, size, [&] { return feature_page(drive()->media(), page, current != FALSE); });
  }
  HRESULT STDMETHODCALLTYPE GetModePage(IMAPI_MODE_PAGE_TYPE page, IMAPI_MODE_PAGE_REQUEST_TYPE values, BYTE** data,
                                        ULONG* size) noexcept override {
    return bytes(data, size, [&] { return check_request(values), drive(), mode_page(page); });
  }
  HRESULT STDMETHODCALLTYPE SetModePage(IMAPI_MODE_PAGE_REQUEST_TYPE values, BYTE* data, ULONG size) noexcept override {
    return raw([&] {
      needed(data);
      check_request(values);
      drive();
      if (size < 2) throw Failure(E_INVALIDARG, "no mode page");
      throw Failure(number(0xC0AA0208), "the drive keeps its mode pages");  // ..._INVALID_MODE_PARAMETERS
    });
  }
  HRESULT STDMETHODCALLTYPE GetSupportedFeaturePages(BOOLEAN current, IMAPI_FEATURE_PAGE_TYPE** data,
                                                     ULONG* count) noexcept override {
    return raw([&] {
      give_array(current != FALSE ? current_features(drive()->media()) : (drive(), all_features()), data, count);
    });
  }
  HRESULT STDMETHODCALLTYPE GetSupportedProfiles(BOOLEAN current, IMAPI_PROFILE_TYPE** data,
                                                 ULONG* count) noexcept override {
    return raw([&] {
      give_array(current != FALSE ? current_profiles(drive()->media()) : (drive(), all_profiles()), data, count);
    });
  }
  HRESULT STDMETHODCALLTYPE GetSupportedModePages(IMAPI_MODE_PAGE_REQUEST_TYPE values, IMAPI_MODE_PAGE_TYPE** data,
                                                  ULONG* count) noexcept override {
    return raw([&] { give_array((check_request(values), drive(), all_mode_pages()), data, count); });
  }
  HRESULT STDMETHODCALLTYPE GetByteAlignmentMask(ULONG* out) noexcept override {
    return raw([&] { place(out) = 0; });
  }
  HRESULT STDMETHODCALLTYPE GetMaximumNonPageAlignedTransferSize(ULONG* out) noexcept override {
    return raw([&] { place(out) = kMostTransferred; });
  }
  HRESULT STDMETHODCALLTYPE GetMaximumPageAlignedTransferSize(ULONG* out) noexcept override {
    return raw([&] { place(out) = kMostTransferred; });
  }

 private:
  static constexpr ULONG kMostTransferred = 65'536;

  template <class Body>
  static HRESULT raw(Body&& body) noexcept {
    return guard(__uuidof(IDiscRecorder2Ex), std::forward<Body>(body));
  }
  template <class Get>
  static HRESULT text(BSTR* out, Get&& get) noexcept {
    return guarded([&] {
      place(out);
      *out = Bstr(get()).release();
    });
  }
  template <class Get>
  static HRESULT array(SAFEARRAY** out, Get&& get) noexcept {
    return guarded([&] {
      place(out);
      *out = array_of(numbers(get()));
    });
  }
  HRESULT array(SAFEARRAY** out, const std::vector<Variant>& elements) noexcept {
    return guarded([&] {
      place(out);
      drive();
      *out = array_of(elements);
    });
  }
  template <class Get>
  static HRESULT bytes(BYTE** data, ULONG* size, Get&& get) noexcept {
    return raw([&] {
      place(data), place(size);
      give_array(get(), data, size);
    });
  }

  const RecorderInfo& info() { return drive()->info(); }
  Media media() {
    auto media = drive()->media();
    if (media.state == MediaState::absent) throw Failure(kNoMedia, "there is no disc in the drive");
    return media;
  }
  HRESULT move(Tray tray) noexcept {
    return guarded([&] {
      drive()->require_access(this);
      drive()->require_idle();
      const std::lock_guard lock(drive()->mutex());
      drive()->forget_disc();
      drive()->recorder().tray(tray);
    });
  }
  HRESULT send(BYTE* cdb, ULONG size, BYTE* sense, std::span<std::byte> to, ULONG* got) {
    needed(cdb), needed(sense);
    if (size < 6 || size > 16) throw Failure(E_INVALIDARG, "a command has 6 to 16 bytes");
    drive()->require_access(this);
    const auto answer = run_command(*drive(), {cdb, size}, to);
    std::memcpy(sense, answer.sense.data(), answer.sense.size());
    if (got != nullptr) *got = static_cast<ULONG>(answer.bytes);
    return answer.good ? S_OK : number(0x00AA0200);  // S_IMAPI_COMMAND_HAS_SENSE_DATA
  }

  std::shared_ptr<Drive> drive_;
};

}  // namespace

Ptr<IUnknown> create_disc_recorder() { return make<RecorderObject>().query<IDiscRecorder2>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
