#include "discs.hpp"

#include "command.hpp"
#include "text.hpp"

#ifdef _WIN32
#include <fsimage/backends/imapi2/imapi2_recorder.hpp>
#endif
#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/burn/disc_description.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/io/file_source.hpp>

#include <cerrno>
#include <filesystem>
#include <ostream>
#include <string_view>

namespace fsimage::tools {
namespace {

constexpr std::string_view kIso = "iso:", kMock = "mock:";

#ifdef _WIN32
constexpr std::string_view kImapi = "imapi2:";
bool names_drive(const std::string& disc) { return disc.starts_with(kImapi); }
std::unique_ptr<Recorder> open_drive(const std::string& disc) { return std::make_unique<Imapi2Recorder>(disc); }
#else
bool names_drive(const std::string&) { return false; }
std::unique_ptr<Recorder> open_drive(const std::string&) { return nullptr; }
#endif

// A path without a scheme may be the description of a disc.
bool holds_description(const std::string& name) {
  std::error_code none;
  return !name.starts_with(kIso) && !name.starts_with(kMock) && !names_drive(name) &&
         std::filesystem::is_regular_file(name, none) && is_description(FileSource(name));
}

}  // namespace

std::unique_ptr<Recorder> open_recorder(const std::string& disc, unsigned workers) {
  if (disc.starts_with(kMock)) return std::make_unique<MockRecorder>(disc);
  if (names_drive(disc)) return open_drive(disc);
  IsoFileOptions options;
  options.workers = workers;
  return std::make_unique<IsoFileRecorder>(disc.starts_with(kIso) ? disc.substr(kIso.size()) : disc, options);
}

std::vector<DiscKind> disc_kinds() {
  return {
      {"PATH, iso:PATH", "an image file"},
      {"mock:PATH?media=TYPE", "a simulated drive with a disc that is kept in a file; TYPE makes a new one"},
#ifdef _WIN32
      {"imapi2:N", "a drive of this machine"},
#endif
  };
}

std::vector<RecorderInfo> drives() {
#ifdef _WIN32
  try {
    return imapi2_recorders();
  } catch (const Error& e) {
    if (e.code() != Errc::unsupported) throw;  // no IMAPI2: no drives
  }
#endif
  return {};
}

std::vector<std::string> simulated_media() { return mock_media_names(); }

TargetDisc look_at(Recorder& recorder, const std::string& name, std::stop_token stop) {
  TargetDisc disc;
  disc.name = name;
  disc.media = recorder.media();
  if (disc.media.state == MediaState::absent) throw Error(Errc::no_media, {.path = name}, "there is no disc");
  disc.content = recorder.read_back();
  disc.identity = identify_disc(disc.media, disc.content, nullptr, std::move(stop));
  return disc;
}

TargetDisc find_target(const std::string& name, std::stop_token stop) {
  if (!holds_description(name)) return look_at(*open_recorder(name), name, std::move(stop));
  auto saved = load_description(name);
  return {name, std::move(saved.media), std::move(saved.content), std::move(saved.identity)};
}

void continue_target(FileSystemImage& image, TargetDisc& disc, bool sequential, std::stop_token stop) {
  if (sequential) {
    if (disc.media.type != MediaType::file)
      throw UsageError("--sequential is for image files: discs are what they are");
    disc.media.media_class = MediaClass::sequential;
    disc.media.next_writable = round_up(Lba{disc.media.used.value}, kCluster);
  }
  try {
    require_writable(disc.media);
  } catch (const Error& e) {
    throw e.with_path(disc.name);
  }
  if (disc.blank()) return;
  if (!disc.content) throw Error(Errc::session_conflict, {.path = disc.name}, "nothing can be read from the disc");
  ImportOptions import;
  import.label = disc.name;
  import.stop = std::move(stop);
  image.continue_disc(disc.content, disc.media, import);
}

}  // namespace fsimage::tools
