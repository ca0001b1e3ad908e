// What the server creates for clients; server.cpp has the table of its classes.
#pragma once

#include "com/ptr.hpp"

namespace fsimage::com::automation {

// --- IMAPI2FS
Ptr<IUnknown> create_iso_image_manager();

// --- IMAPI2
Ptr<IUnknown> create_disc_master();
Ptr<IUnknown> create_disc_recorder();
Ptr<IUnknown> create_write_engine();
Ptr<IUnknown> create_data_writer();
Ptr<IUnknown> create_eraser();
Ptr<IUnknown> create_track_writer();
Ptr<IUnknown> create_raw_writer();
Ptr<IUnknown> create_raw_image_creator();
Ptr<IUnknown> create_zero_stream();
Ptr<IUnknown> create_random_stream();
Ptr<IUnknown> create_concatenation();
Ptr<IUnknown> create_interleave();

}  // namespace fsimage::com::automation
