// What becomes of owners, permissions and times of a source as its entries are added: chown, chmod and touch over all of
// them. Values; const access from any thread.
#pragma once

#include <fsimage/tree/tree.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace fsimage {

// chmod's operand: an octal number of up to 07777, or clauses "u+rwX,go-w" of [ugoa]*, then [-+=] with [rwxXst]* or one
// of [ugo] once or several times. Without one of [ugoa] a clause is for all three: there is no umask here.
class ModeChange {
 public:
  ModeChange() = default;
  explicit ModeChange(std::string_view text);  // throws invalid_argument
  std::uint16_t apply(std::uint16_t permissions, bool folder) const;

 private:
  struct Step {
    std::uint16_t who = 0;   // the bits that it is for
    char action = '=';       // '-', '+', '='
    std::uint16_t bits = 0;  // for all three
    bool x_if_any = false;   // X: x for folders, and for what is executable for somebody
    char copy = 0;           // u, g or o: what that one has
  };
  void add_clause(std::string_view clause);
  std::vector<Step> steps_;
};

struct AttributeRules {
  using Numbers = std::map<std::uint32_t, std::uint32_t>;
  Numbers users{}, groups{};                  // owners that become others
  std::optional<std::uint32_t> uid{}, gid{};  // for those that these do not name
  ModeChange mode{};                          // of all but symlinks
  std::optional<Timestamp> modified{};
  bool clamp_modified = false;  // only those later than `modified` get it

  Attributes apply(FileType, Attributes) const;
  // Whether a modification time still says something about the content behind it.
  bool keeps_times() const { return !modified.has_value(); }
};

}  // namespace fsimage
