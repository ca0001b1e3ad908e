// The handles used last, by number. Private to io. Thread-safe: shards of eight slots with a lock each, held for some
// compares and one copy of a pointer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace fsimage {

template <class T>
class HandleCache {
 public:
  using Handle = std::shared_ptr<const T>;

  // Keeps at least one handle, and `capacity` when that is a multiple of eight.
  explicit HandleCache(std::size_t capacity)
      : per_shard_(std::clamp<std::size_t>(capacity, 1, kSlots)),
        shard_count_(std::max<std::size_t>(1, capacity / kSlots)),
        shards_(std::make_unique<Shard[]>(shard_count_)) {}

  // Null when there is none.
  Handle find(std::uint32_t key) {
    Shard& shard = shards_[key % shard_count_];
    const std::lock_guard lock(shard.mutex);
    Slot* slot = shard.find(key);
    if (slot == nullptr) return nullptr;
    slot->used = ++shard.clock;
    return slot->handle;
  }

  // In place of the one that was not used for longest. Another thread may have been faster: then its handle is returned.
  Handle insert(std::uint32_t key, Handle handle) {
    Shard& shard = shards_[key % shard_count_];
    Handle evicted;  // closed after the lock is gone
    const std::lock_guard lock(shard.mutex);
    if (Slot* slot = shard.find(key)) {
      slot->used = ++shard.clock;
      std::swap(evicted, handle);
      return slot->handle;
    }
    Slot fresh{key, ++shard.clock, handle};
    if (shard.slots.size() < per_shard_) {
      shard.slots.push_back(std::move(fresh));
      return handle;
    }
    Slot& oldest = *std::min_element(shard.slots.begin(), shard.slots.end(),
                                     [](const Slot& a, const Slot& b) { return a.used < b.used; });
    evicted = std::move(oldest.handle);
    oldest = std::move(fresh);
    return handle;
  }

  void clear() {
    for (std::size_t i = 0; i < shard_count_; ++i) {
      std::vector<Slot> dropped;
      const std::lock_guard lock(shards_[i].mutex);
      dropped.swap(shards_[i].slots);
    }
  }

  std::size_t memory_bytes() const { return shard_count_ * (sizeof(Shard) + per_shard_ * sizeof(Slot)); }

 private:
  struct Slot {
    std::uint32_t key;
    std::uint64_t used;
    Handle handle;
  };
  struct alignas(64) Shard {  // a cache line of its own
    std::mutex mutex;
    std::uint64_t clock = 0;
    std::vector<Slot> slots;
    Slot* find(std::uint32_t key) {
      const auto at = std::find_if(slots.begin(), slots.end(), [&](const Slot& s) { return s.key == key; });
      return at == slots.end() ? nullptr : &*at;
    }
  };

  static constexpr std::size_t kSlots = 8;
  std::size_t per_shard_, shard_count_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace fsimage
