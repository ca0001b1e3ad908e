// --hidden, --sort and --dedup: what create and append make of the entries once they have their places.

#include "authoring.hpp"
#include "lists.hpp"
#include "progress_line.hpp"
#include "text.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/core/text.hpp>
#include <fsimage/import/shared_content.hpp>
#include <fsimage/import/tree_rules.hpp>

#include <charconv>
#include <ostream>

namespace fsimage::tools {
namespace po = boost::program_options;
namespace {

// A weight, `sign`, a pattern.
ContentWeight weight_from(const std::string& word, char sign) {
  ContentWeight out;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out.weight);
  const auto used = static_cast<std::size_t>(end - word.data());
  if (error == std::errc() && used + 1 < word.size() && word[used] == sign) out.pattern = word.substr(used + 1);
  if (out.pattern.empty() || out.pattern == "/")
    throw UsageError("'" + printable(word) + "' is not WEIGHT" + sign + "PATTERN, with a whole number as the weight");
  return out;
}

void share(const Options& options, FileSystemImage& image, Io& io) {
  const auto& how = options.get<std::string>("dedup");
  if (how != "none" && how != "inode" && how != "hash") throw UsageError("--dedup is none, inode or hash");
  if (how == "none") return;
  SharedContents shared;
  {
    ProgressLine line(io, options.has("quiet"));
    shared = share_contents(image.tree(),
                            {.read = how == "hash",
                             .workers = options.has("workers") ? options.get<unsigned>("workers") : 0,
                             .progress = [&](std::uint64_t bytes) { line.text("comparing  " + format_bytes(bytes)); },
                             .stop = io.stop});
  }
  if (!options.has("quiet") && !options.has("json") && shared.files != 0)
    io.err << "fsimage: " << format_count(shared.files)
           << " files have the content of others: " << format_bytes(shared.bytes) << " less\n";
}

}  // namespace

void add_content_options(Options& options) {
  auto add = options.add();
  add("hidden", po::value<std::vector<std::string>>()->value_name("PATTERN"),
      "mark what matches as hidden; may be repeated");
  add("sort", po::value<std::vector<std::string>>()->value_name("WEIGHT=PATTERN"),
      "order of contents on the disc: the heaviest first, all else weighs 0; the last that matches holds");
  add("sort-from", po::value<std::vector<std::string>>()->value_name("FILE"), "the same, lines 'WEIGHT PATTERN'");
  add("dedup", po::value<std::string>()->value_name("HOW"),
      "store equal contents once: inode (what shares its blocks on the host), hash (reads files of one size), none");
}

void set_contents(const Options& options, FileSystemImage& image, Io& io) {
  if (options.has("hidden") && hide_entries(image.tree(), options.get<std::vector<std::string>>("hidden")) == 0)
    throw Error(Errc::not_found, {}, "--hidden matches no entry of the image");
  std::vector<ContentWeight> weights;
  if (options.has("sort"))
    for (const auto& word : options.get<std::vector<std::string>>("sort")) weights.push_back(weight_from(word, '='));
  if (options.has("sort-from"))
    for (const auto& list : options.get<std::vector<std::string>>("sort-from"))
      read_lines(list, io, [&](const std::string& line, std::uint32_t) { weights.push_back(weight_from(line, ' ')); });
  if (!weights.empty()) set_weights(image.tree(), weights);
  if (options.has("dedup")) share(options, image, io);
}

}  // namespace fsimage::tools
