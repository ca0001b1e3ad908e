#include <fsimage/image/image_digests.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace fsimage {

// Bytes of the image, of which those in front are zeros.
struct ImageDigests::Stretch {
  std::uint64_t from, offset;
  std::span<const std::byte> bytes;

  std::uint64_t end() const { return offset + bytes.size(); }

  void add_to(Sha256& digest, std::uint64_t begin, std::uint64_t until) const {
    static constexpr std::array<std::byte, 64 * 1024> kZeros{};
    for (const auto zeros = std::min(until, offset); begin < zeros;) {
      const auto n = std::min<std::uint64_t>(zeros - begin, kZeros.size());
      digest.update(std::span(kZeros).first(static_cast<std::size_t>(n)));
      begin += n;
    }
    if (begin < until)
      digest.update(bytes.subspan(static_cast<std::size_t>(begin - offset), static_cast<std::size_t>(until - begin)));
  }
};

// Whose turn it is goes on with those who wait for theirs behind it: to wake one thread after the other takes as long as what
// they would do.
void ImageDigests::in_turn(Line& line, const Stretch& stretch, const std::function<void()>& work) {
  std::unique_lock lock(mutex_);
  const auto check = [&] {
    if (given_up_) std::rethrow_exception(given_up_);
  };
  check();
  Waiter own{.work = work, .end = stretch.end()};
  struct Place {
    Line& line;
    Line::Waiters::iterator at;
    ~Place() { line.waiting.erase(at); }
  } const place{line, line.waiting.emplace(stretch.from, &own).first};
  if (line.busy || line.at != stretch.from) {
    // What another thread has begun with is not taken away from it.
    own.told.wait(lock, [&] { return own.done || (given_up_ && !own.begun); });
    return check();
  }
  line.busy = true;
  for (auto next = place.at; next != line.waiting.end() && !next->second->done; next = line.waiting.find(line.at)) {
    Waiter& waiter = *next->second;
    waiter.begun = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      waiter.work();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    line.at = waiter.end;
    waiter.done = true;
    waiter.told.notify_one();
    if (failure) give_up_locked(failure);
    check();
  }
  line.busy = false;
}

void ImageDigests::keep(ContentId content, const Sha256Value& value) {
  const std::lock_guard lock(kept_mutex_);
  if (content.value >= kept_.size()) {
    kept_.resize(content.value + std::size_t{1});
    known_.resize(kept_.size());
  }
  kept_[content.value] = value;
  known_[content.value] = true;
}

void ImageDigests::add(std::uint64_t from, std::uint64_t offset, std::span<const std::byte> bytes) {
  const Stretch stretch{from, offset, bytes};
  const auto end = stretch.end();
  std::vector<ContentPiece> shared;  // with the stretches around: one at either side
  image_->for_each_content(from, end - from, [&](const ContentPiece& c) {
    if (c.begin < from || c.begin + c.size > end) {
      shared.push_back(c);
    } else if (c.begin >= offset) {
      keep(c.content,
           sha256_of(bytes.subspan(static_cast<std::size_t>(c.begin - offset), static_cast<std::size_t>(c.size))));
    } else {
      Sha256 digest;
      stretch.add_to(digest, c.begin, c.begin + c.size);
      keep(c.content, digest.finish());
    }
  });
  in_turn(contents_, stretch, [&] {
    for (const auto& c : shared) {
      if (c.begin >= from) contents_.digest = Sha256();
      stretch.add_to(contents_.digest, std::max(c.begin, from), std::min(c.begin + c.size, end));
      if (c.begin + c.size <= end) keep(c.content, contents_.digest.finish());
    }
  });
  in_turn(whole_, stretch, [&] { stretch.add_to(whole_.digest, from, end); });
}

void ImageDigests::give_up(std::exception_ptr why) {
  const std::lock_guard lock(mutex_);
  give_up_locked(std::move(why));
}

void ImageDigests::give_up_locked(std::exception_ptr why) {
  if (!given_up_) given_up_ = std::move(why);
  for (const Line* line : {&whole_, &contents_})
    for (const auto& [from, waiter] : line->waiting) waiter->told.notify_one();
}

Sha256Value ImageDigests::image() {
  if (image_digest_) return *image_digest_;
  if (whole_.at != image_->size()) add(whole_.at, image_->size(), {});
  image_digest_ = whole_.digest.finish();
  return *image_digest_;
}

std::optional<Sha256Value> ImageDigests::content(ContentId content) const {
  const std::lock_guard lock(kept_mutex_);
  if (!content || content.value >= kept_.size() || !known_[content.value]) return std::nullopt;
  return kept_[content.value];
}

}  // namespace fsimage
