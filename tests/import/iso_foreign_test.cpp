// Forms of ISO 9660 that other programs make: compressed files, long names, extensions of their own, old attributes. What
// they wrote is compared with the folder that it was made from. A program that is not there is a failure.
#include "sample_volume.hpp"

#include <fsimage/import/recognition.hpp>
#include <fsimage/io/file_source.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class IsoForeign : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(source() / "sub");
    write("small", "small");
    write("empty", "");
    write("sub/large", text(700'000));
    write("sub/zeros", std::string(200'000, '\0') + "end");
    write("a;5", "no version");
    write("sub/" + std::string(200, 'n') + ".dots.txt", "long name");
    fs::create_symlink("sub/large", source() / "link");
  }

  static std::string text(std::size_t length) {
    std::string out;
    for (unsigned i = 0; out.size() < length; ++i) out += std::to_string(i * 2654435761U) + ' ';
    out.resize(length);
    return out;
  }
  fs::path source() const { return folder_.path() / "source"; }
  void write(const std::string& name, const std::string& content) { folder_.write("source/" + name, content); }

  void run(const std::string& command) {
    const auto line = "cd '" + source().string() + "' && OUT='" + image() + "' && export OUT && (" + command + ") > '" +
                      (folder_ / "log") + "' 2>&1";
    const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (status != 0) throw std::runtime_error(command + " failed: " + TempFolder::read(folder_ / "log"));
  }
  std::string image() const { return folder_ / "image.iso"; }

  WalkResult walk(View view, Strictness strictness = Strictness::tolerant) {
    return walk_volume(std::make_shared<FileSource>(image()),
                       {.view = view, .order = EntryOrder::by_name, .strictness = strictness, .xattrs = true});
  }

  // Every regular file of the folder, byte for byte; nothing else but its folders and links.
  void expect_all(View view) {
    const auto cursor =
        open_volume(std::make_shared<FileSource>(image()), {.view = view, .strictness = Strictness::strict});
    ContentStore store;
    std::size_t seen = 0, expected = 0;
    while (const auto entry = cursor->next()) {
      ++seen;
      if (entry->type != FileType::regular) continue;
      const auto whole = TempFolder::read(source().string() + cursor->origin());
      EXPECT_EQ(entry->size, whole.size()) << cursor->origin();
      const auto content = cursor->content(store);
      std::string bytes(whole.size(), '?');
      if (content) store.read_at(content, 0, std::as_writable_bytes(std::span(bytes)));
      EXPECT_TRUE(bytes == whole) << cursor->origin();
    }
    for ([[maybe_unused]] const auto& e : fs::recursive_directory_iterator(source())) ++expected;
    EXPECT_EQ(seen, expected);
  }

  TempFolder folder_;
};

TEST_F(IsoForeign, ZisofsOfXorriso) {
  for (const std::string options :
       {"level=9:block_size=32k", "level=6:block_size=128k", "level=9:version_2=on:block_size_v2=256k",
        "level=9:version_2=on:block_size_v2=1m:susp_z2=on"}) {
    fs::remove(image());
    run("xorriso -zisofs " + options + " -outdev \"$OUT\" -map . / -set_filter_r --zisofs / -- -commit");
    expect_all(View::rockridge);
    EXPECT_LT(fs::file_size(image()), 900'000U) << options << ": something must be compressed";
  }
}

TEST_F(IsoForeign, ZisofsOfMkzftree) {
  run("mkzftree . ../compressed && genisoimage -quiet -R -z -o \"$OUT\" ../compressed");
  expect_all(View::rockridge);
  // What others make of it is what is recorded.
  const auto recorded = walk(View::iso9660);
  EXPECT_FALSE(recorded.error) << describe(recorded);
}

TEST_F(IsoForeign, EnhancedVolumes) {
  for (const std::string command :
       {"genisoimage -quiet -iso-level 4 -o \"$OUT\" .", "xorriso -as mkisofs -quiet -iso-level 4 -o \"$OUT\" ."}) {
    run(command);
    ASSERT_TRUE(identify_file_systems(FileSource(image())).has(View::enhanced)) << command;
    const auto result = walk(View::enhanced, Strictness::strict);
    ASSERT_FALSE(result.error) << command << '\n' << describe(result);
    EXPECT_EQ(result.contents.at("/a;5"), "no version") << command;
    EXPECT_EQ(result.contents.at("/small"), "small");
    const bool whole = result.entries.contains("/sub/" + std::string(200, 'n') + ".dots.txt");
    EXPECT_TRUE(whole || result.entries.size() >= 7) << describe(result);
  }
}

TEST_F(IsoForeign, ExtensionsOfOthersAreNoFindings) {
  for (const std::string command :
       {"genisoimage -quiet -R -apple -probe -o \"$OUT\" .", "genisoimage -quiet -R -hfs -o \"$OUT\" .",
        "genisoimage -quiet -R -XA -o \"$OUT\" .", "genisoimage -quiet -r -J -o \"$OUT\" ."}) {
    run(command);
    const auto result = walk(View::rockridge);
    EXPECT_FALSE(result.error) << command << '\n' << describe(result);
    EXPECT_TRUE(result.findings.empty()) << command << '\n' << describe(result);
    EXPECT_EQ(result.contents.at("/small"), "small") << command;
  }
}

TEST_F(IsoForeign, ExtendedAttributesOfXorrisoAreNoFindings) {
  run("xorriso -for_backup -outdev \"$OUT\" -map . / -setfattr user.own '" + std::string(900, 'o') +
      "' /sub/large -- -setfattr user.root yes / -- -commit");
  const auto result = walk(View::rockridge, Strictness::strict);
  ASSERT_FALSE(result.error) << describe(result);
  EXPECT_TRUE(result.findings.empty()) << describe(result);
  expect_all(View::rockridge);
}

TEST_F(IsoForeign, RockRidgeOfBothVersions) {
  for (const std::string rule : {"new_rr", "new_rr_off", "aaip_susp_1_10:new_rr_off"}) {
    fs::remove(image());
    run("xorriso -compliance " + rule + " -outdev \"$OUT\" -map . / -commit");
    expect_all(View::rockridge);
  }
}

}  // namespace
}  // namespace fsimage::test
