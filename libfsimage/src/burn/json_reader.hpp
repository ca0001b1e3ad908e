// JSON in and out through nlohmann's library, with the bounds and the errors of this one. Only json_forms*.cpp include it.
#pragma once

#include <fsimage/core/error.hpp>
#include <fsimage/core/units.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::json_forms {

using Json = nlohmann::ordered_json;  // members in the order in which they were put in

inline constexpr int kDeepest = 16;
inline constexpr std::size_t kMostValues = std::size_t{8} << 20;

[[noreturn]] inline void bad_json(const std::string& what) { throw Error(Errc::corrupt_structure, {}, what); }

// Strict: nothing but JSON (RFC 8259), no member twice.
inline Json parse_json(std::string_view text) {
  std::vector<std::set<std::string>> members;
  std::size_t values = 0;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest || ++values > kMostValues)
      throw Error(Errc::limit_exceeded, {}, "JSON that is too deep or has too many values");
    if (event == Json::parse_event_t::object_start) members.emplace_back();
    if (event == Json::parse_event_t::object_end) members.pop_back();
    if (event == Json::parse_event_t::key && !members.back().insert(parsed.get<std::string>()).second)
      bad_json("JSON with the member '" + parsed.get<std::string>() + "' twice");
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::parse_error& e) {
    bad_json("no JSON, from byte " + std::to_string(e.byte) + " on");
  } catch (const Json::exception&) {
    bad_json("no JSON: a number beyond what is bearable");
  }
}

// Bytes that are not UTF-8 become U+FFFD.
inline std::string dump_json(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// A value under a name that errors say.
class JsonNode {
 public:
  JsonNode(const Json& json, std::string name) : json_(&json), name_(std::move(name)) {}

  JsonNode at(const char* member) const {
    if (auto found = find(member)) return *found;
    bad_json(name_of(member) + " is missing");
  }
  // nullopt when it is not there, or null.
  std::optional<JsonNode> find(const char* member) const {
    if (!json_->is_object()) bad_json(name_ + " is no object");
    const auto found = json_->find(member);
    if (found == json_->end() || found->is_null()) return std::nullopt;
    return JsonNode(*found, name_of(member));
  }

  std::vector<JsonNode> items(std::size_t most) const {
    if (!json_->is_array()) bad_json(name_ + " is no array");
    if (json_->size() > most)
      throw Error(Errc::limit_exceeded, {}, name_ + " has " + std::to_string(json_->size()) + " items");
    std::vector<JsonNode> out;
    out.reserve(json_->size());
    for (const auto& item : *json_) out.emplace_back(item, name_);
    return out;
  }
  std::vector<JsonNode> tuple(std::size_t size) const {
    auto out = items(size);
    if (out.size() != size) bad_json(name_ + " has not " + std::to_string(size) + " items");
    return out;
  }

  std::uint64_t number(std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) const {
    if (!json_->is_number_unsigned() || json_->get<std::uint64_t>() > most)
      bad_json(name_ + " is no number up to " + std::to_string(most));
    return json_->get<std::uint64_t>();
  }
  std::uint32_t number32() const {
    return static_cast<std::uint32_t>(number(std::numeric_limits<std::uint32_t>::max()));
  }
  Lba lba() const { return {number32()}; }
  BlockCount blocks() const { return {number32()}; }
  bool flag() const {
    if (!json_->is_boolean()) bad_json(name_ + " is neither true nor false");
    return json_->get<bool>();
  }
  std::string text(std::size_t most = 4096) const {
    if (!json_->is_string() || json_->get_ref<const std::string&>().size() > most)
      bad_json(name_ + " is no text of up to " + std::to_string(most) + " bytes");
    return json_->get<std::string>();
  }
  // SHA-256 in hexadecimal.
  std::string digest() const {
    auto out = text(64);
    if (out.size() != 64 || out.find_first_not_of("0123456789abcdef") != std::string::npos)
      bad_json(name_ + " is no SHA-256 in hexadecimal");
    return out;
  }
  // The enumerator that has this text.
  template <class Enum>
  Enum choice(std::initializer_list<Enum> of) const {
    const auto word = text();
    const auto found = std::find_if(of.begin(), of.end(), [&](Enum e) { return to_string(e) == word; });
    if (found == of.end()) bad_json(name_ + " is '" + word + "', which this version does not know");
    return *found;
  }

 private:
  std::string name_of(const char* member) const { return name_.empty() ? member : name_ + "." + member; }
  const Json* json_;
  std::string name_;
};

template <class T>
Json json_or_null(const std::optional<T>& value) {
  return value ? Json(value->value) : Json(nullptr);
}

}  // namespace fsimage::json_forms
