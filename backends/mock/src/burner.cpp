#include "burner.hpp"

#include "assess.hpp"

#include <fsimage/io/read_ahead.hpp>

#include <algorithm>
#include <vector>

namespace fsimage::mock {
namespace {

constexpr std::uint32_t kAtOnce = 32;  // blocks of one WRITE: a BD cluster, two DVD ECC blocks
constexpr std::uint32_t kFront = 320;  // descriptors and anchors of a first session, wherever it begins
constexpr std::uint32_t kAnchor = 256, kDescriptors = 32;

// Keeps the tray shut; lets go whatever happens.
class Locked {
 public:
  explicit Locked(Initiator& drive) : drive_(drive) { drive_.prevent_removal(true); }
  ~Locked() {
    drive_.expect_same_medium(false);
    try {
      drive_.prevent_removal(false);
    } catch (const Error&) {  // the drive is gone, and the first error says so
    }
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Initiator& drive_;
};

std::string number(std::uint32_t value) { return std::to_string(value); }

}  // namespace

void Burner::refuse(Errc code, const std::string& what, std::optional<Lba> at) const {
  throw Error(code, {.path = disc_, .lba = at, .clause = {}}, what);
}

void Burner::look() {
  media_ = assess(drive_);
  if (media_.state == MediaState::absent) refuse(Errc::no_media, "there is no disc in the drive");
  if (media_.state == MediaState::unsupported) refuse(Errc::unsupported, "not a disc that can be written");
  kind_ = kind_of_profile(drive_.profile());
  half_erased_ = drive_.disc_information().last_session == DiscInformation::LastSession::damaged;
}

bool Burner::takes_parameters() const { return kind_->is_cd() || kind_->recording == Recording::dvd_minus; }

WriteParameters Burner::parameters(const BurnOptions& options) const {
  return {.write_type = static_cast<std::uint8_t>(kind_->is_cd() ? 1 : 0),
          .multisession = !options.close_disc,
          .test = options.simulate};
}

void Burner::check(const ResultImage& image) const {
  if (media_.write_protected) refuse(Errc::write_protected, "the disc is write-protected");
  if (media_.state == MediaState::closed) refuse(Errc::medium_state, "the disc is closed: nothing can be added");
  if (half_erased_) refuse(Errc::medium_state, "an erasure did not end: erase the disc first");
  if (media_.state == MediaState::damaged)
    refuse(Errc::medium_state, "an interrupted burn left a session open: close it first");
  if (image.total_blocks() == BlockCount{}) refuse(Errc::invalid_argument, "an image of no blocks");
  check_session(image);
  if (!image.replaced().empty() && kind_->sequential())
    refuse(Errc::medium_state, "what is written on such a disc cannot be replaced", image.replaced().front().start);
}

void Burner::check_session(const ResultImage& image) const {
  const auto at = image.first_block();
  if (kind_->sequential() && media_.next_writable != at)
    refuse(Errc::medium_state,
           "the image begins at block " + number(at.value) + ", and the disc goes on at " +
               (media_.next_writable ? number(media_.next_writable->value) : "none"),
           at);
  if (kind_->profile == kRestrictedOverwrite && at.value % kind_->unit != 0)
    refuse(Errc::invalid_argument, "not at a multiple of " + number(kind_->unit) + " blocks", at);
  const auto room = kind_->sequential() ? media_.free.value_or(BlockCount{}).value
                                        : media_.capacity->value - std::min(at.value, media_.capacity->value);
  if (image.total_blocks().value > room)
    refuse(Errc::no_space, number(image.total_blocks().value) + " blocks, and there is room for " + number(room), at);
}

void Burner::prepare(const BurnOptions& options, ProgressMeter& meter) {
  constexpr std::uint32_t kThousand = 1000, kKibi = 1024;
  const auto speeds = drive_.write_speeds();
  auto speed = speeds.empty() ? 0 : speeds.front();
  if (options.speed != 0)  // rounded down when it was told, so up again
    speed = static_cast<std::uint32_t>((std::uint64_t{options.speed} * kKibi + kThousand - 1) / kThousand);
  if (speed != 0) drive_.set_speed(speed, media_.capacity->value - 1);
  if (!kind_->sequential() && !options.simulate && !drive_.format_capacity().formatted) {
    meter.begin(Phase::formatting);
    drive_.format(kind_->format_type, media_.capacity->value, 0, {});
  }
  if (takes_parameters()) drive_.set_write_parameters(parameters(options));
  if (kind_->sequential() && !options.simulate) {
    meter.begin(Phase::calibrating);
    drive_.calibrate();
  }
}

void Burner::burn(const ResultImage& image, const BurnOptions& options, ProgressMeter& meter) {
  meter.begin(Phase::preparing);
  image.check_sources();
  look();
  check(image);
  meter.follow(image);
  const Locked locked(drive_);
  drive_.expect_same_medium(true);
  prepare(options, meter);
  meter.begin(Phase::writing);
  write_image(image, options.simulate, meter);
  image.check_sources();
  meter.end(Phase::writing);
  if (options.simulate) {
    if (takes_parameters()) drive_.set_write_parameters(parameters({}));
    meter.end(Phase::done);
    return;
  }
  drive_.synchronize();
  meter.begin(Phase::closing, false);
  write_replaced(image);
  close_session(options.close_disc);
  meter.end(Phase::done);
}

// A new volume at the front of an overwritable medium is not to be seen before all of it is there: the blocks that readers,
// and looks_blank(), begin with come last.
std::vector<Burner::Stretch> Burner::order_of(const ResultImage& image) const {
  const auto total = image.total_blocks();
  if (kind_->sequential() || image.first_block() != Lba{}) return {{{}, total}};
  std::vector<Stretch> order;
  for (const auto& [from, end] : {std::pair{kFront, total.value},
                                  {kDescriptors, kAnchor},
                                  {kAnchor + kDescriptors, kFront},
                                  {kAnchor, kAnchor + kDescriptors},
                                  {0U, kDescriptors}})
    if (from < total.value) order.push_back({{from}, {std::min(end, total.value) - from}});
  return order;
}

void Burner::clear_front() {
  if (kind_->sequential() || looks_blank(drive_, *media_.capacity)) return;
  const std::vector<std::byte> zeros(std::size_t{kAtOnce} * kBlockSize);
  for (std::uint32_t at = 0; at < std::min(kFront, media_.capacity->value); at += kAtOnce)
    write_units(Lba{at},
                std::span(zeros).first(std::size_t{std::min(kAtOnce, media_.capacity->value - at)} * kBlockSize));
  drive_.synchronize();
}

// Media without a test write are not written to at all when it is a simulation.
void Burner::write_image(const ResultImage& image, bool simulate, ProgressMeter& meter) {
  const bool sends = !simulate || takes_parameters();
  bool begun = false;
  BlockCount done;
  BufferFill ahead;
  const auto consume = [&](std::uint64_t offset, std::span<const std::byte> bytes) {
    meter.check_stop();
    if (!simulate && !begun) {
      meter.cross_point_of_no_return();
      begun = true;
      if (image.first_block() == Lba{}) clear_front();
    }
    const auto at = image.first_block() + blocks_for(offset);
    if (sends) write_units(at, bytes);
    done += blocks_for(bytes.size());
    meter.set_buffers(sends ? drive_.buffer() : std::nullopt, ahead);
    meter.advance_to(done, at + blocks_for(bytes.size()));
  };
  ReadAheadOptions reading;
  reading.fill = [&](std::uint64_t used, std::uint64_t size) { ahead = {size, used}; };
  const auto read = [&](std::uint64_t offset, std::span<std::byte> out) { image.read_at(offset, out); };
  try {
    for (const auto& stretch : order_of(image)) {
      if (begun && !kind_->sequential()) drive_.synchronize();
      read_ahead(stretch.from.bytes(), stretch.blocks.bytes(), read, consume, reading);
    }
  } catch (...) {
    if (begun) {
      try {
        drive_.synchronize();   // what the drive has taken is then on the medium, whatever happens next
      } catch (const Error&) {  // the first error is the one that counts
      }
    }
    throw;
  }
}

// Whole units where the medium takes nothing else: what is around them is read first.
void Burner::write_units(Lba at, std::span<const std::byte> bytes) {
  std::vector<std::byte> widened;
  const auto unit = kind_->unit;
  const auto blocks = static_cast<std::uint32_t>(bytes.size() / kBlockSize);
  if (kind_->profile == kRestrictedOverwrite && (at.value % unit != 0 || blocks % unit != 0)) {
    const Lba from{at.value - at.value % unit};
    const auto all = round_up(at + BlockCount{blocks}, BlockCount{unit}) - from;
    widened.resize(static_cast<std::size_t>(all.bytes()));
    for (std::uint32_t done = 0; done < all.value; done += unit)
      drive_.read(from + BlockCount{done},
                  std::span(widened).subspan(std::size_t{done} * kBlockSize, std::size_t{unit} * kBlockSize));
    std::ranges::copy(bytes, widened.begin() + static_cast<std::ptrdiff_t>((at - from).bytes()));
    bytes = widened;
    at = from;
  }
  while (!bytes.empty()) {
    const auto now = std::min<std::size_t>(bytes.size(), std::size_t{kAtOnce} * kBlockSize);
    drive_.write(at, bytes.first(now));
    bytes = bytes.subspan(now);
    at = at + blocks_for(now);
  }
}

// The new session is on the medium; now what leads readers to it, in the order that the image says.
void Burner::write_replaced(const ResultImage& image) {
  for (const auto& extent : image.replaced()) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(blocks_for(extent.bytes->size()).bytes()));
    extent.bytes->read_at(0, std::span(bytes).first(static_cast<std::size_t>(extent.bytes->size())));
    write_units(extent.start, bytes);
    drive_.synchronize();
  }
}

