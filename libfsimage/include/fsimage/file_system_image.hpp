// The short path: folders in, one image out. Names follow IFileSystemImage where it has them. One thread uses it; results
// are values of their own, independent of what happens to it later, so that nothing is ever read-only.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/import/host_cursor.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/normalized_names.hpp>
#include <fsimage/io/stash.hpp>
#include <fsimage/layout/planner.hpp>
#include <fsimage/media_defaults.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

// Throws what stands against a further session on such a medium: no_media, write_protected, session_conflict
// (IFileSystemImage::MultisessionInterfaces).
void require_continuable(const Media& media, const std::string& label = {});

class FileSystemImage {
 public:
  FileSystemImage();

  // --- what the image is to be, and what it will hold: both may be changed freely, and plan() says whether it goes
  Profile& profile();
  const Profile& profile() const { return profile_; }
  // After a result was created, changing the tree first copies it.
  Tree& tree();
  const Tree& tree() const { return *tree_; }
  // The same as profile(), with what is here already looked at: throws what plan() would, and changes nothing then.
  void set_profile(Profile profile);
  // Throws invalid_argument for what no volume can be called: not UTF-8, with control characters, or longer than UDF has
  // room for, 126 characters.
  void set_volume_name(std::string name);

  // --- one change each: all of it is done, or an Error says what stands against it and nothing is. When there is a budget,
  // no_space with Reason::over_budget names the item that does not fit. What the profile's file systems can hold in no form
  // is not_representable (layout/item_rules.hpp), naming file and file system.
  struct AddOptions {
    HostScan scan;
    bool include_base_directory = false;  // a folder itself goes into the target, not only what is in it
    // Sources of paths that are taken: refused; or they replace what is there; or, of a folder, the target becomes its
    // mirror.
    Tree::Existing existing = Tree::Existing::refuse;
    AttributeRules attributes;  // of what is added, the root's too when a source gives them
    AddProgressFn progress;
    std::stop_token stop;
    Normalization normalization = Normalization::keep;  // of names, and targets of links
  };
  // A host folder's content goes into the folder `target`, which is made when missing; any other host file becomes
  // `target` itself, or an entry of it when `target` is a folder or ends in '/'. Throws the system's error for what cannot
  // be read, duplicate_path for two sources of one path.
  ReusedContent add(const std::string& host_path, std::string_view target, const AddOptions& options);
  ReusedContent add(const std::string& host_path, std::string_view target = "/") { return add(host_path, target, {}); }
  // All that a cursor gives goes into the folder `target`, which is made when missing; `scan` and the base folder are the
  // cursor's affair. Nothing is mirrored: what a list does not name stays.
  ReusedContent add(std::unique_ptr<EntryCursor> entries, std::string_view target, const AddOptions& options);
  // Entries one by one, in folders that are there (IFsiDirectoryItem). Paths begin with '/'. Throws not_found for a folder
  // that is missing, not_a_directory, duplicate_path, invalid_argument for what can be no path.
  NodeId add_directory(std::string_view path, const Attributes& attributes);
  NodeId add_file(std::string_view path, std::shared_ptr<const ByteSource> data, const Attributes& attributes);
  // What tree() made free-standing becomes `name` in `folder`; invalid_argument when that has no place in the image itself.
  void attach(NodeId folder, std::string_view name, NodeId item);
  void remove(std::string_view path);       // a file, or a folder that is empty: directory_not_empty
  void remove_tree(std::string_view path);  // a folder with all below it; "/" empties the image. not_a_directory
  // Throws invalid_argument for an entry that was changed or read before it was created, as far as its times are set.
  void set_attributes(std::string_view path, const Attributes& attributes);

  // --- looking. Throws invalid_argument for what can be no path.
  std::optional<FileType> exists(std::string_view path) const;
  // Content of a regular file, to be read whenever somebody likes. Throws not_found, invalid_argument for what is no file.
  std::shared_ptr<const ByteSource> data(std::string_view path) const;
  struct Counts {
    std::uint64_t files = 0;        // names of whatever is no folder
    std::uint64_t directories = 0;  // the root is one
  };
  Counts counts() const;  // linear

  // --- change points: the state behind each change can be gone back to, at some hundred bytes a change. tree() counts as one
  // when something was changed through it by the next.
  std::uint32_t change_point() const;
  // The tree as it was when change_point() was that; NodeIds of what goes are void. invalid_argument for a change that is not
  // there, or lies before the one that was locked in.
  void roll_back_to(std::uint32_t change_point);
  void lock_in();  // what has been changed so far cannot be gone back to

