// The disc that an image goes on with, as IMAPI2's objects tell of it: anybody's, so that nothing they say is believed
// unseen. It is read by READ(10) through IDiscRecorder2Ex.
#pragma once

#include "com/ptr.hpp"

#include <fsimage/burn/media.hpp>
#include <fsimage/io/byte_source.hpp>

#include <imapi2.h>

#include <memory>

namespace fsimage::com::automation {

// Of the disc that is in the recorder. Throws kNoMedia.
Media media_in(IDiscRecorder2& recorder);
// The same with what a multisession object knows better. Throws kBadMultisession for what cannot be.
Media media_of(IMultisession& multisession);
// Blocks up to `end`; nothing is read yet. Throws E_NOINTERFACE's failure for a recorder that cannot be read through.
std::shared_ptr<const ByteSource> disc_in(IDiscRecorder2& recorder, BlockCount end);

}  // namespace fsimage::com::automation
