#include "server.hpp"

#include "boot_object.hpp"
#include "com/module.hpp"
#include "image_object.hpp"

#include <imapi2fs.h>

namespace fsimage::automation {
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

std::span<const ClassEntry> module_classes() { return kClasses; }

}  // namespace fsimage::automation
