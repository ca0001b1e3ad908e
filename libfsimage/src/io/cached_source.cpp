#include <fsimage/io/cached_source.hpp>

#include <fsimage/core/error.hpp>

#include <algorithm>
#include <cstring>

namespace fsimage {
namespace {

bool all_zeros(const std::vector<std::byte>& bytes) {
  return bytes.front() == std::byte{} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

CachedSource::Bytes CachedSource::kept(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(number);
  if (found == lines_.end()) return nullptr;
  if (!found->second.bytes->empty()) uses_.splice(uses_.begin(), uses_, found->second.use);
  return found->second.bytes;
}

void CachedSource::keep(std::uint64_t number, const Bytes& bytes) const {
  const std::lock_guard lock(mutex_);
  if (lines_.contains(number)) return;  // another thread was faster
  auto use = uses_.end();
  if (!bytes->empty()) {
    if (uses_.size() == most_lines_) {
      lines_.erase(uses_.back());
      uses_.pop_back();
    }
    uses_.push_front(number);
    use = uses_.begin();
  }
  lines_.emplace(number, Line{bytes, use});
}

CachedSource::Bytes CachedSource::line(std::uint64_t number) const {
  if (auto found = kept(number)) return found;
  const auto offset = number * kLine;
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(kLine, size() - offset)));
  try {
    source_->read_at(offset, bytes);
  } catch (const Error& e) {
    if (e.code() != std::errc::io_error) throw;
    return nullptr;
  }
  if (all_zeros(bytes)) bytes = {};
  auto out = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  keep(number, out);
  return out;
}

void CachedSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  check_range(offset, out.size());
  while (!out.empty()) {
    const auto within = static_cast<std::size_t>(offset % kLine);
    const auto n = std::min(out.size(), kLine - within);
    const auto bytes = line(offset / kLine);
    if (!bytes) {
      source_->read_at(offset, out.first(n));
    } else if (bytes->empty()) {
      std::memset(out.data(), 0, n);
    } else {
      std::memcpy(out.data(), bytes->data() + within, n);
    }
    offset += n;
    out = out.subspan(n);
  }
}

}  // namespace fsimage
