#include <fsimage/core/text.hpp>
#include <fsimage/format/udf/cs0.hpp>
#include <fsimage/format/udf/symlink.hpp>

namespace fsimage::udf {
namespace {

void put_component(PathComponentType type, std::u16string_view identifier, Sink& out) {
  PathComponent c{};
  c.type = static_cast<std::uint8_t>(type);
  c.identifier_length = checked<std::uint8_t>(cs0_size(identifier), "ECMA-167 4/14.16.1.2");
  out.put(bytes_of(c));
  encode_cs0(identifier, out);
}

}  // namespace

bool encode_symlink(std::string_view target, Sink& out) {
  bool exact = true;
  bool first = true;
  while (first || !target.empty()) {
    const auto slash = target.find('/');
    const auto part = target.substr(0, slash);
    target = slash == target.npos ? std::string_view{} : target.substr(slash + 1);
    if (slash != target.npos && target.empty() && !part.empty()) exact = false;  // ends in a slash
    if (part.empty()) {
      if (first)
        put_component(PathComponentType::root, {}, out);
      else
        exact = false;  // doubled slash
    } else if (part == ".") {
      put_component(PathComponentType::self, {}, out);
    } else if (part == "..") {
      put_component(PathComponentType::parent, {}, out);
    } else {
      const auto text = to_utf16_lossy(part, u'_');
      const auto fits = cut_to_cs0(text, kMaxIdentifierBytes);
      exact = exact && fits.size() == text.size() && is_utf8(part);
      put_component(PathComponentType::named, fits, out);
    }
    first = false;
  }
  return exact;
}

std::size_t symlink_size(std::string_view target) {
  Sink measure;
  encode_symlink(target, measure);
  return measure.size();
}

std::optional<std::string> decode_symlink(std::span<const std::byte> bytes) {
  std::string out;
  while (!bytes.empty()) {
    if (bytes.size() < sizeof(PathComponent)) return std::nullopt;
    const auto c = load<PathComponent>(bytes);
    bytes = bytes.subspan(sizeof(PathComponent));
    if (c.identifier_length > bytes.size()) return std::nullopt;
    const auto name = decode_cs0(bytes.first(c.identifier_length));
    bytes = bytes.subspan(c.identifier_length);
    std::string part;
    switch (static_cast<PathComponentType>(c.type)) {
      case PathComponentType::agreed_root:
      case PathComponentType::root: out.assign(1, '/'); continue;
      case PathComponentType::parent: part = ".."; break;
      case PathComponentType::self: part = "."; break;
      case PathComponentType::named:
        if (!name || name->empty()) return std::nullopt;
        part = to_utf8(*name);
        if (part.find('/') != part.npos || part.find('\0') != part.npos) return std::nullopt;
        break;
      default: return std::nullopt;
    }
    if (!out.empty() && out.back() != '/') out += '/';
    out += part;
  }
  return out;
}

}  // namespace fsimage::udf
