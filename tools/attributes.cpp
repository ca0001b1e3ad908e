// --owner, --mode, --mtime and their kin: what create and append make of the attributes of their sources.

#include "authoring.hpp"
#include "lists.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/io/host_users.hpp>

#include <charconv>
#include <limits>
#include <optional>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

std::optional<std::uint32_t> plain_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

using Lookup = std::optional<std::uint32_t> (*)(const std::string&);

// A name that the host knows, a number, or "+NUMBER".
std::uint32_t id_of(const std::string& word, Lookup look_up, const char* what) {
  if (!word.starts_with('+'))
    if (const auto id = word.empty() ? std::nullopt : look_up(word)) return *id;
  if (const auto id = plain_number(std::string_view(word).substr(word.starts_with('+') ? 1 : 0))) return *id;
  throw UsageError("'" + printable(word) + "' is no " + what + " of this host, and no number");
}

void set_owner(const std::string& text, AttributeRules& rules) {
  const auto colon = text.find(':');
  const auto user = text.substr(0, colon);
  if (!user.empty()) rules.uid = id_of(user, host_user_id, "user");
  if (colon != text.npos) rules.gid = id_of(text.substr(colon + 1), host_group_id, "group");
  if (text.empty()) throw UsageError("--owner takes USER, USER:GROUP or :GROUP");
}

// Lines "OLD NEW" or "OLD NEW:ID", as tar has them: names of this host, or +ID; with an ID the new name is only for people.
AttributeRules::Numbers owner_map(const std::string& name, Lookup look_up, const char* what, Io& io) {
  AttributeRules::Numbers map;
  constexpr const char* kBlank = " \t\r";
  read_lines(name, io, [&](const std::string& line, std::uint32_t) {
    const auto first = line.find_first_not_of(kBlank);
    if (first == line.npos) return;
    const auto gap = line.find_first_of(kBlank, first);
    const auto second = line.find_first_not_of(kBlank, gap);
    if (second == line.npos) throw UsageError("a line is OLD NEW, or OLD NEW:ID");
    const auto end = line.find_first_of(kBlank, second);
    if (line.find_first_not_of(kBlank, end) != line.npos) throw UsageError("more than two words");
    const auto to = line.substr(second, end == line.npos ? end : end - second);
    const auto old = id_of(line.substr(first, gap - first), look_up, what);
    const auto colon = to.find(':');
    const auto fresh = id_of(colon == to.npos ? to : '+' + to.substr(colon + 1), look_up, what);
    if (!map.emplace(old, fresh).second) throw UsageError("the same " + std::string(what) + " a second time");
  });
  return map;
}

}  // namespace

void add_attribute_options(Options& options) {
  auto add = options.add();
  add("owner", po::value<std::string>()->value_name("USER[:GROUP]"),
      "owner of everything that is added, or ':GROUP' alone: names of this host, or numbers");
  add("owner-map", po::value<std::string>()->value_name("FILE"),
      "owners that become others: a line is 'OLD NEW' or 'OLD NEW:ID', each a name or +ID; the rest get --owner");
  add("group-map", po::value<std::string>()->value_name("FILE"), "the same for groups");
  add("mode", po::value<std::string>()->value_name("MODE"),
      "permissions as chmod takes them: u+rwX,go-w, or an octal number");
  add("mtime", po::value<std::string>()->value_name("TIME"), "modification time of everything that is added");
  add("clamp-mtime", "only what is newer than --mtime gets it");
}

AttributeRules attribute_rules(const Options& options, Io& io) {
  AttributeRules rules;
  const auto text = [&](const char* name) { return options.get<std::string>(name); };
  if (options.has("owner")) set_owner(text("owner"), rules);
  if (options.has("owner-map")) rules.users = owner_map(text("owner-map"), host_user_id, "user", io);
  if (options.has("group-map")) rules.groups = owner_map(text("group-map"), host_group_id, "group", io);
  if (options.has("mode")) {
    try {
      rules.mode = ModeChange(text("mode"));
    } catch (const Error& e) {
      throw UsageError("--mode: " + e.message());
    }
  }
  if (options.has("mtime")) rules.modified = time_or_usage_error("--mtime", text("mtime"));
  rules.clamp_modified = options.has("clamp-mtime");
  if (rules.clamp_modified && !rules.modified) throw UsageError("--clamp-mtime goes with --mtime");
  return rules;
}

}  // namespace fsimage::tools
