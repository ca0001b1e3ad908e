#include <fsimage/burn/disc_identity.hpp>

#include "identify.hpp"
#include "noting_source.hpp"

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/io/cached_source.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

namespace fsimage {
namespace {

constexpr std::array kNamedViews{View::iso9660, View::enhanced, View::joliet, View::rockridge, View::udf};

// Blocks of folders and file entries that the digest takes from each view: two seconds of a slow drive.
constexpr std::uint64_t kFolderBudget = 1024;
constexpr std::uint32_t kTail = 32;  // an ECC block of BD
// Where structures are alike, contents seldom are: so many blocks from everywhere, and the last ones of so many files.
constexpr std::uint32_t kSpreadSamples = 32, kFileSamples = 32;
constexpr std::uint32_t kAtOnce = 32;

bool ours(const Error& e) { return e.code().category() == error_category(); }

bool overwritable(const Media& media) { return media.media_class == MediaClass::overwritable; }

// Whether the drive knows of sessions.
bool told(const Media& media) { return !overwritable(media) && !media.sessions.empty(); }

// --- which blocks the digest is over

// The walk ends within a budget; what is broken ends it, too: the blocks read so far tell the disc all the same. `on_file`
// gets the last block of each file that lies in blocks of its own.
template <class OnFile>
void walk_folders(const std::shared_ptr<const NotingSource>& source, const Session& session, View view,
                  const std::stop_token& stop, OnFile on_file) {
  const auto most = source->count() + kFolderBudget;
  try {
    VolumeOptions options;
    options.view = view;
    options.session = session.start;
    const auto cursor = open_volume(source, options);
    while (source->count() < most) {
      const auto entry = cursor->next();
      if (!entry) return;
      if (stop.stop_requested()) throw Error(Errc::cancelled, {}, "stopped on request");
      if (entry->type != FileType::regular || entry->size == 0) continue;
      const auto extents = cursor->extents();
      if (!extents.empty() && !extents.back().hole && extents.back().length != 0)
        on_file((extents.back().offset + extents.back().length - 1) / kBlockSize);
    }
  } catch (const Error& e) {
    if (!ours(e) || e.code() == Errc::cancelled) throw;
  }
}

// Of all that is recorded, the gaps between sessions left out, each so many blocks one.
void add_spread_samples(BlockSet& to, const std::vector<MediaSession>& recorded) {
  std::uint64_t total = 0;
  for (const auto& s : recorded) total += std::uint64_t{s.last.value} - s.first.value + 1;
  for (std::uint64_t i = 0; i < kSpreadSamples && total != 0; ++i) {
    auto left = total * i / kSpreadSamples;
    for (const auto& s : recorded) {
      const auto blocks = std::uint64_t{s.last.value} - s.first.value + 1;
      if (left < blocks) {
        to.add(s.first.value + left, s.first.value + left + 1);
        break;
      }
      left -= blocks;
    }
  }
}

std::vector<MediaSession> recorded_stretches(const Media& media, Lba end) {
  std::vector<MediaSession> out;
  if (told(media)) {
    std::ranges::copy_if(media.sessions, std::back_inserter(out), [](const auto& s) { return s.last >= s.first; });
  } else if (end.value != 0) {
    out.push_back({Lba{}, Lba{end.value - 1}});
  }
  return out;
}

std::vector<BlockRange> choose_blocks(const std::shared_ptr<const ByteSource>& content, const Session* newest, Lba end,
                                      const DiscIdentity& identity, const Media& media, const std::stop_token& stop) {
  // A drive's overwritable medium goes on behind what was written; what lies there is nobody's.
  const auto recorded = std::min<std::uint64_t>(content->size(), end.byte_offset());
  const bool goes_on = overwritable(media) && media.type != MediaType::file;
  const auto noting =
      std::make_shared<NotingSource>(goes_on ? std::make_shared<SliceSource>(content, 0, recorded) : content);
  std::vector<std::uint64_t> files;
  if (newest != nullptr) {
    describe_volumes(*noting, newest->start);
    const View most = newest->found.most_advanced();
    for (const View view : kNamedViews)
      if (newest->found.has(view))
        walk_folders(noting, *newest, view, stop, [&](std::uint64_t block) {
          if (view == most) files.push_back(block);
        });
  }
  const std::uint64_t blocks = content->size() / kBlockSize;
  BlockSet wanted;
  for (const std::uint64_t tail_end : {std::uint64_t{end.value}, std::uint64_t{identity.used.value}})
    wanted.add(tail_end - std::min<std::uint64_t>(tail_end, kTail), tail_end);
  add_spread_samples(wanted, recorded_stretches(media, end));
  const auto count = std::min<std::size_t>(files.size(), kFileSamples);
  for (std::size_t i = 0; i < count; ++i) {
    const auto block = files[files.size() * i / count];
    wanted.add(block, block + 1);
  }
  // What one read of a folder brings may be more than its budget.
  std::uint64_t left = kMostCoveredBlocks - wanted.count();
  std::size_t ranges = kMostCoveredRanges - 2 * (kSpreadSamples + kFileSamples);
  for (const auto& r : noting->noted().ranges()) {
    if (left == 0 || ranges-- == 0) break;
    const auto n = std::min<std::uint64_t>(left, r.blocks.value);
    wanted.add(r.first.value, r.first.value + n);
    left -= n;
  }
  BlockSet chosen;
  for (const auto& r : wanted.ranges())
    chosen.add(std::min<std::uint64_t>(r.first.value, blocks),
               std::min<std::uint64_t>((r.first + r.blocks).value, blocks));
  return chosen.ranges();
}

// --- the digest

struct Digest {
  std::string hex;
  std::uint32_t unreadable = 0;
};

// Gone or stopped: nothing that a further block could tell.
bool ends_reading(const Error& e) {
  return e.code() == Errc::cancelled || e.code() == Errc::no_media || e.code() == Errc::busy;
}

class Digester {
 public:
  Digester(const ByteSource* content, std::stop_token stop) : content_(content), stop_(std::move(stop)) {}

