#include <fsimage/format/udf/identifiers.hpp>

#include <algorithm>

namespace fsimage::udf {
namespace {

// UDF 6.3: operating system class 4 is UNIX, identifier 0 of it a generic one.
constexpr std::byte kOsClass{4}, kOsIdentifier{0};

void put_revision(EntityIdentifier& id, Revision revision) {
  const auto r = static_cast<unsigned>(revision);
  id.suffix[0] = static_cast<std::byte>(r & 0xFF);
  id.suffix[1] = static_cast<std::byte>(r >> 8);
}

}  // namespace

EntityIdentifier plain_identifier(std::string_view identifier) {
  EntityIdentifier id{};
  if (identifier.size() > id.identifier.size()) throw_too_large(identifier.size(), "ECMA-167 1/7.4.2 identifier");
  const auto bytes = std::as_bytes(std::span(identifier));
  std::copy(bytes.begin(), bytes.end(), id.identifier.begin());
  return id;
}

EntityIdentifier domain_identifier(Revision revision, std::uint8_t flags) {
  auto id = plain_identifier(kDomain);
  put_revision(id, revision);
  id.suffix[2] = std::byte{flags};
  return id;
}

EntityIdentifier udf_identifier(std::string_view identifier, Revision revision) {
  auto id = plain_identifier(identifier);
  put_revision(id, revision);
  id.suffix[2] = kOsClass;
  id.suffix[3] = kOsIdentifier;
  return id;
}

EntityIdentifier implementation_identifier() {
  auto id = plain_identifier(kImplementation);
  id.suffix[0] = kOsClass;
  id.suffix[1] = kOsIdentifier;
  return id;
}

std::string identifier_text(const EntityIdentifier& id) {
  std::string text;
  for (const auto b : id.identifier) text += std::to_integer<char>(b);
  text.erase(std::find_if(text.rbegin(), text.rend(), [](char c) { return c != '\0'; }).base(), text.end());
  return text;
}

bool is(const EntityIdentifier& id, std::string_view identifier) noexcept {
  const auto bytes = std::as_bytes(std::span(identifier));
  return bytes.size() <= id.identifier.size() && std::equal(bytes.begin(), bytes.end(), id.identifier.begin()) &&
         std::all_of(id.identifier.begin() + static_cast<std::ptrdiff_t>(bytes.size()), id.identifier.end(),
                     [](std::byte b) { return b == std::byte{0}; });
}

std::uint16_t suffix_revision(const EntityIdentifier& id) noexcept {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(id.suffix[0]) | std::to_integer<unsigned>(id.suffix[1])
                                                                                  << 8);
}

}  // namespace fsimage::udf
