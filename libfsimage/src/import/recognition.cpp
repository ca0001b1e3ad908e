#include "iso_descriptors.hpp"
#include "iso_fields.hpp"
#include "udf_volume.hpp"

#include <fsimage/import/recognition.hpp>

namespace fsimage {
namespace {

// Neither who reads later nor who recognises is told twice; recognition itself has no findings.
class Recognizer {
 public:
  Recognizer(const ByteSource& source, Lba session)
      : walk_({std::shared_ptr<const ByteSource>{}, &source}, ImportLimits{}, View::none, {}) {
    found_.session = session;
  }

  RecognizedFileSystems run() {
    iso9660();
    udf();
    return found_;
  }

 private:
  void iso9660() {
    const auto set = volume::read_descriptor_set(walk_.blocks, found_.session);
    found_.iso9660 = set.primary;
    found_.joliet = set.joliet;
    found_.joliet_level = set.joliet_level;
    found_.enhanced = set.enhanced;
    found_.boot = set.boot;
    if (!set.primary) return;
    try {
      auto primary = volume::read_volume(walk_.blocks, *set.primary, View::rockridge, walk_.report);
      if (volume::find_rock_ridge(walk_, primary)) found_.rockridge = volume::lba_of(primary.root.at);
    } catch (const Error& e) {
      if (e.code().category() != error_category()) throw;  // the source itself failed
    }
  }

  void udf() {
    if (const auto recognition = volume::read_recognition(walk_.blocks, found_.session))
      for (std::size_t i = 0; i < recognition->identifiers.size() && !found_.udf_recognition; ++i)
        if (recognition->identifiers[i].starts_with("NSR"))
          found_.udf_recognition = recognition->first + BlockCount{static_cast<std::uint32_t>(i)};
    const auto anchor = volume::find_anchor(walk_.blocks, found_.session);
    if (!anchor) return;
    found_.udf = volume::lba_of(anchor->at);
    try {
      found_.udf_revision = volume::read_udf_volume(walk_, *anchor).revision;
    } catch (const Error& e) {
      if (e.code().category() != error_category()) throw;
    }
  }

  volume::Walk walk_;
  RecognizedFileSystems found_;
};

}  // namespace

bool RecognizedFileSystems::has(View view) const {
  switch (view) {
    case View::iso9660: return iso9660.has_value();
    case View::enhanced: return enhanced.has_value();
    case View::joliet: return joliet.has_value();
    case View::rockridge: return rockridge.has_value();
    case View::udf: return udf.has_value();
    case View::none: break;
  }
  return false;
}

View RecognizedFileSystems::most_advanced() const {
  for (const View view : {View::udf, View::rockridge, View::joliet, View::enhanced, View::iso9660})
    if (has(view)) return view;
  return View::none;
}

RecognizedFileSystems identify_file_systems(const ByteSource& source, Lba session) {
  return Recognizer(source, session).run();
}

}  // namespace fsimage
