// The DLL: its classes, their factories, and their registration.
//
// By default only names of our own are registered, FsImage.*, for everybody (HKEY_LOCAL_MACHINE). With `regsvr32 /n
// /i:imapi-compat` IMAPI2's own names lead to us, unless one of them leads to somebody else already: on Windows they
// are the system's.
#pragma once

#include "com/ptr.hpp"

#include <unknwn.h>

#include <span>
#include <string>

namespace fsimage::com {

struct ClassEntry {
  CLSID id;                   // ours
  CLSID imapi;                // the class of IMAPI2 that it stands for
  const wchar_t* name;        // DiscMaster2: FsImage.DiscMaster2
  const wchar_t* imapi_name;  // IMAPI2.MsftDiscMaster2
  unsigned library;           // number of the type library
  Ptr<IUnknown> (*create)();
};

// The classes of this module: whoever links the kit defines it.
std::span<const ClassEntry> module_classes();

// Registration by keys and values below HKEY_LOCAL_MACHINE\Software\Classes. Throw Failure; nothing is changed when a
// name of IMAPI2's leads to another server.
void register_own_names(const std::wstring& server);
void unregister_own_names(const std::wstring& server);
void register_imapi_names(const std::wstring& server);
void unregister_imapi_names(const std::wstring& server);

}  // namespace fsimage::com
