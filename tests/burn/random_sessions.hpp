// Random changes to what a disc holds, done to a tree and to a model of it; and what a session shows, to compare with the
// model.
#pragma once

#include "support/seeds.hpp"
#include "support/temp_folder.hpp"
#include "support/trial_image.hpp"

#include <fsimage/file_system_image.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_cursor.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::test {

using Listing = std::map<std::string, std::string>;  // path to content; a folder's ends in '/' and has none

inline Listing list(const Session& session, View view, Strictness strictness = Strictness::tolerant) {
  Listing out;
  const auto cursor = open_volume(session.source, {.view = view, .session = session.start, .strictness = strictness});
  ContentStore store;
  while (const auto entry = cursor->next()) {
    if (entry->type == FileType::directory) {
      out[cursor->origin() + "/"] = {};
      continue;
    }
    const auto content = cursor->content(store);
    std::string text(store.size(content), '\0');
    store.read_at(content, 0, std::as_writable_bytes(std::span(text)));
    out[cursor->origin()] = std::move(text);
  }
  return out;
}

inline std::multiset<std::string> contents_of(const Listing& listing) {
  std::multiset<std::string> out;
  for (const auto& [path, text] : listing) out.insert(text);
  return out;
}

// What a disc holds, and how it is changed at random. Contents of one size differ in every block.
class ModelDisc {
 public:
  explicit ModelDisc(std::uint32_t seed, bool plain_names) : choices_(seed), plain_names_(plain_names) {}

