// Every member of IMAPI2FS's interfaces has a counterpart in the library, which is named here and compiled, or is a matter of
// COM alone.
#include <fsimage/burn/session_image.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/format/udf/volume_descriptors.hpp>
#include <fsimage/image/com_source.hpp>
#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/progress_items.hpp>
#include <fsimage/import/iso_image_manager.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fsimage {

// What the counterparts are called on; nothing of it exists.
namespace counterpart {
extern FileSystemImage image;
extern Tree tree;
extern NodeId item, folder;
extern StreamId stream;
extern std::string path, name;
extern Attributes attributes;
extern FileSystemImage::AddOptions add_options;
extern Plan plan;
extern View view;
extern BootOptions boot;
extern std::shared_ptr<const ByteSource> source;
extern std::shared_ptr<const ResultImage> result;
extern ProgressItems items;
extern ProgressItem progress_item;
extern BlockRange range;
extern Lba block;
extern Media media;
extern MediaType type;
extern AddProgress add_progress;
extern ImportProgress import_progress;
extern ImportOptions import_options;
extern RecognizedFileSystems found;
extern SessionImage session;
extern IsoImageManager manager;
extern ContentId content;
}  // namespace counterpart

namespace {

struct Member {
  std::string interface, name, counterpart;
  bool exists;
};

#define IS(of, member, ...)                             \
  Member {                                              \
    of, member, #__VA_ARGS__, requires { __VA_ARGS__; } \
  }
#define COM_ONLY(of, member, reason) \
  Member { of, member, reason, true }

std::vector<Member> results_and_boot_images() {
  using namespace counterpart;
  return {
      IS("IBlockRange", "StartLba", range.first),
      IS("IBlockRange", "EndLba", range.first + (range.blocks - BlockCount{1})),
      IS("IBlockRangeList", "BlockRanges", result->modified_blocks().front()),
      IS("IBootOptions", "BootImage", boot.boot_image),
      IS("IBootOptions", "Manufacturer", boot.manufacturer),
      IS("IBootOptions", "PlatformId", boot.platform_id),
      IS("IBootOptions", "Emulation", (boot.emulation, boot.check(tree))),
      IS("IBootOptions", "ImageSize", boot.image_size(tree)),
      IS("IBootOptions", "AssignBootImage", boot.assign_boot_image(source)),
      IS("IProgressItem", "Description", progress_item.description),
      IS("IProgressItem", "FirstBlock", progress_item.first_block()),
      IS("IProgressItem", "LastBlock", progress_item.last_block()),
      IS("IProgressItem", "BlockCount", progress_item.blocks.blocks),
      COM_ONLY("IEnumProgressItems", "Next", "an enumerator: a position in ProgressItems"),
      COM_ONLY("IEnumProgressItems", "RemoteNext", "marshalling of Next"),
      COM_ONLY("IEnumProgressItems", "Skip", "an enumerator: a position in ProgressItems"),
      COM_ONLY("IEnumProgressItems", "Reset", "an enumerator: a position in ProgressItems"),
      COM_ONLY("IEnumProgressItems", "Clone", "an enumerator: a position in ProgressItems"),
      COM_ONLY("IProgressItems", "_NewEnum", "makes an enumerator"),
      IS("IProgressItems", "Item", items[0]),
      IS("IProgressItems", "Count", items.size()),
      IS("IProgressItems", "ProgressItemFromBlock", items[*items.from_block(block)]),
      IS("IProgressItems", "ProgressItemFromDescription", items[*items.from_description(path)]),
      COM_ONLY("IProgressItems", "EnumProgressItems", "makes an enumerator"),
      IS("IFileSystemImageResult", "ImageStream", com::make_com_stream(ImageStream(result))),
      IS("IFileSystemImageResult", "ProgressItems", ProgressItems(result)),
      IS("IFileSystemImageResult", "TotalBlocks", result->total_blocks()),
      IS("IFileSystemImageResult", "BlockSize", kBlockSize),
      IS("IFileSystemImageResult", "DiscId",
         session.made_for ? disc_identifier(*session.made_for) : std::string(kNoDiscIdentifier)),
      IS("IFileSystemImageResult2", "ModifiedBlocks", result->modified_blocks()),
  };
}

std::vector<Member> items_of_the_tree() {
  using namespace counterpart;
  return {
      IS("IFsiItem", "Name", tree.name(item)),
      IS("IFsiItem", "FullPath", tree.path(item)),
      IS("IFsiItem", "CreationTime", (tree.inode(item).attributes.created, image.set_attributes(path, attributes))),
      IS("IFsiItem", "LastAccessedTime",
         (tree.inode(item).attributes.accessed, image.set_attributes(path, attributes))),
      IS("IFsiItem", "LastModifiedTime",
         (tree.inode(item).attributes.modified, image.set_attributes(path, attributes))),
      IS("IFsiItem", "IsHidden", (tree.inode(item).attributes.hidden, image.set_attributes(path, attributes))),
      IS("IFsiItem", "FileSystemName", plan.name_in(view, item)),
      IS("IFsiItem", "FileSystemPath", plan.path_in(view, item)),
      COM_ONLY("IEnumFsiItems", "Next", "an enumerator: Tree::next_sibling"),
      COM_ONLY("IEnumFsiItems", "RemoteNext", "marshalling of Next"),
      COM_ONLY("IEnumFsiItems", "Skip", "an enumerator: Tree::next_sibling"),
      COM_ONLY("IEnumFsiItems", "Reset", "an enumerator: Tree::first_child"),
      COM_ONLY("IEnumFsiItems", "Clone", "an enumerator: a NodeId"),
      IS("IFsiFileItem", "DataSize", tree.inode(item).size),
      COM_ONLY("IFsiFileItem", "DataSize32BitLow", "half of DataSize, for scripts"),
      COM_ONLY("IFsiFileItem", "DataSize32BitHigh", "half of DataSize, for scripts"),
      IS("IFsiFileItem", "Data", (image.data(path), tree.set_content(item, content))),
      IS("IFsiFileItem2", "FsiNamedStreams", tree.inode(item).first_stream),
      COM_ONLY("IFsiFileItem2", "IsNamedStream", "an object over a NodeId is an entry, one over a StreamId a stream"),
      IS("IFsiFileItem2", "AddStream", tree.add_stream(item, name, source)),
      IS("IFsiFileItem2", "RemoveStream", tree.remove_stream(item, name)),
      IS("IFsiFileItem2", "IsRealTime", (tree.inode(item).real_time, tree.set_real_time(item, true))),
      IS("IFsiNamedStreams", "Item", tree.next_stream(stream)),
      IS("IFsiNamedStreams", "Count", tree.next_stream(stream)),
      IS("IFsiDirectoryItem2", "AddTreeWithNamedStreams",
         (add_options.scan.user_xattrs, image.add("/home", path, add_options))),
      COM_ONLY("IFsiNamedStreams", "_NewEnum", "makes an enumerator"),
      COM_ONLY("IFsiNamedStreams", "EnumNamedStreams", "makes an enumerator"),
      COM_ONLY("IFsiDirectoryItem", "_NewEnum", "makes an enumerator"),
      IS("IFsiDirectoryItem", "Item", tree.child(folder, name)),
      IS("IFsiDirectoryItem", "Count", tree.child_count(folder)),
      COM_ONLY("IFsiDirectoryItem", "EnumFsiItems", "makes an enumerator"),
      IS("IFsiDirectoryItem", "AddDirectory", image.add_directory(path, attributes)),
      IS("IFsiDirectoryItem", "AddFile", image.add_file(path, source, attributes)),
      IS("IFsiDirectoryItem", "AddTree", (add_options.include_base_directory, image.add("/home", path, add_options))),
      IS("IFsiDirectoryItem", "Add", image.attach(folder, name, item)),
      IS("IFsiDirectoryItem", "Remove", image.remove(path)),
      IS("IFsiDirectoryItem", "RemoveTree", image.remove_tree(path)),
  };
}

std::vector<Member> options_of_the_image() {
  using namespace counterpart;
  return {
      IS("IFileSystemImage", "Root", kRootNode),
      IS("IFileSystemImage", "SessionStartBlock", (image.session_start_block(), image.set_session_start_block(block))),
      IS("IFileSystemImage", "FreeMediaBlocks",
         (image.free_media_blocks(), image.set_free_media_blocks(BlockCount{332'800}))),
      IS("IFileSystemImage", "SetMaxMediaBlocksFromDevice", image.set_max_media_blocks_from_device(media)),
      IS("IFileSystemImage", "UsedBlocks", image.used_blocks()),
      IS("IFileSystemImage", "VolumeName", (image.profile().volume_name, image.set_volume_name(name))),
      IS("IFileSystemImage", "VolumeNameUDF", volume_name_in(View::udf, image.profile())),
      IS("IFileSystemImage", "VolumeNameJoliet", volume_name_in(View::joliet, image.profile())),
      IS("IFileSystemImage", "VolumeNameISO9660", volume_name_in(View::iso9660, image.profile())),
      IS("IFileSystemImage", "ImportedVolumeName", image.imported_volume_name()),
      IS("IFileSystemImage", "BootImageOptions", image.profile().boot_image_options.front()),
      IS("IFileSystemImage", "FileCount", image.counts().files),
      IS("IFileSystemImage", "DirectoryCount", image.counts().directories),
      IS("IFileSystemImage", "WorkingDirectory", (image.working_directory(), image.set_working_directory(path))),
      IS("IFileSystemImage", "ChangePoint", image.change_point()),
      IS("IFileSystemImage", "FileSystemsToCreate", (image.profile().file_systems, image.set_profile(image.profile()))),
      IS("IFileSystemImage", "FileSystemsSupported", FileSystems()),
      IS("IFileSystemImage", "UDFRevision", (image.profile().udf_revision, image.set_profile(image.profile()))),
      IS("IFileSystemImage", "UDFRevisionsSupported", kUdfRevisions),
      IS("IFileSystemImage", "ChooseImageDefaults", image.choose_image_defaults(media)),
      IS("IFileSystemImage", "ChooseImageDefaultsForMediaType", image.choose_image_defaults(type)),
      IS("IFileSystemImage", "ISO9660InterchangeLevel",
         (image.profile().interchange_level, image.set_profile(image.profile()))),
      IS("IFileSystemImage", "ISO9660InterchangeLevelsSupported", kInterchangeLevels),
      IS("IFileSystemImage", "CreateResultImage", image.create_result_image()),
      IS("IFileSystemImage", "Exists", image.exists(path)),
      IS("IFileSystemImage", "RollbackToChangePoint", image.roll_back_to(0)),
      IS("IFileSystemImage", "LockInChangePoint", image.lock_in()),
      IS("IFileSystemImage", "CreateDirectoryItem", tree.make_directory(attributes)),
      IS("IFileSystemImage", "CreateFileItem", tree.make_file(attributes, content)),
      IS("IFileSystemImage", "StageFiles", (image.stage_files(), image.set_stage_files(true))),
      IS("IFileSystemImage", "StrictFileSystemCompliance", image.profile().strict_file_system_compliance),
      IS("IFileSystemImage", "UseRestrictedCharacterSet", image.profile().use_restricted_character_set),
      IS("IFileSystemImage2", "BootImageOptionsArray", image.profile().boot_image_options),
      IS("IFileSystemImage3", "CreateRedundantUdfMetadataFiles", image.profile().redundant_udf_metadata),
  };
}

std::vector<Member> discs_and_events() {
  using namespace counterpart;
  return {
      IS("IFileSystemImage", "CalculateDiscIdentifier", disc_identifier(identify_disc(media, source))),
      IS("IFileSystemImage", "IdentifyFileSystemsOnDisc", choose_session(source, 0, session_hint(media)).found),
      IS("IFileSystemImage", "GetDefaultFileSystemForImport", default_view(found, ViewOrder::imapi)),
      IS("IFileSystemImage", "ImportFileSystem",
         (image.continue_disc(source, media), image.import_file_system(source).view)),
      IS("IFileSystemImage", "ImportSpecificFileSystem",
         (import_options.view, image.continue_disc(source, media, import_options))),
      IS("IFileSystemImage", "MultisessionInterfaces", require_continuable(media)),
      IS("IFileSystemImage3", "ProbeSpecificFileSystem", FileSystemImage::is_continuable(source, media, view)),
      IS("DFileSystemImageEvents", "Update",
         (add_options.progress, add_progress.item, add_progress.sectors, add_progress.total_sectors)),
      IS("DFileSystemImageImportEvents", "UpdateImport",
         (import_options.progress, import_progress.view, import_progress.item, import_progress.folders,
          import_progress.total_folders, import_progress.files, import_progress.total_files)),
      IS("IIsoImageManager", "Path", manager.path()),
      IS("IIsoImageManager", "Stream", manager.stream()),
      IS("IIsoImageManager", "SetPath", manager.set_path(path)),
      IS("IIsoImageManager", "SetStream", manager.set_stream(source)),
      IS("IIsoImageManager", "Validate", manager.validate()),
  };
}

TEST(Contract, EveryMemberHasACounterpart) {
  std::ifstream file(FSIMAGE_CONTRACT_MEMBERS);
  std::set<std::pair<std::string, std::string>> missing;
  for (std::string interface, name; file >> interface >> name;) missing.emplace(interface, name);
  ASSERT_GT(missing.size(), 100U);
  for (const auto& list : {results_and_boot_images(), items_of_the_tree(), options_of_the_image(), discs_and_events()})
    for (const auto& m : list) {
      EXPECT_EQ(missing.erase({m.interface, m.name}), 1U)
          << m.interface << "::" << m.name << " is none, or comes twice";
      EXPECT_FALSE(m.counterpart.empty());
      EXPECT_TRUE(m.exists);
    }
  for (const auto& [interface, name] : missing) ADD_FAILURE() << interface << "::" << name << " has no counterpart";
}

}  // namespace
}  // namespace fsimage
