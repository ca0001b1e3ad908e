// What burn and append share: the job, its options, its receipt.
#pragma once

#include "command.hpp"

#include <fsimage/burn/burn_job.hpp>

#include <string>

namespace fsimage::tools {

// --verify, --simulate, --speed, --close, --eject, --any-disc, --receipt.
void add_burn_options(Options&);

// Runs the job with progress; writes the receipt that was asked for, also of a job that failed. `eject` whatever the
// options say.
BurnReceipt burn_session(Recorder& recorder, const SessionImage& session, const Options&, Io&, bool eject = false);
// One line, and the findings.
void print_receipt(const BurnReceipt&, const std::string& disc, std::ostream&);

}  // namespace fsimage::tools
