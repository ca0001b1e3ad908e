#include "answers.hpp"
#include "com/drive_access.hpp"
#include "com/image_streams.hpp"
#include "com/side_thread.hpp"
#include "disc_queries.hpp"
#include "sinks.hpp"

#include <fsimage/backends/imapi2/imapi2_recorder.hpp>
#include <fsimage/burn/progress_meter.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace fsimage {

using namespace imapi2;  // NOLINT(google-build-using-namespace)

struct Imapi2Recorder::State {
  std::string name;
  Imapi2Options options;
  com::SideThread thread;
  com::Ptr<IDiscRecorder2> recorder;

  State(std::string n, Imapi2Options o) : name(std::move(n)), options(std::move(o)) {}
  ~State() {
    thread.run([&] { recorder.reset(); });
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // On the thread of the objects. What is wrong is wrong with this drive.
  void run(const std::function<void()>& body) {
    try {
      thread.run(body);
    } catch (const Error& e) {
      throw e.with_path(name);
    }
  }
  // Also while something is written: an image that goes on with the disc may be read from it.
  void read(Lba first, std::span<std::byte> out) {
    try {
      thread.run_beside([&] {
        const auto drive = recorder.query<IDiscRecorder2Ex>();
        if (!drive) throw Error(Errc::unsupported, {}, "the drive cannot be read through IMAPI2");
        com::read_blocks(*drive, first, out);
      });
    } catch (const Error& e) {
      throw e.with_path(name);
    }
  }

  com::Ptr<IDiscFormat2Data> writer() const {
    auto made = create<IDiscFormat2Data>(kDataWriter);
    must(made->put_Recorder(recorder.get()), "the drive cannot be written to");
    must(made->put_ClientName(com::Bstr(options.client_name).get()), "not a name for a client");
    return made;
  }
};

namespace {

using Data = IDiscFormat2Data;

LONG number_in(std::string_view name) {
  auto digits = name;
  if (digits.starts_with(kScheme)) digits.remove_prefix(kScheme.size());
  LONG number = -1;
  const auto* const end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || last != end || number < 0)
    throw Error(Errc::invalid_argument, {.path = std::string(name)}, "a drive is called imapi2:N, N from 0 on");
  return number;
}

// Keeps others away from the drive; lets go whatever happens.
class Exclusive {
 public:
  Exclusive(IDiscRecorder2& recorder, const std::string& client) : recorder_(recorder) {
    must(recorder.AcquireExclusiveAccess(VARIANT_FALSE, com::Bstr(client).get()), "the drive is in use");
  }
  ~Exclusive() { recorder_.ReleaseExclusiveAccess(); }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;

 private:
  IDiscRecorder2& recorder_;
};

Phase phase_of(IMAPI_FORMAT2_DATA_WRITE_ACTION action) {
  switch (action) {
    case IMAPI_FORMAT2_DATA_WRITE_ACTION_FORMATTING_MEDIA: return Phase::formatting;
    case IMAPI_FORMAT2_DATA_WRITE_ACTION_CALIBRATING_POWER: return Phase::calibrating;
    case IMAPI_FORMAT2_DATA_WRITE_ACTION_WRITING_DATA: return Phase::writing;
    case IMAPI_FORMAT2_DATA_WRITE_ACTION_FINALIZATION:
    case IMAPI_FORMAT2_DATA_WRITE_ACTION_COMPLETED: return Phase::closing;
    case IMAPI_FORMAT2_DATA_WRITE_ACTION_VERIFYING: return Phase::verifying;
    default: return Phase::preparing;
  }
}

// What IMAPI2 tells, as progress on the burning thread; what that says to it is kept, and ends the writing.
class Told {
 public:
  Told(com::SideThread& thread, ProgressMeter& meter, const ResultImage& image)
      : thread_(thread), meter_(meter), first_(image.first_block()) {}

