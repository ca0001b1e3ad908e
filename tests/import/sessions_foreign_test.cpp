// Grown images: four sessions by xorriso, growisofs and genisoimage, each of them read as it was.
#include "sample_volume.hpp"

#include <fsimage/import/sessions.hpp>
#include <fsimage/io/file_source.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace fsimage::test {
namespace {

class GrownImage : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 1; i <= 4; ++i) {
      const auto name = "s" + std::to_string(i);
      folder_.write(name + "/file" + std::to_string(i) + ".txt", "content " + std::to_string(i));
      folder_.write(name + "/common.txt", version(i));
      folder_.write(name + "/folder/d" + std::to_string(i), "in folder " + std::to_string(i));
    }
  }

  // Of a different length each time: genisoimage takes a file for unchanged by its size and the second of its time.
  static std::string version(int session) { return "version " + std::string(static_cast<std::size_t>(session), 'i'); }

  // Four sessions on $F, by a script that is called for each with its number as $1.
  std::shared_ptr<const ByteSource> grow(const std::string& script) {
    folder_.write("grow.sh", "set -e; cd '" + folder_.path().string() + "'; F=$PWD/image.iso; S=$PWD/s$1\n" + script);
    for (int i = 1; i <= 4; ++i) {
      const auto line =
          "sh '" + (folder_ / "grow.sh") + "' " + std::to_string(i) + " > '" + (folder_ / "log") + "' 2>&1";
      // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
      if (std::system(line.c_str()) != 0) throw std::runtime_error(TempFolder::read(folder_ / "log"));
    }
    return std::make_shared<FileSource>(folder_ / "image.iso");
  }

  static std::map<std::string, std::string> expected(int session) {
    std::map<std::string, std::string> out{{"/common.txt", version(session)}};
    for (int i = 1; i <= session; ++i) {
      out["/file" + std::to_string(i) + ".txt"] = "content " + std::to_string(i);
      out["/folder/d" + std::to_string(i)] = "in folder " + std::to_string(i);
    }
    return out;
  }

  static void expect_sessions(const std::shared_ptr<const ByteSource>& image, const std::vector<View>& views) {
    const auto sessions = find_sessions(image);
    ASSERT_EQ(sessions.size(), 4U);
    for (const View view : views)
      for (int i = 1; i <= 4; ++i) {
        SCOPED_TRACE(std::string(to_string(view)) + " of session " + std::to_string(i));
        const auto& session = sessions[static_cast<std::size_t>(i - 1)];
        const auto walk = walk_volume(session.source, {.view = view, .session = session.start});
        EXPECT_FALSE(walk.error) << describe(walk);
        EXPECT_EQ(walk.contents, expected(i)) << describe(walk);
      }
  }

  TempFolder folder_;
};

TEST_F(GrownImage, ByXorriso) {
  const auto image = grow("xorriso -dev $F -joliet on -map $S / -commit");
  expect_sessions(image, {View::rockridge, View::joliet});
  EXPECT_EQ(find_sessions(image).front().start, Lba{32});
}

// The head of the image is that of the newest session: what is left of the first is pieced together.
TEST_F(GrownImage, ByGrowisofs) {
  const auto image = grow(
      "mkdir -p real; touch $F; [ $1 = 1 ] && how=-Z || how=-M\n"
      "same=; [ $(id -u) = 0 ] || same=-r\n"
      // It unmounts what /proc/mounts says has the device number of its target: 0 for a file, as for /proc itself.
      "unshare -m $same sh -c 'mount --rbind /proc real && mount -t tmpfs none /proc && ln -s $PWD/real/self "
      "/proc/self &&"
      " : >/proc/mounts && exec growisofs \"$@\"' sh $how $F -R -J $S");
  expect_sessions(image, {View::rockridge, View::joliet});
  EXPECT_TRUE(find_sessions(image).front().rebuilt);
}

// On write-once media gaps lie between sessions, and the first one's head stays.
TEST_F(GrownImage, ByGenisoimage) {
  const auto image = grow(
      "if [ $1 = 1 ]; then genisoimage -R -J -udf -o $F $S; echo 0 >last; exit; fi\n"
      "end=$(($(stat -c %s $F) / 2048)); start=$(((end + 6900 + 31) / 32 * 32))\n"
      "genisoimage -R -J -udf -C $(cat last),$start -M $F -o next $S\n"
      "dd if=next of=$F bs=2048 seek=$start conv=notrunc,sparse; echo $start >last");
  expect_sessions(image, {View::rockridge, View::joliet});
  for (const auto& session : find_sessions(image)) {
    EXPECT_TRUE(session.found.udf) << session.number;
    EXPECT_TRUE(session.source->size() >= session.end.byte_offset() || session.number == 4);
  }
}

}  // namespace
}  // namespace fsimage::test