  void add(const BlockRange& range) {
    sha_.update(std::uint64_t{range.first.value});
    sha_.update(std::uint64_t{range.blocks.value});
    for (std::uint32_t done = 0; done < range.blocks.value;) {
      if (stop_.stop_requested()) throw Error(Errc::cancelled, {}, "stopped on request");
      const auto n = std::min(kAtOnce, range.blocks.value - done);
      const auto at = std::uint64_t{range.first.value} + done;
      if (!add_blocks(at, n))
        for (std::uint32_t i = 0; i < n; ++i)
          if (n == 1 || !add_blocks(at + i, 1)) skip();
      done += n;
    }
  }
  Digest finish() { return {to_hex(sha_.finish()), unreadable_}; }

 private:
  bool add_blocks(std::uint64_t at, std::uint32_t n) {
    const std::uint64_t offset = at * kBlockSize, length = std::uint64_t{n} * kBlockSize;
    if (content_ == nullptr || offset > content_->size() || length > content_->size() - offset) return false;
    const auto bytes = std::span(buffer_).first(static_cast<std::size_t>(length));
    try {
      content_->read_at(offset, bytes);
    } catch (const Error& e) {
      if (ends_reading(e)) throw;
      return false;
    }
    sha_.update(bytes);
    return true;
  }
  void skip() {
    sha_.update(std::string_view("unreadable"));
    ++unreadable_;
  }

