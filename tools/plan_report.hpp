// What is said of a plan: losses, sizes, and in a dry run all that stands against the image.
#pragma once

#include "command.hpp"
#include "discs.hpp"

#include <fsimage/file_system_image.hpp>

#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::tools {

// A plan with everything allowed, so that a dry run tells all that refuses the image and not only the first. Takes what
// would refuse out of the image's profile; the sources are added after that.
class DryRun {
 public:
  explicit DryRun(FileSystemImage&);
  using Summary = std::function<void(const Plan&, std::ostream&)>;
  // Plans, and prints as the options ask: the summary, what each view loses, whether it fits on the disc or else on blank
  // media of each kind, and on standard error all that refuses the image. Exit code: kFailed when anything does.
  int tell(const std::string& output, const TargetDisc* disc, const Summary&, const Options&, Io&);

 private:
  void plan();
  void for_each_refusal(const std::function<void(std::string_view kind, const Error&)>&) const;
  void print_losses(const Options&, std::ostream&) const;
  void print_json(const TargetDisc*, std::ostream&) const;

  FileSystemImage& image_;
  Profile asked_;
  std::vector<Error> obstacles_;  // to any plan
  std::unique_ptr<const Plan> plan_;
};

// Losses on standard error: each with --verbose, else one line for each kind. `sources` is what was changed before planning.
using SourceFindings = std::span<const Finding>;
void print_findings(const Plan&, SourceFindings sources, const Options&, Io&);
// `more` prints further members of the object, each behind a ','.
void print_plan_json(
    const Plan&, SourceFindings sources, const std::string& output, std::ostream&,
    const std::function<void()>& more = [] {});
void print_map(const ResultImage&, std::ostream&);

}  // namespace fsimage::tools
