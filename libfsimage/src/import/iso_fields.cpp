#include "iso_fields.hpp"

#include <fsimage/format/iso9660/dates.hpp>
#include <fsimage/format/iso9660/directory_record.hpp>

#include <algorithm>

namespace fsimage::volume {
namespace {

namespace rr = rockridge;

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
class FieldCollector {
 public:
  FieldCollector(Walk& walk, const IsoVolume& volume, Lba at, RockRidgeFields& out, rr::AttributeCollector* attributes)
      : walk_(walk), volume_(volume), at_(at), out_(out), attributes_(attributes) {}

  void add_area(std::span<const std::byte> area) {
    continuation_.reset();
    rr::SystemUseEntries entries(area);
    while (const auto entry = entries.next()) take(*entry);
    if (entries.malformed())
      walk_.report.deviation(at_, "SUSP 1.12 4.1", "a system use field is shorter than its header or leaves its area");
  }
  const std::optional<rr::ContinuationArea>& continuation() const { return continuation_; }

  void finish() {
    out_.name = name_.name();
    out_.target = target_.target();
    if (bad_name_) walk_.report.deviation(at_, "RRIP 1.12 4.1.4", "an alternate name is cut short or too long");
    if (bad_target_)
      walk_.report.deviation(at_, "RRIP 1.12 4.1.3",
                             "a symbolic link's component leaves its field, or is of a kind that is not known");
    if (target_.volume_root())
      walk_.report.deviation(at_, "RRIP 1.12 4.1.3", "a symbolic link to the root of its volume; taken for \"/\"");
  }

 private:
  static constexpr unsigned word(char a, char b) {
    return static_cast<unsigned char>(a) * 256U + static_cast<unsigned char>(b);
  }

  // Fields of SUSP itself count whichever extension is selected, SUSP 5.6.
  void take(const rr::SystemUseEntry& e) {
    switch (word(e.header.signature[0], e.header.signature[1])) {
      case word('C', 'E'): return add_continuation(e);
      case word('E', 'R'): return add_extension(e);
      case word('E', 'S'):
        if (const auto es = e.as<rr::ExtensionSelector>()) {
          others_ = volume_.selector && es->sequence != *volume_.selector;
          other_attributes_ = volume_.attribute_selector ? es->sequence != *volume_.attribute_selector : others_;
        }
        return;
      case word('A', 'L'):
        if (other_attributes_) return;
        out_.attribute_list = true;
        if (attributes_ != nullptr) attributes_->add(e);
        return;
      default:
        if (!others_) add(e);
    }
  }

  void add(const rr::SystemUseEntry& e) {
    switch (word(e.header.signature[0], e.header.signature[1])) {
      case word('P', 'X'):
        out_.posix = rr::posix_attributes(e);
        return check(out_.posix.has_value(), "RRIP 1.12 4.1.1", "PX is too short");
      case word('P', 'N'): {
        const auto pn = e.as<rr::PosixDeviceNumber>();
        if (pn) out_.device = device_number(pn->high.value(), pn->low.value());
        return check(pn.has_value(), "RRIP 1.12 4.1.2", "PN is too short");
      }
      case word('N', 'M'): bad_name_ |= !name_.add(e); return check(true, {}, {});
      case word('S', 'L'): bad_target_ |= !target_.add(e); return check(true, {}, {});
      case word('T', 'F'): return add_times(e);
      case word('C', 'L'): {
        const auto cl = e.as<rr::ChildLink>();
        if (cl) out_.child = Lba{cl->location.value()};
        return check(cl.has_value(), "RRIP 1.12 4.1.5.1", "CL is too short");
      }
      case word('R', 'E'): out_.relocated = true; return check(true, {}, {});
      case word('R', 'R'): return check(true, {}, {});  // RRIP 1.09 4.1.7: which of the others are there
      case word('Z', 'F'):
      case word('Z', '2'):
        out_.zisofs = rr::compressed_file(e);
        if (!out_.zisofs) walk_.report.deviation(at_, "zisofs", "ZF is too short");
        return;
      case word('S', 'F'): out_.sparse = true; return;
      default: return;
    }
  }

