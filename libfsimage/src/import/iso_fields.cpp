#include "iso_fields.hpp"

#include "iso_descriptors.hpp"

#include <fsimage/format/iso9660/dates.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>

#include <algorithm>

namespace fsimage::volume {
namespace {

namespace rr = rockridge;

// SUSP 5.3: fields of a CD-ROM XA record come behind its fourteen bytes.
constexpr std::size_t kXaLength = 14;

Timestamp stamp(const rr::SystemUseEntry& tf, std::uint8_t flag) {
  const auto bytes = rr::time_stamp(tf, flag);
  if (!bytes) return kUnsetTime;
  const auto time = bytes->size() == rr::kLongStamp ? iso9660::from_long_date(load<iso9660::LongDate>(*bytes))
                                                    : iso9660::from_short_date(load<iso9660::ShortDate>(*bytes));
  return time.value_or(kUnsetTime);
}

// RRIP 4.1.2 means the halves of a 64-bit dev_t; most writers put major and minor there, some a packed 32-bit dev_t into
// the low half.
DeviceNumber device_number(std::uint32_t high, std::uint32_t low) {
  if (high == 0 && low > 0xFF) return {(low >> 8) & 0xFFF, (low & 0xFF) | ((low >> 12) & 0xFFF00)};
  return {high, low};
}

// One record's fields while they are put together from several areas.
class Collector {
 public:
  Collector(Walk& walk, Lba at, RockRidgeFields& out) : walk_(walk), at_(at), out_(out) {}

  void add_area(std::span<const std::byte> area) {
    continuation_.reset();
    rr::SystemUseEntries entries(area);
    while (const auto entry = entries.next()) add(*entry);
    if (entries.malformed())
      walk_.report.deviation(at_, "SUSP 1.12 4.1", "a system use field is shorter than its header or leaves its area");
  }
  const std::optional<rr::ContinuationArea>& continuation() const { return continuation_; }

  void finish() {
    out_.name = name_.name();
    out_.target = target_.target();
    if (bad_name_) walk_.report.deviation(at_, "RRIP 1.12 4.1.4", "an alternate name is cut short or too long");
    if (bad_target_) walk_.report.deviation(at_, "RRIP 1.12 4.1.3", "a symbolic link's component leaves its field");
  }

 private:
  void add(const rr::SystemUseEntry& e) {
    switch (e.header.signature[0] << 8 | e.header.signature[1]) {
      case 'P' << 8 | 'X':
        out_.posix = rr::posix_attributes(e);
        return check(out_.posix.has_value(), "RRIP 1.12 4.1.1", "PX is too short");
      case 'P' << 8 | 'N': {
        const auto pn = e.as<rr::PosixDeviceNumber>();
        if (pn) out_.device = device_number(pn->high.value(), pn->low.value());
        return check(pn.has_value(), "RRIP 1.12 4.1.2", "PN is too short");
      }
      case 'N' << 8 | 'M': bad_name_ |= !name_.add(e); return check(true, {}, {});
      case 'S' << 8 | 'L': bad_target_ |= !target_.add(e); return check(true, {}, {});
      case 'T' << 8 | 'F': return add_times(e);
      case 'C' << 8 | 'L': {
        const auto cl = e.as<rr::ChildLink>();
        if (cl) out_.child = Lba{cl->location.value()};
        return check(cl.has_value(), "RRIP 1.12 4.1.5.1", "CL is too short");
      }
      case 'R' << 8 | 'E': out_.relocated = true; return check(true, {}, {});
      case 'C' << 8 | 'E': {
        if (continuation_) walk_.report.deviation(at_, "SUSP 1.12 5.1", "two continuation areas in one area");
        continuation_ = e.as<rr::ContinuationArea>();
        if (!continuation_) walk_.report.deviation(at_, "SUSP 1.12 5.1", "CE is too short");
        return;
      }
      case 'E' << 8 | 'R': {
        const auto text = rr::extension_text(e);
        if (text && rr::is_rock_ridge(text->identifier)) out_.extension = text->identifier;
        return;
      }
      case 'Z' << 8 | 'F': out_.compressed = true; return;
      case 'S' << 8 | 'F': out_.sparse = true; return;
      default: return;
    }
  }

