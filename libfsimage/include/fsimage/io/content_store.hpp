// Contents by reference: host files that are opened when somebody reads them, and sources that the caller gave.
// A million files cost some forty bytes each, and stretches of a volume sixteen, and no open file. Built by one
// thread; the const members are thread-safe, and a copy shares nothing but the caller's sources.
#pragma once

#include <fsimage/io/byte_source.hpp>
#include <fsimage/io/open_file.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

struct ContentId {
  std::uint32_t value = 0xFFFFFFFF;  // the default means: no content (zero bytes)
  friend constexpr auto operator<=>(ContentId, ContentId) = default;
  constexpr explicit operator bool() const { return value != 0xFFFFFFFF; }
};

class ContentStore {
 public:
  struct FolderId {
    std::uint32_t value{};
  };

  ContentStore();
  ~ContentStore();
  ContentStore(const ContentStore&);
  ContentStore(ContentStore&&) noexcept;
  ContentStore& operator=(const ContentStore&);
  ContentStore& operator=(ContentStore&&) noexcept;

  // A host folder that contents lie in: by path (absolute; a relative one is resolved now), or as a child of another,
  // through which paths may have any length. The same folder twice is two.
  FolderId add_folder(std::string_view path);
  FolderId add_folder(FolderId parent, std::string_view name);

  // A host file as it was seen when the tree was made.
  ContentId add_file(FolderId folder, std::string_view name, const Fingerprint&);
  // Bytes that the caller keeps: memory, a callback, blocks of an earlier session. `label` names it in errors.
  ContentId add_source(std::shared_ptr<const ByteSource> source, std::string label);

  // A source that many contents are stretches of: an image, a disc. `label` is for errors. Whoever adds the same object
  // again gets the same id. Throws too_large beyond 65,536.
  struct VolumeId {
    std::uint32_t value{};
  };
  VolumeId add_volume(std::shared_ptr<const ByteSource> source, std::string label);
  // Bytes `offset` to `offset + size` of it; std::logic_error when they do not lie inside, too_large from 2^62 on.
  ContentId add_slice(VolumeId volume, std::uint64_t offset, std::uint64_t size);

  struct Slice {
    const ByteSource* source;
    std::uint64_t offset;
  };
  std::optional<Slice> slice(ContentId) const;  // nullopt for what is no stretch of a volume

  std::optional<Fingerprint> file(ContentId) const;  // as it was planned; nullopt for what is no host file

  std::uint64_t size(ContentId) const;  // 0 for no content
  std::string path(ContentId) const;    // host path, or label of the source
  // Fills all of `out` from `offset`; beyond the end is a std::logic_error. Errors of files carry their path, those of
  // sources their label where they have no path. A file is compared with its Fingerprint when all of it was read in one
  // call; when it is read in pieces, as it is opened and after its last byte: Errc::source_changed.
  // Open folders and files read in pieces are kept in small caches, smaller under a low limit of handles.
  void read_at(ContentId, std::uint64_t offset, std::span<std::byte> out) const;
  // Files of 64 KiB and more answer with themselves and their holes, compared with the Fingerprint as they are opened;
  // who copies from a Run's file calls check() afterwards.
  Run run_at(ContentId, std::uint64_t offset) const;
  // Whether the source is still what was planned, without opening it: source_changed, or the system's error.
  void check(ContentId) const;
  bool is_bound_to_thread() const;  // any of the caller's sources

  std::size_t count() const;         // ids are 0 .. count-1
  std::size_t memory_bytes() const;  // what this object holds, the caller's sources aside
  // Forgets all contents and folders added since the counts were taken.
  struct Mark {
    std::size_t contents{}, sources{}, folders{}, names{}, devices{};
  };
  Mark mark() const;
  void roll_back(const Mark&);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One content of a store as a source of its own. Immutable, thread-safe.
class ContentSource final : public ByteSource {
 public:
  ContentSource(std::shared_ptr<const ContentStore> store, ContentId content)
      : store_(std::move(store)), content_(content) {}
  // A host file as it is now.
  explicit ContentSource(const std::string& host_path);

  std::uint64_t size() const override { return store_->size(content_); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Run run_at(std::uint64_t offset) const override { return store_->run_at(content_, offset); }
  bool is_bound_to_thread() const override { return store_->is_bound_to_thread(); }
  void check() const { store_->check(content_); }  // as ContentStore::check

 private:
  std::shared_ptr<const ContentStore> store_;
  ContentId content_;
};

}  // namespace fsimage
