#include <fsimage/format/rockridge/rrip.hpp>

#include <algorithm>
#include <bit>
#include <limits>

namespace fsimage::rockridge {
namespace {

constexpr std::size_t kMaxEntry = std::numeric_limits<std::uint8_t>::max();
constexpr std::size_t kMaxComponents = kMaxEntry - sizeof(SymbolicLink);

constexpr SystemUseHeader header(const char (&signature)[3], std::size_t length) {
  return {{signature[0], signature[1]}, static_cast<std::uint8_t>(length), kSystemUseVersion};
}

// Gathers component records and puts them out as SL entries. An entry that another one follows always ends inside a
// component: readers agree on how halves of a component join, while libarchive forgets the slash between an entry that
// ends with a whole one and the next.
class LinkWriter {
 public:
  explicit LinkWriter(Sink& out) : out_(out) {}

  void component(std::uint8_t flags, std::string_view content, bool last) {
    // What must stay free behind a component: room for the half of another.
    const std::size_t spare = last ? 0 : kHalf;
    while (room() < sizeof(ComponentRecord) + content.size() + spare) {
      const auto most = std::min(room() - sizeof(ComponentRecord), content.empty() ? 0 : content.size() - 1);
      record(kContinue, content.substr(0, most));
      content.remove_prefix(most);
      entry(kContinue);
    }
    record(flags, content);
  }
  void finish() { entry(0); }

 private:
  static constexpr std::size_t kHalf = sizeof(ComponentRecord) + 1;

  std::size_t room() const { return kMaxComponents - used_; }
  void record(std::uint8_t flags, std::string_view content) {
    pending_[used_++] = std::byte{flags};
    pending_[used_++] = static_cast<std::byte>(content.size());
    std::transform(content.begin(), content.end(), pending_.begin() + static_cast<std::ptrdiff_t>(used_),
                   [](char c) { return static_cast<std::byte>(c); });
    used_ += content.size();
  }
  void entry(std::uint8_t flags) {
    out_.put(bytes_of(SymbolicLink{header("SL", sizeof(SymbolicLink) + used_), flags}));
    out_.put(std::span(pending_).first(used_));
    used_ = 0;
  }

