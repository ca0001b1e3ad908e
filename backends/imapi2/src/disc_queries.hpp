// What IMAPI2 says of a drive and of the disc in it.
#pragma once

#include "com/ptr.hpp"

#include <fsimage/burn/media.hpp>
#include <fsimage/burn/recorder.hpp>

#include <imapi2.h>

#include <string>

namespace fsimage::imapi2 {

RecorderInfo describe(IDiscRecorder2& recorder, const std::string& name);

// Throws no_media, too.
Media media_in(IDiscRecorder2& recorder, IDiscFormat2Data& writer);

}  // namespace fsimage::imapi2
