// What listeners are told while something is written: DDiscFormat2DataEvents, with IDiscFormat2DataEventArgs.
#pragma once

#include "com/events.hpp"

#include <fsimage/burn/progress.hpp>
#include <fsimage/image/result_image.hpp>

namespace fsimage::com::automation {

// Every half second, and whenever something else begins; `object` is what listeners get as the source.
ProgressFn tell_writing(const ConnectionPoint& point, IDispatch& object, const ResultImage& image);
// The same for DWriteEngine2Events, whose listeners get the part of it that IWriteEngine2EventArgs has.
ProgressFn tell_section(const ConnectionPoint& point, IDispatch& object, const ResultImage& image);

}  // namespace fsimage::com::automation
