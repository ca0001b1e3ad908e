#include "write_progress.hpp"

#include "com/object.hpp"
#include "values.hpp"

#include <imapi2.h>

#include <chrono>
#include <memory>
#include <optional>

namespace fsimage::com::automation {
namespace {

using Seconds = std::chrono::seconds;

IMAPI_FORMAT2_DATA_WRITE_ACTION action_of(Phase phase) {
  switch (phase) {
    case Phase::preparing: return IMAPI_FORMAT2_DATA_WRITE_ACTION_VALIDATING_MEDIA;
    case Phase::formatting: return IMAPI_FORMAT2_DATA_WRITE_ACTION_FORMATTING_MEDIA;
    case Phase::calibrating: return IMAPI_FORMAT2_DATA_WRITE_ACTION_CALIBRATING_POWER;
    case Phase::writing: return IMAPI_FORMAT2_DATA_WRITE_ACTION_WRITING_DATA;
    case Phase::closing: return IMAPI_FORMAT2_DATA_WRITE_ACTION_FINALIZATION;
    case Phase::verifying: return IMAPI_FORMAT2_DATA_WRITE_ACTION_VERIFYING;
    case Phase::done: return IMAPI_FORMAT2_DATA_WRITE_ACTION_COMPLETED;
  }
  return IMAPI_FORMAT2_DATA_WRITE_ACTION_VALIDATING_MEDIA;
}

LONG seconds(std::chrono::steady_clock::duration time) {
  return to_long(static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(time).count()));
}

class WriteState final : public Object<Iface<IDiscFormat2DataEventArgs, IWriteEngine2EventArgs, IDispatch>> {
 public:
  WriteState(const BurnProgress& progress, Lba first, BlockCount blocks)
      : progress_(progress), first_(first), blocks_(blocks) {}

  HRESULT STDMETHODCALLTYPE get_StartLba(LONG* out) noexcept override { return number(out, to_long(first_.value)); }
  HRESULT STDMETHODCALLTYPE get_SectorCount(LONG* out) noexcept override { return number(out, to_long(blocks_.value)); }
  HRESULT STDMETHODCALLTYPE get_LastReadLba(LONG* out) noexcept override { return number(out, last()); }
  HRESULT STDMETHODCALLTYPE get_LastWrittenLba(LONG* out) noexcept override { return number(out, last()); }
  HRESULT STDMETHODCALLTYPE get_TotalSystemBuffer(LONG* out) noexcept override {
    return number(out, to_long(buffer().size));
  }
  HRESULT STDMETHODCALLTYPE get_UsedSystemBuffer(LONG* out) noexcept override {
    return number(out, to_long(buffer().used));
  }
  HRESULT STDMETHODCALLTYPE get_FreeSystemBuffer(LONG* out) noexcept override {
    return number(out, to_long(buffer().size - buffer().used));
  }
  HRESULT STDMETHODCALLTYPE get_ElapsedTime(LONG* out) noexcept override {
    return number(out, seconds(progress_.elapsed));
  }
  HRESULT STDMETHODCALLTYPE get_RemainingTime(LONG* out) noexcept override { return number(out, seconds(remaining())); }
  HRESULT STDMETHODCALLTYPE get_TotalTime(LONG* out) noexcept override {
    return number(out, seconds(progress_.elapsed + remaining()));
  }
  HRESULT STDMETHODCALLTYPE get_CurrentAction(IMAPI_FORMAT2_DATA_WRITE_ACTION* out) noexcept override {
    return guard(__uuidof(IDiscFormat2DataEventArgs), [&] { place(out) = action_of(progress_.phase); });
  }

 private:
  static HRESULT number(LONG* out, LONG value) noexcept {
    return guard(__uuidof(IDiscFormat2DataEventArgs), [&] { place(out) = value; });
  }
  // Before the first one, it is the one before it.
  LONG last() const {
    const auto done = std::min(progress_.done.value, blocks_.value);
    return static_cast<LONG>(std::int64_t{first_.value} + done - 1);
  }
  BufferFill buffer() const { return progress_.host_buffer.value_or(BufferFill{}); }
  std::chrono::steady_clock::duration remaining() const {
    return progress_.remaining().value_or(std::chrono::steady_clock::duration::zero());
  }

  BurnProgress progress_;
  Lba first_;
  BlockCount blocks_;
};

ProgressFn tell(DISPID event, const ConnectionPoint& point, IDispatch& object, const ResultImage& image) {
  if (!point.anybody()) return {};
  struct Told {
    std::optional<Phase> phase;
    std::chrono::steady_clock::duration at{};
  };
  return [event, &point, &object, first = image.first_block(), blocks = image.total_blocks(),
          told = std::make_shared<Told>()](const BurnProgress& progress) {
    constexpr std::chrono::milliseconds kInterval{500};
    if (told->phase == progress.phase && progress.elapsed - told->at < kInterval) return;
    *told = {progress.phase, progress.elapsed};
    point.fire(event, {Variant(Ptr<IDispatch>(&object)),
                       Variant(make<WriteState>(progress, first, blocks).query<IDispatch>())});
  };
}

}  // namespace

ProgressFn tell_writing(const ConnectionPoint& point, IDispatch& object, const ResultImage& image) {
  return tell(0x200, point, object, image);
}

ProgressFn tell_section(const ConnectionPoint& point, IDispatch& object, const ResultImage& image) {
  return tell(0x100, point, object, image);
}

}  // namespace fsimage::com::automation
