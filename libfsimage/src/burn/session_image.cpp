#include <fsimage/burn/session_image.hpp>

#include "framed_header.hpp"
#include "json_forms.hpp"
#include "saved_payload.hpp"

#include <fsimage/burn/disc_description.hpp>
#include <fsimage/burn/progress_meter.hpp>
#include <fsimage/core/digest.hpp>
#include <fsimage/core/error.hpp>
#include <fsimage/io/file_source.hpp>
#include <fsimage/io/read_ahead.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace fsimage {
namespace {

constexpr std::string_view kSessionKind = "session";
constexpr std::uint32_t kSessionVersion = 1;
constexpr std::uint32_t kIdSamples = 64;
constexpr std::uint32_t kIdHead = 288;  // descriptors and anchor of most images

[[noreturn]] void reject(Errc code, std::string_view what) { throw Error(code, {}, what); }

// Why an image cannot be bound so; nullptr when it can.
const char* binding_fault(Lba first, bool replaces, const std::optional<DiscIdentity>& made_for) {
  if (first.value != 0 && !made_for) return "an image that continues a disc has to say which";
  if (made_for && made_for->next_writable && *made_for->next_writable != first)
    return "the image does not begin at the next writable address of the disc that it was made for";
  if (replaces && made_for && made_for->next_writable)
    return "blocks of a disc that is written once cannot be replaced";
  return nullptr;
}

BlockCount blocks_of_extent(const ImageExtent& e) { return blocks_for(e.bytes->size()); }

// The same bytes every time for the same file; reads little of it.
std::string plain_image_id(const ByteSource& file) {
  Sha256 sha;
  sha.update(std::uint64_t{file.size()});
  const auto blocks = file.size() / kBlockSize;
  std::array<std::byte, kBlockSize> block;
  const auto add = [&](std::uint64_t at) {
    file.read_at(at * kBlockSize, block);
    sha.update(block);
  };
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(blocks, kIdHead); ++i) add(i);
  for (std::uint64_t i = 1; i <= kIdSamples && blocks > kIdHead; ++i)
    add(kIdHead + (blocks - kIdHead - 1) * i / kIdSamples);
  return to_hex(sha.finish());
}

// A source of whole blocks that lies in the file.
std::shared_ptr<const ByteSource> part_of_file(const std::shared_ptr<const ByteSource>& file, std::uint64_t offset,
                                               BlockCount blocks) {
  return std::make_shared<SliceSource>(file, offset, blocks.bytes());
}

// Looks at each number before anything is made of it: the header may say anything.
SessionImage load_framed(const std::shared_ptr<const ByteSource>& file, std::shared_ptr<const OpenFile> open) {
  const auto front = read_framed_header(*file, kSessionKind, kSessionVersion);
  auto header = json_forms::parse_session(front.json);
  if (const auto* fault = binding_fault(header.first, !header.replaced.empty(), header.made_for))
    reject(Errc::corrupt_structure, fault);
  std::uint64_t blocks = header.blocks.value;
  for (const auto& r : header.replaced) blocks += r.range.blocks.value;
  const auto there = file->size() - std::min(file->size(), front.payload);
  if (there != blocks * kBlockSize)
    reject(Errc::corrupt_structure, (there < blocks * kBlockSize ? "the file is cut off: " : "the file is too long: ") +
                                        std::to_string(there) + " bytes of blocks, where there must be " +
                                        std::to_string(blocks * kBlockSize));
  auto payload =
      std::make_shared<SavedPayload>(part_of_file(file, front.payload, header.blocks), header.first, std::move(open));
  auto offset = front.payload + header.blocks.bytes();
  std::vector<ImageExtent> replaced;
  for (auto& r : header.replaced) {
    replaced.push_back({r.range.first, part_of_file(file, offset, r.range.blocks), std::move(r.label)});
    offset += r.range.blocks.bytes();
  }
  std::vector<ImageExtent> extents;
  extents.push_back({header.first, std::move(payload), "saved image"});
  return {std::make_shared<const ResultImage>(std::move(extents), header.blocks, std::move(header.image_id),
                                              header.first, std::move(replaced)),
          std::move(header.made_for), std::move(header.payload_digest)};
}

