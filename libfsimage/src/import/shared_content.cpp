#include <fsimage/import/shared_content.hpp>

#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/io/physical_extents.hpp>
#include <fsimage/io/run_jobs.hpp>

#include <algorithm>
#include <atomic>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

constexpr std::uint64_t kPrefixBytes = std::uint64_t{64} << 10;

// A content, and what tells it from others of its size so far: two that agree in that may be equal.
struct Candidate {
  std::uint64_t size;
  ContentId content;
  Sha256Value mark{};
};

bool same_mark(const Candidate& a, const Candidate& b) { return a.size == b.size && a.mark == b.mark; }

class Sharer {
 public:
  Sharer(Tree& tree, const ShareContents& how) : tree_(tree), store_(tree.contents()), how_(how) {}

  SharedContents run() {
    collect();
    by_identity();
    by_extents();
    if (how_.read) {
      by_bytes(kPrefixBytes);
      by_bytes(~std::uint64_t{0});
    }
    return apply();
  }

 private:
  // The contents of files that lie in a folder, each once, those that share a size with another.
  void collect() {
    same_.resize(store_.count());
    for (std::uint32_t i = 0; i < same_.size(); ++i) same_[i] = {i};
    std::vector<bool> seen(store_.count());
    for_each_file([&](NodeId n) {
      const auto& inode = tree_.inode(n);
      if (!inode.content || inode.size == 0 || seen[inode.content.value]) return;
      seen[inode.content.value] = true;
      candidates_.push_back({.size = inode.size, .content = inode.content});
    });
    sort();
    keep_groups();
  }

  template <class Use>
  void for_each_file(Use use) const {
    for (std::uint32_t i = 1; i < tree_.node_count(); ++i) {
      const NodeId n{i};
      if (tree_.parent(n) != n && tree_.inode(n).type == FileType::regular) use(n);
    }
  }

  // By size and mark; of those that agree, what lies on the disc already comes first, else the oldest.
  void sort() {
    std::sort(candidates_.begin(), candidates_.end(), [&](const Candidate& a, const Candidate& b) {
      if (a.size != b.size) return a.size < b.size;
      if (a.mark != b.mark) return a.mark < b.mark;
      const bool x = store_.slice(a.content).has_value(), y = store_.slice(b.content).has_value();
      return x != y ? x : a.content < b.content;
    });
  }

  // Those that agree with none are done with.
  void keep_groups() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < candidates_.size();) {
      auto end = i + 1;
      while (end < candidates_.size() && same_mark(candidates_[i], candidates_[end])) ++end;
      if (end - i > 1)
        for (; i < end; ++i) candidates_[kept++] = candidates_[i];
      i = end;
    }
    candidates_.resize(kept);
  }

  // What agrees is equal: the first of a group stands for all.
  void merge_groups() {
    sort();
    std::vector<Candidate> left;
    for (const auto& c : candidates_) {
      if (!left.empty() && same_mark(left.back(), c) && c.mark != Sha256Value{})
        same_[c.content.value] = left.back().content;
      else
        left.push_back(c);
    }
    candidates_ = std::move(left);
    for (auto& c : candidates_) c.mark = {};
    sort();
    keep_groups();
  }

  void by_identity() {
    for (auto& c : candidates_) {
      Sha256 mark;
      if (const auto file = store_.file(c.content)) {
        mark.update(std::uint64_t{1});
        mark.update(file->device);
        mark.update(file->inode);
        mark.update(static_cast<std::uint64_t>(file->modified_ns));
      } else if (const auto slice = store_.slice(c.content)) {
        mark.update(std::uint64_t{2});
        mark.update(std::uint64_t{reinterpret_cast<std::uintptr_t>(slice->source)});
        mark.update(slice->offset);
      } else {
        continue;
      }
      c.mark = mark.finish();
    }
    merge_groups();
  }

  // Files that are no longer as they were planned are met again when they are read.
  void by_extents() {
    for (auto& c : candidates_) {
      check_stop();
      if (!store_.file(c.content) || c.size < kPrefixBytes) continue;
      const auto run = store_.run_at(c.content, 0);
      if (run.kind != Run::Kind::file) continue;
      if (const auto mark = physical_extents(*run.file)) c.mark = *mark;
    }
    merge_groups();
  }

  // The digest of up to `most` bytes of each candidate.
  void by_bytes(std::uint64_t most) {
    const auto workers = readers(how_.workers);
    std::atomic<std::uint64_t> bytes{0};
    std::size_t next = 0;
    const auto take = [&]() -> Job {
      check_stop();
      if (next == candidates_.size()) return {};
      auto& c = candidates_[next++];
      return [&, to = &c](std::size_t) { bytes += digest(*to, most); };
    };
    run_jobs(workers, take, [&] {
      if (how_.progress) how_.progress(done_ + bytes);
    });
    done_ += bytes;
    const bool whole = most == ~std::uint64_t{0};
    if (whole) {
      merge_groups();
    } else {
      sort();
      keep_groups();
    }
  }

  std::uint64_t digest(Candidate& c, std::uint64_t most) const {
    const auto end = std::min(c.size, most);
    if (most != kPrefixBytes && c.size <= kPrefixBytes) return 0;  // has it already
    c.mark = sha256_of(end, [&](std::uint64_t offset, std::span<std::byte> out) {
      check_stop();
      store_.read_at(c.content, offset, out);
    });
    return end;
  }

  SharedContents apply() {
    SharedContents out;
    for_each_file([&](NodeId n) {
      const auto& inode = tree_.inode(n);
      if (!inode.content) return;
      auto to = inode.content;
      while (same_[to.value] != to) to = same_[to.value];
      if (to == inode.content) return;
      ++out.files;
      out.bytes += inode.size;
      tree_.set_content(n, to);
    });
    return out;
  }

  void check_stop() const {
    if (how_.stop.stop_requested()) throw Error(Errc::cancelled, {}, "stopped while looking for equal files");
  }

  Tree& tree_;
  const ContentStore& store_;
  const ShareContents& how_;
  std::vector<Candidate> candidates_;
  std::vector<ContentId> same_;  // by content: which it is equal to; itself when none is known
  std::uint64_t done_ = 0;
};

}  // namespace

SharedContents share_contents(Tree& tree, const ShareContents& how) { return Sharer(tree, how).run(); }

}  // namespace fsimage
