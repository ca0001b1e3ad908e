#include <fsimage/format/rockridge/aaip.hpp>

#include <fsimage/format/rockridge/rrip.hpp>

#include <algorithm>
#include <array>

namespace fsimage::rockridge {
namespace {

constexpr std::uint8_t kAttributeListVersion = 1;

// AAIP 2.0 "Namespaces": the first byte of a name stands for the namespace; 1 for nothing, so that the next is a letter.
constexpr std::array<std::string_view, 7> kNamespaces{"", "", "system.", "user.", "isofs.", "trusted.", "security."};
constexpr char kUserNamespace = 3;
constexpr unsigned char kFirstPlain = 0x20;  // the bytes below are reserved

// ACL entry flags: three permissions, whether a qualifier follows, the type.
constexpr unsigned kExecute = 0x01, kWrite = 0x02, kRead = 0x04, kQualified = 0x08;
constexpr unsigned kTypeShift = 4;
constexpr unsigned kSwitchMark = 8;  // what follows belongs to the list that is inherited
constexpr unsigned kMoreQualifier = 0x80;
constexpr std::size_t kLongestId = 4;

// Gathers component records and puts them out as AL entries.
class ListWriter {
 public:
  explicit ListWriter(Sink& out) : out_(out) {}

  // In as many records as it takes, the front of which is `head`.
  void component(std::string_view head, std::string_view content) {
    for (bool more = true; more;) {
      if (room() < sizeof(ComponentRecord) + head.size() + 1) entry(kContinue);
      const auto part = content.substr(0, room() - sizeof(ComponentRecord) - head.size());
      content.remove_prefix(part.size());
      more = !content.empty();
      used_ += more ? static_cast<char>(kContinue) : '\0';
      used_ += static_cast<char>(head.size() + part.size());
      (used_ += head) += part;
      head = {};
    }
  }
  void finish() { entry(0); }

 private:
  static constexpr std::size_t kRoom = 255 - sizeof(AttributeList);

  std::size_t room() const { return kRoom - used_.size(); }
  void entry(std::uint8_t flags) {
    const auto length = static_cast<std::uint8_t>(sizeof(AttributeList) + used_.size());
    out_.put(bytes_of(AttributeList{{{'A', 'L'}, length, kAttributeListVersion}, flags}));
    out_.put(std::as_bytes(std::span(used_)));
    used_.clear();
  }

