// Extended attributes and access control lists as xorriso writes them, restored and held against what getfattr(1) tells of
// the source and of what xorriso itself restores. A program that is not there is a failure.
#include "sample_volume.hpp"

#include <fsimage/core/text.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/format/rockridge/aaip.hpp>
#include <fsimage/import/extract.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class XattrsForeign : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(source() / "sub/deep");
    for (const auto* name : {"plain", "many", "sub/large", "listed", "sub/deep/file"})
      folder_.write("source/" + std::string(name), name);
    fs::create_symlink("plain", source() / "link");
    if (give("sub", {{"user.folder", "yes"}})) GTEST_SKIP() << "the file system of " << folder_.path() << " has none";
    give("many", {{"user.one", "1"}, {"user.empty", ""}, {"user.binary", std::string("\0\1\2\xff", 4)}});
    give("sub/large", {{"user.large", std::string(3000, 'x')}, {"user.after", "2"}});
    give("sub/deep", {{"user.deep", "3"}});
    give(".", {{"user.top", "4"}});
  }
  fs::path source() const { return folder_.path() / "source"; }
  std::string image() const { return folder_ / "image.iso"; }

  // True when something was refused.
  bool give(const std::string& name, const std::vector<HostXattr>& xattrs) {
    const auto path = source() / name;
    if (fs::is_directory(path)) return bool(WritableFolder::open(path)->set_metadata({.xattrs = xattrs}));
    const auto above = WritableFolder::open(path.parent_path());
    auto file = above->make_file(path.filename(), 0644, Existing::replace);
    file.write_at(0, std::as_bytes(std::span(name)));
    return bool(file.finish({.permissions = 0644, .xattrs = xattrs}));
  }

  void run(const std::string& command) {
    const auto line = "cd '" + folder_.path().string() + "' && (" + command + ") > log 2>&1";
    const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (status != 0) throw std::runtime_error(command + " failed: " + TempFolder::read(folder_ / "log"));
  }
  // All attributes below a folder, one a line.
  std::string told(const std::string& below, const std::string& which) {
    run("cd " + below + " && find . -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -e hex -m '" + which +
        "' > ../told");
    return TempFolder::read(folder_ / "told");
  }
  void extract_ours(RestoredXattrs which) {
    const auto volume = open_volume(std::make_shared<FileSource>(image()),
                                    {.view = View::rockridge, .strictness = Strictness::strict, .xattrs = true},
                                    [](const Finding& f) { ADD_FAILURE() << f.path << ": " << located_text(f); });
    ExtractEvents events;
    events.error = [](const Error& e) { ADD_FAILURE() << e.what(); };
    if (which == RestoredXattrs::all)
      events.finding = [](const Finding& f) { ADD_FAILURE() << f.path << ": " << located_text(f); };
    EXPECT_EQ(extract(*volume, folder_ / "ours", {.xattrs = which}, events).failed, 0U);
  }

  TempFolder folder_;
};

TEST_F(XattrsForeign, ThoseOfUsers) {
  for (const std::string rules :
       {"", "-compliance aaip_susp_1_10_off:new_rr", "-md5 on", "-compliance deep_paths_off"}) {
    fs::remove(image());
    fs::remove_all(folder_.path() / "ours");
    run("xorriso -xattr user " + rules + " -outdev image.iso -map source / -commit");
    extract_ours(RestoredXattrs::user);
    const auto before = told("source", "^user");
    EXPECT_NE(before.find("user.large=0x7878"), std::string::npos);
    EXPECT_EQ(told("ours", "^user"), before) << rules;
  }
}

TEST_F(XattrsForeign, AsXorrisoRestoresThem) {
  if (effective_user() != 0) GTEST_SKIP() << "access control lists and what is for trusted programs want root";
  using enum rockridge::AclEntry::Type;
  const auto list = rockridge::linux_acl(
      {{owner, 6, 0}, {user, 6, 123}, {owning_group, 4, 0}, {group, 5, 65534}, {mask, 7, 0}, {others, 4, 0}});
  const auto inherited =
      rockridge::linux_acl({{owner, 7, 0}, {owning_group, 5, 0}, {user, 5, 5}, {mask, 5, 0}, {others, 0, 0}});
  ASSERT_FALSE(give("sub/deep/file", {{"trusted.secret", "5"}}));
  const auto above = WritableFolder::open(source());
  auto file = above->make_file("listed", 0644, Existing::replace);
  ASSERT_FALSE(file.finish({.permissions = 0674, .xattrs = {{"system.posix_acl_access", list}}}));
  fs::create_directory(source() / "gives");  // empty: xorriso lets what it puts there inherit
  ASSERT_FALSE(give("gives", {{"system.posix_acl_default", inherited}}));
  for (const std::string kind : {"-acl on -xattr user", "-acl on -xattr any", "-acl off -xattr any"}) {
    fs::remove(image());
    fs::remove_all(folder_.path() / "ours");
    fs::remove_all(folder_.path() / "theirs");
    run("xorriso " + kind + " -outdev image.iso -map source / -commit");
    extract_ours(RestoredXattrs::all);
    run("xorriso " + kind + " -osirrox on -indev image.iso -extract / theirs");
    const auto ours = told("ours", "-");
    EXPECT_NE(ours.find("posix_acl_access=0x0200"), std::string::npos) << kind;
    EXPECT_NE(ours.find("posix_acl_default=0x0200"), std::string::npos) << kind;
    // Without the list in its own form, xorriso sets the permissions last, and with them the mask.
    if (kind.starts_with("-acl on")) {
      EXPECT_EQ(ours, told("theirs", "-")) << kind;
    }
    if (kind.ends_with("any")) {
      EXPECT_EQ(ours, told("source", "-")) << kind;
    }
  }
}

// The other way: what we write, xorriso restores.
TEST_F(XattrsForeign, XorrisoRestoresOurs) {
  FileSystemImage ours;
  FileSystemImage::AddOptions add;
  add.scan.user_xattrs = true;
  ours.add(source(), "/", add);
  for (const auto& systems : {FileSystems{}, FileSystems{true, false, true, false}}) {
    ours.profile().file_systems = systems;
    const auto result = ours.create_result_image();
    std::vector<std::byte> bytes(static_cast<std::size_t>(result->size()));
    result->read_at(0, bytes);
    folder_.write("image.iso", std::string(text_of(bytes)));
    run("rm -rf theirs && xorriso -for_backup -xattr on -osirrox on -indev image.iso -extract / theirs");
    EXPECT_EQ(told("theirs", "^user"), told("source", "^user"));
  }
}

}  // namespace
}  // namespace fsimage::test
