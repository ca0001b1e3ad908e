// SHA-256 of an image and of the contents in it, made from the bytes while they go by: nothing is read twice. Several threads
// may add at a time; what lies within one piece is digested at once, and only what goes on from piece to piece waits its turn.
#pragma once

#include <fsimage/core/digest.hpp>
#include <fsimage/image/result_image.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace fsimage {

class ImageDigests {
 public:
  explicit ImageDigests(std::shared_ptr<const ResultImage> image) : image_(std::move(image)) {}

  // The bytes of the image at `offset`, and zeros in front of them from `from` on, where the piece before ends. Waits until
  // all pieces before have been added, so that threads must begin them in their order; meanwhile a thread may do what others
  // wait for. Throws what give_up() was called with.
  void add(std::uint64_t from, std::uint64_t offset, std::span<const std::byte> bytes);
  // A piece will not come, because of that: nobody is to wait for it. The first reason is the one that counts.
  void give_up(std::exception_ptr why);

  // Once everything has been added but zeros at the end; that is when both can be asked for.
  Sha256Value image();
  // nullopt for what has no bytes in the image. Contents that it holds twice have the digest of either.
  std::optional<Sha256Value> content(ContentId) const;

 private:
  struct Stretch;
  // A thread that has come before its turn.
  struct Waiter {
    const std::function<void()>& work;
    std::uint64_t end;
    bool begun = false, done = false;
    std::condition_variable told{};
  };
  // What several pieces share, digested in their order.
  struct Line {
    using Waiters = std::map<std::uint64_t, Waiter*>;
    std::uint64_t at = 0;
    bool busy = false;
    Waiters waiting{};  // by where their pieces begin
    Sha256 digest{};
  };
  void in_turn(Line&, const Stretch&, const std::function<void()>& work);
  void give_up_locked(std::exception_ptr why);
  void keep(ContentId, const Sha256Value&);

  std::shared_ptr<const ResultImage> image_;
  std::mutex mutex_;
  std::exception_ptr given_up_;
  Line whole_, contents_;  // of the image; of the content that is not at its end yet
  std::optional<Sha256Value> image_digest_;
  mutable std::mutex kept_mutex_;
  std::vector<Sha256Value> kept_;  // by content
  std::vector<bool> known_;
};

}  // namespace fsimage
