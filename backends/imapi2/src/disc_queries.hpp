// What IMAPI2 says of a drive and of the disc in it.
#pragma once

#include "com/ptr.hpp"
#include "com/text.hpp"

#include <fsimage/burn/media.hpp>
#include <fsimage/burn/recorder.hpp>

#include <imapi2.h>

#include <string>
#include <string_view>

namespace fsimage::imapi2 {

// In IMAPI2's order, by which the first is "imapi2:0".
inline constexpr std::string_view kScheme = "imapi2:";
std::string name_of(LONG number);
LONG count_of(IDiscMaster2& master);
com::Bstr id_of(IDiscMaster2& master, LONG number);
com::Ptr<IDiscRecorder2> open_drive(BSTR id);

RecorderInfo describe(IDiscRecorder2& recorder, const std::string& name);

// Throws no_media, too.
Media media_in(IDiscRecorder2& recorder, IDiscFormat2Data& writer);

}  // namespace fsimage::imapi2
