#include "json_forms.hpp"

#include "json_reader.hpp"

#include <fsimage/burn/burn_job.hpp>

namespace fsimage::json_forms {
namespace {

constexpr std::size_t kMostSessions = 10'000;
constexpr std::size_t kMostSpeeds = 1000;
constexpr std::size_t kMostReplaced = 1024;
constexpr std::size_t kMostChunks = std::size_t{1} << 20;

// --- sessions, media

Json form(const MediaSession& s) { return Json{s.first.value, s.last.value}; }

MediaSession session(const JsonNode& node) {
  const auto both = node.tuple(2);
  const MediaSession out{both[0].lba(), both[1].lba()};
  if (out.last < out.first) bad_json("a session that ends before it begins");
  return out;
}

Json form(const Media& m) {
  Json sessions = Json::array();
  for (const auto& s : m.sessions) sessions.push_back(form(s));
  return Json{{"type", to_string(m.type)},
              {"class", to_string(m.media_class)},
              {"state", to_string(m.state)},
              {"write_protected", m.write_protected},
              {"final_session", m.final_session},
              {"capacity", json_or_null(m.capacity)},
              {"used", m.used.value},
              {"free", json_or_null(m.free)},
              {"next_writable", json_or_null(m.next_writable)},
              {"write_unit", m.write_unit.value},
              {"sessions", std::move(sessions)},
              {"disc_id", m.disc_id},
              {"write_speeds", m.write_speeds}};
}

MediaType media_type(const JsonNode& node) {
  const auto word = node.text();
  const auto type = parse_media_type(word);
  if (!type) bad_json("a medium of type '" + word + "', which this version does not know");
  return *type;
}

template <class T>
std::optional<T> optional32(const JsonNode& node, const char* member) {
  const auto found = node.find(member);
  return found ? std::optional(T{found->number32()}) : std::nullopt;
}

Media media(const JsonNode& node) {
  Media m;
  m.type = media_type(node.at("type"));
  m.media_class = node.at("class").choice({MediaClass::read_only, MediaClass::sequential, MediaClass::overwritable});
  m.state = node.at("state").choice({MediaState::absent, MediaState::blank, MediaState::appendable, MediaState::closed,
                                     MediaState::damaged, MediaState::unsupported});
  m.write_protected = node.at("write_protected").flag();
  m.final_session = node.at("final_session").flag();
  m.capacity = optional32<BlockCount>(node, "capacity");
  m.used = node.at("used").blocks();
  m.free = optional32<BlockCount>(node, "free");
  m.next_writable = optional32<Lba>(node, "next_writable");
  m.write_unit = node.at("write_unit").blocks();
  if (m.write_unit.value == 0) bad_json("a write unit of no blocks");
  for (const auto& item : node.at("sessions").items(kMostSessions)) m.sessions.push_back(session(item));
  m.disc_id = node.at("disc_id").text();
  for (const auto& item : node.at("write_speeds").items(kMostSpeeds)) m.write_speeds.push_back(item.number32());
  return m;
}

// --- identity

Json form(const DiscIdentity& i) {
  Json volumes = Json::object();
  for (const auto& v : i.volumes) volumes[std::string(to_string(v.view))] = v.name;
  Json covered = Json::array();
  for (const auto& r : i.covered) covered.push_back({r.first.value, r.blocks.value});
  return Json{{"media", to_string(i.media)},
              {"disc_id", i.disc_id},
              {"volumes", std::move(volumes)},
              {"sessions", i.sessions},
              {"last_session", i.last_session ? form(*i.last_session) : Json(nullptr)},
              {"next_writable", json_or_null(i.next_writable)},
              {"used", i.used.value},
              {"digest", i.digest},
              {"covered", std::move(covered)},
              {"unreadable", i.unreadable}};
}

std::vector<BlockRange> ranges(const JsonNode& node) {
  std::vector<BlockRange> out;
  std::uint64_t end = 0, total = 0;
  for (const auto& item : node.items(kMostCoveredRanges)) {
    const auto both = item.tuple(2);
    const BlockRange r{both[0].lba(), both[1].blocks()};
    if (r.first.value < end || r.blocks.value == 0) bad_json("ranges of blocks that are not ascending");
    end = std::uint64_t{r.first.value} + r.blocks.value;
    if (end > std::numeric_limits<std::uint32_t>::max()) bad_json("a range beyond what any disc holds");
    total += r.blocks.value;
    out.push_back(r);
  }
  if (total > kMostCoveredBlocks)
    throw Error(Errc::limit_exceeded, {}, "an identity that covers " + std::to_string(total) + " blocks of a disc");
  return out;
}

DiscIdentity identity(const JsonNode& node) {
  DiscIdentity i;
  i.media = media_type(node.at("media"));
  i.disc_id = node.at("disc_id").text();
  const auto volumes = node.at("volumes");
  for (const View view : {View::iso9660, View::enhanced, View::joliet, View::rockridge, View::udf})
    if (const auto name = volumes.find(std::string(to_string(view)).c_str())) i.volumes.push_back({view, name->text()});
  i.sessions = node.at("sessions").number32();
  if (const auto last = node.find("last_session")) i.last_session = session(*last);
  i.next_writable = optional32<Lba>(node, "next_writable");
  i.used = node.at("used").blocks();
  i.digest = node.at("digest").digest();
  i.covered = ranges(node.at("covered"));
  i.unreadable = node.at("unreadable").number32();
  return i;
}

}  // namespace

std::string to_json(const DescriptionHeader& h) {
  Json chunks = Json::array();
  for (const auto& c : h.chunks)
    chunks.push_back({c.first.value, c.blocks.value, c.offset, c.bytes, c.bytes == 0 ? Json(nullptr) : Json(c.digest)});
  return dump_json(Json{
      {"media", form(h.media)}, {"identity", form(h.identity)}, {"bytes", h.bytes}, {"metadata", std::move(chunks)}});
}

DescriptionHeader parse_description(std::string_view text) {
  const auto json = parse_json(text);
  const JsonNode node(json, "");
  DescriptionHeader h;
  h.media = media(node.at("media"));
  h.identity = identity(node.at("identity"));
  h.bytes = node.at("bytes").number();
  for (const auto& item : node.at("metadata").items(kMostChunks)) {
    const auto fields = item.tuple(5);
    StructureBlocks::Chunk c{fields[0].lba(), fields[1].blocks(), fields[2].number(), fields[3].number32(), {}};
    if (c.bytes != 0) c.digest = fields[4].digest();
    h.chunks.push_back(std::move(c));
  }
  return h;
}

std::string to_json(const SessionHeader& h) {
  Json replaced = Json::array();
  for (const auto& r : h.replaced) replaced.push_back({r.range.first.value, r.range.blocks.value, r.label});
  return dump_json(Json{{"image_id", h.image_id},
                        {"first", h.first.value},
                        {"blocks", h.blocks.value},
                        {"replaced", std::move(replaced)},
                        {"made_for", h.made_for ? form(*h.made_for) : Json(nullptr)},
                        {"digest", h.payload_digest.empty() ? Json(nullptr) : Json(h.payload_digest)}});
}

SessionHeader parse_session(std::string_view text) {
  const auto json = parse_json(text);
  const JsonNode node(json, "");
  SessionHeader h;
  h.image_id = node.at("image_id").digest();
  h.first = node.at("first").lba();
  h.blocks = node.at("blocks").blocks();
  if (h.blocks.value == 0) bad_json("an image of no blocks");
  if (std::uint64_t{h.first.value} + h.blocks.value > std::numeric_limits<std::uint32_t>::max())
    bad_json("an image that ends beyond what any disc holds");
  for (const auto& item : node.at("replaced").items(kMostReplaced)) {
    const auto fields = item.tuple(3);
    const BlockRange r{fields[0].lba(), fields[1].blocks()};
    if (r.blocks.value == 0 || r.first >= h.first || r.blocks > h.first - r.first)
      bad_json("replaced blocks that do not lie before the image");
    h.replaced.push_back({r, fields[2].text()});
  }
  auto sorted = h.replaced;
  std::ranges::sort(sorted, {}, [](const auto& r) { return r.range.first; });
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i].range.first < sorted[i - 1].range.first + sorted[i - 1].range.blocks)
      bad_json("replaced blocks that lie upon one another");
  if (const auto made_for = node.find("made_for")) h.made_for = identity(*made_for);
  if (const auto digest = node.find("digest")) h.payload_digest = digest->digest();
  return h;
}