  const ByteSource* content_;
  std::stop_token stop_;
  Sha256 sha_;
  std::uint32_t unreadable_ = 0;
  std::array<std::byte, std::size_t{kAtOnce} * kBlockSize> buffer_;
};

void check_bounds(const std::vector<BlockRange>& ranges) {
  std::uint64_t total = 0;
  for (const auto& r : ranges) total += r.blocks.value;
  if (ranges.size() > kMostCoveredRanges || total > kMostCoveredBlocks)
    throw Error(Errc::limit_exceeded, {}, "an identity that covers " + std::to_string(total) + " blocks of a disc");
}

// --- what the disc says of itself

std::string readable(const std::string& name) { return is_utf8(name) ? name : printable(name); }

std::vector<DiscIdentity::VolumeName> volume_names(const VolumesInfo& info) {
  std::vector<DiscIdentity::VolumeName> out;
  if (info.iso9660) out.push_back({View::iso9660, readable(info.iso9660->volume)});
  if (info.enhanced) out.push_back({View::enhanced, readable(info.enhanced->volume)});
  if (info.joliet) out.push_back({View::joliet, readable(info.joliet->volume)});
  if (info.udf) out.push_back({View::udf, readable(info.udf->logical_volume)});
  return out;
}

void take_sessions(DiscIdentity& identity, const Media& media, const std::vector<Session>& found) {
  if (told(media)) {
    identity.sessions = checked<std::uint32_t>(media.sessions.size(), "sessions");
    identity.last_session = media.sessions.back();
  } else if (!found.empty()) {
    const auto& last = found.back();
    identity.sessions = checked<std::uint32_t>(found.size(), "sessions");
    identity.last_session = MediaSession{last.start, last.end > last.start ? Lba{last.end.value - 1} : last.start};
  }
}

}  // namespace

SessionHint session_hint(const Media& media) {
  SessionHint out;
  if (overwritable(media))
    out.front_leads = media.type != MediaType::file;  // a file may hold a row of sessions, as a copy of a disc does
  else
    for (const auto& s : media.sessions) {
      out.starts.push_back(s.first);
      out.ends.push_back(s.last + BlockCount{1});
    }
  return out;
}

DiscIdentity identify_disc(const Media& media, const std::shared_ptr<const ByteSource>& content,
                           const DiscIdentity* like, std::stop_token stop) {
  return identify_as_read(media, content ? std::make_shared<CachedSource>(content) : nullptr, like, stop);
}

DiscIdentity identify_as_read(const Media& media, const std::shared_ptr<const ByteSource>& content,
                              const DiscIdentity* like, const std::stop_token& stop) {
  DiscIdentity out;
  out.media = media.type;
  out.disc_id = media.disc_id;
  if (!overwritable(media)) out.next_writable = media.next_writable;
  if (!overwritable(media) || media.type == MediaType::file) out.used = media.used;

  const bool anything = content && media.state != MediaState::blank && content->size() >= kBlockSize;
  std::vector<Session> found;
  if (anything) found = find_sessions(content, session_hint(media));
  take_sessions(out, media, found);
  const Session* newest = found.empty() ? nullptr : &found.back();
  if (newest != nullptr) out.volumes = volume_names(describe_volumes(*newest->source, newest->start));

  if (like != nullptr) {
    check_bounds(like->covered);
    out.covered = like->covered;
  } else if (anything) {
    const Lba end = out.last_session ? out.last_session->last + BlockCount{1} : Lba{out.used.value};
    out.covered = choose_blocks(content, newest, end, out, media, stop);
  }
  Digester digester(anything ? content.get() : nullptr, stop);
  for (const auto& range : out.covered) digester.add(range);
  auto digest = digester.finish();
  out.digest = std::move(digest.hex);
  out.unreadable = digest.unreadable;
  return out;
}

// --- differences

namespace {

class DifferenceList {
 public:
  void add(std::string_view what, const std::string& here, const std::string& expected) {
    if (here == expected) return;
    lines_.push_back(std::string(what) + ": " + here + " here, " + expected +
                     " on the disc that the image was made for");
  }
  void add_line(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> finish() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

std::string quoted(const std::string& text) { return text.empty() ? "none" : "'" + printable(text) + "'"; }

std::string name_in(const DiscIdentity& identity, View view) {
  const auto row = std::ranges::find(identity.volumes, view, &DiscIdentity::VolumeName::view);
  return row == identity.volumes.end() ? "not there" : "'" + printable(row->name) + "'";
}

std::string blocks_of(const std::optional<MediaSession>& session) {
  if (!session) return "none";
  return "blocks " + std::to_string(session->first.value) + " to " + std::to_string(session->last.value);
}

std::string block_of(const std::optional<Lba>& at) { return at ? "block " + std::to_string(at->value) : "none"; }

}  // namespace

std::string disc_identifier(const DiscIdentity& identity) {
  const auto text = to_json(identity);
  Sha256 digest;
  digest.update(std::as_bytes(std::span(text)));
  return to_hex(digest.finish()).substr(0, kNoDiscIdentifier.size());
}

std::vector<std::string> differences(const DiscIdentity& here, const DiscIdentity& expected) {
  DifferenceList c;
  c.add("medium", std::string(to_string(here.media)), std::string(to_string(expected.media)));
  c.add("disc id", quoted(here.disc_id), quoted(expected.disc_id));
  for (const View view : kNamedViews)
    c.add(std::string(to_string(view)) + " volume", name_in(here, view), name_in(expected, view));
  c.add("sessions", std::to_string(here.sessions), std::to_string(expected.sessions));
  c.add("last session", blocks_of(here.last_session), blocks_of(expected.last_session));
  c.add("next writable address", block_of(here.next_writable), block_of(expected.next_writable));
  c.add("blocks in use", std::to_string(here.used.value), std::to_string(expected.used.value));
  if (here.digest != expected.digest) {
    std::uint64_t blocks = 0;
    for (const auto& r : expected.covered) blocks += r.blocks.value;
    std::string line = "content: the " + std::to_string(blocks) +
                       " blocks that were compared (descriptors, folders, samples) are not those of the disc that the "
                       "image was made for";
    if (here.unreadable > expected.unreadable)
      line += "; " + std::to_string(here.unreadable) + " of them cannot be read here";
    c.add_line(std::move(line));
  }
  return c.finish();
}

}  // namespace fsimage
