#include "noting_source.hpp"

#include <algorithm>
#include <iterator>

namespace fsimage {

void BlockSet::add(std::uint64_t first, std::uint64_t end) {
  if (first >= end) return;
  auto at = ends_.upper_bound(first);
  if (at != ends_.begin() && std::prev(at)->second >= first) --at;
  while (at != ends_.end() && at->first <= end) {
    first = std::min(first, at->first);
    end = std::max(end, at->second);
    count_ -= at->second - at->first;
    at = ends_.erase(at);
  }
  ends_.emplace(first, end);
  count_ += end - first;
}

std::vector<BlockRange> BlockSet::ranges() const {
  std::vector<BlockRange> out;
  out.reserve(ends_.size());
  for (const auto& [first, end] : ends_)
    out.push_back({{checked<std::uint32_t>(first, "logical block address")},
                   {checked<std::uint32_t>(end - first, "block count")}});
  return out;
}

void NotingSource::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  source_->read_at(offset, out);
  if (out.empty()) return;
  const std::lock_guard lock(mutex_);
  noted_.add(offset / kBlockSize, (offset + out.size() - 1) / kBlockSize + 1);
}

Run NotingSource::run_at(std::uint64_t offset) const {
  auto run = source_->run_at(offset);
  if (run.kind == Run::Kind::zeros) {
    const std::lock_guard lock(mutex_);
    noted_.add((offset + kBlockSize - 1) / kBlockSize, (offset + run.length) / kBlockSize);
  } else if (run.kind == Run::Kind::file) {
    run.kind = Run::Kind::bytes;  // whoever takes the bytes from the file would not be noticed
    run.file = nullptr;
  }
  return run;
}

BlockSet NotingSource::noted() const {
  const std::lock_guard lock(mutex_);
  return noted_;
}

std::uint64_t NotingSource::count() const {
  const std::lock_guard lock(mutex_);
  return noted_.count();
}

}  // namespace fsimage
