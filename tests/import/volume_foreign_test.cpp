// Images that other programs wrote, compared with the folder that they were made from. A program that is not there is a
// failure.
#include "sample_volume.hpp"

#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/io/file_source.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

const std::string kLongName(240, 'n');

class VolumeForeign : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(source());
    write("readme.txt", "read me");
    write("docs/a b.txt", std::string(5000, 'a'));
    write("docs/empty", "");
    write("docs/\xC3\xBC\xE6\xBC\xA2.txt", "wide");
    write("docs/" + kLongName, "long name");
    write("one/two/three/four/five/six/seven/eight/nine/ten/deep.txt", "deep");
    fs::create_hard_link(source() / "readme.txt", source() / "docs/linked");
    fs::create_symlink("../readme.txt", source() / "docs/link");
    fs::create_symlink("/" + std::string(200, 'x') + "/" + std::string(200, 'y'), source() / "docs/far");
    ASSERT_EQ(::mkfifo((source() / "pipe").c_str(), 0600), 0);
    fs::permissions(source() / "readme.txt", fs::perms(0640));
    fs::permissions(source() / "docs", fs::perms(0751));
    const timespec old[2] = {{1'500'000'001, 0}, {1'500'000'001, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (source() / "readme.txt").c_str(), old, 0), 0);
  }

  fs::path source() const { return folder_.path() / "source"; }
  void write(const std::string& name, const std::string& content) { folder_.write("source/" + name, content); }

  // `command` writes to $OUT from the current folder.
  std::shared_ptr<const ByteSource> made_by(const std::string& command) {
    const auto out = folder_ / "image.iso";
    const auto line = "cd '" + source().string() + "' && OUT='" + out + "' && export OUT && " + command + " > '" +
                      (folder_ / "log") + "' 2>&1";
    const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (status != 0) throw std::runtime_error(command + " failed: " + TempFolder::read(folder_ / "log"));
    return std::make_shared<FileSource>(out);
  }

  // Everything that the folder holds, by path.
  std::map<std::string, fs::path> expected() const {
    std::map<std::string, fs::path> out;
    for (const auto& e : fs::recursive_directory_iterator(source()))
      out.emplace("/" + e.path().lexically_relative(source()).string(), e.path());
    return out;
  }

  static void expect_content(const WalkResult& walk, const std::string& path, const fs::path& file) {
    ASSERT_TRUE(walk.contents.contains(path)) << path;
    EXPECT_EQ(walk.contents.at(path), TempFolder::read(file)) << path;
  }

  // Names, types, modes, owners, times, targets and bytes.
  void expect_posix(const WalkResult& walk, const std::set<std::string>& except = {}) {
    ASSERT_FALSE(walk.error) << describe(walk);
    for (const auto& [path, file] : expected()) {
      if (except.contains(path)) continue;
      ASSERT_TRUE(walk.entries.contains(path)) << path << '\n' << describe(walk);
      const auto& entry = walk.entries.at(path);
      struct stat s {};
      ASSERT_EQ(::lstat(file.c_str(), &s), 0);
      EXPECT_EQ(entry.attributes.permissions, s.st_mode & 07777) << path;
      EXPECT_EQ(entry.attributes.uid, s.st_uid) << path;
      EXPECT_EQ(entry.attributes.gid, s.st_gid) << path;
      EXPECT_EQ(entry.attributes.modified.seconds(), s.st_mtime) << path;
      EXPECT_EQ(entry.type == FileType::directory, S_ISDIR(s.st_mode)) << path;
      EXPECT_EQ(entry.type == FileType::symlink, S_ISLNK(s.st_mode)) << path;
      EXPECT_EQ(entry.type == FileType::fifo, S_ISFIFO(s.st_mode)) << path;
      EXPECT_EQ(entry.target, S_ISLNK(s.st_mode) ? fs::read_symlink(file).string() : "") << path;
      if (S_ISREG(s.st_mode)) expect_content(walk, path, file);
    }
    EXPECT_EQ(walk.entries.size() + except.size(), expected().size()) << describe(walk);
  }

  // Names and bytes of regular files and folders; whatever else the view makes of links and pipes.
  void expect_files(const WalkResult& walk, const std::set<std::string>& except = {}) {
    ASSERT_FALSE(walk.error) << describe(walk);
    EXPECT_TRUE(walk.findings.empty()) << describe(walk);
    for (const auto& [path, file] : expected()) {
      if (except.contains(path) || fs::is_symlink(file) || fs::is_fifo(file)) continue;
      ASSERT_TRUE(walk.entries.contains(path)) << path << '\n' << describe(walk);
      if (fs::is_regular_file(file)) expect_content(walk, path, file);
    }
  }

  static WalkResult walk(const std::shared_ptr<const ByteSource>& image, View view) {
    return walk_volume(image, {.view = view, .order = EntryOrder::by_name, .session = {}, .limits = {}});
  }

  TempFolder folder_;
};

