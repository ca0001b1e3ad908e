// JSON of what is kept in files, both ways, each form in one place. Private to burn; text is all that passes here, so
// that one source file sees the JSON library.
#pragma once

#include <fsimage/burn/disc_description.hpp>
#include <fsimage/burn/disc_identity.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::json_forms {

struct DescriptionHeader {
  Media media;
  DiscIdentity identity;
  std::uint64_t bytes = 0;  // of the disc
  std::vector<StructureBlocks::Chunk> chunks;
};
std::string to_json(const DescriptionHeader&);
DescriptionHeader parse_description(std::string_view json);

struct SessionHeader {
  struct Replaced {
    BlockRange range;
    std::string label;
  };
  std::string image_id;
  Lba first;
  BlockCount blocks;
  std::vector<Replaced> replaced;  // disjoint, before `first`
  std::optional<DiscIdentity> made_for;
  std::string payload_digest;  // empty: not kept
};
std::string to_json(const SessionHeader&);
SessionHeader parse_session(std::string_view json);

}  // namespace fsimage::json_forms
