// The files of this library's own formats. The first byte says what the rest is: a file as it is, or the JSON of a header
// that is made sound around it, since behind a wrong digest nothing would ever be reached.
#include "input.hpp"

#include <fsimage/burn/disc_description.hpp>
#include <fsimage/burn/session_image.hpp>
#include <fsimage/core/error.hpp>

#include <support/framed_file.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace {

using namespace fsimage;

std::shared_ptr<const ByteSource> source(std::string text) { return std::make_shared<MemorySource>(text); }

// A read may fail, with an Error; nothing else may happen.
template <class Source>
void read_ends(const Source& from, std::uint64_t size) {
  if (size == 0) return;
  std::array<std::byte, 2 * kBlockSize> buffer;
  const auto length = std::min<std::uint64_t>(size, buffer.size());
  for (const auto offset : {std::uint64_t{0}, size - length}) {
    try {
      fuzz::require(from.run_at(offset).length != 0, "a run of nothing");
      from.read_at(offset, std::span(buffer).first(static_cast<std::size_t>(length)));
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): what is damaged says so
    }
  }
}

void load_session(const std::string& file) {
  const auto session = load_session_image(source(file), "fuzz");
  read_ends(*session.image, session.image->size());
  for (const auto& e : session.image->replaced()) read_ends(*e.bytes, e.bytes->size());
  session.image->for_each_part([&](const ExtentPart& part) {
    fuzz::require(part.start >= session.image->first_block(), "a part before the image");
    session.image->path_at(part.start);
  });
  if (!is_session_image(*source(file))) return;
  const auto again = session_file(session);
  std::string bytes(static_cast<std::size_t>(again->size()), '\0');
  again->read_at(0, std::as_writable_bytes(std::span(bytes)));
  fuzz::require(load_session_image(source(bytes), "fuzz").made_for == session.made_for, "what was saved comes back");
}

void load_disc(const std::string& file) {
  const auto disc = load_description(source(file), "fuzz");
  if (disc.content) read_ends(*disc.content, disc.content->size());
}

template <class Load>
void expect_loads_or_errors(Load load) {
  try {
    load();
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): that is what damage is to end with
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string payload(static_cast<std::size_t>(data[0] >> 3) * kBlockSize, 'p');
  switch (data[0] & 7) {
    case 0: expect_loads_or_errors([&] { load_session(rest); }); break;
    case 1: expect_loads_or_errors([&] { load_session(test::framed_file("session", rest, payload)); }); break;
    case 2: expect_loads_or_errors([&] { load_disc(rest); }); break;
    case 3: expect_loads_or_errors([&] { load_disc(test::framed_file("disc", rest, payload)); }); break;
    case 4:
      expect_loads_or_errors([&] {
        const auto identity = parse_disc_identity(rest);
        fuzz::require(parse_disc_identity(to_json(identity)) == identity, "an identity comes back");
      });
      break;
    default:
      expect_loads_or_errors([&] {
        const auto media = parse_media(rest);
        fuzz::require(parse_media(to_json(media)) == media, "media come back");
      });
  }
  return 0;
}
