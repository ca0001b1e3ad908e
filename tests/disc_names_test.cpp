// Random histories of a disc: what an entry is called in a view stays, while it is there under its path.
#include <fsimage/burn/media.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/import/volume_cursor.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fsimage {
namespace {

class Disc {
 public:
  void burn(const ResultImage& image) {
    const auto at = image.first_block().byte_offset();
    std::vector<std::byte> session(image.size());
    image.read_at(0, session);
    bytes_.resize(at + image.size());
    std::copy(session.begin(), session.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
    start_ = image.first_block();
  }
  bool is_blank() const { return bytes_.empty(); }
  std::shared_ptr<const ByteSource> read() const { return std::make_shared<MemorySource>(bytes_); }
  Media media() const {
    Media m;
    m.type = MediaType::cd_r;
    m.media_class = MediaClass::sequential;
    m.state = MediaState::appendable;
    m.used = blocks_for(bytes_.size());
    m.next_writable = Lba{m.used.value};
    m.sessions.push_back({start_, start_});
    return m;
  }

  // View and content, which is the file's path in the tree, to the path in the view.
  std::map<std::pair<View, std::string>, std::string> called() const {
    std::map<std::pair<View, std::string>, std::string> out;
    const auto disc = read();
    for (const View view : {View::iso9660, View::joliet, View::udf}) {
      const auto cursor = open_volume(disc, {.view = view, .session = start_});
      while (const auto entry = cursor->next()) {
        if (entry->type != FileType::regular || entry->size == 0) continue;
        const auto extent = cursor->extents().at(0);
        std::string path(extent.length, 0);
        disc->read_at(extent.offset, std::as_writable_bytes(std::span(path)));
        EXPECT_TRUE(out.try_emplace({view, path}, cursor->origin()).second);
      }
    }
    return out;
  }

 private:
  std::vector<std::byte> bytes_;
  Lba start_;
};

std::string some_name(std::mt19937& random) {
  static const std::vector<std::string> kParts{"a", "b", "?", "*", "+", " ", "\xff", "\u4e2d"};
  std::string name = random() % 4 == 0 ? std::string(120, 'l') : random() % 4 == 0 ? std::string(250, 'm') : "n";
  for (auto n = 1 + random() % 3; n > 0; --n) name += kParts[random() % kParts.size()];
  return name;
}

TEST(DiscNames, StayThroughRandomHistories) {
  std::mt19937 random(5);
  int compared = 0;
  for (int history = 0; history < 6; ++history) {
    Disc disc;
    const std::uint8_t level = history % 2 == 0 ? 1 : 3;
    std::map<std::pair<View, std::string>, std::string> before;
    for (int session = 0; session < 5; ++session) {
      FileSystemImage image;
      if (!disc.is_blank()) image.continue_disc(disc.read(), disc.media());
      image.profile().interchange_level = level;
      auto& tree = image.tree();
      const auto folder = tree.make_path("/folder?", {});
      for (const NodeId in : {kRootNode, folder}) {
        std::vector<NodeId> there;
        for (auto n = tree.first_child(in); n; n = tree.next_sibling(*n))
          if (!tree.is_directory(*n)) there.push_back(*n);
        for (const NodeId n : there)
          if (random() % 3 == 0) tree.remove(n);
        for (int i = 0; i < 12; ++i) {
          const auto name = some_name(random);
          if (name.size() > 255 || tree.child(in, name)) continue;
          const auto path = (in == kRootNode ? "/" : "/folder?/") + name;
          tree.add_file(in, name, {}, std::make_shared<MemorySource>(path));
        }
      }
      disc.burn(*image.create_result_image());
      const auto after = disc.called();
      std::set<std::string> names;
      for (const auto& [what, path] : after) names.insert(what.second.substr(what.second.rfind('/') + 1));
      for (const auto& [what, path] : before)
        if (const auto now = after.find(what); now != after.end()) {
          if (names.count(path.substr(path.rfind('/') + 1)) != 0) continue;  // somebody's own name: that comes first
          ++compared;
          EXPECT_EQ(now->second, path) << to_string(what.first) << ' ' << what.second << ", session " << session;
        }
      before = after;
    }
  }
  EXPECT_GT(compared, 500);
}

}  // namespace
}  // namespace fsimage
