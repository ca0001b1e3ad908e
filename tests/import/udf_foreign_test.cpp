// Volumes that mkudffs makes, of every kind of medium, revision and block size that it can; udfinfo says what they are.
// They are empty but for what mkudffs keeps for itself. A program that is not there is a failure.
#include "sample_volume.hpp"

#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/io/file_source.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace fsimage::test {
namespace {

struct Medium {
  std::string name, type, options;
  std::vector<std::string> revisions;
  std::string kind;  // of the partition that holds the files
};
void PrintTo(const Medium& m, std::ostream* out) { *out << m.name; }

class UdfForeign : public ::testing::TestWithParam<Medium> {
 protected:
  // Standard output.
  std::string run(const std::string& command) {
    const auto log = folder_ / "log";
    const int status = std::system((command + " > '" + log + "' 2> '" + (folder_ / "errors") + "'").c_str());  // NOLINT
    EXPECT_EQ(status, 0) << command << '\n' << TempFolder::read(folder_ / "errors");
    return TempFolder::read(log);
  }
  static std::string value(const std::string& text, const std::string& key) {
    const auto at = ("\n" + text).find("\n" + key + "=");
    if (at == std::string::npos) return "no " + key;
    const auto start = at + key.size() + 1;
    return text.substr(start, text.find('\n', start) - start);
  }
  static std::uint64_t vat_block(const UdfVolumeInfo& u) {
    return u.partitions.back().vat->icb.byte_offset() / u.block_size;
  }
  static std::uint16_t revision_of(const std::string& text) {  // "2.01"
    return static_cast<std::uint16_t>(std::stoul(text.substr(0, 1) + text.substr(2), nullptr, 16));
  }
  std::string make(const std::string& revision, const std::string& block_size) {
    const auto out = folder_ / "image";
    run("rm -f '" + out + "' && truncate -s 64M '" + out + "' && mkudffs --utf8 --media-type=" + GetParam().type + " " +
        GetParam().options + " --udfrev=" + revision + " --blocksize=" + block_size +
        " --label='F\xC3\xB6reign \xE6\xBC\xA2' --uuid=0123456789abcdef '" + out + "'");
    return out;
  }
  TempFolder folder_;
};

TEST_P(UdfForeign, MkudffsInEveryRevisionAndBlockSize) {
  for (const auto& revision : GetParam().revisions)
    for (const auto* block_size : {"512", "1024", "2048", "4096"}) {
      SCOPED_TRACE(GetParam().name + " " + revision + " " + block_size);
      const auto path = make(revision, block_size);
      const auto image = std::make_shared<FileSource>(path);
      const auto info = describe_volumes(*image);
      ASSERT_TRUE(info.udf);
      EXPECT_TRUE(info.findings.empty()) << located_text(info.findings.front());
      const auto& u = *info.udf;
      EXPECT_EQ(u.partitions.back().kind, GetParam().kind);
      EXPECT_EQ(u.partitions.back().fault, "");
      // What it needs to be told of a virtual table is where that is.
      const auto vat = u.partitions.back().vat;
      const auto told = run("udfinfo --utf8 --blocksize=" + std::string(block_size) +
                            (vat ? " --vatblock=" + std::to_string(vat_block(u)) : "") + " '" + path + "'");
      EXPECT_EQ(u.logical_volume, value(told, "label"));
      EXPECT_EQ(u.volume_set.substr(0, 16), value(told, "uuid"));
      EXPECT_EQ(std::to_string(u.block_size), value(told, "blocksize"));
      EXPECT_EQ(info.found.udf_revision, revision_of(revision));
      EXPECT_TRUE(info.found.udf_recognition);
      const auto walk = walk_volume(image, {.view = View::udf, .order = EntryOrder::by_name});
      EXPECT_FALSE(walk.error) << describe(walk);
      EXPECT_TRUE(walk.findings.empty()) << describe(walk);
      EXPECT_EQ(std::to_string(walk.entries.size() - walk.contents.size() + 1), value(told, "numdirs"))
          << describe(walk);
      EXPECT_EQ(std::to_string(walk.contents.size()), value(told, "numfiles")) << describe(walk);
      map_volumes(image, {}, [](const VolumePart&) {});
    }
}

INSTANTIATE_TEST_SUITE_P(
    Media, UdfForeign,
    ::testing::Values(Medium{"hd", "hd", "", {"1.02", "1.50", "2.00", "2.01"}, "physical"},
                      Medium{"dvd", "dvd", "", {"1.02", "1.50", "2.00", "2.01"}, "physical"},
                      Medium{"dvdram", "dvdram", "", {"1.02", "1.50", "2.00", "2.01"}, "physical"},
                      Medium{"dvdrw", "dvdrw", "", {"1.50", "2.00", "2.01"}, "sparable"},
                      Medium{"cdrw", "cdrw", "", {"1.50", "2.00", "2.01"}, "sparable"},
                      Medium{"dvdr", "dvdr", "", {"1.50", "2.00", "2.01", "2.50", "2.60"}, "virtual"},
                      Medium{"cdr", "cdr", "", {"1.50", "2.00", "2.01", "2.50", "2.60"}, "virtual"},
                      Medium{"bdr", "bdr", "", {"2.50", "2.60"}, "virtual"},
                      Medium{"closed", "dvdr", "--closed", {"1.50", "2.01"}, "virtual"},
                      Medium{"chains", "hd", "--strategy=4096", {"1.02", "2.01"}, "physical"},
                      Medium{"short_descriptors", "hd", "--ad=short", {"1.02", "2.01"}, "physical"},
                      Medium{"long_descriptors", "hd", "--ad=long --noefe", {"1.02", "2.01"}, "physical"},
                      Medium{"four_tables", "cdrw", "--spartable=4", {"1.50", "2.01"}, "sparable"}),
    [](const auto& i) { return i.param.name; });

}  // namespace
}  // namespace fsimage::test
