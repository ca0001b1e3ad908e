// IStream over an image: what IMAPI2, and any other COM client, reads a disc image from. Read-only.
//
// Thread rule: free-threaded. Any method may be called from any thread; the calls on one stream take their turn at its
// cursor. A clone has its own cursor and waits for nobody. CopyTo takes its start and leaves its end position under the
// same rule, but does not hold others up while it copies, so that its target may well use this stream. Threads of its own
// read ahead for who reads in order (image_stream.hpp).
#pragma once

#include <fsimage/image/com_abi.hpp>
#include <fsimage/image/image_stream.hpp>

#include <exception>

namespace fsimage::com {

// What clients see is the IStream:
//   Read      kFalse (S_FALSE) with what there was when the image ends first, kOk otherwise; at most 4 GiB - 1 a call.
//   Seek      to any position, past the end too; before the start, past 2^64 - 1 or from an unknown origin is
//             kStgInvalidFunction and moves nothing. From the start, the move counts as unsigned.
//   CopyTo    up to `count` bytes, fewer at the end of the image (kOk). A target that refuses a piece ends the copy with
//             its own HRESULT, one that keeps less than it said with kStgMediumFull; the counts are true either way.
//   Stat      size and type; the name is the image id, for the caller to free with task_free. No times: they would
//             differ from one run to the next.
//   Write, SetSize                kStgAccessDenied. Nothing ever changes an image.
//   Commit, Revert                kOk: there is never anything to do.
//   LockRegion, UnlockRegion      kStgInvalidFunction.
// A null pointer where a result must go is kStgInvalidPointer (kPointer from QueryInterface).
// No method lets an exception out: it becomes an HRESULT by the table of hresult.hpp, and is kept for us.
class ComStream : public IStream {
 public:
  // The exception behind the last failure of this stream or of any clone of its family, null if there was none. A client
  // such as IMAPI answers with a bland number of its own; who gave it the stream rethrows this, path and all.
  virtual std::exception_ptr last_error() const noexcept = 0;
  virtual const std::shared_ptr<const ResultImage>& image() const noexcept = 0;  // what it reads

 protected:
  ~ComStream() = default;
};

// Starts where `stream` stands. The caller holds the one reference.
Owned<ComStream> make_com_stream(ImageStream stream);

}  // namespace fsimage::com