  void update(IDiscFormat2DataEventArgs& state, Data& writer) noexcept {
    if (error_) return;
    try {
      IMAPI_FORMAT2_DATA_WRITE_ACTION action{};
      LONG last = -1, size = 0, used = 0;
      must(state.get_CurrentAction(&action), "CurrentAction");
      if (FAILED(state.get_LastWrittenLba(&last))) last = -1;
      if (FAILED(state.get_TotalSystemBuffer(&size)) || FAILED(state.get_UsedSystemBuffer(&used))) size = 0;
      thread_.ask([&] { report(phase_of(action), last, size, used); });
    } catch (...) {
      error_ = std::current_exception();
      writer.CancelWrite();
    }
  }
  const std::exception_ptr& error() const { return error_; }

 private:
  void report(Phase phase, LONG last, LONG size, LONG used) {
    if (phase > phase_) {
      phase_ = phase;
      meter_.begin(phase, phase < Phase::closing);
    }
    if (phase != Phase::writing) return;
    if (size > 0)
      meter_.set_buffers({}, BufferFill{static_cast<std::uint64_t>(size),
                                        static_cast<std::uint64_t>(std::clamp(used, LONG{0}, size))});
    if (last < 0 || Lba{static_cast<std::uint32_t>(last)} < first_) return;
    const Lba next{static_cast<std::uint32_t>(last) + 1};
    meter_.advance_to(next - first_, next);
  }

  com::SideThread& thread_;
  ProgressMeter& meter_;
  const Lba first_;
  Phase phase_ = Phase::preparing;
  std::exception_ptr error_;
};

void check_room(const ResultImage& image, const Media& media) {
  require_writable(media);
  const auto at = image.first_block();
  const bool sequential = media.media_class == MediaClass::sequential;
  if (image.total_blocks() == BlockCount{}) throw Error(Errc::invalid_argument, {}, "an image of no blocks");
  if (sequential && media.next_writable != at)
    throw Error(Errc::medium_state, {.path = {}, .lba = at, .clause = {}},
                "the image begins at block " + std::to_string(at.value) + ", and the disc goes on at " +
                    (media.next_writable ? std::to_string(media.next_writable->value) : "none"));
  if (sequential && !image.replaced().empty())
    throw Error(Errc::medium_state, {.path = {}, .lba = image.replaced().front().start, .clause = {}},
                "what is written on such a disc cannot be replaced");
  auto room = media.free;
  if (!sequential && media.capacity)
    room = BlockCount{media.capacity->value - std::min(at.value, media.capacity->value)};
  if (room && image.total_blocks() > *room)
    throw Error(
        Errc::no_space, {.path = {}, .lba = at, .clause = {}},
        std::to_string(image.total_blocks().value) + " blocks, and there is room for " + std::to_string(room->value));
}

// Before anything is written.
void set_options(Data& writer, const BurnOptions& burn, const Imapi2Options& options, const Media& media) {
  must(writer.put_ForceMediaToBeClosed(com::truth(burn.close_disc)), "ForceMediaToBeClosed");
  // Images that are made for CDs end with what has to follow the data there.
  must(writer.put_PostgapAlreadyInImage(VARIANT_TRUE), "PostgapAlreadyInImage");
  // In consumer mode IMAPI2 closes a DVD+R that nobody wanted closed.
  must(writer.put_DisableConsumerDvdCompatibilityMode(VARIANT_TRUE), "DisableConsumerDvdCompatibilityMode");
  // What may be overwritten was decided before.
  must(writer.put_ForceOverwrite(com::truth(media.media_class == MediaClass::overwritable)), "ForceOverwrite");
  const LONG speed = burn.speed == 0 ? -1 : com::to_long(std::max(burn.speed / 2, 1U));
  must(writer.SetWriteSpeed(speed, VARIANT_FALSE), "the drive does not take the speed");
  const auto verification = com::Ptr<Data>(&writer).query<IBurnVerification>();
  if (!verification && options.verification == VerifyLevel::none) return;
  if (!verification) throw Error(Errc::unsupported, {}, "this IMAPI2 does not verify");
  must(verification->put_BurnVerificationLevel(static_cast<IMAPI_BURN_VERIFICATION_LEVEL>(options.verification)),
       "BurnVerificationLevel");
}

}  // namespace

