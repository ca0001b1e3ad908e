#include "medium_state.hpp"

#include <fsimage/core/digest.hpp>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace fsimage::mock {
namespace {

constexpr std::uint32_t kRunOut = 2;           // blocks that end a track written track-at-once, MMC-5 4.2.3.9
constexpr std::uint32_t kShortestTrack = 300;  // four seconds of a CD, Red Book
constexpr std::string_view kMagic = "fsimage mock medium 1";
constexpr std::size_t kMostTracks = 8'000;

std::uint32_t up_to_unit(std::uint32_t block, std::uint32_t unit) {
  return block % unit == 0 ? block : block + (unit - block % unit);
}

}  // namespace

MediumState MediumState::blank(const MediumKind& kind, std::uint32_t capacity, std::uint32_t serial) {
  MediumState state;
  state.capacity = capacity;
  state.serial = serial;
  state.erase_to(kind);
  // DVD-RAM is sold formatted, and a DVD-RW is in this form because somebody formatted it.
  state.formatted = kind.type == MediaType::dvd_ram || kind.type == MediaType::dvd_minus_rw;
  if (kind.sequential()) state.formatted = false;
  return state;
}

void MediumState::erase_to(const MediumKind& to) {
  kind = &to;
  formatted = broken = background = finalised = false;
  tracks = {{.start = 0, .next = 0, .end = capacity}};
}

bool MediumState::is_blank() const { return !finalised && tracks.size() == 1 && tracks.front().empty(); }

std::uint16_t MediumState::sessions() const { return tracks.back().session; }

std::uint16_t MediumState::closed_sessions() const {
  return finalised ? sessions() : static_cast<std::uint16_t>(sessions() - 1);
}

std::size_t MediumState::first_track_of(std::uint16_t session) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(tracks, session, {}, &Track::session) - tracks.begin());
}

bool MediumState::session_has_data() const {
  return !finalised && std::any_of(tracks.begin() + static_cast<std::ptrdiff_t>(first_track_of(sessions())),
                                   tracks.end(), [](const Track& t) { return !t.empty(); });
}

std::optional<std::uint32_t> MediumState::last_recorded() const {
  const auto last = std::find_if(tracks.rbegin(), tracks.rend(), [](const Track& t) { return !t.empty(); });
  return last == tracks.rend() ? std::nullopt : std::optional(last->next - 1);
}

std::optional<std::size_t> MediumState::track_at(std::uint32_t block) const {
  const auto after = std::ranges::upper_bound(tracks, block, {}, &Track::start);
  if (after == tracks.begin()) return std::nullopt;
  const auto index = static_cast<std::size_t>(after - tracks.begin()) - 1;
  return block < tracks[index].end ? std::optional(index) : std::nullopt;
}

bool MediumState::is_recorded(std::uint32_t at, std::uint32_t blocks) const {
  if (!sequential()) return formatted && at < capacity && blocks <= capacity - at;
  while (blocks > 0) {
    const auto index = track_at(at);
    if (!index || at >= tracks[*index].next) return false;
    const auto here = std::min(blocks, tracks[*index].next - at);
    at += here;
    blocks -= here;
  }
  return true;
}

std::optional<std::size_t> MediumState::writable_at(std::uint32_t block) const {
  const auto found =
      std::ranges::find_if(tracks, [&](const Track& t) { return !t.closed && t.next == block && t.next < t.end; });
  if (finalised || found == tracks.end()) return std::nullopt;
  return static_cast<std::size_t>(found - tracks.begin());
}

void MediumState::pad_to_unit() {
  if (!sequential()) return;
  for (auto& track : tracks)
    if (!track.closed) track.next = std::min(track.end, up_to_unit(track.next, kind->unit));
}

void MediumState::reserve(std::uint32_t blocks) {
  auto& open = tracks.back();
  Track rest = open;
  open.end = open.start + up_to_unit(blocks, kind->unit);
  open.reserved = true;
  rest.start = rest.next = open.end;
  tracks.push_back(rest);
}

void MediumState::close_track(std::size_t index, bool with_run_out) {
  auto& track = tracks[index];
  pad_to_unit();
  const bool last = index + 1 == tracks.size();
  if (kind->is_cd()) track.next = std::min(track.end, std::max(track.next, track.start + kShortestTrack));
  if (track.reserved) track.next = track.end;  // the drive fills what was reserved
  track.end = std::min(capacity, track.next + (with_run_out && kind->is_cd() ? kRunOut : 0));
  track.closed = true;
  if (!last) return;
  const auto start = std::min(capacity, track.end + (kind->is_cd() ? kPreGap : 0));
  tracks.push_back({.start = start, .next = start, .end = capacity, .session = track.session});
}