  // --- room: blocks that the image may have, nullopt without a limit. It is kept at every change; the last word is plan()'s
  std::optional<BlockCount> free_media_blocks() const { return free_media_blocks_; }
  void set_free_media_blocks(std::optional<BlockCount>);  // no_space, Reason::budget_too_low
  // What plan() would take at most, mostly a little more: cheap while items are added, planned anew when nothing is known.
  BlockCount used_blocks() const;
  // File systems and room for a kind of medium, or for the disc in a recorder. Throws what media_defaults() does.
  void choose_image_defaults(MediaType);
  void choose_image_defaults(const Media&);
  void set_max_media_blocks_from_device(const Media&);

  // --- staging: sources that will not wait until the image is read are copied as they are added. Errors have the Reasons of
  // Stash. It is no affair of what came before.
  void set_stage_files(bool stage) { stage_files_ = stage; }
  bool stage_files() const { return stage_files_; }
  // Where the copies are, or will be: those that are there move.
  void set_working_directory(std::string path);
  const std::string& working_directory() const { return working_directory_; }

  // --- discs
  // Everything of a session of a disc or image, whatever it was written by; what is here already stays. The files refer to
  // the source. See import_file_system for the rest.
  ImportedVolume import_file_system(const std::shared_ptr<const ByteSource>& source, const ImportOptions& options = {});

  // Goes on with a disc (IFileSystemImage::MultisessionInterfaces with ImportFileSystem): imports its newest session, by
  // Rock Ridge when it is there, and the result image becomes a further session. It has the file systems of the disc
  // and its revision of UDF, which the profile takes over with the volume's name, and small files in their entries where
  // it has some; profile() may change the rest before plan(). `disc` is the medium as it reads, `media` what the recorder
  // says of it. Throws session_conflict for what cannot be gone on with: media that take no more, no known file system, a
  // UDF volume that is not written in sessions; else as import_file_system.
  ImportedVolume continue_disc(const std::shared_ptr<const ByteSource>& disc, const Media& media,
                               const ImportOptions& options = {});
  // Whether that would go for this file system of the disc (IFileSystemImage3::ProbeSpecificFileSystem).
  static bool is_continuable(const std::shared_ptr<const ByteSource>& disc, const Media& media, View view,
                             const ImportOptions& options = {});
  // Null unless continue_disc() was called.
  const Continuation* continuation() const { return continuation_.get(); }
  // Of the volume that was imported last; nullopt before.
  const std::optional<std::string>& imported_volume_name() const { return imported_volume_name_; }
  // Where the image belongs on its medium: as the disc says that it continues, else as it is set, for a first session. Throws
  // session_conflict with a disc to go on with.
  Lba session_start_block() const { return continuation_ ? continuation_->start : start_; }
  void set_session_start_block(Lba);

  // What was changed of the sources as they were added, with their host paths.
  const std::vector<Finding>& source_findings() const { return source_findings_; }

  // --- results. plan() throws no_space beyond the budget.
  Plan plan() const;
  std::shared_ptr<const ResultImage> create_result_image() const { return plan().create_image(); }

 private:
  ReusedContent add_into(std::string_view folder, std::unique_ptr<EntryCursor>, const AddOptions&, Tree::Existing);
  ReusedContent add_host(const std::string& host_path, std::string_view target, const AddOptions& options);
  ImportedVolume go_on_with(const std::shared_ptr<const ByteSource>& disc, const Media&, const ImportOptions&);
  NodeId entry(std::string_view path, Reason missing) const;
  NodeId folder_of(std::string_view& path) const;
  void check_item(std::string_view path, FileType type, std::uint64_t size) const;
  Tree& own_tree();
  bool has_open_change() const;
  void note_change();
  void change(std::string_view item, const std::stop_token& stop, bool may_stage, const std::function<void()>& work);
  void stage(NodeId, const Tree::Mark& since, const std::stop_token& stop);
  std::optional<ContentId> copy_of(ContentId, const std::stop_token& stop);
  void keep_to_budget(const Tree::Mark& since, std::string_view item);
  BlockCount measure() const;
  Plan make_plan() const;
  void choose(const MediaDefaults&);

  std::shared_ptr<Tree> tree_;
  Profile profile_;
  std::shared_ptr<const Continuation> continuation_;
  std::vector<Finding> source_findings_;
  Lba start_;                // without one
  bool root_given_ = false;  // the root has the attributes of a source
  std::optional<std::string> imported_volume_name_;

  std::vector<Tree::Mark> states_;  // before each change since the one that is locked in
  std::uint32_t locked_ = 0;        // number of that
  std::optional<Tree::Mark> open_;  // before tree() was given out
  bool changing_ = false;           // what tree() gives out belongs to a change

  std::optional<BlockCount> free_media_blocks_;
  // A plan of what is here takes at most that; nullopt when nobody knows.
  mutable std::optional<std::uint64_t> most_blocks_;
  mutable bool slack_counted_ = false;

  bool stage_files_ = false;
  std::string working_directory_;
  std::shared_ptr<Stash> stash_;
};

}  // namespace fsimage
