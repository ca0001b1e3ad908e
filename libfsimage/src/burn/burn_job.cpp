#include <fsimage/burn/burn_job.hpp>

#include "verify_written.hpp"

#include <fsimage/burn/verify.hpp>
#include <fsimage/core/error.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace fsimage {
namespace {

using Clock = std::chrono::steady_clock;

std::string block_text(Lba at) { return "block " + std::to_string(at.value); }

// What a disc is at the moment: "bd-re, appendable, next writable address 7232".
std::string media_text(const Media& media) {
  auto out = std::string(to_string(media.type)) + ", " + std::string(to_string(media.state));
  if (media.media_class == MediaClass::sequential && media.next_writable)
    out += ", next writable address " + std::to_string(media.next_writable->value);
  return out;
}

bool holds_something(const Media& media) { return media.state != MediaState::blank; }

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += (out.empty() ? "" : "; ") + line;
  return out;
}

// Where in the image a source that fails lies, if that can be found out.
std::optional<Lba> block_of_source(const std::string& path, const ResultImage& image) {
  try {
    image.check_sources();
  } catch (const Error& e) {
    if (e.where().path == path) return e.where().lba;
  }
  return std::nullopt;
}

// A drive knows the block and calls itself the place, a source knows its file: the error with block and file, or in its text
// the structure that lies there.
Error located(const Error& e, const ResultImage& image, const std::string& disc, bool writing) {
  auto where = e.where();
  auto what = e.message();
  const auto end = std::uint64_t{image.first_block().value} + image.total_blocks().value;
  try {
    if (where.path == disc) where.path.clear();
    if (!where.lba && !where.path.empty()) where.lba = block_of_source(where.path, image);
    if (where.path.empty() && where.lba && *where.lba >= image.first_block() && where.lba->value < end) {
      where.path = image.path_at(*where.lba);
      const auto part = writing && where.path.empty() ? image.part_at(*where.lba) : std::nullopt;
      if (part) what += " (in " + part->label + ")";
    }
  } catch (const std::exception&) {  // a saved image that cannot be read has other things to say than where this was
  }
  return Error(e.code(), std::move(where), what);
}

std::string prefixed(const std::string& name, const std::string& what) {
  return name.empty() ? what : name + ": " + what;
}

}  // namespace

std::string_view to_string(VerifyLevel level) noexcept {
  switch (level) {
    case VerifyLevel::none: return "none";
    case VerifyLevel::quick: return "quick";
    case VerifyLevel::full: return "full";
  }
  return "unknown";
}

std::optional<VerifyLevel> parse_verify_level(std::string_view text) noexcept {
  for (const auto level : {VerifyLevel::none, VerifyLevel::quick, VerifyLevel::full})
    if (to_string(level) == text) return level;
  return std::nullopt;
}

std::string_view to_string(BurnReceipt::Outcome outcome) noexcept {
  switch (outcome) {
    case BurnReceipt::Outcome::refused: return "refused";
    case BurnReceipt::Outcome::cancelled: return "cancelled";
    case BurnReceipt::Outcome::failed: return "failed";
    case BurnReceipt::Outcome::simulated: return "simulated";
    case BurnReceipt::Outcome::done: return "done";
  }
  return "unknown";
}

std::string_view to_string(BurnReceipt::Verification verification) noexcept {
  switch (verification) {
    case BurnReceipt::Verification::not_asked: return "not asked";
    case BurnReceipt::Verification::not_reached: return "not reached";
    case BurnReceipt::Verification::failed: return "failed";
    case BurnReceipt::Verification::passed: return "passed";
  }
  return "unknown";
}

BurnJob::BurnJob(SessionImage session, BurnJobOptions options) : session_(std::move(session)), options_(options) {}

// --- checks

void BurnJob::begin(Recorder& recorder) {
  receipt_ = {};
  last_ = {};
  receipt_.recorder = recorder.info();
  receipt_.image_id = session_.image->image_id();
  receipt_.first = session_.image->first_block();
  receipt_.blocks = session_.image->total_blocks();
  for (const auto& e : session_.image->replaced()) receipt_.replaced += blocks_for(e.bytes->size());
  receipt_.made_for = session_.made_for;
  receipt_.close_disc = options_.burn.close_disc;
  receipt_.verify = options_.verify;
  if (options_.verify != VerifyLevel::none) receipt_.verification = BurnReceipt::Verification::not_reached;
  receipt_.before = receipt_.after = recorder.media();
}