void MediumState::close_session(bool finalise) {
  std::erase_if(tracks, [](const Track& t) { return !t.closed && t.empty(); });
  const auto& last = tracks.back();
  const auto gap = last.session == 1 ? kind->first_gap : kind->later_gap;
  const auto start = std::uint64_t{last.end} + gap;
  finalised = finalise || start + kind->unit > capacity || tracks.size() >= kind->most_tracks;
  if (finalised) return;
  const auto next = up_to_unit(static_cast<std::uint32_t>(start), kind->unit);
  const auto session = static_cast<std::uint16_t>(last.session + 1);
  tracks.push_back({.start = next, .next = next, .end = capacity, .session = session});
}

std::string encode(const MediumState& state, std::uint64_t sequence) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << kMagic << "\nsequence " << sequence << "\nmedia " << state.kind->name << "\ncapacity " << state.capacity
      << "\nserial " << state.serial << "\nformatted " << state.formatted << "\nbroken " << state.broken
      << "\nbackground " << state.background << "\nfinalised " << state.finalised << "\ntracks " << state.tracks.size()
      << '\n';
  for (const auto& t : state.tracks)
    out << "track " << t.session << ' ' << t.start << ' ' << t.next << ' ' << t.end << ' ' << t.reserved << ' '
        << t.closed << '\n';
  auto text = std::move(out).str();
  const auto crc = crc16(std::as_bytes(std::span(text)));
  return text + "end " + std::to_string(crc) + '\n';
}

namespace {

// Lines of words; anything unexpected makes the whole invalid.
class HeaderText {
 public:
  explicit HeaderText(std::string_view text) : rest_(text) {}
  bool ok() const { return ok_; }
  std::size_t left() const { return rest_.size(); }

  std::string_view word(char end) {
    const auto at = rest_.find(end);
    ok_ = ok_ && at != std::string_view::npos && at < 64;
    if (!ok_) return {};
    const auto found = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return found;
  }
  void expect(std::string_view name) { ok_ = word(' ') == name && ok_; }
  template <class T>
  T number(char end, T most = std::numeric_limits<T>::max()) {
    const auto text = word(end);
    T value = 0;
    const auto [to, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    ok_ = ok_ && error == std::errc{} && to == text.data() + text.size() && value <= most;
    return ok_ ? value : T{0};
  }
  template <class T>
  T field(std::string_view name, T most = std::numeric_limits<T>::max()) {
    expect(name);
    return number<T>('\n', most);
  }
  bool flag(std::string_view name) { return field<std::uint8_t>(name, 1) != 0; }
  bool flag(char end) { return number<std::uint8_t>(end, 1) != 0; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool makes_sense(const MediumState& state) {
  if (state.tracks.empty() || state.capacity < state.kind->unit) return false;
  std::uint32_t at = 0;
  std::uint16_t session = 1;
  for (const auto& t : state.tracks) {
    if (t.start < at || t.next < t.start || t.end < t.next || t.end > state.capacity || t.session < session ||
        t.session > session + 1)
      return false;
    at = t.end;
    session = t.session;
  }
  return state.tracks.front().session == 1;
}

}  // namespace

std::optional<DecodedState> decode(std::string_view header) {
  HeaderText text(header);
  if (text.word('\n') != kMagic) return std::nullopt;
  DecodedState found;
  auto& state = found.state;
  found.sequence = text.field<std::uint64_t>("sequence");
  text.expect("media");
  state.kind = find_kind(text.word('\n'));
  if (state.kind == nullptr) return std::nullopt;
  state.capacity = text.field<std::uint32_t>("capacity");
  state.serial = text.field<std::uint32_t>("serial");
  state.formatted = text.flag("formatted");
  state.broken = text.flag("broken");
  state.background = text.flag("background");
  state.finalised = text.flag("finalised");
  const auto count = text.field<std::size_t>("tracks", kMostTracks);
  for (std::size_t i = 0; i < count && text.ok(); ++i) {
    text.expect("track");
    auto& track = state.tracks.emplace_back();
    track.session = text.number<std::uint16_t>(' ');
    track.start = text.number<std::uint32_t>(' ');
    track.next = text.number<std::uint32_t>(' ');
    track.end = text.number<std::uint32_t>(' ');
    track.reserved = text.flag(' ');
    track.closed = text.flag('\n');
  }
  const auto body = header.substr(0, header.size() - text.left());
  const auto crc = text.field<std::uint16_t>("end");
  if (!text.ok() || crc != crc16(std::as_bytes(std::span(body))) || !makes_sense(state)) return std::nullopt;
  return found;
}

}  // namespace fsimage::mock