  void add_continuation(const rr::SystemUseEntry& e) {
    if (continuation_) walk_.report.deviation(at_, "SUSP 1.12 5.1", "two continuation areas in one area");
    continuation_ = e.as<rr::ContinuationArea>();
    if (!continuation_) walk_.report.deviation(at_, "SUSP 1.12 5.1", "CE is too short");
  }

  void add_extension(const rr::SystemUseEntry& e) {
    const auto text = rr::extension_text(e);
    if (text && rr::is_rock_ridge(text->identifier) && out_.extension.empty()) {
      out_.extension = text->identifier;
      out_.selector = extensions_;
    } else if (text && rr::is_attribute_list(text->identifier)) {
      out_.attribute_selector = extensions_;
    }
    if (extensions_ != 0xFF) ++extensions_;
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
  const IsoVolume& volume_;
  Lba at_;
  RockRidgeFields& out_;
  rr::AttributeCollector* attributes_;
  rr::NameCollector name_;
  rr::TargetCollector target_;
  bool bad_name_ = false, bad_target_ = false;
  bool others_ = false, other_attributes_ = false;  // what follows belongs to another extension
  std::uint8_t extensions_ = 0;                     // ER so far
  std::optional<rr::ContinuationArea> continuation_;
};

EntryStructure locate_continuation(Walk& walk, const IsoVolume& volume, const rr::ContinuationArea& ce, Lba at) {
  const auto length = ce.length.value();
  const auto offset = volume.offset_of(ce.block.value()) + ce.offset.value();
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
  try {
    iso9660::DirectoryRecords records(walk.blocks.view(root.at, static_cast<std::size_t>(length), "ECMA-119 6.8.2.2"));
    const auto first = records.next();
    if (!first || !first->is_self()) return {};
    return {first->system_use.begin(), first->system_use.end()};
  } catch (const Error& e) {
    if (e.code() != Errc::corrupt_structure && !walk.report.survives(e)) throw;
    return {};  // the walk will say what is wrong
  }
}

bool is_field(std::span<const std::byte> area) {
  if (area.size() < sizeof(rr::SystemUseHeader)) return false;
  const auto h = load<rr::SystemUseHeader>(area);
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return letter(h.signature[0]) && letter(h.signature[1]) && h.length >= sizeof h && h.length <= area.size();
}

// CD-ROM XA 2.7: owner, attributes, "XA", file number, five bytes that are not used.
bool is_extended_architecture(std::span<const std::byte> use) {
  return use.size() >= kXaLength && use[6] == std::byte{'X'} && use[7] == std::byte{'A'};
}

// All areas of a record, one after another.
void follow(Walk& walk, const IsoVolume& volume, std::span<const std::byte> area, Lba at, FieldCollector& collector,
            std::vector<EntryStructure>* areas) {
  collector.add_area(area);
  for (std::uint32_t hops = 0; collector.continuation(); ++hops) {
    if (hops == walk.budget.limits().hops)
      throw Error(Errc::limit_exceeded, {.path = {}, .lba = at, .clause = "SUSP 1.12 5.1"},
                  "more than " + std::to_string(hops) + " continuation areas");
    const auto place = locate_continuation(walk, volume, *collector.continuation(), at);
    if (areas != nullptr) areas->push_back(place);
    collector.add_area(walk.blocks.view(place.at, static_cast<std::size_t>(place.length), "SUSP 1.12 5.1"));
  }
}

// The same; in salvage as far as they lead.
void collect(Walk& walk, const IsoVolume& volume, std::span<const std::byte> area, Lba at, FieldCollector& collector,
             std::vector<EntryStructure>* areas) {
  try {
    follow(walk, volume, area, at, collector, areas);
  } catch (const Error& e) {
    // A ring of areas is damage too; it must not use up the limits of the walk.
    const bool ring = e.code() == Errc::limit_exceeded && e.where().clause == "SUSP 1.12 5.1";
    const Error seen = ring ? Error(Errc::corrupt_structure, e.where(), e.message()) : e;
    if (!walk.report.survives(seen)) throw;
    walk.report.lost(seen);
  }
}

}  // namespace

std::span<const std::byte> field_area(const IsoVolume& volume, std::span<const std::byte> use) {
  const auto said = use.subspan(std::min<std::size_t>(volume.skipped, use.size()));
  if (is_field(said)) return said;
  // Some records have CD-ROM XA's bytes and others have not, whatever SP says.
  if (is_extended_architecture(use) && !is_field(use)) return use.subspan(kXaLength);
  return is_field(use) ? use : said;
}

RockRidgeFields read_fields(Walk& walk, const IsoVolume& volume, std::span<const std::byte> area, Lba at,
                            std::vector<EntryStructure>* areas) {
  RockRidgeFields out;
  FieldCollector collector(walk, volume, at, out, nullptr);
  collect(walk, volume, area, at, collector, areas);
  collector.finish();
  return out;
}

std::vector<ExtendedAttribute> read_attribute_list(Walk& walk, const IsoVolume& volume, std::span<const std::byte> area,
                                                   Lba at) {
  constexpr std::string_view kOwn = "isofs.";  // what libisofs keeps for itself
  constexpr std::string_view kAccess = "system.posix_acl_access", kInherited = "system.posix_acl_default";
  RockRidgeFields fields;
  rr::AttributeCollector attributes;
  {
    const Muted muted(walk.report);  // the walk has said what is wrong with the areas
    FieldCollector collector(walk, volume, at, fields, &attributes);
    collect(walk, volume, area, at, collector, nullptr);
  }
  bool sound = true;
  std::vector<ExtendedAttribute> out;
  const auto add = [&](std::string_view name, std::string value) {
    if (std::ranges::any_of(out, [&](const auto& x) { return x.name == name; })) return;
    const auto size = value.size();
    if (size > walk.budget.limits().attribute_bytes) value.clear();
    out.push_back({std::string(name), std::move(value), size});
  };
  const auto recorded = attributes.attributes(sound);
  for (const auto& a : recorded)
    if (!a.name.empty() && !a.name.starts_with(kOwn)) add(a.name, a.value);
  // A list under its name in Linux is the better one: nothing had to be put into another form.
  for (const auto& a : recorded) {
    if (!a.name.empty()) continue;
    const auto acl = rr::decode_acl(a.value);
    sound = sound && acl;
    if (acl && !acl->access.empty()) add(kAccess, rr::linux_acl(acl->access));
    if (acl && !acl->inherited.empty()) add(kInherited, rr::linux_acl(acl->inherited));
  }
  if (!sound) walk.report.deviation(at, "AAIP 2.0", "extended attributes that are cut short or have no sound name");
  return out;
}

bool find_rock_ridge(Walk& walk, IsoVolume& volume) {
  const Muted muted(walk.report);  // reading the root's attributes will say it again
  const auto bytes = root_system_use(walk, volume.root);
  std::span<const std::byte> area = bytes;
  auto skipped = rr::sharing_protocol(area);
  if (!skipped && area.size() > kXaLength) {
    skipped = rr::sharing_protocol(area.subspan(kXaLength));
    if (skipped) area = area.subspan(kXaLength);
  }
  volume.skipped = skipped.value_or(0);
  try {
    const auto fields = read_fields(walk, volume, area, lba_of(volume.root.at), nullptr);
    volume.selector = fields.selector;
    volume.attribute_selector = fields.attribute_selector;
    return fields.any || (skipped && !fields.extension.empty());
  } catch (const Error&) {
    return skipped.has_value();  // something is there; the walk will say what is wrong
  }
}

}  // namespace fsimage::volume