  Listing listing() const { return entries_; }
  // Files whose content no session before has.
  bool is_new(const std::string& path) const { return new_.contains(path); }
  std::size_t file_count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [](const auto& entry) { return !entry.first.ends_with('/'); }));
  }

  // A session begins: what is there is old.
  void begin_session() { new_.clear(); }

  void change(FileSystemImage& image) {
    switch (choices_.below(9)) {
      case 0: return make_folder(image.tree());
      case 1: return remove(image.tree());
      case 2:
      case 3: return replace(image.tree());
      case 4: return move(image.tree());
      case 5: return add_link(image.tree());
      default: return add(image.tree());
    }
  }

  void add(Tree& tree) {
    const auto into = some_folder();
    const auto path = into + fresh_name("BIN");
    tree.add_file(node(tree, into), last_of(path), attributes(), source(set(path, fresh_content(some_size()))));
  }

  // Other bytes in some file: as many, and of the same time, or not.
  void replace(Tree& tree) {
    const auto path = some_file();
    if (path.empty()) return add(tree);
    put_other_bytes(tree, path, choices_.one_in(2) ? entries_[path].size() : some_size());
  }

  // Other bytes in every new file: of two discs that have the same names, sizes and times, nothing else tells them apart.
  void replace_new_contents(Tree& tree) {
    for (const auto& path : std::set(new_)) put_other_bytes(tree, path, entries_[path].size());
  }

  // The disc becomes the mirror of a host folder that holds most of it, some of it changed.
  void mirror(FileSystemImage& image, const std::string& host) {
    namespace fs = std::filesystem;
    fs::remove_all(host);
    fs::create_directories(host);
    Listing after;
    std::set<std::string> fresh;
    const auto put = [&](const std::string& path, std::string text) {
      write_file(host + path, text);
      if (const auto old = entries_.find(path); old == entries_.end() || old->second != text || new_.contains(path))
        fresh.insert(path);
      after[path] = std::move(text);
    };
    for (const auto& [path, text] : entries_) {
      if (path.ends_with('/')) {
        fs::create_directories(host + path);
        after[path] = {};
      } else if (!choices_.one_in(8)) {
        put(path, choices_.one_in(4) ? fresh_content(text.size()) : text);
      }
    }
    put("/" + fresh_name("NEW"), fresh_content(some_size()));
    FileSystemImage::AddOptions options;
    options.existing = Tree::Existing::mirror;
    image.add(host, "/", options);
    entries_ = std::move(after);
    new_ = std::move(fresh);
  }

 private:
  static constexpr int kHoursBack = 1'500'000;  // file_time_type counts from 2174
  // Written with a time of its own: a file that has its size and its time is taken for unchanged.
  void write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::last_write_time(path,
                                     std::filesystem::file_time_type{} - std::chrono::hours(kHoursBack + ++hours_));
  }

  void put_other_bytes(Tree& tree, const std::string& path, std::size_t size) {
    const auto old = node(tree, path);
    const auto parent = tree.parent(old);
    tree.remove(old);
    tree.add_file(parent, last_of(path), attributes(), source(set(path, fresh_content(size))));
  }

  static NodeId node(const Tree& tree, std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return tree.find(path).value();
  }
  static Attributes attributes() { return {.modified = Timestamp::from_seconds(1'600'000'000)}; }
  static std::shared_ptr<const ByteSource> source(const std::string& text) {
    return std::make_shared<MemorySource>(text);
  }
  static std::string last_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  const std::string& set(const std::string& path, std::string text) {
    new_.insert(path);
    return entries_[path] = std::move(text);
  }

  std::string fresh_name(const std::string& extension) {
    const auto number = std::to_string(++names_);
    if (plain_names_) return "E" + number + "." + extension;
    return (choices_.one_in(2) ? "entry \xC3\xA4 number " : "e") + number + "." + extension;
  }

  std::size_t some_size() {
    static constexpr std::size_t kSizes[] = {0, 1, 700, 2047, 2048, 2049, 6000, 40'000, 66'000};
    return choices_.of(kSizes);
  }
  std::string fresh_content(std::size_t size) {
    return text_of(noise(size, static_cast<std::uint32_t>(choices_.next())));
  }

  std::vector<std::string> paths(bool folders) const {
    std::vector<std::string> out;
    for (const auto& [path, text] : entries_)
      if (path.ends_with('/') == folders) out.push_back(path);
    return out;
  }
  // With a '/' behind it.
  std::string some_folder() {
    auto all = paths(true);
    all.emplace_back("/");
    return choices_.of(all);
  }
  std::string some_file() {
    const auto all = paths(false);
    return all.empty() ? std::string{} : choices_.of(all);
  }

  void make_folder(Tree& tree) {
    const auto into = some_folder();
    if (std::ranges::count(into, '/') > 5) return;  // of eight levels, ECMA-119 6.8.2.1
    auto name = fresh_name("D");
    std::ranges::replace(name, '.', '_');
    tree.add_directory(node(tree, into), name, attributes());
    entries_[into + name + "/"] = {};
  }

  void remove(Tree& tree) {
    if (entries_.empty()) return;
    const auto path = choices_.of(entries_).first;
    tree.remove_tree(node(tree, path));
    std::erase_if(entries_, [&](const auto& e) { return is_below(e.first, path); });
    std::erase_if(new_, [&](const auto& p) { return is_below(p, path); });
  }

  void move(Tree& tree) {
    if (entries_.empty()) return;
    const auto from = choices_.of(entries_).first;
    const auto into = some_folder();
    if (is_below(into, from) || std::ranges::count(into, '/') > 2) return;
    auto name = fresh_name("MOV");
    const bool folder = from.ends_with('/');
    if (folder) std::ranges::replace(name, '.', '_');
    tree.move(node(tree, from), node(tree, into), name);
    const auto to = into + name + (folder ? "/" : "");
    const auto renamed = [&](const std::string& path) {
      return is_below(path, from) ? to + path.substr(from.size()) : path;
    };
    Listing moved;
    for (const auto& [path, text] : entries_) moved[renamed(path)] = text;
    entries_ = std::move(moved);
    std::set<std::string> fresh;
    for (const auto& path : new_) fresh.insert(renamed(path));
    new_ = std::move(fresh);
  }

  void add_link(Tree& tree) {
    const auto to = some_file();
    if (to.empty()) return;
    const auto path = some_folder() + fresh_name("LNK");
    tree.add_hard_link(node(tree, path.substr(0, path.rfind('/') + 1)), last_of(path), node(tree, to));
    entries_[path] = entries_[to];
    if (new_.contains(to)) new_.insert(path);
  }

  static bool is_below(const std::string& path, const std::string& top) {
    return path == top || (top.ends_with('/') && path.starts_with(top));
  }

  Choices choices_;
  bool plain_names_;
  int names_ = 0, hours_ = 0;
  Listing entries_;
  std::set<std::string> new_;
};

}  // namespace fsimage::test
