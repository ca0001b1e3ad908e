#include "discs.hpp"

#include "command.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>

#include <string_view>

namespace fsimage::tools {

std::unique_ptr<Recorder> open_recorder(const std::string& disc, unsigned workers) {
  constexpr std::string_view kIso = "iso:";
  IsoFileOptions options;
  options.workers = workers;
  return std::make_unique<IsoFileRecorder>(disc.starts_with(kIso) ? disc.substr(kIso.size()) : disc, options);
}

}  // namespace fsimage::tools