TEST_F(VolumeForeign, GenisoimageInAllViews) {
  const auto image = made_by("genisoimage -quiet -J -joliet-long -R -udf -o \"$OUT\" .");
  const auto found = identify_file_systems(*image);
  for (const View view : {View::iso9660, View::joliet, View::rockridge, View::udf})
    EXPECT_TRUE(found.has(view)) << to_string(view);
  // Its long symbolic links are broken: a component is longer than the field that holds it. Told, not guessed.
  const auto rockridge = walk(image, View::rockridge);
  expect_posix(rockridge, {"/docs/far"});
  EXPECT_TRUE(rockridge.has_finding("RRIP 1.12 4.1.3")) << describe(rockridge);
  // A name of 240 bytes is cut to Joliet's 103 characters in both of these.
  expect_files(walk(image, View::joliet), {"/docs/" + kLongName});
  expect_files(walk(image, View::udf), {"/docs/" + kLongName});
  EXPECT_TRUE(walk(image, View::udf).entries.contains("/docs/" + kLongName.substr(0, 103)));
  const auto iso = walk(image, View::iso9660);
  EXPECT_FALSE(iso.error) << describe(iso);
  EXPECT_EQ(iso.contents.at("/README.TXT"), "read me");
}

TEST_F(VolumeForeign, GenisoimageIsDescribedAndMapped) {
  const auto image = made_by("genisoimage -quiet -J -R -udf -V 'Foreign Volume' -o \"$OUT\" .");
  const auto info = describe_volumes(*image);
  EXPECT_TRUE(info.findings.empty());
  EXPECT_EQ(info.iso9660->volume, "Foreign Volume");
  EXPECT_EQ(info.joliet->volume, "Foreign Volume");
  EXPECT_EQ(info.udf->logical_volume, "Foreign Volume");
  EXPECT_EQ(info.udf->partitions.at(0).start, 257U);
  std::uint64_t blocks = 0;
  std::uint32_t end = 0;
  map_volumes(image, {}, [&](const VolumePart& p) {
    EXPECT_GE(p.start.value, end) << p.label << " lies upon what is before it";
    end = p.start.value + p.blocks.value;
    blocks += p.blocks.value;
  });
  EXPECT_EQ(end, image->size() / kBlockSize) << "the anchors reach to the end";
  EXPECT_GT(blocks + 16 + 224, image->size() / kBlockSize)
      << "all but the system area and what lies before the anchor has a label";
}

TEST_F(VolumeForeign, Xorriso) {
  const auto image = made_by("xorriso -as mkisofs -quiet -J -joliet-long -R -D -o \"$OUT\" .");
  EXPECT_EQ(open_volume(image)->view(), View::rockridge);
  const auto rockridge = walk(image, View::rockridge);
  expect_posix(rockridge);
  EXPECT_TRUE(rockridge.findings.empty()) << describe(rockridge);
  expect_files(walk(image, View::joliet), {"/docs/" + kLongName});
}

TEST_F(VolumeForeign, XorrisoWithRelocatedFolders) {
  const auto image = made_by("xorriso -as mkisofs -quiet -R -rr_reloc_dir rr_moved -o \"$OUT\" .");
  const auto rockridge = walk(image, View::rockridge);
  expect_posix(rockridge);
  EXPECT_TRUE(rockridge.findings.empty()) << describe(rockridge);
}

TEST_F(VolumeForeign, Bsdtar) {
  const auto image = made_by("bsdtar --format iso9660 --options rockridge=strict -cf \"$OUT\" *");
  const auto rockridge = walk(image, View::rockridge);
  expect_posix(rockridge);
  expect_files(walk(image, View::joliet), {"/docs/" + kLongName});
}

TEST_F(VolumeForeign, HardLinksAreRecognised) {
  for (const auto* command : {"genisoimage -quiet -R -o \"$OUT\" .", "xorriso -as mkisofs -quiet -R -o \"$OUT\" ."}) {
    const auto rockridge = walk(made_by(command), View::rockridge);
    const auto& a = rockridge.entries.at("/readme.txt");
    const auto& b = rockridge.entries.at("/docs/linked");
    EXPECT_EQ(a.links, 2U) << command;
    EXPECT_TRUE(std::ranges::equal(a.identity, b.identity)) << command;
  }
}

TEST_F(VolumeForeign, AFileInManySections) {
  fs::create_directory(source() / "large");
  std::ofstream(source() / "large/file") << "start";
  constexpr std::uint64_t kSize = (std::uint64_t{4} << 30) + 4097;
  fs::resize_file(source() / "large/file", kSize);
  const auto image = made_by("xorriso -as mkisofs -quiet -iso-level 3 -R -o \"$OUT\" large");
  const auto cursor = open_volume(image, {.view = View::rockridge});
  const auto entry = cursor->next();
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->size, kSize);
  ContentStore store;
  const auto content = cursor->content(store);
  ASSERT_EQ(store.size(content), kSize);
  std::string start(5, '\0');
  store.read_at(content, 0, std::as_writable_bytes(std::span(start)));
  EXPECT_EQ(start, "start");
}

}  // namespace
}  // namespace fsimage::test
