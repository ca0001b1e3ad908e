// The file behind a Stash, which each system makes in its own way. Private to io.
#pragma once

#include <fsimage/io/open_file.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fsimage {

// A new file in the directory that goes with its handle and the process. Throws as Stash does.
std::shared_ptr<const OpenFile> open_stash(const std::string& directory);
// Bytes that it may still take; nullopt where the file system does not say.
std::optional<std::uint64_t> stash_room(const OpenFile&);
// All of them. Throws stash_not_written.
void write_stash(const OpenFile&, std::uint64_t at, std::span<const std::byte> bytes);

}  // namespace fsimage