void BurnJob::check_disc(Recorder& recorder, const std::stop_token& stop) {
  const auto& media = receipt_.before;
  const std::shared_ptr<const ByteSource> content = holds_something(media) ? recorder.read_back() : nullptr;
  const auto* like = session_.made_for ? &*session_.made_for : nullptr;
  receipt_.disc_before = identify_disc(media, content, like, stop);
  if (like != nullptr) {
    auto lines = differences(*receipt_.disc_before, *like);
    if (lines.empty()) return;
    if (!options_.any_disc)
      throw Error(Errc::disc_mismatch, {},
                  "this is not the disc that the image was made for, or not in the same state: " + joined(lines) +
                      ". Put in the right disc, or make the session again for this one");
    receipt_.overridden = std::move(lines);
    return;
  }
  if (session_.image->first_block().value != 0)
    throw Error(Errc::invalid_argument, {}, "the image continues a disc, and does not say which: make it again");
  if (!holds_something(media)) return;
  if (media.media_class != MediaClass::overwritable || !options_.any_disc)
    throw Error(Errc::not_blank, {},
                "the disc holds something, and the image is that of a whole disc: take a blank one, or erase this one");
  receipt_.overridden.emplace_back("the disc is not blank, and the image is that of a whole disc");
}

void BurnJob::check_place() const {
  const auto& media = receipt_.before;
  const auto first = session_.image->first_block();
  if (media.media_class == MediaClass::sequential) {
    const auto next = holds_something(media) ? media.next_writable : media.next_writable.value_or(Lba{});
    if (!session_.image->replaced().empty())
      throw Error(Errc::medium_state, {}, "the image replaces blocks, and the disc is written once: make it again");
    if (next == first) return;
    throw Error(Errc::medium_state, {},
                "the image begins at " + block_text(first) + ", and the disc goes on at " +
                    (next ? block_text(*next) : std::string("no block")) + ": make the session again for this disc");
  }
  if (first.value == 0) return;
  const auto unit = std::max(media.write_unit.value, 1U);
  const auto fits = [&](Lba at, BlockCount blocks) { return at.value % unit == 0 && blocks.value % unit == 0; };
  bool aligned = first.value % unit == 0;
  for (const auto& e : session_.image->replaced()) aligned = aligned && fits(e.start, blocks_for(e.bytes->size()));
  if (!aligned)
    throw Error(Errc::medium_state, {},
                "the disc is written in units of " + std::to_string(unit) +
                    " blocks, and the image is not laid out for that: make the session again for this disc");
  const auto& made_for = session_.made_for;
  if (made_for && made_for->last_session && first <= made_for->last_session->last)
    throw Error(Errc::invalid_argument, {},
                "the image begins at " + block_text(first) + ", inside the session that it continues");
}

void BurnJob::check_room() const {
  const auto& media = receipt_.before;
  if (media.type == MediaType::file) return;  // its recorder knows what holes and clones save, and looks itself
  const auto& image = *session_.image;
  // `from` is where the blocks are counted from: the first that finds no room is the one to name.
  const auto refuse = [&](Lba from, std::uint64_t needed, BlockCount room) {
    if (needed <= room.value) return;
    throw Error(Errc::no_space, {.path = {}, .lba = std::max(from + room, image.first_block()), .clause = {}},
                "the image needs " + std::to_string(needed) + " blocks, and the disc has room for " +
                    std::to_string(room.value) + ": take a larger disc, or leave something out");
  };
  const auto end = std::uint64_t{image.first_block().value} + image.total_blocks().value;
  if (media.media_class == MediaClass::sequential) {
    if (media.free) refuse(image.first_block(), image.total_blocks().value, *media.free);
  } else if (media.free) {
    refuse({}, end, *media.free);
  }
  if (media.capacity) refuse({}, end, *media.capacity);
}

void BurnJob::check_sources() const {
  try {
    session_.image->check_sources();
  } catch (const Error& e) {
    throw Error(e.code(), e.where(), e.message() + ": make the image again, or put back what it was made of",
                e.reason());
  }
}

void BurnJob::advise() {
  const auto& media = receipt_.before;
  const auto speed = options_.burn.speed;
  if (speed != 0 && !media.write_speeds.empty() &&
      std::ranges::find(media.write_speeds, speed) == media.write_speeds.end())
    receipt_.findings.push_back("the drive does not offer " + std::to_string(speed) + " KiB/s for this disc");
  if (media.final_session && !options_.burn.close_disc)
    receipt_.findings.emplace_back("this is the last session that the disc has room for");
}

