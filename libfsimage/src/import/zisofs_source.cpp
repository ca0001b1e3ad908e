#include "zisofs_source.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/wire.hpp>
#include <fsimage/format/rockridge/zisofs.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <zlib.h>

namespace fsimage::volume {
namespace {

namespace rr = rockridge;

class ZisofsSource final : public ByteSource {
 public:
  ZisofsSource(std::shared_ptr<const ByteSource> compressed, std::uint64_t size, Lba at,
               std::shared_ptr<ZisofsCache> cache)
      : compressed_(std::move(compressed)), size_(size), at_(at), cache_(std::move(cache)) {}
  ~ZisofsSource() override { cache_->forget(this); }
  ZisofsSource(const ZisofsSource&) = delete;
  ZisofsSource& operator=(const ZisofsSource&) = delete;

  std::uint64_t size() const override { return size_; }
  bool is_bound_to_thread() const override { return compressed_->is_bound_to_thread(); }

  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(offset, out.size());
    if (out.empty()) return;
    const auto form = read_form();
    while (!out.empty()) {
      const auto block = offset / form.block_size;
      const auto inside = static_cast<std::size_t>(offset % form.block_size);
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(form.block_size, size_ - (offset - inside)));
      const auto n = std::min(out.size(), length - inside);
      if (n == length)
        decompress(form, block, out.first(n));
      else
        std::copy_n(cached(form, block, length)->begin() + static_cast<std::ptrdiff_t>(inside), n, out.begin());
      out = out.subspan(n);
      offset += n;
    }
  }

 private:
  [[noreturn]] void refuse(Errc code, std::string_view text) const {
    throw Error(code, {.path = {}, .lba = at_, .clause = "zisofs"}, text);
  }

  rr::ZisofsForm read_form() const {
    std::array<std::byte, rr::kZisofsHeaderBytes> head{};
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(head.size(), compressed_->size()));
    compressed_->read_at(0, std::span(head).first(n));
    try {
      const auto form = rr::zisofs_form(std::span(head).first(n));
      if (form.algorithm != rr::kZisofs2Zlib)
        refuse(Errc::unsupported, "compression number " + std::to_string(form.algorithm) + " of zisofs2");
      if (form.size != size_)
        refuse(Errc::corrupt_structure, "a compressed file says that it holds " + std::to_string(form.size) +
                                            " bytes, its entry says " + std::to_string(size_));
      return form;
    } catch (const Error& e) {
      if (e.where().lba) throw;
      refuse(Errc::corrupt_structure, e.message());
    }
  }

  struct Stretch {
    std::uint64_t start, end;
  };
  Stretch pointers(const rr::ZisofsForm& form, std::uint64_t block) const {
    std::array<std::byte, 16> pair{};
    const auto bytes = std::span(pair).first(form.pointer_bytes * std::size_t{2});
    const auto at = form.header_bytes + block * form.pointer_bytes;
    if (at > compressed_->size() || bytes.size() > compressed_->size() - at)
      refuse(Errc::corrupt_structure, "a compressed file ends inside its block pointers");
    compressed_->read_at(at, bytes);
    const bool wide = form.pointer_bytes == sizeof(le64);
    const Stretch s{
        wide ? load<le64>(bytes).value() : load<le32>(bytes).value(),
        wide ? load<le64>(bytes.subspan(sizeof(le64))).value() : load<le32>(bytes.subspan(sizeof(le32))).value()};
    if (s.start > s.end || s.end > compressed_->size())
      refuse(Errc::corrupt_structure, "block pointer " + std::to_string(block) + " of a compressed file leaves it");
    return s;
  }

  // `out` is as long as the block's content.
  void decompress(const rr::ZisofsForm& form, std::uint64_t block, std::span<std::byte> out) const {
    const auto [start, end] = pointers(form, block);
    if (start == end) {
      std::fill(out.begin(), out.end(), std::byte{});
      return;
    }
    if (end - start > compressBound(form.block_size))
      refuse(Errc::corrupt_structure, "a compressed block of " + std::to_string(end - start) + " bytes");
    std::vector<std::byte> in(static_cast<std::size_t>(end - start));
    compressed_->read_at(start, in);
    auto length = static_cast<uLongf>(out.size());
    const int status = ::uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                                    reinterpret_cast<const Bytef*>(in.data()), static_cast<uLong>(in.size()));
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK || length != out.size())
      refuse(Errc::corrupt_structure,
             "block " + std::to_string(block) + " of a compressed file cannot be decompressed");
  }

  ZisofsCache::Block cached(const rr::ZisofsForm& form, std::uint64_t block, std::size_t length) const {
    if (auto found = cache_->find(this, block)) return found;
    auto bytes = std::make_shared<std::vector<std::byte>>(length);
    decompress(form, block, *bytes);
    cache_->put(this, block, bytes);
    return bytes;
  }

  std::shared_ptr<const ByteSource> compressed_;
  std::uint64_t size_;
  Lba at_;
  std::shared_ptr<ZisofsCache> cache_;
};

}  // namespace

ZisofsCache::Block ZisofsCache::find(const void* file, std::uint64_t block) {
  const std::scoped_lock lock(mutex_);
  const auto found =
      std::find_if(items_.begin(), items_.end(), [&](const Item& i) { return i.file == file && i.block == block; });
  if (found == items_.end()) return nullptr;
  items_.splice(items_.begin(), items_, found);
  return found->bytes;
}

void ZisofsCache::put(const void* file, std::uint64_t block, Block bytes) {
  const std::scoped_lock lock(mutex_);
  items_.push_front({file, block, std::move(bytes)});
  if (items_.size() > kBlocks) items_.pop_back();
}

void ZisofsCache::forget(const void* file) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(items_, [file](const Item& i) { return i.file == file; });
}

std::shared_ptr<const ByteSource> zisofs_source(std::shared_ptr<const ByteSource> compressed, std::uint64_t size,
                                                Lba at, std::shared_ptr<ZisofsCache> cache) {
  return std::make_shared<ZisofsSource>(std::move(compressed), size, at, std::move(cache));
}

}  // namespace fsimage::volume