  void add_times(const rr::SystemUseEntry& tf) {
    namespace flags = rr::time_flags;
    for (const auto& [flag, time] : {std::pair{flags::kCreation, &out_.created},
                                     {flags::kModify, &out_.modified},
                                     {flags::kAccess, &out_.accessed},
                                     {flags::kAttributes, &out_.changed}}) {
      const auto t = stamp(tf, flag);
      if (t != kUnsetTime) *time = t;
    }
    check(true, {}, {});
  }

  void check(bool good, std::string_view clause, std::string_view text) {
    out_.any = true;
    if (!good) walk_.report.deviation(at_, clause, text);
  }

  Walk& walk_;
  Lba at_;
  RockRidgeFields& out_;
  rr::NameCollector name_;
  rr::TargetCollector target_;
  bool bad_name_ = false, bad_target_ = false;
  std::optional<rr::ContinuationArea> continuation_;
};

EntryStructure locate_continuation(Walk& walk, const rr::ContinuationArea& ce, Lba at) {
  const auto length = ce.length.value();
  const auto offset = std::uint64_t{ce.block.value()} * kBlockSize + ce.offset.value();
  if (length > kMaxContinuation)
    damaged(at, "SUSP 1.12 5.1", "a continuation area of " + std::to_string(length) + " bytes");
  if (!walk.blocks.contains(offset, length))
    damaged(at, "SUSP 1.12 5.1",
            "a continuation area beyond the end of the image, at block " + std::to_string(ce.block.value()));
  if (ce.offset.value() >= kBlockSize || ce.offset.value() + length > kBlockSize)
    walk.report.deviation(at, "SUSP 1.12 5.1", "a continuation area leaves its block");
  walk.budget.charge_metadata(length, at);
  return {EntryStructure::Kind::continuation_area, offset, length};
}

// First record of the root, which must be that of the root itself; its system use bytes.
std::vector<std::byte> root_system_use(Walk& walk, const DirectoryRef& root) {
  const auto length = std::min<std::uint64_t>(root.bytes, kBlockSize);
  if (!walk.blocks.contains(root.at, length)) return {};
  iso9660::DirectoryRecords records(walk.blocks.view(root.at, static_cast<std::size_t>(length), "ECMA-119 6.8.2.2"));
  try {
    const auto first = records.next();
    if (!first || !first->is_self()) return {};
    return {first->system_use.begin(), first->system_use.end()};
  } catch (const Error&) {
    return {};  // the walk will say what is wrong
  }
}

}  // namespace

RockRidgeFields read_fields(Walk& walk, std::span<const std::byte> area, Lba at, std::vector<EntryStructure>* areas) {
  RockRidgeFields out;
  Collector collector(walk, at, out);
  collector.add_area(area);
  for (std::uint32_t hops = 0; collector.continuation(); ++hops) {
    if (hops == walk.budget.limits().hops)
      throw Error(Errc::limit_exceeded, {.path = {}, .lba = at, .clause = "SUSP 1.12 5.1"},
                  "more than " + std::to_string(hops) + " continuation areas");
    const auto place = locate_continuation(walk, *collector.continuation(), at);
    if (areas != nullptr) areas->push_back(place);
    collector.add_area(walk.blocks.view(place.at, static_cast<std::size_t>(place.length), "SUSP 1.12 5.1"));
  }
  collector.finish();
  return out;
}

std::optional<std::uint8_t> find_rock_ridge(Walk& walk, const DirectoryRef& root) {
  const Muted muted(walk.report);  // reading the root's attributes will say it again
  const auto bytes = root_system_use(walk, root);
  std::span<const std::byte> area = bytes;
  auto skipped = rr::sharing_protocol(area);
  if (!skipped && area.size() > kXaLength) {
    skipped = rr::sharing_protocol(area.subspan(kXaLength));
    if (skipped) area = area.subspan(kXaLength);
  }
  try {
    const auto fields = read_fields(walk, area, lba_of(root.at), nullptr);
    if (fields.any || (skipped && !fields.extension.empty())) return skipped.value_or(0);
  } catch (const Error&) {
    if (skipped) return skipped;  // something is there; the walk will say what is wrong
  }
  return std::nullopt;
}

}  // namespace fsimage::volume
