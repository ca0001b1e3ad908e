// The short path: folders in, one image out. Option names follow IFileSystemImage where it has them. One thread uses it;
// results are independent of what happens to it later.
#pragma once

#include <fsimage/burn/media.hpp>
#include <fsimage/import/host_cursor.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/import/importer.hpp>
#include <fsimage/import/normalized_names.hpp>
#include <fsimage/layout/planner.hpp>

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage {

class FileSystemImage {
 public:
  FileSystemImage();

  Profile& profile() { return profile_; }
  const Profile& profile() const { return profile_; }

  // What the image will hold. After a result was created, changing the tree first copies it.
  Tree& tree();
  const Tree& tree() const { return *tree_; }

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
  // `target` itself, or an entry of it when `target` is a folder or ends in '/'. Transactional. Throws the system's
  // error for what cannot be read, duplicate_path for two sources of one path, not_representable for what the profile's file systems can
  // hold in no form (item_rules.hpp): the error names the file and the file system.
  ReusedContent add(const std::string& host_path, std::string_view target, const AddOptions& options);
  ReusedContent add(const std::string& host_path, std::string_view target = "/") { return add(host_path, target, {}); }
  // All that a cursor gives goes into the folder `target`, which is made when missing; `scan` and the base folder are the
  // cursor's affair. Nothing is mirrored: what a list does not name stays. Transactional.
  ReusedContent add(std::unique_ptr<EntryCursor> entries, std::string_view target, const AddOptions& options);

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
  // Null unless continue_disc() was called.
  const Continuation* continuation() const { return continuation_.get(); }

  // What was changed of the sources as they were added, with their host paths.
  const std::vector<Finding>& source_findings() const { return source_findings_; }

  Plan plan() const { return Plan(tree_, profile_, continuation_); }
  std::shared_ptr<const ResultImage> create_result_image() const { return plan().create_image(); }

 private:
  ReusedContent add_into(std::string_view folder, std::unique_ptr<EntryCursor>, const AddOptions&, Tree::Existing);

  std::shared_ptr<Tree> tree_;
  Profile profile_;
  std::shared_ptr<const Continuation> continuation_;
  std::vector<Finding> source_findings_;
  bool root_given_ = false;  // the root has the attributes of a source
};

}  // namespace fsimage