namespace {

Json form(const RecorderInfo& r) {
  return Json{
      {"backend", r.backend}, {"name", r.name}, {"vendor", r.vendor}, {"product", r.product}, {"revision", r.revision}};
}

Json form_or_null(const std::optional<DiscIdentity>& i) { return i ? form(*i) : Json(nullptr); }

Json receipt_form(const BurnReceipt& r) {
  return Json{{"outcome", to_string(r.outcome)},
              {"error", r.error.empty() ? Json(nullptr) : Json(r.error)},
              {"image_id", r.image_id},
              {"first", r.first.value},
              {"blocks", r.blocks.value},
              {"replaced", r.replaced.value},
              {"recorder", form(r.recorder)},
              {"verify", to_string(r.verify)},
              {"verification", to_string(r.verification)},
              {"close_disc", r.close_disc},
              {"ejected", r.ejected},
              {"as_before", r.reversible},
              {"milliseconds", r.elapsed.count()},
              {"kib_per_second", r.kib_per_second},
              {"overridden", r.overridden},
              {"findings", r.findings},
              {"media_before", form(r.before)},
              {"media_after", form(r.after)},
              {"made_for", form_or_null(r.made_for)},
              {"disc_before", form_or_null(r.disc_before)},
              {"disc_after", form_or_null(r.disc_after)}};
}

}  // namespace

}  // namespace fsimage::json_forms

namespace fsimage {

std::string to_json(const DiscIdentity& i) { return json_forms::dump_json(json_forms::form(i)); }
DiscIdentity parse_disc_identity(std::string_view text) {
  const auto json = json_forms::parse_json(text);
  return json_forms::identity(json_forms::JsonNode(json, ""));
}

std::string to_json(const Media& m) { return json_forms::dump_json(json_forms::form(m)); }
Media parse_media(std::string_view text) {
  const auto json = json_forms::parse_json(text);
  return json_forms::media(json_forms::JsonNode(json, ""));
}

std::string to_json(const BurnReceipt& r) {
  constexpr int kIndent = 2;
  return json_forms::dump_json(json_forms::receipt_form(r), kIndent) + "\n";
}

}  // namespace fsimage
