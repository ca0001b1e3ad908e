// The Arbitrary Attribute Interchange Protocol of libisofs: extended attributes and access control lists in system use
// entries beside those of Rock Ridge. Decoders check lengths and never follow anything. Values and pure functions, any
// thread.
#pragma once

#include <fsimage/core/sink.hpp>
#include <fsimage/format/rockridge/susp.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::rockridge {

inline constexpr std::string_view kAttributeExtensionIdentifier = "AAIP_0200";
inline constexpr std::string_view kAttributeExtensionDescriptor =
    "AL HOLDS EXTENDED ATTRIBUTES AND ACCESS CONTROL LISTS.";
inline constexpr std::string_view kAttributeExtensionSource = "LIBISOFS: DOC/SUSP_AAIP_2_0.TXT";
// Whether an extensions reference announces AAIP of the version that is read here.
bool is_attribute_list(std::string_view extension_identifier) noexcept;

// AAIP 2.0 "AL", the fixed part: component records follow, which have the form of those of SL and may go on in the next
// entry. Names and values take turns.
struct AttributeList {
  SystemUseHeader header;
  std::uint8_t flags;  // BP 5: kContinue
};
static_assert(sizeof(AttributeList) == 5 && offsetof(AttributeList, flags) + 1 == 5);

struct RecordedAttribute {
  std::string name;   // "user.comment", its namespace spelled out; empty: the value is an access control list
  std::string value;  // any bytes
};

// An extended attribute "user.NAME", without its namespace. The longest name that Linux has for one is of 250 bytes.
struct UserAttribute {
  static constexpr std::size_t kMaxName = 250;
  std::string_view name;   // no NUL
  std::string_view value;  // any bytes
};
// As AL entries, the last of which says that it is the last.
void put_user_attributes(Sink&, std::span<const UserAttribute>);

// Puts the attributes of one record together from its AL entries, in their order.
class AttributeCollector {
 public:
  // Of names and values together, and in number: more than any file system keeps.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20, kMaxCount = 1024;

  void add(const SystemUseEntry& al);
  bool any() const { return !bytes_.empty(); }
  // Those that are whole. `sound` becomes false when there is a rest that is none, or a name that cannot be one.
  std::vector<RecordedAttribute> attributes(bool& sound) const;

 private:
  std::string bytes_;  // the component records of all entries
  bool bad_ = false, ended_ = false;
};

// One permission of an access control list; the types are those of POSIX.1e as AAIP numbers them.
struct AclEntry {
  enum class Type : std::uint8_t { owner = 1, owning_group = 3, mask = 5, others = 6, user = 10, group = 12 };
  Type type{};
  std::uint8_t permissions = 0;  // read 4, write 2, execute 1
  std::uint32_t id = 0;          // of a user or group that is named
  friend bool operator==(const AclEntry&, const AclEntry&) = default;
};
struct Acl {
  std::vector<AclEntry> access;
  std::vector<AclEntry> inherited;  // the "default" list, which a folder gives to what is made in it
};
// The value of the attribute without a name. Entries of types that are not known here are passed over, as the protocol
// asks. nullopt when a qualifier is cut short or too large.
std::optional<Acl> decode_acl(std::string_view value);
// The list as Linux keeps it under "system.posix_acl_access" and "system.posix_acl_default".
std::string linux_acl(std::vector<AclEntry> entries);

}  // namespace fsimage::rockridge

namespace fsimage {

template <>
struct WireTable<rockridge::AttributeList> {
  using T = rockridge::AttributeList;
  static constexpr std::string_view spec = "AAIP 2.0";
  static constexpr auto fields = std::tuple{Field{"header", "AL", &T::header}, Field{"flags", "AL", &T::flags}};
};
static_assert(tiled_size<rockridge::AttributeList>() == sizeof(rockridge::AttributeList));

}  // namespace fsimage
