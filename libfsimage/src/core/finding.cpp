#include <fsimage/core/finding.hpp>

namespace fsimage {

std::string_view to_string(View view) noexcept {
  switch (view) {
    case View::none: return "none";
    case View::iso9660: return "iso9660";
    case View::enhanced: return "enhanced";
    case View::joliet: return "joliet";
    case View::rockridge: return "rockridge";
    case View::udf: return "udf";
  }
  return "unknown";
}

std::string_view to_string(Finding::Kind kind) noexcept {
  switch (kind) {
    case Finding::Kind::renamed: return "renamed";
    case Finding::Kind::cut: return "cut";
    case Finding::Kind::collided: return "collided";
    case Finding::Kind::dropped: return "dropped";
    case Finding::Kind::stripped: return "stripped";
    case Finding::Kind::clamped: return "clamped";
    case Finding::Kind::deviation: return "deviation";
    case Finding::Kind::lost: return "lost";
  }
  return "unknown";
}

std::string located_text(const Finding& f) {
  std::string text = f.text;
  if (f.lba) text += " [LBA " + std::to_string(f.lba->value) + ']';
  if (!f.clause.empty()) text += " [" + f.clause + ']';
  return text;
}

}  // namespace fsimage
