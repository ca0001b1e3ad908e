#include <fsimage/import/sessions.hpp>

#include "iso_descriptors.hpp"
#include "session_rebuild.hpp"
#include "udf_volume.hpp"

#include <fsimage/format/udf/tag.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace fsimage {
namespace {

using namespace volume;

// On overwritable media sessions start where programs put them: growisofs counts in 16 blocks, most others in 32. Drives
// count single blocks.
constexpr std::uint32_t kStep = 16;
// Farther than the widest border that drives leave between two sessions: 38,100 blocks.
constexpr std::uint32_t kWidestGap = 65536;
constexpr std::size_t kMostSessions = 10'000;  // no drive writes so many on one disc
constexpr std::size_t kMostStates = 1000;      // of one disc by its virtual allocation tables
constexpr Lba kFirstBehindHead{32};            // where a first session lies that left room for a head of its own

constexpr std::array<char, 5> kBeginning{'B', 'E', 'A', '0', '1'};  // ECMA-167 2/9.2

constexpr Lba round_down(Lba at) { return {at.value - at.value % kStep}; }

// Where a session's own structures lie, by which it is told from a copy of its descriptors elsewhere.
struct Structures {
  std::optional<Lba> root;      // of the primary volume descriptor
  std::optional<Lba> sequence;  // main volume descriptor sequence of UDF
};

class Finder {
 public:
  explicit Finder(std::shared_ptr<const ByteSource> source)
      : source_(std::move(source)),
        end_{static_cast<std::uint32_t>(std::min<std::uint64_t>(source_->size() / kBlockSize, 0xFFFF'0000))} {}

  std::vector<Session> at(const SessionHint& hint) {
    starts_ = hint.starts;
    ends_ = hint.ends;
    std::sort(starts_.begin(), starts_.end());
    starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
    return finish();
  }

  std::vector<Session> search(bool front_leads) {
    const auto head = structures_at(Lba{});
    const auto newest = copied_from(head);
    if (newest) {
      walk(Lba{kStep}, *newest);
      if (starts_.front() > kFirstBehindHead)
        if (auto first = rebuild_first_session(source_, starts_.front())) rebuilt_ = std::move(first);
    } else if (head) {
      starts_.push_back({});
      if (!front_leads) walk(end_of(Lba{}), {});
    } else {
      if (!front_leads) walk(Lba{kStep}, {});
      // UDF in other blocks than sectors, or with anchors at its end alone: one session.
      if (starts_.empty() && identify_file_systems(*source_).most_advanced() != View::none) starts_.push_back({});
    }
    return finish();
  }

 private:
  // --- what a place says

  template <class T>
  std::optional<T> read(Lba at) const {
    if (at >= end_) return std::nullopt;
    std::array<std::byte, sizeof(T)> bytes;
    source_->read_at(at.byte_offset(), bytes);
    return load<T>(bytes);
  }

  std::optional<Structures> structures_at(Lba start) const {
    Structures out;
    const auto at = start + iso9660::kFirstDescriptor;
    if (const auto vd = read<iso9660::PrimaryVolumeDescriptor>(at))
      if (vd->header.is_iso9660() && vd->header.kind() == iso9660::DescriptorType::primary)
        out.root = Lba{vd->root.record.extent.value()};
    const auto anchor_at = start + BlockCount{kAnchor};
    if (const auto anchor = read<udf::AnchorVolumeDescriptorPointer>(anchor_at))
      if (!udf::check_tag(bytes_of(*anchor), udf::TagIdentifier::anchor_volume_descriptor_pointer, anchor_at.value))
        out.sequence = Lba{anchor->main_sequence.location.value()};
    if (!out.root && !out.sequence) return std::nullopt;
    return out;
  }

  // Whether a session starts there: its structures lie behind its start, so that neither an image that is a file on this
  // disc nor a row of anchors at a session's end passes for one.
  std::optional<Structures> session_at(Lba start) const {
    const auto header = read<iso9660::VolumeDescriptorHeader>(start + iso9660::kFirstDescriptor);
    if (!header || !(header->is_iso9660() || header->standard_identifier == kBeginning)) return std::nullopt;
    const auto s = structures_at(start);
    if (!s) return std::nullopt;
    if (s->root && *s->root > start && *s->root < end_) {
      std::array<std::byte, kBlockSize> sector;
      source_->read_at(s->root->byte_offset(), sector);
      if (is_root_directory(sector, *s->root)) return s;
    }
    if (s->sequence && *s->sequence >= start && has_recognition(start)) return s;
    return std::nullopt;
  }

  // Where a session may start next, when none does at `at`: not where its first descriptor would be a hole.
  Lba step(Lba at, std::uint32_t by) const {
    const auto next = at + BlockCount{by};
    const auto descriptor = next + iso9660::kFirstDescriptor;
    if (descriptor >= end_) return next;
    const Run run = source_->run_at(descriptor.byte_offset());
    if (run.kind != Run::Kind::zeros) return next;
    const auto blocks = std::min<std::uint64_t>(run.length / kBlockSize, end_.value - descriptor.value);
    return next + BlockCount{static_cast<std::uint32_t>(blocks) / by * by};
  }

  bool has_recognition(Lba start) const {
    Blocks blocks(*source_);
    return read_recognition(blocks, start).has_value();
  }

  // The session that the structures at the start of the disc were copied from, when it lies further back.
  std::optional<Lba> copied_from(const std::optional<Structures>& head) const {
    if (!head) return std::nullopt;
    for (const auto& place : {head->root, head->sequence}) {
      if (!place || *place >= end_) continue;
      const auto lowest = place->value > kWidestGap ? place->value - kWidestGap : 1;
      for (auto start = round_down(*place); start.value >= lowest; start = Lba{start.value - kStep}) {
        const auto s = session_at(start);
        if (s && ((head->root && s->root == head->root) || (head->sequence && s->sequence == head->sequence)))
          return start;
      }
    }
    return std::nullopt;
  }

  // First block behind what the session's descriptors claim: the lower one where a size can be read in two ways.
  Lba end_of(Lba start) const {
    std::uint64_t end = start.value + std::uint64_t{kStep} + 1;
    if (const auto vd = read<iso9660::PrimaryVolumeDescriptor>(start + iso9660::kFirstDescriptor);
        vd && vd->header.is_iso9660()) {
      const std::uint64_t space = vd->volume_space_size.value();
      end = std::max(end, space > vd->root.record.extent.value() ? space : start.value + space);
    }
    try {
      Walk walk(source_, {}, View::udf, {});
      if (const auto anchor = find_anchor(walk.blocks, start); anchor && anchor->at >= start.byte_offset()) {
        const auto volume = read_udf_volume(walk, *anchor);
        for (const auto& p : volume.partitions)
          end = std::max(end, (std::uint64_t{p.start} + p.length) * volume.block_size / kBlockSize);
        for (const auto& s : {volume.main, volume.reserve}) end = std::max(end, (s.at + s.bytes) / kBlockSize);
      }
    } catch (const Error& e) {
      if (e.code().category() != error_category()) throw;
    }
    return Lba{static_cast<std::uint32_t>(std::min<std::uint64_t>(end, end_.value))};
  }

  // --- the way from session to session

  // Sessions from `from` on, to the one that starts at `last`; without that, until none follows within a gap.
  void walk(Lba from, std::optional<Lba> last) {
    for (;;) {
      const auto next = last ? next_session(round_down(from + BlockCount{kStep - 1}), *last, kStep)
                             : next_session(from, from + BlockCount{kWidestGap}, 1);
      if (!next) return;
      if (starts_.size() == kMostSessions)
        throw Error(Errc::limit_exceeded, {.path = {}, .lba = *next, .clause = {}},
                    "more than " + std::to_string(kMostSessions) + " sessions");
      starts_.push_back(*next);
      from = std::max(end_of(*next), *next + BlockCount{kStep});
      if (last && from > *last && *next != *last) from = *last;  // a size that is too large hides nothing
    }
  }

  std::optional<Lba> next_session(Lba from, Lba last, std::uint32_t by) const {
    for (auto at = from; at < end_ && at <= last; at = step(at, by))
      if (session_at(at)) return at;
    return std::nullopt;
  }

  // Where the session before `next` ends, as far as a drive told.
  Lba told_end(Lba start, Lba next) const {
    Lba end{};
    for (const Lba e : ends_)
      if (e > start && e <= next) end = std::max(end, e);
    return end > start ? end : next;
  }

  std::vector<Session> finish() {
    std::vector<Session> out;
    if (rebuilt_) {
      const Lba end = starts_.front();
      out.push_back({.number = 1,
                     .start = {},
                     .end = end,
                     .found = identify_file_systems(*rebuilt_),
                     .rebuilt = true,
                     .source = rebuilt_});
    }
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      Session s;
      s.start = starts_[i];
      const bool last = i + 1 == starts_.size();
      s.end = last ? std::max(end_of(s.start), s.start) : told_end(s.start, starts_[i + 1]);
      s.source = last ? source_ : std::make_shared<SliceSource>(source_, 0, std::min(s.end, end_).byte_offset());
      if (s.start < end_) s.found = identify_file_systems(*s.source, s.start);
      s.found.session = s.start;
      for (auto& state : earlier_states(s)) {
        state.number = static_cast<std::uint32_t>(out.size() + 1);
        out.push_back(std::move(state));
      }
      s.number = static_cast<std::uint32_t>(out.size() + 1);
      out.push_back(std::move(s));
    }
    return out;
  }

  // --- what a disc was before its last virtual allocation table was written

  struct Vat {
    std::uint64_t icb_at = 0, icb_end = 0;  // bytes
    std::uint64_t table_bytes = 0;
    std::optional<std::uint64_t> previous_at;
  };

  // The table that counts when the source ends where it does.
  static std::optional<Vat> last_vat(const std::shared_ptr<const ByteSource>& source, Lba start) {
    try {
      Walk walk(source, {}, View::udf, {});
      const auto anchor = find_anchor(walk.blocks, start);
      if (!anchor) return std::nullopt;
      const auto volume = read_udf_volume(walk, *anchor);
      for (const auto& p : volume.partitions) {
        if (!p.vat) continue;
        Vat out{p.vat->icb_at, p.vat->icb_at + volume.block_size, p.vat->entries * sizeof(le32), std::nullopt};
        if (p.vat->previous) out.previous_at = (std::uint64_t{p.start} + *p.vat->previous) * volume.block_size;
        return out;
      }
    } catch (const Error& e) {
      if (e.code().category() != error_category()) throw;
    }
    return std::nullopt;
  }

  // The source as it was when each table was its last block; the oldest first. Tables lead back only, and hold no more
  // than the source together.
  static std::vector<Session> earlier_states(const Session& newest) {
    std::vector<Session> out;
    if (!newest.found.udf) return out;
    auto vat = last_vat(newest.source, newest.start);
    for (std::uint64_t held = 0; vat && vat->previous_at && out.size() < kMostStates;) {
      const auto at = *vat->previous_at;
      held += vat->table_bytes;
      if (at >= vat->icb_at || at < newest.start.byte_offset() || held > newest.source->size()) break;
      const auto end = at + (vat->icb_end - vat->icb_at);
      std::shared_ptr<const ByteSource> source = std::make_shared<SliceSource>(newest.source, 0, end);
      vat = last_vat(source, newest.start);
      if (!vat || vat->icb_at != at) break;
      Session state{.number = 0,
                    .start = newest.start,
                    .end = lba_of(end + kBlockSize - 1),
                    .found = identify_file_systems(*source, newest.start),
                    .rebuilt = false,
                    .table = lba_of(at),
                    .source = source};
      state.found.session = newest.start;
      out.push_back(std::move(state));
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  std::shared_ptr<const ByteSource> source_;
  Lba end_;
  std::vector<Lba> starts_, ends_;
  std::shared_ptr<const ByteSource> rebuilt_;
};

}  // namespace

std::vector<Session> find_sessions(std::shared_ptr<const ByteSource> source, const SessionHint& hint) {
  Finder finder(std::move(source));
  return hint.starts.empty() ? finder.search(hint.front_leads) : finder.at(hint);
}

Session choose_session(std::shared_ptr<const ByteSource> source, std::uint32_t number, const SessionHint& hint) {
  auto sessions = find_sessions(std::move(source), hint);
  if (sessions.empty())
    throw Error(Errc::not_found, {}, "no file system that is known here", Reason::no_known_file_system);
  if (number == 0) return std::move(sessions.back());
  if (number > sessions.size())
    throw Error(Errc::not_found, {},
                "no session " + std::to_string(number) + "; there are " + std::to_string(sessions.size()));
  return std::move(sessions[number - 1]);
}

}  // namespace fsimage