std::vector<RecorderInfo> imapi2_recorders() {
  std::vector<RecorderInfo> found;
  com::SideThread thread;
  thread.run([&] {
    const auto master = create<IDiscMaster2>(kDiscMaster);
    const LONG count = count_of(*master);
    for (LONG i = 0; i < count; ++i) found.push_back(describe(*open_drive(id_of(*master, i).get()), name_of(i)));
  });
  return found;
}

Imapi2Recorder::Imapi2Recorder(std::string_view name, Imapi2Options options)
    : state_(std::make_shared<State>(name_of(number_in(name)), std::move(options))) {
  state_->run([&] {
    const auto number = number_in(name);
    const auto master = create<IDiscMaster2>(kDiscMaster);
    const LONG count = count_of(*master);
    if (number >= count) throw Error(Errc::not_found, {}, "drives here: " + std::to_string(count));
    state_->recorder = open_drive(id_of(*master, number).get());
  });
}

Imapi2Recorder::~Imapi2Recorder() = default;

RecorderInfo Imapi2Recorder::info() const {
  RecorderInfo found;
  state_->run([&] { found = describe(*state_->recorder, state_->name); });
  return found;
}

Media Imapi2Recorder::media() {
  Media found;
  try {
    state_->run([&] { found = media_in(*state_->recorder, *state_->writer()); });
  } catch (const Error& e) {
    if (e.code() != Errc::no_media) throw;
    return {};
  }
  return found;
}

void Imapi2Recorder::burn(const ResultImage& image, const BurnOptions& options, const ProgressFn& progress,
                          std::stop_token stop) {
  ProgressMeter meter(progress, std::move(stop), image.total_blocks(), state_->options.progress_interval);
  meter.begin(Phase::preparing);
  if (options.simulate) throw Error(Errc::unsupported, {.path = state_->name}, "IMAPI2 cannot simulate a burn");
  image.check_sources();
  const auto now = media();
  try {
    check_room(image, now);
  } catch (const Error& e) {
    throw e.with_path(state_->name);
  }
  meter.follow(image);
  meter.cross_point_of_no_return();

  Told told(state_->thread, meter, image);
  std::exception_ptr of_stream;
  state_->run([&] {
    const auto writer = state_->writer();
    const Exclusive exclusive(*state_->recorder, state_->options.client_name);
    set_options(*writer, options, state_->options, now);
    const auto sink = data_sink([&](IDiscFormat2DataEventArgs& state) { told.update(state, *writer); });
    const Connection connection(*writer, __uuidof(DDiscFormat2DataEvents), *sink);
    // A copy: whoever has the stream may keep it.
    const auto stream = com::stream_of(std::make_shared<ResultImage>(image));
    const HRESULT answer = writer->Write(stream.get());
    if (told.error()) return;
    if (FAILED(answer)) of_stream = com::error_behind(*stream);
    if (!of_stream) must(answer, "the disc cannot be written");
  });
  if (told.error()) std::rethrow_exception(told.error());
  if (of_stream) std::rethrow_exception(of_stream);
  image.check_sources();
  meter.end(Phase::done);
}

std::unique_ptr<ByteSource> Imapi2Recorder::read_back() {
  const auto used = media().used;
  if (used == BlockCount{}) return nullptr;
  return com::disc_source([state = state_](Lba first, std::span<std::byte> out) { state->read(first, out); }, used);
}

