// What tells one disc in one state from every other: what an image that continues a disc is bound to. A value, computed
// alike from a recorder, from an image file and from a saved description. Any thread.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/core/finding.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/io/byte_source.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

struct DiscIdentity {
  // Identifier of a volume in one view of the newest session.
  struct VolumeName {
    View view{};
    std::string name;
    friend bool operator==(const VolumeName&, const VolumeName&) = default;
  };

  MediaType media = MediaType::unknown;
  std::string disc_id;  // what the medium calls itself
  std::vector<VolumeName> volumes;
  std::uint32_t sessions = 0;
  std::optional<MediaSession> last_session;
  std::optional<Lba> next_writable;  // on sequential media
  BlockCount used;                   // 0 on overwritable media in drives, which do not know

  // SHA-256, in hexadecimal, over `covered`: descriptors, folders and file entries of the newest session up to a budget,
  // the last recorded blocks, and samples from everywhere. Each range as its first block and its length (eight bytes each,
  // little endian) and its blocks; for one that cannot be read, the word "unreadable". The ranges are kept so that whoever
  // looks at a disc later looks at the same blocks, whatever this library would choose by then.
  std::string digest;
  std::vector<BlockRange> covered;  // ascending, disjoint
  std::uint32_t unreadable = 0;     // blocks of them

  friend bool operator==(const DiscIdentity&, const DiscIdentity&) = default;
};

// Bounds on what another disc, or a file, may have the library read for an identity.
inline constexpr std::uint32_t kMostCoveredBlocks = 16384;
inline constexpr std::size_t kMostCoveredRanges = 8192;

// `content` is what a recorder reads back; null or nothing for a blank disc. With `like`, the blocks that it covers are
// digested, else they are chosen here. Costs some thousand block reads at most. Throws cancelled, what a drive says of a disc
// that has gone (no_media, busy), limit_exceeded for a `like` that covers more than is bearable.
DiscIdentity identify_disc(const Media& media, const std::shared_ptr<const ByteSource>& content,
                           const DiscIdentity* like = nullptr, std::stop_token stop = {});

// Sixteen hexadecimal digits that stand for the disc in its state (IFileSystemImage::CalculateDiscIdentifier, and DiscId of an
// image made for it); of an image for no particular disc, the digits are zeros.
std::string disc_identifier(const DiscIdentity&);
inline constexpr std::string_view kNoDiscIdentifier = "0000000000000000";

// A line for everything in which the disc that is here differs from the one that was expected; empty when they are the same
// disc in the same state. "udf volume: 'A' here, 'B' on the disc that the image was made for".
std::vector<std::string> differences(const DiscIdentity& here, const DiscIdentity& expected);

// JSON, one line. Parsing is strict: corrupt_structure for what is no JSON or misses a member, limit_exceeded for what is
// too deep, too long or too many. Members that are not known are passed over.
std::string to_json(const DiscIdentity&);
DiscIdentity parse_disc_identity(std::string_view json);
std::string to_json(const Media&);
Media parse_media(std::string_view json);

// What a recorder knows of a disc's sessions, as readers of sessions take it.
SessionHint session_hint(const Media&);

}  // namespace fsimage
