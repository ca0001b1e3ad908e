// IStream over the library's byte sources and images, and the other way round.
#pragma once

#include "com/object.hpp"
#include "com/side_thread.hpp"

#include <fsimage/image/result_image.hpp>
#include <fsimage/io/byte_source.hpp>

#include <imapi2.h>

#include <exception>
#include <memory>

namespace fsimage::com {

// Whether an object that was got in a single-threaded apartment does not say that it is for all of them.
bool is_bound_to_thread(IUnknown& object);
// The content of somebody's stream: for any thread, or bound to this one. Of ours it is what is behind it now.
std::shared_ptr<const ByteSource> source_of(IStream& stream);
// The same, read by the thread that waits in side.run(): a stream of others may be no other thread's to call.
std::shared_ptr<const ByteSource> source_of(IStream& stream, SideThread& side);

// A read-only stream of an image. What it replaces on an overwritable medium is told by IBlockRangeList, which the
// stream then has: the stream is the whole disc, from its first block on, and `disc` what is on it now.
Ptr<IStream> stream_of(const std::shared_ptr<const ResultImage>& image,
                       const std::shared_ptr<const ByteSource>& disc = nullptr);
Ptr<IStream> stream_of(std::shared_ptr<const ByteSource> source);

// The ranges as IMAPI2 has them; null when everything has to be written.
Ptr<IBlockRangeList> block_ranges(const ResultImage& image);

// Whether it is an image of ours, of this module.
bool is_our_image(IStream& stream);
// Whether it is one of our streams, and nothing in it is bound to a thread.
bool is_for_any_thread(IStream& stream);
// What was thrown behind the last failure of a stream of ours; null for streams of others.
std::exception_ptr error_behind(IStream& stream);

}  // namespace fsimage::com
