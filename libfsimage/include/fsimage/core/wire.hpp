// On-disk structures as plain structs of align-1 fields. One definition serves writing, reading, dumping and errors:
// the struct is the standard's table, WireTable<T> names each field and its clause. Values only, so any thread.
#pragma once

#include <fsimage/core/error.hpp>

#include <boost/endian/buffers.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace fsimage {

using le16 = boost::endian::little_uint16_buf_t;
using le32 = boost::endian::little_uint32_buf_t;
using le64 = boost::endian::little_uint64_buf_t;
using be16 = boost::endian::big_uint16_buf_t;
using be32 = boost::endian::big_uint32_buf_t;

template <class T>
concept WireStruct = std::is_trivially_copyable_v<T> && alignof(T) == 1;

// ECMA-119 7.2.3: both byte orders, little first.
struct Both16 {
  le16 le;
  be16 big;
  std::uint16_t value() const { return le.value(); }
  bool halves_agree() const { return le.value() == big.value(); }
  Both16& operator=(std::uint16_t v) {
    le = v;
    big = v;
    return *this;
  }
};
// ECMA-119 7.3.3
struct Both32 {
  le32 le;
  be32 big;
  std::uint32_t value() const { return le.value(); }
  bool halves_agree() const { return le.value() == big.value(); }
  Both32& operator=(std::uint32_t v) {
    le = v;
    big = v;
    return *this;
  }
};

template <WireStruct T>
std::span<const std::byte> bytes_of(const T& v) {
  return std::as_bytes(std::span<const T, 1>{&v, 1});
}

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads a T from the front of `in`; throws corrupt_structure when `in` is too short for one.
template <WireStruct T>
T load(std::span<const std::byte> in) {
  if (in.size() < sizeof(T)) throw Error(Errc::corrupt_structure, {}, "structure is cut short");
  T v;
  std::memcpy(&v, in.data(), sizeof(T));
  return v;
}

template <WireStruct T>
void store(std::span<std::byte> out, const T& v) {
  if (out.size() < sizeof(T)) throw std::logic_error("store beyond the buffer");
  std::memcpy(out.data(), &v, sizeof(T));
}

// One row of a structure's table. Clauses are relative to WireTable<T>::spec.
template <class T, class M>
struct Field {
  std::string_view name;
  std::string_view clause;
  M T::*at;
};
template <class T, class M>
Field(const char*, const char*, M T::*) -> Field<T, M>;

template <class T>
struct WireTable;  // specialised beside each structure: `spec` and `fields`

// Sum of the sizes of the fields in the table: equal to sizeof(T) when no field is missing.
template <class T>
constexpr std::size_t tiled_size() {
  return std::apply([](const auto&... f) { return (std::size_t{0} + ... + sizeof(std::declval<T&>().*(f.at))); },
                    WireTable<T>::fields);
}

// What a dump prints of one field: value as decimal and hexadecimal for numbers, text or hex for byte arrays.
struct FieldText {
  std::string_view name;
  std::string clause;  // "ECMA-119 9.1.3"
  std::size_t offset{};
  std::size_t size{};
  std::string value;
};

std::string describe_number(std::uint64_t value);
std::string describe_bytes(std::span<const std::byte> bytes);

// A table without its types: what is told of fields is compiled once, not for each structure.
struct WireRow;
struct WireRows {
  std::string_view spec;
  std::span<const WireRow> fields;
};
struct WireRow {
  std::string_view name;
  std::string_view clause;
  std::size_t offset;
  std::size_t size;
  std::string (*describe)(std::span<const std::byte> bytes);
  const WireRows* inside;  // of a field that is itself a tabled structure; or null
};

namespace wire_detail {
template <class M>
std::string describe(std::span<const std::byte> bytes) {
  const M m = load<M>(bytes);
  if constexpr (std::is_same_v<M, std::uint8_t>) {
    return describe_number(m);
  } else if constexpr (std::is_same_v<M, Both16> || std::is_same_v<M, Both32>) {
    return m.halves_agree()
               ? describe_number(m.value())
               : describe_number(m.le.value()) + " (big-endian half " + describe_number(m.big.value()) + ")";
  } else if constexpr (requires {
                         { m.value() } -> std::convertible_to<std::uint64_t>;
                       }) {
    return describe_number(static_cast<std::uint64_t>(m.value()));
  } else if constexpr (requires {
                         { m.describe() } -> std::convertible_to<std::string>;
                       }) {
    return m.describe();  // a field type that knows its own text, such as a d-string
  } else {
    return describe_bytes(bytes);
  }
}

template <class T>
struct Rows;

template <class T, class M>
constexpr WireRow row(const Field<T, M>& field, std::size_t& offset) {
  WireRow out{field.name, field.clause, offset, sizeof(M), nullptr, nullptr};
  offset += sizeof(M);
  if constexpr (requires { WireTable<M>::fields; })
    out.inside = &Rows<M>::whole;
  else
    out.describe = &describe<M>;
  return out;
}

template <class T>
struct Rows {
  static constexpr auto fields = std::apply(
      [](const auto&... f) {
        std::size_t offset = 0;
        return std::array<WireRow, sizeof...(f)>{row(f, offset)...};
      },
      WireTable<T>::fields);
  static constexpr WireRows whole{WireTable<T>::spec, fields};
};
}  // namespace wire_detail

template <WireStruct T>
inline constexpr const WireRows& wire_rows = wire_detail::Rows<T>::whole;

// The fields in table order; one that is itself a tabled structure is told by its own. `bytes` hold the whole structure.
std::vector<FieldText> describe_fields(const WireRows& rows, std::span<const std::byte> bytes);

}  // namespace fsimage
