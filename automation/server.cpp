#include "server.hpp"

#include "boot_object.hpp"
#include "com/module.hpp"
#include "image_object.hpp"

#include <imapi2fs.h>

namespace fsimage::com::automation {
namespace {

// Microsoft's identifiers: of IMAPI2's classes the first number counts down, IMAPI2FS has two families.
constexpr CLSID imapi2(unsigned long first) {
  return {first, 0x7F64, 0x5B0F, {0x8F, 0x00, 0x5D, 0x77, 0xAF, 0xBE, 0x26, 0x1E}};
}
constexpr CLSID imapi2fs(unsigned long first) {
  return {first, 0x975B, 0x59BE, {0xA9, 0x60, 0x9A, 0x2A, 0x26, 0x28, 0x53, 0xA5}};
}

// What clients may create; everything else is given to them.
const ClassEntry kClasses[] = {
    {__uuidof(::DiscMaster2), imapi2(0x2735412E), L"DiscMaster2", L"IMAPI2.MsftDiscMaster2", 1, create_disc_master},
    {__uuidof(::DiscRecorder2), imapi2(0x2735412D), L"DiscRecorder2", L"IMAPI2.MsftDiscRecorder2", 1,
     create_disc_recorder},
    {__uuidof(::DiscFormat2Data), imapi2(0x2735412A), L"DiscFormat2Data", L"IMAPI2.MsftDiscFormat2Data", 1,
     create_data_writer},
    {__uuidof(::WriteEngine2), imapi2(0x2735412C), L"WriteEngine2", L"IMAPI2.MsftWriteEngine2", 1, create_write_engine},
    {__uuidof(::DiscFormat2Erase), imapi2(0x2735412B), L"DiscFormat2Erase", L"IMAPI2.MsftDiscFormat2Erase", 1,
     create_eraser},
    {__uuidof(::DiscFormat2TrackAtOnce), imapi2(0x27354129), L"DiscFormat2TrackAtOnce",
     L"IMAPI2.MsftDiscFormat2TrackAtOnce", 1, create_track_writer},
    {__uuidof(::DiscFormat2RawCD), imapi2(0x27354128), L"DiscFormat2RawCD", L"IMAPI2.MsftDiscFormat2RawCD", 1,
     create_raw_writer},
    {__uuidof(::StreamZero), imapi2(0x27354127), L"StreamZero", L"IMAPI2.MsftStreamZero", 1, create_zero_stream},
    {__uuidof(::StreamPrng001), imapi2(0x27354126), L"StreamPrng001", L"IMAPI2.MsftStreamPrng001", 1,
     create_random_stream},
    {__uuidof(::StreamConcatenate), imapi2(0x27354125), L"StreamConcatenate", L"IMAPI2.MsftStreamConcatenate", 1,
     create_concatenation},
    {__uuidof(::StreamInterleave), imapi2(0x27354124), L"StreamInterleave", L"IMAPI2.MsftStreamInterleave", 1,
     create_interleave},
    {__uuidof(::RawCDImageCreator),
     {0x25983561, 0x9D65, 0x49CE, {0xB3, 0x35, 0x40, 0x63, 0x0D, 0x90, 0x12, 0x27}},
     L"RawCDImageCreator",
     L"IMAPI2.MsftRawCDImageCreator",
     1,
     create_raw_image_creator},
    {__uuidof(::BootOptions), imapi2fs(0x2C941FCE), L"BootOptions", L"IMAPI2FS.BootOptions", 2, create_boot_options},
    {__uuidof(::FileSystemImage), imapi2fs(0x2C941FC5), L"FileSystemImage", L"IMAPI2FS.MsftFileSystemImage", 2,
     create_file_system_image},
    {__uuidof(::IsoImageManager),
     {0xCEEE3B62, 0x8F56, 0x4056, {0x86, 0x9B, 0xEF, 0x16, 0x91, 0x7E, 0x3E, 0xFC}},
     L"IsoImageManager",
     L"IMAPI2FS.MsftIsoImageManager",
     2,
     create_iso_image_manager},
};

}  // namespace

}  // namespace fsimage::com::automation

namespace fsimage::com {

std::span<const ClassEntry> module_classes() { return automation::kClasses; }

}  // namespace fsimage::com