SessionImage load_plain(const std::shared_ptr<const ByteSource>& file, std::shared_ptr<const OpenFile> open) {
  if (file->size() == 0) reject(Errc::not_found, "an empty file is no image");
  const auto blocks = blocks_for(file->size());
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{}, std::make_shared<SavedPayload>(file, Lba{}, std::move(open)), "saved image"});
  return {std::make_shared<const ResultImage>(std::move(extents), blocks, plain_image_id(*file)), {}, {}};
}

SessionImage load_any(std::shared_ptr<const ByteSource> file, std::shared_ptr<const OpenFile> open,
                      const std::string& label) {
  try {
    if (is_session_image(*file)) return load_framed(file, std::move(open));
    if (is_description(*file)) reject(Errc::invalid_argument, "this is the description of a disc, and no image");
    return load_plain(file, std::move(open));
  } catch (const Error& e) {
    throw e.with_path(label);
  }
}

}  // namespace

std::shared_ptr<const ResultImage> session_file(const SessionImage& session) {
  const auto& image = *session.image;
  if (const auto* fault = binding_fault(image.first_block(), !image.replaced().empty(), session.made_for))
    reject(Errc::invalid_argument, fault);
  json_forms::SessionHeader header{image.image_id(), image.first_block(),   image.total_blocks(), {},
                                   session.made_for, session.payload_digest};
  for (const auto& e : image.replaced()) header.replaced.push_back({{e.start, blocks_of_extent(e)}, e.label});
  auto front =
      std::make_shared<MemorySource>(make_framed_header(kSessionKind, kSessionVersion, json_forms::to_json(header)));

  const auto shift = blocks_for(front->size());
  std::vector<ImageExtent> extents;
  extents.push_back({Lba{}, std::move(front), "header of the saved session"});
  for (const auto& e : image.extents())
    extents.push_back({Lba{} + shift + (e.start - image.first_block()), e.bytes, e.label});
  auto end = Lba{} + shift + image.total_blocks();
  for (const auto& e : image.replaced()) {
    extents.push_back({end, e.bytes, e.label});
    end = end + blocks_of_extent(e);
  }
  return std::make_shared<const ResultImage>(std::move(extents), end - Lba{}, image.image_id());
}

std::string content_digest(const ResultImage& image, const ProgressFn& progress, std::stop_token stop) {
  ProgressMeter meter(progress, stop, image.total_blocks());
  meter.begin(Phase::preparing);
  Sha256 sha;
  read_ahead(
      0, image.size(), [&](std::uint64_t offset, std::span<std::byte> out) { image.read_at(offset, out); },
      [&](std::uint64_t offset, std::span<const std::byte> bytes) {
        sha.update(bytes);
        meter.advance_to({static_cast<std::uint32_t>((offset + bytes.size()) / kBlockSize)});
      },
      {}, stop);
  for (const auto& e : image.replaced())
    read_ahead(
        *e.bytes, [&](std::uint64_t, std::span<const std::byte> bytes) { sha.update(bytes); }, {}, stop);
  return to_hex(sha.finish());
}

SessionImage load_session_image(const std::string& path) {
  auto open = OpenFile::open(path);
  auto file = std::make_shared<FileSource>(open);
  return load_any(std::move(file), std::move(open), path);
}

SessionImage load_session_image(std::shared_ptr<const ByteSource> file, const std::string& label) {
  return load_any(std::move(file), nullptr, label);
}

bool is_session_image(const ByteSource& file) { return has_framed_header(file, kSessionKind); }

void check_payload(const SessionImage& session, const ProgressFn& progress, std::stop_token stop) {
  if (session.payload_digest.empty()) return;
  if (content_digest(*session.image, progress, std::move(stop)) != session.payload_digest)
    throw Error(Errc::verification_failed, {}, "the saved image is damaged: its bytes are not those that were saved");
}

}  // namespace fsimage
