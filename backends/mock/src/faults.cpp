#include "faults.hpp"

#include <fsimage/core/error.hpp>

#include <charconv>

namespace fsimage::mock {
namespace {

struct NamedFault {
  std::string_view name;
  Fault::What what;
  Sense usual;
};

constexpr NamedFault kWhats[] = {
    {"write", Fault::What::write, sense::kWriteError},     {"read", Fault::What::read, sense::kReadError},
    {"tur", Fault::What::tur, sense::kBecomingReady},      {"opc", Fault::What::opc, sense::kCalibrationError},
    {"close", Fault::What::close, sense::kFixationError},  {"sync", Fault::What::sync, sense::kWriteError},
    {"format", Fault::What::format, sense::kFormatFailed}, {"blank", Fault::What::blank, sense::kEraseFailed},
    {"load", Fault::What::load, sense::kNoMedium},         {"any", Fault::What::any, sense::kBecomingReady},
};

[[noreturn]] void refuse(std::string_view fault) {
  throw Error(Errc::invalid_argument, {}, "not a fault: '" + std::string(fault) + "'");
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

std::uint32_t need_number(std::string_view& text, std::string_view fault) {
  const auto number = take_number(text);
  if (!number) refuse(fault);
  return *number;
}

void parse_effect(std::string_view text, Fault& fault, std::string_view whole) {
  if (text == "eject") {
    fault.effect = Fault::Effect::eject;
  } else if (text == "power") {
    fault.effect = Fault::Effect::power;
  } else if (text == "wrong" && fault.what == Fault::What::read && fault.block) {
    fault.effect = Fault::Effect::wrong;
  } else {
    const auto sense = parse_sense(text);
    if (!sense) refuse(whole);
    fault.sense = *sense;
  }
}

Fault parse_fault(const std::string_view whole) {
  auto text = whole;
  Fault fault;
  for (const auto& row : kWhats) {
    if (!take(text, row.name)) continue;
    fault.what = row.what;
    fault.sense = row.usual;
    const bool has_block = row.what == Fault::What::write || row.what == Fault::What::read;
    if (has_block && take(text, "@")) {
      fault.block = need_number(text, whole);
    } else if (take(text, "#")) {
      fault.skip = need_number(text, whole);
    }
    if (take(text, "x*")) {
      fault.count.reset();
    } else if (take(text, "x")) {
      fault.count = need_number(text, whole);
    }
    if (take(text, ":")) {
      parse_effect(text, fault, whole);
    } else if (!text.empty()) {
      refuse(whole);
    }
    return fault;
  }
  refuse(whole);
}

}  // namespace

std::vector<Fault> parse_faults(std::string_view text) {
  std::vector<Fault> faults;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    faults.push_back(parse_fault(text.substr(0, comma)));
    if (comma + 1 == text.size()) refuse(text);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return faults;
}

}  // namespace fsimage::mock
