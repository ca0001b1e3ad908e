#include <fsimage/import/attribute_rules.hpp>

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>

#include <algorithm>
#include <string>

namespace fsimage {
namespace {

// Permissions of one of the three, as bits for all three.
constexpr std::uint16_t for_all(unsigned bits) { return static_cast<std::uint16_t>(bits * 0111U); }
constexpr std::uint16_t kSetUser = 04000, kSetGroup = 02000, kSticky = 01000;

[[noreturn]] void refuse_mode(std::string_view text) {
  throw Error(Errc::invalid_argument, {}, "'" + printable(text) + "' is no mode: write 644, or u+rwX,go-w");
}

std::uint16_t bits_of_who(char who) {
  switch (who) {
    case 'u': return kSetUser | 0700;
    case 'g': return kSetGroup | 0070;
    case 'o': return kSticky | 0007;
    case 'a': return 07777;
    default: return 0;
  }
}

unsigned of_one(std::uint16_t permissions, char who) {
  return unsigned{permissions} >> (who == 'u' ? 6U : who == 'g' ? 3U : 0U) & 7U;
}

}  // namespace

ModeChange::ModeChange(std::string_view text) {
  if (text.empty()) refuse_mode(text);
  if (text.find_first_not_of("01234567") == text.npos) {
    unsigned number = 0;
    for (const char c : text) number = std::min(number * 8 + static_cast<unsigned>(c - '0'), 010000U);
    if (number > 07777) refuse_mode(text);
    steps_.push_back({.who = 07777, .action = '=', .bits = static_cast<std::uint16_t>(number)});
    return;
  }
  try {
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find(',', at), text.size());
      add_clause(text.substr(at, end - at));
      at = end + 1;
    }
  } catch (const Error&) {
    refuse_mode(text);
  }
}

void ModeChange::add_clause(std::string_view clause) {
  std::uint16_t who = 0;
  std::size_t at = 0;
  for (; at < clause.size() && bits_of_who(clause[at]) != 0; ++at) who |= bits_of_who(clause[at]);
  if (at == clause.size()) refuse_mode(clause);
  if (at == 0) who = 07777;
  while (at < clause.size()) {
    Step step{.who = who, .action = clause[at]};
    if (step.action != '-' && step.action != '+' && step.action != '=') refuse_mode(clause);
    const auto end = std::min(clause.find_first_of("-+=", ++at), clause.size());
    const auto what = clause.substr(at, end - at);
    at = end;
    if (what == "u" || what == "g" || what == "o") {
      step.copy = what[0];
    } else {
      for (const char c : what) switch (c) {
          case 'r': step.bits |= for_all(4); break;
          case 'w': step.bits |= for_all(2); break;
          case 'x': step.bits |= for_all(1); break;
          case 'X': step.x_if_any = true; break;
          case 's': step.bits |= kSetUser | kSetGroup; break;
          case 't': step.bits |= kSticky; break;
          default: refuse_mode(clause);
        }
    }
    steps_.push_back(step);
  }
}

std::uint16_t ModeChange::apply(std::uint16_t permissions, bool folder) const {
  for (const Step& step : steps_) {
    unsigned bits = step.copy != 0 ? for_all(of_one(permissions, step.copy)) : step.bits;
    if (step.x_if_any && (folder || (permissions & for_all(1)) != 0)) bits |= for_all(1);
    bits &= step.who;
    if (step.action == '=') permissions = static_cast<std::uint16_t>(permissions & ~step.who);
    permissions = static_cast<std::uint16_t>(step.action == '-' ? permissions & ~bits : permissions | bits);
  }
  return permissions;
}

Attributes AttributeRules::apply(FileType type, Attributes a) const {
  const auto number = [](const Numbers& others, const std::optional<std::uint32_t>& all, std::uint32_t id) {
    const auto other = others.find(id);
    return other != others.end() ? other->second : all.value_or(id);
  };
  a.uid = number(users, uid, a.uid);
  a.gid = number(groups, gid, a.gid);
  if (type != FileType::symlink) a.permissions = mode.apply(a.permissions, type == FileType::directory);
  if (modified && !(clamp_modified && a.modified <= *modified)) a.modified = *modified;
  return a;
}

}  // namespace fsimage
