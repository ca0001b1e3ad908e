// What the commands share that put host files into an image: create and append.
#pragma once

#include "command.hpp"

#include <fsimage/core/time.hpp>
#include <fsimage/file_system_image.hpp>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fsimage::tools {

// Lists of sources, --exclude, --follow-links, --with-base, times, losses, and what is printed.
void add_source_options(Options&);
// --owner, --mode, --mtime and their kin.
void add_attribute_options(Options&);
AttributeRules attribute_rules(const Options&, Io&);
Timestamp time_or_usage_error(const std::string& name, const std::string& text);

// Comma-separated words to flags; an unknown word is wrong usage.
void set_flags(const std::string& option, const std::string& list,
               std::initializer_list<std::pair<std::string_view, bool*>> flags);

// What of add_source_options() goes into the profile.
void set_source_profile(const Options&, const Io&, Profile&);

struct Graft {
  std::string target, source;
};
// [TARGET=]SOURCE, split at the first '=' that is not escaped: '\=' is a '=' that belongs to a name, and '\\=' a name that
// ends with a backslash and the sign. Elsewhere a backslash is one. Without TARGET it is "/".
Graft parse_graft(const std::string& operand);
// FROM=TO, alike; both are there.
Graft parse_move(const std::string& word);
// What can be wrong with the operands and --move before anything is looked at.
void check_operands(std::span<const std::string> sources, const Options&);

// Whether there is anything to add.
bool has_sources(std::span<const std::string> operands, const Options&);
// Adds the operands, then what lists name, with progress; `existing` says what becomes of what is there.
ReusedContent add_sources(FileSystemImage&, std::span<const std::string> operands, const Options&, Io&,
                          Tree::Existing existing = Tree::Existing::refuse);

// --hidden, --sort, --dedup: once all entries have their places.
void add_content_options(Options&);
void set_contents(const Options&, FileSystemImage&, Io&);

// --boot and --system-area, once the image's files are known.
void add_boot_options(Options&);
void set_boot_images(const Options&, FileSystemImage&);

// Names, folders, texts of ISO 9660 and its views, and what they hide.
void add_iso_options(Options&);
// Before entries are added, and once more when a disc has said what it has: what is not given stays as it is.
void set_iso_profile(const Options&, Profile&);
// Once the entries are known.
void settle_iso_entries(const Options&, FileSystemImage&);

// --update, --remove, --move, --sequential: how a disc's newest state is changed.
void add_edit_options(Options&);
void move_entries(FileSystemImage&, const Options&);  // --move
// Removes, then moves, then adds what is new: each stands on the one before.
ReusedContent edit_image(FileSystemImage&, std::span<const std::string> sources, const Options&, Io&);

}  // namespace fsimage::tools
