#include "faults.hpp"
#include "media_kinds.hpp"

#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/core/error.hpp>

#include <charconv>

namespace fsimage {
namespace {

constexpr std::string_view kPrefix = "mock:";

[[noreturn]] void refuse(std::string_view name, const std::string& what) {
  throw Error(Errc::invalid_argument, {.path = std::string(name), .lba = {}, .clause = {}}, what);
}

std::uint32_t number_of(std::string_view name, std::string_view key, std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    refuse(name, "not a number: " + std::string(key) + "=" + std::string(text));
  return value;
}

void set(MockOptions& options, std::string_view name, std::string_view key, std::string_view value) {
  if (key == "media") {
    if (mock::find_kind(value) == nullptr) refuse(name, "not a medium: " + std::string(value));
    options.media = value;
  } else if (key == "capacity") {
    options.capacity = number_of(name, key, value);
  } else if (key == "serial") {
    options.serial = number_of(name, key, value);
  } else if (key == "polls") {
    options.polls = number_of(name, key, value);
  } else if (key == "fault") {
    mock::parse_faults(value);
    options.faults += (options.faults.empty() ? "" : ",") + std::string(value);
  } else {
    refuse(name, "not an option of a simulated disc: " + std::string(key));
  }
}

}  // namespace

MockOptions parse_mock_name(std::string_view name) {
  MockOptions options;
  auto rest = name;
  if (rest.starts_with(kPrefix)) rest.remove_prefix(kPrefix.size());
  const auto query = std::min(rest.find('?'), rest.size());
  options.path = rest.substr(0, query);
  if (options.path.empty()) refuse(name, "the name of a simulated disc is that of its file");
  rest.remove_prefix(std::min(query + 1, rest.size()));
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto part = rest.substr(0, end);
    const auto equals = std::min(part.find('='), part.size());
    set(options, name, part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return options;
}

std::vector<std::string> mock_media_names() {
  std::vector<std::string> names;
  for (const auto& kind : mock::medium_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace fsimage