void BurnJob::check(Recorder& recorder, std::stop_token stop) {
  try {
    begin(recorder);
    require_writable(receipt_.before);
    check_disc(recorder, stop);
    check_place();
    check_room();
    advise();
    check_sources();
    if (options_.check_payload) check_payload(session_, {}, stop);
  } catch (const Error& e) {
    receipt_.outcome = e.code() == Errc::cancelled ? BurnReceipt::Outcome::cancelled : BurnReceipt::Outcome::refused;
    const auto error = located(e, *session_.image, receipt_.recorder.name, false);
    auto where = error.where();
    if (!where.lba) where.lba = session_.image->first_block();  // where it would have begun
    const Error out(
        error.code(), std::move(where),
        prefixed(receipt_.recorder.name, error.message()) + ". Nothing was written" +
            (receipt_.before.state == MediaState::absent ? std::string()
                                                         : " to the disc (" + media_text(receipt_.before) + ")"));
    receipt_.error = out.what();
    throw out;
  }
}

// --- the job

void BurnJob::write(Recorder& recorder, const ProgressFn& progress, const std::stop_token& stop) {
  const auto before = last_.elapsed;
  std::optional<Clock::duration> began, ended;  // by the recorder's clock
  const auto tell = [&](BurnProgress p) {
    if (p.phase == Phase::writing && !began) began = p.elapsed;
    if (p.phase > Phase::writing && !ended) ended = p.elapsed;
    p.elapsed += before;
    last_.reversible = last_.reversible && p.reversible;
    if (p.phase == Phase::done) return;  // the recorder is; the job says itself when it is
    p.done = std::max(last_.done, std::min(p.done, receipt_.blocks));
    p.total = last_.total;
    p.reversible = last_.reversible;
    last_ = p;
    if (progress) progress(p);
  };
  recorder.burn(*session_.image, options_.burn, tell, stop);
  if (began && ended) receipt_.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(*ended - *began);
  const auto written = std::uint64_t{receipt_.blocks.value} + receipt_.replaced.value;
  if (const auto ms = receipt_.elapsed.count(); ms > 0)
    receipt_.kib_per_second = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(written * (kBlockSize / 1024) * 1000 / static_cast<std::uint64_t>(ms), 0xFFFFFFFF));
  if (!options_.burn.simulate) last_.reversible = false;
}

void BurnJob::verify(Recorder& recorder, const ProgressFn& progress, const std::stop_token& stop) {
  const auto& image = *session_.image;
  const auto began = Clock::now() - last_.elapsed;
  const auto tell = [&](const BurnProgress& p) {
    last_.phase = Phase::verifying;
    last_.cancellable = true;
    if (options_.verify == VerifyLevel::full) last_.done = std::max(last_.done, receipt_.blocks + p.done);
    last_.elapsed = Clock::now() - began;
    last_.bytes_per_second = p.bytes_per_second;
    last_.drive_buffer = last_.host_buffer = std::nullopt;
    last_.path = p.path;
    if (progress) progress(last_);
  };
  tell({});
  if (stop.stop_requested()) throw Error(Errc::cancelled, {}, "stopped on request, before the disc was verified");
  check_told_session(image, receipt_.before, receipt_.after, options_.burn.close_disc);
  const auto medium = recorder.read_back();
  if (!medium) throw Error(Errc::verification_failed, {}, "nothing can be read back from the disc");
  check_sample_blocks(image, *medium);
  check_replaced_blocks(image, *medium);
  if (options_.verify == VerifyLevel::full) {
    VerifyOptions options;
    options.at = image.first_block();
    verify_image(image, *medium, tell, stop, options);
  }
  receipt_.verification = BurnReceipt::Verification::passed;
}

// What the disc is now. When that cannot be had, the receipt says so instead.
void BurnJob::look_again(Recorder& recorder) {
  try {
    receipt_.after = recorder.media();
  } catch (const std::exception& e) {
    receipt_.after = {};
    receipt_.findings.push_back(std::string("the state of the disc cannot be had: ") + e.what());
  }
}