void Burner::close_session(bool disc) {
  if (!kind_->sequential()) {
    if (kind_->type == MediaType::dvd_plus_rw) drive_.close(close_function::kStopFormat, 0);
    return;
  }
  close_open_tracks();
  drive_.close(disc && !takes_parameters() ? close_function::kFinalise : close_function::kSession, 0);
}

void Burner::close_open_tracks() {
  const auto tracks = drive_.disc_information().tracks;
  for (std::uint16_t n = 1; n <= tracks; ++n) {
    const auto track = drive_.track_information(n);
    if ((!track.blank && track.next_writable) || track.reserved) drive_.close(close_function::kTrack, n);
  }
}

void Burner::close(Close what, ProgressMeter& meter) {
  meter.begin(Phase::preparing);
  look();
  if (media_.write_protected) refuse(Errc::write_protected, "the disc is write-protected");
  const bool closes_disc = what == Close::disc;
  if (media_.state != MediaState::closed) {
    if (!kind_->sequential()) refuse(Errc::unsupported, "such a disc has nothing to close");
    if (half_erased_) refuse(Errc::medium_state, "an erasure did not end: erase the disc");
    if (media_.state == MediaState::blank) refuse(Errc::medium_state, "the disc is blank");
    if (media_.state == MediaState::appendable && closes_disc && takes_parameters())
      refuse(Errc::medium_state, "such a disc can be closed only together with a session");
    if (media_.state == MediaState::damaged || closes_disc) {
      const Locked locked(drive_);
      drive_.expect_same_medium(true);
      meter.begin(Phase::closing, false);
      if (takes_parameters()) drive_.set_write_parameters(parameters({.close_disc = closes_disc}));
      close_session(closes_disc);
    }
  }
  meter.end(Phase::done);
}