  Sink& out_;
  std::array<std::byte, kMaxComponents> pending_{};
  std::size_t used_ = 0;
};

}  // namespace

bool is_rock_ridge(std::string_view id) noexcept {
  return id == "RRIP_1991A" || id == "IEEE_P1282" || id == "IEEE_1282";
}

void put_posix_attributes(Sink& out, const PosixAttributes& a) {
  PosixFileAttributes px{};
  const auto length = a.serial ? sizeof px : kPosixFileAttributesOld;
  px.header = header("PX", length);
  px.mode = a.mode;
  px.links = a.links;
  px.user = a.user;
  px.group = a.group;
  px.serial = a.serial.value_or(0);
  out.put(bytes_of(px).first(length));
}

std::optional<PosixAttributes> posix_attributes(const SystemUseEntry& entry) {
  if (entry.bytes.size() < kPosixFileAttributesOld) return std::nullopt;
  std::array<std::byte, sizeof(PosixFileAttributes)> whole{};
  const bool has_serial = entry.bytes.size() >= whole.size();
  std::copy_n(entry.bytes.begin(), has_serial ? whole.size() : kPosixFileAttributesOld, whole.begin());
  const auto px = load<PosixFileAttributes>(whole);
  PosixAttributes a{px.mode.value(), px.links.value(), px.user.value(), px.group.value(), std::nullopt};
  if (has_serial) a.serial = px.serial.value();
  return a;
}

void put_device_number(Sink& out, std::uint32_t major, std::uint32_t minor) {
  PosixDeviceNumber pn{};
  pn.header = header("PN", sizeof pn);
  pn.high = major;
  pn.low = minor;
  out.put(bytes_of(pn));
}

void put_alternate_name(Sink& out, std::string_view name) {
  do {
    const auto part = name.substr(0, kMaxNameContent);
    name.remove_prefix(part.size());
    out.put(bytes_of(
        AlternateName{header("NM", sizeof(AlternateName) + part.size()), name.empty() ? std::uint8_t{0} : kContinue}));
    out.put(std::as_bytes(std::span(part)));
  } while (!name.empty());
}

void put_child_link(Sink& out, Lba at) {
  ChildLink cl{};
  cl.header = header("CL", sizeof cl);
  cl.location = at.value;
  out.put(bytes_of(cl));
}

void put_parent_link(Sink& out, Lba at) {
  ParentLink pl{};
  pl.header = header("PL", sizeof pl);
  pl.location = at.value;
  out.put(bytes_of(pl));
}

void put_relocated(Sink& out) { out.put(bytes_of(RelocatedDirectory{header("RE", sizeof(RelocatedDirectory))})); }

void put_time_stamps(Sink& out, std::uint8_t flags, std::span<const std::byte> stamps) {
  out.put(bytes_of(TimeStamps{header("TF", sizeof(TimeStamps) + stamps.size()), flags}));
  out.put(stamps);
}

std::optional<std::span<const std::byte>> time_stamp(const SystemUseEntry& entry, std::uint8_t flag) {
  const auto tf = entry.as<TimeStamps>();
  if (!tf || (tf->flags & flag) == 0) return std::nullopt;
  const auto size = (tf->flags & time_flags::kLongForm) != 0 ? kLongStamp : kShortStamp;
  const auto before = static_cast<std::size_t>(std::popcount(static_cast<std::uint8_t>(tf->flags & (flag - 1))));
  const auto stamps = entry.tail(sizeof(TimeStamps));
  if ((before + 1) * size > stamps.size()) return std::nullopt;
  return stamps.subspan(before * size, size);
}

void put_symbolic_link(Sink& out, std::string_view target) {
  LinkWriter link(out);
  if (target.starts_with('/')) {
    target.remove_prefix(1);
    link.component(component::kRoot, {}, target.empty());
    if (target.empty()) return link.finish();
  }
  for (bool last = false; !last;) {
    const auto slash = target.find('/');
    const auto name = target.substr(0, slash);
    last = slash == target.npos;
    if (name == ".") {
      link.component(component::kCurrent, {}, last);
    } else if (name == "..") {
      link.component(component::kParent, {}, last);
    } else {
      link.component(0, name, last);
    }
    if (!last) target.remove_prefix(slash + 1);
  }
  link.finish();
}

bool NameCollector::add(const SystemUseEntry& entry) {
  const auto nm = entry.as<AlternateName>();
  const auto part = text_of(entry.tail(sizeof(AlternateName)));
  if (!nm || name_.size() + part.size() > kMaxName) bad_ = true;
  if (bad_) return false;
  any_ = true;
  open_ = (nm->flags & kContinue) != 0;
  special_ = special_ || (nm->flags & (component::kCurrent | component::kParent | component::kHost)) != 0;
  name_ += part;
  return true;
}

std::optional<std::string> NameCollector::name() const {
  if (!any_ || open_ || bad_ || special_) return std::nullopt;
  return name_;
}

bool TargetCollector::add(const SystemUseEntry& entry) {
  const auto sl = entry.as<SymbolicLink>();
  if (!sl) bad_ = true;
  auto rest = entry.tail(sizeof(SymbolicLink));
  while (!bad_ && !rest.empty()) {
    if (rest.size() < sizeof(ComponentRecord)) {
      bad_ = true;
      break;
    }
    const auto record = load<ComponentRecord>(rest);
    rest = rest.subspan(sizeof record);
    if (record.length > rest.size() || !add_component(record.flags, text_of(rest.first(record.length)))) {
      bad_ = true;
      break;
    }
    rest = rest.subspan(record.length);
  }
  if (bad_) return false;
  any_ = true;
  open_ = (sl->flags & kContinue) != 0;
  return true;
}

bool TargetCollector::add_component(std::uint8_t flags, std::string_view content) {
  std::string_view what = content;
  switch (flags & ~kContinue) {
    case 0: break;
    case component::kCurrent: what = "."; break;
    case component::kParent: what = ".."; break;
    case component::kVolumeRoot: volume_root_ = true; [[fallthrough]];
    case component::kRoot: what = "/"; break;
    default: return false;  // the name of a host that is not known
  }
  if (needs_slash_ && what != "/") target_ += '/';
  target_ += what;
  const bool root = (flags & (component::kRoot | component::kVolumeRoot)) != 0;
  needs_slash_ = !root && (flags & kContinue) == 0;
  return target_.size() <= kMaxTarget;
}

std::optional<std::string> TargetCollector::target() const {
  if (!any_ || open_ || bad_) return std::nullopt;
  return target_;
}

}  // namespace fsimage::rockridge
