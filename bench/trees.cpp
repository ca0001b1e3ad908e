#include "trees.hpp"

#include <random>
#include <string>
#include <vector>

namespace fsimage::bench {
namespace {

constexpr std::uint64_t kLargest = 65536, kLargestOfZeros = 2048;

class Maker {
 public:
  Maker(Tree& tree, Files files) : tree_(tree), store_(tree.contents()), files_(files) {
    if (files == Files::zeros) zeros_ = store_.add_volume(std::make_shared<ZeroSource>(kLargestOfZeros), "zeros");
  }

  void add(std::int64_t nodes) {
    for (std::int64_t i = 1; i < nodes; ++i) {
      const auto text = name(i);
      if (i % 101 == 1)
        add_folder(text);
      else
        tree_.add_file(folders_.back(), text, attributes_, content(text, static_cast<std::uint64_t>(i)));
    }
  }

 private:
  std::string name(std::int64_t number) {
    std::string text;
    for (auto letters = 2 + random_() % 17; letters != 0; --letters) text += static_cast<char>('a' + random_() % 26);
    return text + std::to_string(1'000'000 + number).substr(1);
  }

  void add_folder(const std::string& text) {
    const auto parent = (folders_.size() - 1) / 10;
    folders_.push_back(tree_.add_directory(folders_[parent], text, attributes_));
    if (files_ == Files::on_host) host_folders_.push_back(store_.add_folder(host_folders_[parent], text));
  }

  ContentId content(const std::string& text, std::uint64_t number) {
    const auto size = random_() % kLargest;
    if (files_ == Files::zeros) return store_.add_slice(zeros_, 0, size % kLargestOfZeros);
    return store_.add_file(host_folders_.back(), text, {.size = size, .inode = number});
  }

  Tree& tree_;
  ContentStore& store_;
  Files files_;
  Attributes attributes_{.modified = Timestamp::from_seconds(1'600'000'000)};
  std::mt19937_64 random_{11};
  std::vector<NodeId> folders_{kRootNode};
  std::vector<ContentStore::FolderId> host_folders_{store_.add_folder("/nowhere")};
  ContentStore::VolumeId zeros_{};
};

}  // namespace

std::shared_ptr<const Tree> make_tree(std::int64_t nodes, Files files) {
  const auto tree = std::make_shared<Tree>();
  Maker(*tree, files).add(nodes);
  return tree;
}

}  // namespace fsimage::bench