void BurnJob::end(Recorder& recorder, const ProgressFn& progress) {
  receipt_.outcome = options_.burn.simulate ? BurnReceipt::Outcome::simulated : BurnReceipt::Outcome::done;
  receipt_.reversible = as_before();
  if (!options_.burn.simulate) {
    try {
      receipt_.disc_after = identify_disc(receipt_.after, recorder.read_back());
    } catch (const Error& e) {
      receipt_.findings.push_back(std::string("the disc cannot be identified: ") + e.what());
    }
  }
  if (options_.eject) {
    try {
      recorder.tray(Tray::open);
      receipt_.ejected = true;
    } catch (const Error& e) {
      receipt_.findings.push_back(std::string("the disc was not ejected: ") + e.what());
    }
  }
  last_.phase = Phase::done;
  last_.done = last_.total;
  last_.path.clear();
  if (progress) progress(last_);
}

const BurnReceipt& BurnJob::run(Recorder& recorder, const ProgressFn& progress, std::stop_token stop) {
  last_ = {};
  const auto began = Clock::now();
  BurnProgress first;
  first.phase = Phase::preparing;
  first.total = session_.image->total_blocks();
  const bool twice = options_.verify == VerifyLevel::full && !options_.burn.simulate;
  if (twice) first.total += session_.image->total_blocks();
  if (progress) progress(first);
  check(recorder, stop);
  last_ = first;
  last_.elapsed = Clock::now() - began;
  receipt_.outcome = BurnReceipt::Outcome::failed;
  try {
    write(recorder, progress, stop);
    look_again(recorder);
    if (options_.verify != VerifyLevel::none && !options_.burn.simulate) verify(recorder, progress, stop);
  } catch (const Error& e) {
    fail(recorder, e);
  } catch (const std::exception& e) {  // the callback's own
    receipt_.error = e.what();
    look_again(recorder);
    receipt_.reversible = as_before();
    throw;
  }
  end(recorder, progress);
  return receipt_;
}

// --- when it fails

void BurnJob::fail(Recorder& recorder, const Error& e) {
  look_again(recorder);
  receipt_.reversible = as_before();
  if (e.code() == Errc::cancelled) receipt_.outcome = BurnReceipt::Outcome::cancelled;
  if (last_.phase == Phase::verifying && e.code() != Errc::cancelled)
    receipt_.verification = BurnReceipt::Verification::failed;
  const auto error = located(e, *session_.image, receipt_.recorder.name, true);
  auto where = error.where();
  if (!where.lba && !receipt_.reversible)  // how far it went
    where.lba = receipt_.first + std::min(last_.done, receipt_.blocks - BlockCount{1});
  const Error out(error.code(), std::move(where),
                  prefixed(receipt_.recorder.name, error.message()) + ". " + aftermath());
  receipt_.error = out.what();
  throw out;
}

// The recorder has not said otherwise, and neither does the disc.
bool BurnJob::as_before() const {
  auto now = receipt_.after;
  if (now.type == MediaType::file) now.free = receipt_.before.free;  // others write to that file system, too
  return last_.reversible && now == receipt_.before;
}

// The disc's state, and a step that works in it.
std::string BurnJob::aftermath() const {
  const auto& now = receipt_.after;
  const auto state = "The disc (" + media_text(now) + ") ";
  if (last_.phase == Phase::verifying)
    return state + (receipt_.verification == BurnReceipt::Verification::failed
                        ? "does not hold the image as it is: burn the image to another one"
                        : "is written, and was not verified: compare it with the image before it is trusted");
  if (receipt_.reversible) return state + "is as it was: burn again once the cause is gone";
  if (now.state == MediaState::absent) {
    const bool sequential = receipt_.before.media_class == MediaClass::sequential;
    return "The disc is no longer there: put it back and " +
           std::string(sequential ? "close the session that is open on it, and the sessions before it can be read"
                       : receipt_.first.value != 0 ? "make the session again for it"
                                                   : "burn the image again");
  }
  if (now.media_class == MediaClass::overwritable) {
    if (receipt_.first.value == 0)
      return state + (now.state == MediaState::blank ? "shows nothing of the image: burn the image again"
                                                     : "holds a part of the image: erase it, and burn the image again");
    return state +
           "shows what it showed before, or the new session, but nothing in between: make the session again for it";
  }
  if (now.state == MediaState::damaged)
    return state + "has an open session: close it, and the sessions before it can be read";
  if (now.state == MediaState::appendable)
    return state + "keeps its earlier sessions: make the session again for it, since it goes on elsewhere now";
  return state + "keeps its earlier sessions, and takes nothing more: burn to another one";
}

}  // namespace fsimage
