#include "save.hpp"

#include "command.hpp"
#include "progress_line.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/image/iostreams_compressor.hpp>
#include <fsimage/io/atomic_file.hpp>

#include <cerrno>
#include <ostream>

namespace fsimage::tools {
namespace {

void write_out(std::ostream& out, std::span<const std::byte> bytes) {
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out) throw Error(std::make_error_code(std::errc::io_error), {}, "standard output cannot be written");
}

// The size of the compressed file is not known before, so that only a full disk tells that it does not fit.
void save_compressed(const ResultImage& image, const std::string& path, Compression compression, bool sync,
                     const ProgressFn& progress, std::stop_token stop, const IsoFileOptions& saver) {
  AtomicFile file(path);
  std::uint64_t at = 0;
  Compressor compressor(compression, [&](std::span<const std::byte> bytes) {
    file.write_at(at, bytes);
    at += bytes.size();
  });
  write_image(
      image, [&](std::span<const std::byte> bytes) { compressor.write(bytes); }, progress, stop, saver);
  compressor.finish();
  file.commit(sync);
}

}  // namespace

void check_output(const std::string& output, const Io& io) {
  if (output == "-") {
    if (io.out_is_terminal) throw UsageError("an image is not for a terminal: redirect standard output");
    return;
  }
  switch (IsoFileRecorder(output).media().state) {
    case MediaState::absent: throw os_error(ENOENT, output, "cannot save there");
    case MediaState::closed:
    case MediaState::damaged:
    case MediaState::unsupported: throw os_error(EACCES, output, "cannot save there");
    case MediaState::blank:
    case MediaState::appendable: return;
  }
}

void save(const ResultImage& image, const std::string& output, const SaveOptions& options, Io& io) {
  ProgressLine line(io, options.quiet);
  const auto progress = burn_progress(line);
  IsoFileOptions saver;
  saver.workers = options.workers;
  saver.digests = options.digests;
  if (output == "-") {
    write_image(
        image, [&](std::span<const std::byte> bytes) { write_out(io.out, bytes); }, progress, io.stop, saver);
  } else if (const auto compression = compression_of(output)) {
    save_compressed(image, output, *compression, options.sync, progress, io.stop, saver);
  } else {
    BurnOptions burn;
    burn.sync = options.sync;
    save_image(image, output, burn, progress, io.stop, saver);
  }
}

}  // namespace fsimage::tools
