#include "extract_files.hpp"

#include "volume_blocks.hpp"

#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <span>

namespace fsimage {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr std::uint64_t kSmallFile = 64 * 1024;                 // read and written in one piece, holes or not
constexpr std::uint64_t kKernelStep = std::uint64_t{32} << 20;  // between two looks at the stop token
constexpr std::size_t kFilesPerJob = 16;

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(Errc::cancelled, {}, "extraction was stopped");
}

// Of the source: a bad sector, or bytes that are no compressed content.
bool is_damage(const Error& e) {
  return e.code() == std::errc::io_error || e.code() == Errc::corrupt_structure || e.code() == Errc::unsupported;
}

// One file's content, from the image to the host.
class Copy {
 public:
  Copy(const ContentStore& store, FileToWrite& of, NewFile& file, std::span<std::byte> buffer,
       std::atomic<std::uint64_t>& done, const std::stop_token& stop)
      : store_(store), of_(of), id_(of.content), file_(file), buffer_(buffer), done_(done), stop_(stop) {}

  void run() {
    const auto size = store_.size(id_);
    if (size == 0) return;
    if (size < kSmallFile) {
      through_memory(0, size);
      return;
    }
    bool ends_in_hole = false;
    for (std::uint64_t at = 0; at < size;) {
      throw_if_stopped(stop_);
      const Run run = store_.run_at(id_, at);
      ends_in_hole = run.kind == Run::Kind::zeros;
      const auto length = ends_in_hole ? run.length : std::min(run.length, kKernelStep);
      if (ends_in_hole)
        done_ += length;
      else
        stretch(run, at, length);
      at += length;
    }
    if (ends_in_hole) file_.set_size(size);
  }

 private:
  void stretch(const Run& run, std::uint64_t at, std::uint64_t length) {
    std::uint64_t copied = 0;
    if (run.kind == Run::Kind::file && in_kernel_) {
      copied = file_.copy_from(*run.file, run.file_offset, length, at);
      in_kernel_ = copied == length;
      done_ += copied;
    }
    through_memory(at + copied, length - copied);
  }

  void through_memory(std::uint64_t at, std::uint64_t length) {
    while (length > 0) {
      throw_if_stopped(stop_);
      const auto piece = buffer_.first(static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer_.size())));
      read(at, piece);
      file_.write_at(at, piece);
      at += piece.size();
      length -= piece.size();
      done_ += piece.size();
    }
  }

  // Block by block where it fails, when what cannot be read may be lost.
  void read(std::uint64_t at, std::span<std::byte> out) {
    try {
      store_.read_at(id_, at, out);
    } catch (const Error& e) {
      if (!of_.salvage || !is_damage(e)) throw;
      if (out.size() <= kBlockSize) {
        std::ranges::fill(out, std::byte{});
        append_lost(of_.lost,
                    {.offset = at,
                     .length = out.size(),
                     .why = Error(e.code(), {.path = {}, .lba = lba_at(at), .clause = e.where().clause}, e.message())});
        return;
      }
      for (std::size_t i = 0; i < out.size(); i += kBlockSize) {
        throw_if_stopped(stop_);
        read(at + i, out.subspan(i, std::min<std::size_t>(kBlockSize, out.size() - i)));
      }
    }
  }

  // Where that byte of the content lies.
  std::optional<Lba> lba_at(std::uint64_t at) const {
    for (const auto& e : of_.extents) {
      if (at < e.length) return e.hole ? std::nullopt : std::optional(volume::lba_of(e.offset + at));
      at -= e.length;
    }
    return std::nullopt;
  }

  const ContentStore& store_;
  FileToWrite& of_;
  ContentId id_;
  NewFile& file_;
  std::span<std::byte> buffer_;
  std::atomic<std::uint64_t>& done_;
  const std::stop_token& stop_;
  bool in_kernel_ = true;  // until the system refuses for this pair of files
};

}  // namespace

std::uint64_t place_of(const ContentStore& store, ContentId content) {
  if (store.size(content) == 0) return 0;
  const Run run = store.run_at(content, 0);
  return run.kind == Run::Kind::file ? run.file_offset : 0;
}

void write_files(std::vector<FileToWrite>& files, const ContentStore& store, std::size_t workers,
                 std::atomic<std::uint64_t>& done, const std::function<void()>& after, const std::stop_token& stop) {
  std::vector<FileToWrite*> order;
  order.reserve(files.size());
  for (FileToWrite& f : files) order.push_back(&f);
  std::stable_sort(order.begin(), order.end(),
                   [](const FileToWrite* a, const FileToWrite* b) { return a->place < b->place; });
  workers = std::min(workers, (order.size() + kFilesPerJob - 1) / kFilesPerJob);
  std::vector<std::vector<std::byte>> buffers(std::max<std::size_t>(workers, 1));

  const auto write = [&](FileToWrite& f, std::vector<std::byte>& buffer) {
    throw_if_stopped(stop);
    const auto size = store.size(f.content);
    if (buffer.size() < kBuffer)
      buffer.resize(size < kSmallFile ? std::max<std::size_t>(buffer.size(), kSmallFile) : kBuffer);
    try {
      auto file = f.folder->make_file(f.name, f.permissions.value_or(0600), f.existing);
      Copy(store, f, file, buffer, done, stop).run();
      if (f.linked) f.identity = file.identity();
      auto missing = file.finish(f.metadata);
      f.failed = std::move(missing.error);
      f.refused = std::move(missing.xattrs);
      f.written = true;
    } catch (const Error& e) {
      if (e.code() == Errc::cancelled) throw;
      f.failed = e;
    }
  };

  std::size_t next = 0;
  const auto take = [&]() -> Job {
    if (next == order.size()) return {};
    const auto from = next;
    next = std::min(next + kFilesPerJob, order.size());
    return [&, from, to = next](std::size_t worker) {
      for (std::size_t i = from; i < to; ++i) write(*order[i], buffers[worker]);
    };
  };
  run_jobs(std::max<std::size_t>(workers, 1), take, after);
}

}  // namespace fsimage
