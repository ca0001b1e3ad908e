// A saved session: one file that holds an image and knows the disc that it was made for. Its format is in
// docs/session-image.md. The file is a ResultImage itself, so whatever saves images saves it: atomic, sharing extents where
// the file system can, with progress, and the same bytes every time.
#pragma once

#include <fsimage/burn/disc_identity.hpp>
#include <fsimage/burn/progress.hpp>
#include <fsimage/image/result_image.hpp>
#include <fsimage/io/byte_source.hpp>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace fsimage {

// What is burnt: values, any thread.
struct SessionImage {
  std::shared_ptr<const ResultImage> image;
  std::optional<DiscIdentity> made_for{};  // nothing: a whole disc, for one that is blank
  std::string payload_digest{};  // of the saved bytes, as content_digest() gives it; empty when it was not kept
};

// The file that load_session_image() reads: `save_image(*session_file(session), "monday.fss")`. It refers to the image's
// extents and sources. invalid_argument for an image that continues a disc and does not say which, or says another next
// writable address than that at which it begins.
std::shared_ptr<const ResultImage> session_file(const SessionImage& session);

// SHA-256 over the image's blocks and what it replaces, in hexadecimal: reads all of it.
std::string content_digest(const ResultImage& image, const ProgressFn& progress = {}, std::stop_token stop = {});

// A session image, or any other file as the image of a whole disc: as image_id it then gets a digest over its size and
// samples of its blocks. Blocks know their paths as those of a fresh image do, which costs a walk over the volume the first
// time one is asked for. check_sources() of the image notices a file that was changed since.
// Throws not_found for a file of no bytes, invalid_argument for a description of a disc, unsupported for a session image of a
// later version, corrupt_structure for a damaged or a cut one, and the system's errors. All of them name the file.
SessionImage load_session_image(const std::string& path);
// The same of bytes that are not in a file; `label` names them.
SessionImage load_session_image(std::shared_ptr<const ByteSource> file, const std::string& label);
bool is_session_image(const ByteSource& file);

// Throws verification_failed when the saved bytes are no longer those that payload_digest was made of; does nothing without.
void check_payload(const SessionImage& session, const ProgressFn& progress = {}, std::stop_token stop = {});

}  // namespace fsimage