void Burner::erase(EraseKind how, const Media& media, const ProgressFn& progress, std::stop_token stop,
                   std::chrono::milliseconds interval, ProgressMeter::ClockFn clock) {
  media_ = media;
  ProgressMeter meter(progress, std::move(stop), media.capacity.value_or(BlockCount{}), interval, std::move(clock));
  meter.begin(Phase::preparing);
  look();
  if (media_.write_protected) refuse(Errc::write_protected, "the disc is write-protected");
  if (!kind_->erasable) refuse(Errc::unsupported, "a " + std::string(kind_->name) + " cannot be erased");
  const Locked locked(drive_);
  meter.begin(Phase::formatting, false);
  meter.cross_point_of_no_return();
  const auto told = [&](std::uint16_t done) {
    meter.advance_to({static_cast<std::uint32_t>(std::uint64_t{media_.capacity->value} * done / 65'536)});
  };
  if (kind_->sequential()) {
    drive_.blank(how == EraseKind::quick, told);
  } else {
    const bool all = how == EraseKind::full;
    const auto format = all ? kind_->full_format_type : kind_->format_type;
    if (all || media_.state == MediaState::damaged || !drive_.format_capacity().formatted)
      drive_.format(format, media_.capacity->value, 0, told);
    // A quick format leaves the blocks as they are, and a DVD+RW knows no other.
    const auto zeros = all && format == kind_->format_type ? media_.capacity->value : kFront;
    const std::vector<std::byte> piece(std::size_t{kAtOnce} * kBlockSize);
    for (std::uint32_t at = 0; at < std::min(zeros, media_.capacity->value); at += kAtOnce) {
      const auto blocks = std::min(kAtOnce, media_.capacity->value - at);
      drive_.write(Lba{at}, std::span(piece).first(std::size_t{blocks} * kBlockSize));
    }
    drive_.synchronize();
    if (kind_->type == MediaType::dvd_plus_rw) drive_.close(close_function::kStopFormat, 0);
  }
  meter.end(Phase::done);
}

}  // namespace fsimage::mock
