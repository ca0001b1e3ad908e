#include "burning.hpp"

#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/io/atomic_file.hpp>

#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

void write_receipt(const BurnReceipt& receipt, const std::string& path) {
  const auto text = to_json(receipt);
  AtomicFile file(path);
  file.write_at(0, std::as_bytes(std::span(text)));
  file.commit(true);
}

BurnJobOptions job_options(const Options& options, bool eject) {
  BurnJobOptions job;
  if (options.has("verify")) {
    const auto level = parse_verify_level(options.get<std::string>("verify"));
    if (!level) throw UsageError("--verify is none, quick or full");
    job.verify = *level;
  }
  job.burn.simulate = options.has("simulate");
  job.burn.close_disc = options.has("close");
  if (options.has("speed")) job.burn.speed = options.get<std::uint32_t>("speed");
  job.burn.sync = !options.has("no-sync");
  job.eject = eject || options.has("eject");
  job.any_disc = options.has("any-disc");
  return job;
}

}  // namespace

void print_receipt(const BurnReceipt& receipt, const std::string& disc, std::ostream& out) {
  out << printable(disc) << ": " << to_string(receipt.outcome) << ", "
      << format_count(receipt.blocks.value + receipt.replaced.value) << " blocks from block " << receipt.first.value;
  if (receipt.verify != VerifyLevel::none) out << ", verification " << to_string(receipt.verification);
  out << "; the disc is " << to_string(receipt.after.state) << " now\n";
  for (const auto& f : receipt.findings) out << "fsimage: " << f << '\n';
}

void add_burn_options(Options& options) {
  auto add = options.add();
  add("verify", po::value<std::string>()->value_name("LEVEL")->implicit_value("full"),
      "read back: every block (full), or that the disc tells of the session, and samples (quick)");
  add("simulate", "do everything but the writing");
  add("speed", po::value<std::uint32_t>()->value_name("N"),
      "KiB per second, one of those that `fsimage media` lists; else the fastest");
  add("close", "finalise the disc: nothing can be added to it afterwards");
  add("eject", "open the tray when all is done");
  add("any-disc",
      "burn even though the session was made for another disc, or the disc is not blank: the receipt says so");
  add("receipt", po::value<std::string>()->value_name("FILE"), "write what was done, as JSON, also when it failed");
}

BurnReceipt burn_session(Recorder& recorder, const SessionImage& session, const Options& options, Io& io, bool eject) {
  BurnJob job(session, job_options(options, eject));
  const auto receipt = [&] {
    if (options.has("receipt")) write_receipt(job.receipt(), options.get<std::string>("receipt"));
  };
  try {
    ProgressLine line(io, options.has("quiet"));
    job.run(recorder, burn_progress(line), io.stop);
  } catch (const Error&) {
    receipt();
    throw;
  }
  receipt();
  return job.receipt();
}

}  // namespace fsimage::tools