void Imapi2Recorder::erase(EraseKind kind, const ProgressFn& progress, std::stop_token stop) {
  const auto now = media();
  ProgressMeter meter(progress, std::move(stop), now.capacity.value_or(BlockCount{}),
                      state_->options.progress_interval);
  meter.begin(Phase::preparing);
  if (now.state == MediaState::absent)
    throw Error(Errc::no_media, {.path = state_->name}, "there is no disc in the drive");
  if (now.write_protected) throw Error(Errc::write_protected, {.path = state_->name}, "the disc is write-protected");
  std::exception_ptr said;
  state_->run([&] {
    const auto eraser = create<IDiscFormat2Erase>(kEraser);
    must(eraser->put_Recorder(state_->recorder.get()), "the drive cannot erase");
    must(eraser->put_ClientName(com::Bstr(state_->options.client_name).get()), "not a name for a client");
    VARIANT_BOOL can = VARIANT_FALSE;
    must(eraser->IsCurrentMediaSupported(state_->recorder.get(), &can), "the disc cannot be looked at");
    if (!com::is_true(can)) throw Error(Errc::unsupported, {}, "such a disc cannot be erased");
    must(eraser->put_FullErase(com::truth(kind == EraseKind::full)), "FullErase");
    const Exclusive exclusive(*state_->recorder, state_->options.client_name);
    state_->thread.ask([&] {
      meter.begin(Phase::formatting, false);
      meter.cross_point_of_no_return();
    });
    const auto sink = erase_sink([&](LONG elapsed, LONG total) {
      if (said || total <= 0) return;
      try {
        const auto part = static_cast<std::uint64_t>(std::clamp(elapsed, LONG{0}, total));
        const auto blocks = now.capacity.value_or(BlockCount{}).value * part / static_cast<std::uint64_t>(total);
        state_->thread.ask([&] { meter.advance_to({static_cast<std::uint32_t>(blocks)}); });
      } catch (...) {  // it is too late to stop
        said = std::current_exception();
      }
    });
    const Connection connection(*eraser, __uuidof(DDiscFormat2EraseEvents), *sink);
    must(eraser->EraseMedia(), "the disc cannot be erased");
  });
  if (said) std::rethrow_exception(said);
  meter.end(Phase::done);
}

// IMAPI2 ends sessions and closes discs together with what it writes (ForceMediaToBeClosed), and has no member for either
// alone. A drive's own command for it would have to follow mode pages that only IMAPI2 knows it has set.
void Imapi2Recorder::close(Close what, const ProgressFn& progress, std::stop_token stop) {
  ProgressMeter meter(progress, std::move(stop), {}, state_->options.progress_interval);
  meter.begin(Phase::preparing);
  const auto now = media();
  const auto refuse = [&](Errc code, std::string_view why) { throw Error(code, {.path = state_->name}, why); };
  if (now.state == MediaState::absent) refuse(Errc::no_media, "there is no disc in the drive");
  if (now.state == MediaState::unsupported) refuse(Errc::unsupported, "not a disc that can be written");
  if (now.state != MediaState::closed) {
    if (now.write_protected) refuse(Errc::write_protected, "the disc is write-protected");
    if (now.media_class == MediaClass::overwritable) refuse(Errc::unsupported, "such a disc has nothing to close");
    if (now.state == MediaState::blank) refuse(Errc::medium_state, "the disc is blank");
    if (now.state == MediaState::damaged)
      refuse(
          Errc::unsupported,
          "IMAPI2 cannot end a session that was left open: erase the disc if it can be erased, or close it elsewhere");
    if (what == Close::disc)
      refuse(Errc::unsupported, "IMAPI2 closes a disc only together with a session: burn a last one that closes it");
  }
  meter.end(Phase::done);
}

void Imapi2Recorder::tray(Tray wanted) {
  state_->run([&] {
    const bool open = wanted == Tray::open;
    must(open ? state_->recorder->EjectMedia() : state_->recorder->CloseTray(),
         open ? "the tray cannot be opened" : "the tray cannot be closed");
  });
}

}  // namespace fsimage