  Sink& out_;
  std::string used_;
};

std::optional<std::string> spelled_out(std::string_view name) {
  if (name.find('\0') != name.npos) return std::nullopt;
  if (name.empty()) return std::string();
  const auto first = static_cast<unsigned char>(name.front());
  if (first >= kFirstPlain) return std::string(name);
  if (first >= kNamespaces.size()) return std::nullopt;
  auto out = std::string(kNamespaces[first]).append(name.substr(1));
  if (out.empty()) return std::nullopt;
  return out;
}

// A component from as many records as say that they go on; nullopt when the bytes end before.
std::optional<std::string> take_component(std::string_view& rest) {
  std::string out;
  for (bool more = true; more;) {
    if (rest.size() < sizeof(ComponentRecord)) return std::nullopt;
    more = (static_cast<unsigned char>(rest[0]) & kContinue) != 0;
    const std::size_t length = static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(sizeof(ComponentRecord));
    if (length > rest.size()) return std::nullopt;
    out.append(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return out;
}

// All records of a qualifier; nullopt when the value ends before.
std::optional<std::string> take_qualifier(std::string_view& rest) {
  std::string out;
  for (bool more = true; more;) {
    if (rest.empty()) return std::nullopt;
    const auto head = static_cast<unsigned char>(rest[0]);
    more = (head & kMoreQualifier) != 0;
    const std::size_t length = head & ~kMoreQualifier;
    rest.remove_prefix(1);
    if (length > rest.size()) return std::nullopt;
    out.append(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return out;
}

std::optional<AclEntry::Type> acl_type(unsigned code) {
  switch (static_cast<AclEntry::Type>(code)) {
    case AclEntry::Type::owner:
    case AclEntry::Type::owning_group:
    case AclEntry::Type::mask:
    case AclEntry::Type::others:
    case AclEntry::Type::user:
    case AclEntry::Type::group: return static_cast<AclEntry::Type>(code);
    default: return std::nullopt;
  }
}

bool is_named(AclEntry::Type type) { return type == AclEntry::Type::user || type == AclEntry::Type::group; }

// The tags of Linux, which are also their order in a list.
std::uint16_t linux_tag(AclEntry::Type type) {
  switch (type) {
    case AclEntry::Type::owner: return 0x01;
    case AclEntry::Type::user: return 0x02;
    case AclEntry::Type::owning_group: return 0x04;
    case AclEntry::Type::group: return 0x08;
    case AclEntry::Type::mask: return 0x10;
    case AclEntry::Type::others: return 0x20;
  }
  return 0;
}

}  // namespace

bool is_attribute_list(std::string_view id) noexcept { return id == kAttributeExtensionIdentifier; }

void put_user_attributes(Sink& out, std::span<const UserAttribute> attributes) {
  ListWriter list(out);
  for (const auto& a : attributes) {
    list.component({&kUserNamespace, 1}, a.name);
    list.component({}, a.value);
  }
  list.finish();
}

void AttributeCollector::add(const SystemUseEntry& entry) {
  const auto al = entry.as<AttributeList>();
  const auto part = text_of(entry.tail(sizeof(AttributeList)));
  if (!al || entry.header.version != kAttributeListVersion || ended_ || part.size() > kMaxBytes - bytes_.size()) {
    bad_ = true;
    return;
  }
  bytes_ += part;
  ended_ = (al->flags & kContinue) == 0;
}

std::vector<RecordedAttribute> AttributeCollector::attributes(bool& sound) const {
  std::vector<RecordedAttribute> out;
  sound = !bad_ && (ended_ || bytes_.empty());
  for (std::string_view rest = bytes_; !rest.empty();) {
    const auto name = take_component(rest);
    auto value = name ? take_component(rest) : std::nullopt;
    if (!value || out.size() == kMaxCount) {
      sound = false;
      break;
    }
    if (auto spelled = spelled_out(*name))
      out.push_back({std::move(*spelled), std::move(*value)});
    else
      sound = false;
  }
  return out;
}

std::optional<Acl> decode_acl(std::string_view value) {
  Acl out;
  auto* list = &out.access;
  while (!value.empty()) {
    const unsigned flags = static_cast<unsigned char>(value[0]);
    value.remove_prefix(1);
    std::string qualifier;
    if ((flags & kQualified) != 0) {
      auto taken = take_qualifier(value);
      if (!taken) return std::nullopt;
      qualifier = std::move(*taken);
    }
    if (flags >> kTypeShift == kSwitchMark) {
      list = &out.inherited;
      continue;
    }
    const auto type = acl_type(flags >> kTypeShift);
    if (!type) continue;
    AclEntry entry{
        .type = *type,
        .permissions = static_cast<std::uint8_t>(((flags & kRead) != 0 ? 4U : 0U) | ((flags & kWrite) != 0 ? 2U : 0U) |
                                                 ((flags & kExecute) != 0 ? 1U : 0U))};
    if (is_named(*type)) {
      if (qualifier.empty() || qualifier.size() > kLongestId) return std::nullopt;
      for (const char c : qualifier) entry.id = entry.id << 8 | static_cast<unsigned char>(c);
    }
    list->push_back(entry);
  }
  return out;
}

std::string linux_acl(std::vector<AclEntry> entries) {
  constexpr std::uint32_t kVersion = 2, kNoId = 0xFFFFFFFF;
  std::ranges::stable_sort(entries, [](const AclEntry& a, const AclEntry& b) {
    return std::pair(linux_tag(a.type), a.id) < std::pair(linux_tag(b.type), b.id);
  });
  std::string out;
  const auto put = [&](std::uint32_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xFF);
  };
  put(kVersion, 4);
  for (const auto& e : entries) {
    put(linux_tag(e.type), 2);
    put(e.permissions, 2);
    put(is_named(e.type) ? e.id : kNoId, 4);
  }
  return out;
}

}  // namespace fsimage::rockridge
