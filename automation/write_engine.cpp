#include "com/object.hpp"
#include "feed.hpp"
#include "format_objects.hpp"
#include "server.hpp"
#include "write_progress.hpp"

#include <fsimage/core/error.hpp>

namespace fsimage::com::automation {
namespace {

constexpr const char* kClient = "IWriteEngine2";

// Writes a stream at a place. On media that are written once, that is a session of its own, at the next writable
// address.
class WriteEngine final
    : public SourceObject<::WriteEngine2, Events<DWriteEngine2Events>, Iface<IWriteEngine2, IDispatch>>,
      private Guarded<IWriteEngine2> {
 public:
  HRESULT STDMETHODCALLTYPE WriteSection(IStream* data, LONG start, LONG count) noexcept override {
    return guarded([&] {
      if (bytes_per_sector_ != static_cast<LONG>(kBlockSize))
        throw Failure(bytes_per_sector_ == -1 ? E_UNEXPECTED : E_NOTIMPL, "BytesPerSector has to be 2048");
      if (start < 0 || count <= 0) throw Failure(E_INVALIDARG, "no section of a disc");
      const BlockCount blocks{static_cast<std::uint32_t>(count)};
      Feed feed(needed(data));
      const auto source = feed.source();
      if (source->size() < blocks.bytes())
        throw Failure(kDataStreamNotSupported, "the stream is shorter than the section");
      const Lba at{static_cast<std::uint32_t>(start)};
      const ResultImage image({{at, std::make_shared<SliceSource>(source, 0, blocks.bytes()), "section"}}, blocks,
                              "section", at);
      const auto tell = feed.told(tell_section(point(), *this, image));
      feed.write(
          [&] { state_.run([&](Drive& drive, const std::stop_token& stop) { drive.burn(image, {}, tell, stop); }); });
    });
  }
  HRESULT STDMETHODCALLTYPE CancelWrite() noexcept override {
    return guarded([&] { return state_.cancel() ? S_OK : kNothingToCancel; });
  }
  HRESULT STDMETHODCALLTYPE put_Recorder(IDiscRecorder2Ex* recorder) noexcept override {
    return guarded([&] {
      const auto other = Ptr<IDiscRecorder2Ex>(recorder).query<IDiscRecorder2>();
      if (recorder != nullptr && !other) throw Failure(E_NOINTERFACE, "a recorder without IDiscRecorder2");
      state_.set_recorder(other.get());
      state_.set_client_name(Bstr(std::string_view(kClient)).get());
    });
  }
  HRESULT STDMETHODCALLTYPE get_Recorder(IDiscRecorder2Ex** out) noexcept override {
    return value(out, [&] { return state_.recorder().query<IDiscRecorder2Ex>().release(); });
  }
  HRESULT STDMETHODCALLTYPE put_UseStreamingWrite12(VARIANT_BOOL use) noexcept override {
    return guarded([&] {
      if (is_true(use)) throw Failure(E_NOTIMPL, "no drive here has streaming writes");
    });
  }
  HRESULT STDMETHODCALLTYPE get_UseStreamingWrite12(VARIANT_BOOL* out) noexcept override {
    return value(out, [] { return VARIANT_BOOL{VARIANT_FALSE}; });
  }
  HRESULT STDMETHODCALLTYPE put_StartingSectorsPerSecond(LONG speed) noexcept override { return put(starting_, speed); }
  HRESULT STDMETHODCALLTYPE get_StartingSectorsPerSecond(LONG* out) noexcept override {
    return value(out, [&] { return starting_; });
  }
  HRESULT STDMETHODCALLTYPE put_EndingSectorsPerSecond(LONG speed) noexcept override { return put(ending_, speed); }
  HRESULT STDMETHODCALLTYPE get_EndingSectorsPerSecond(LONG* out) noexcept override {
    return value(out, [&] { return ending_; });
  }
  HRESULT STDMETHODCALLTYPE put_BytesPerSector(LONG bytes) noexcept override { return put(bytes_per_sector_, bytes); }
  HRESULT STDMETHODCALLTYPE get_BytesPerSector(LONG* out) noexcept override {
    return value(out, [&] { return bytes_per_sector_; });
  }
  HRESULT STDMETHODCALLTYPE get_WriteInProgress(VARIANT_BOOL* out) noexcept override {
    return value(out, [&] { return truth(state_.busy()); });
  }

 private:
  HRESULT put(LONG& property, LONG to) noexcept {
    return guarded([&] {
      state_.require_idle();
      if (to <= 0 && to != -1) throw Failure(E_INVALIDARG, "neither a number nor -1");
      property = to;
    });
  }

  FormatState state_{FormatNumbers{kDataWriteInProgress, kBadClientName, E_NOINTERFACE}};
  LONG starting_ = -1, ending_ = -1, bytes_per_sector_ = -1;
};

}  // namespace

Ptr<IUnknown> create_write_engine() { return make<WriteEngine>().query<IWriteEngine2>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
