// Tree and profile to plan to result image. Planning reads no content and asks no clock; the same tree and profile give
// the same plan on every machine, whatever the order in which the tree was made.
#pragma once

#include <fsimage/core/finding.hpp>
#include <fsimage/core/units.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/layout/continuation.hpp>
#include <fsimage/layout/profile.hpp>
#include <fsimage/tree/tree.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {

// How many findings of one kind a view has.
struct FindingCount {
  View view{};
  Finding::Kind kind{};
  std::uint64_t count = 0;
  Finding first;  // an example
};

// Immutable, thread-safe.
class Plan {
 public:
  // Throws Error: not_representable for what no chosen view can hold, naming the path; too_large beyond 8 TiB;
  // invalid_argument for a profile that contradicts itself.
  Plan(std::shared_ptr<const Tree> tree, Profile profile) : Plan(std::move(tree), std::move(profile), nullptr) {}
  // The same as a further session of a disc: addresses are those of the disc, and contents that it holds stay where they
  // are. Throws too, invalid_argument, for a continuation that does not go with the profile.
  Plan(std::shared_ptr<const Tree> tree, Profile profile, std::shared_ptr<const Continuation> continuation);
  ~Plan();
  Plan(Plan&&) noexcept;

  const Profile& profile() const;   // as given, with `timestamp` set
  Lba first_block() const;          // where the session starts; 0 for a first one
  BlockCount total_blocks() const;  // of the session
  // Contents of earlier sessions that stay where they are, and those that are written once more since no view could refer
  // to them there.
  struct Kept {
    std::uint64_t files = 0, again = 0;
    BlockCount blocks;
  };
  Kept kept() const;
  const std::string& image_id() const;  // of the image that create_image() gives
  std::uint64_t entries() const;        // names in the tree, the root aside

  // What the entry is called in a view, and its path there (IFsiItem::FileSystemName, FileSystemPath): without the version
  // that ISO 9660 records. nullopt when the view has no such entry, or the image no such view. Folders that were moved for
  // Rock Ridge are where the tree has them. The root's are "" and "/".
  std::optional<std::string> name_in(View, NodeId) const;
  std::optional<std::string> path_in(View, NodeId) const;

  // Everything that an entry lost or had changed, view by view. Derived anew at each call.
  void for_each_finding(const FindingFn&, const FindingFilter& wanted = {}) const;
  std::vector<FindingCount> count_findings(const FindingFilter& wanted = {}) const;
  // What the constructor would have thrown under another profile's `allow_...` and `exact`, all of it: a dry run plans with
  // everything allowed, and then asks for this. Findings about all views together have none.
  void for_each_refused(const Profile& allowing, const FindingFn&) const;

  // The image shares the tree and the plan's tables; it may outlive the plan.
  std::shared_ptr<const ResultImage> create_image() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fsimage
