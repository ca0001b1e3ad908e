// What widl makes of our IDL against the tables of what IMAPI2's and IMAPI2FS's type libraries have: every slot,
// dispatch identifier, parameter, interface and enumerator, nothing missing and nothing more. The type libraries are
// those of this program, embedded as in the server.
#include "com/ptr.hpp"
#include "com/text.hpp"

#include <windows.h>

#include <oleauto.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::com::automation {
namespace {

struct LibraryRows {
  std::set<std::string> members, interfaces, constants;
};

// IMAPI2's enumerations are known by their tags in C.
std::string name_of(ITypeInfo& type) {
  Bstr name;
  type.GetDocumentation(MEMBERID_NIL, name.out(), nullptr, nullptr, nullptr);
  const auto text = name.utf8();
  return text.starts_with("_IMAPI") ? text.substr(1) : text;
}

std::string name_of_reference(ITypeInfo& type, HREFTYPE reference) {
  Ptr<ITypeInfo> to;
  return type.GetRefTypeInfo(reference, to.out()) == S_OK ? name_of(*to) : "?";
}

// The type as the tables spell it: "I4", "BSTR*", "IStream**", "SAFEARRAY(VARIANT)".
std::string spell(ITypeInfo& type, const TYPEDESC& desc) {
  switch (desc.vt) {
    case VT_PTR: return spell(type, *desc.lptdesc) + "*";
    case VT_SAFEARRAY: return "SAFEARRAY(" + spell(type, *desc.lptdesc) + ")";
    case VT_CARRAY:
      return spell(type, desc.lpadesc->tdescElem) + "[" + std::to_string(desc.lpadesc->rgbounds[0].cElements) + "]";
    case VT_USERDEFINED: {
      // Aliases, such as those of IMAPI2's bounded numbers, are no types of their own.
      Ptr<ITypeInfo> to;
      if (type.GetRefTypeInfo(desc.hreftype, to.out()) != S_OK) return "?";
      TYPEATTR* attributes = nullptr;
      to->GetTypeAttr(&attributes);
      const auto result = attributes->typekind == TKIND_ALIAS ? spell(*to, attributes->tdescAlias) : name_of(*to);
      to->ReleaseTypeAttr(attributes);
      return result;
    }
    case VT_I4:
    case VT_INT: return "I4";
    case VT_UI4:
    case VT_UINT: return "UI4";
    case VT_UI1: return "UI1";
    case VT_I1: return "BOOLEAN";  // as widl has it; one byte either way
    case VT_I8: return "I8";
    case VT_BOOL: return "BOOL";
    case VT_BSTR: return "BSTR";
    case VT_DATE: return "DATE";
    case VT_VARIANT: return "VARIANT";
    case VT_DISPATCH: return "IDispatch*";
    case VT_UNKNOWN: return "IUnknown*";
    default: return "VT" + std::to_string(desc.vt);
  }
}

std::string parameters_of(ITypeInfo& type, const FUNCDESC& function) {
  std::string result;
  for (int i = 0; i < function.cParams; ++i) {
    const ELEMDESC& parameter = function.lprgelemdescParam[i];
    const auto flags = parameter.paramdesc.wParamFlags;
    result += i == 0 ? "" : ", ";
    result += (flags & PARAMFLAG_FRETVAL) != 0 ? "retval " : (flags & PARAMFLAG_FOUT) != 0 ? "out " : "in ";
    result += spell(type, parameter.tdesc);
  }
  return result.empty() ? "-" : result;
}

const char* kind_of(INVOKEKIND kind) {
  switch (kind) {
    case INVOKE_PROPERTYGET: return "get";
    case INVOKE_PROPERTYPUT: return "put";
    case INVOKE_PROPERTYPUTREF: return "putref";
    default: return "method";
  }
}

// A type library makes identifiers up for members of interfaces that are not for Automation.
bool has_identifier(const TYPEATTR& attributes, const FUNCDESC& function) {
  return (attributes.wTypeFlags & (TYPEFLAG_FOLEAUTOMATION | TYPEFLAG_FDISPATCHABLE)) != 0 ||
         (static_cast<unsigned>(function.memid) & 0xFFFF0000U) == 0;
}

void read_interface(ITypeInfo& type, const TYPEATTR& attributes, LibraryRows& rows) {
  const auto name = name_of(type);
  HREFTYPE base = 0;
  type.GetRefTypeOfImplType(0, &base);
  std::string flags;
  const auto add = [&](unsigned bit, const char* word) {
    if ((attributes.wTypeFlags & bit) != 0) flags += (flags.empty() ? "" : " ") + std::string(word);
  };
  add(TYPEFLAG_FDUAL, "dual");
  add(TYPEFLAG_FNONEXTENSIBLE, "nonextensible");
  if ((attributes.wTypeFlags & TYPEFLAG_FDUAL) == 0) add(TYPEFLAG_FOLEAUTOMATION, "oleautomation");
  rows.interfaces.insert(name + " " + utf8_of(attributes.guid) + " " + name_of_reference(type, base) + " " +
                         std::to_string(attributes.cbSizeVft / sizeof(void*)) + " " + (flags.empty() ? "-" : flags));
  for (unsigned i = 0; i < attributes.cFuncs; ++i) {
    FUNCDESC* function = nullptr;
    if (type.GetFuncDesc(i, &function) != S_OK) continue;
    Bstr given;
    unsigned names = 0;
    type.GetNames(function->memid, given.out(), 1, &names);
    // A type library knows Next() by the function that carries it between processes.
    const auto member = given.utf8() == "RemoteNext" ? "Next" : given.utf8();
    rows.members.insert(name + " " + std::to_string(static_cast<std::size_t>(function->oVft) / sizeof(void*)) + " " +
                        kind_of(function->invkind) + " " + member + " " +
                        (has_identifier(attributes, *function) ? std::to_string(function->memid) : "-") + " " +
                        parameters_of(type, *function));
    type.ReleaseFuncDesc(function);
  }
}

void read_enumerators(ITypeInfo& type, const TYPEATTR& attributes, LibraryRows& rows) {
  const auto list = name_of(type);
  for (unsigned i = 0; i < attributes.cVars; ++i) {
    VARDESC* variable = nullptr;
    if (type.GetVarDesc(i, &variable) != S_OK) continue;
    Bstr name;
    unsigned names = 0;
    type.GetNames(variable->memid, name.out(), 1, &names);
    rows.constants.insert(list + " " + name.utf8() + " " + std::to_string(variable->lpvarValue->lVal));
    type.ReleaseVarDesc(variable);
  }
}

void read_type(Ptr<ITypeInfo> type, LibraryRows& rows) {
  TYPEATTR* attributes = nullptr;
  if (type->GetTypeAttr(&attributes) != S_OK) return;
  // Of a dual interface the library tells what scripts see; what is behind it has the slots.
  HREFTYPE dual = 0;
  if (attributes->typekind == TKIND_DISPATCH && type->GetRefTypeOfImplType(static_cast<UINT>(-1), &dual) == S_OK) {
    Ptr<ITypeInfo> behind;
    if (type->GetRefTypeInfo(dual, behind.out()) == S_OK) read_type(std::move(behind), rows);
  } else if (attributes->typekind == TKIND_INTERFACE) {
    read_interface(*type, *attributes, rows);
  } else if (attributes->typekind == TKIND_ENUM) {
    read_enumerators(*type, *attributes, rows);
  }
  type->ReleaseTypeAttr(attributes);
}

const LibraryRows& library_rows() {
  static const LibraryRows rows = [] {
    LibraryRows result;
    wchar_t path[MAX_PATH];
    GetModuleFileNameW(nullptr, path, MAX_PATH);
    for (const wchar_t* number : {L"\\1", L"\\2"}) {
      Ptr<ITypeLib> library;
      EXPECT_EQ(LoadTypeLibEx((std::wstring(path) + number).c_str(), REGKIND_NONE, library.out()), S_OK);
      for (unsigned i = 0; library && i < library->GetTypeInfoCount(); ++i) {
        Ptr<ITypeInfo> type;
        if (library->GetTypeInfo(i, type.out()) == S_OK) read_type(std::move(type), result);
      }
    }
    return result;
  }();
  return rows;
}

std::set<std::string> table(const char* name) {
  std::ifstream file(std::string(FSIMAGE_AUTOMATION_TABLES "/") + name);
  std::set<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') rows.insert(line);
  return rows;
}

// Names in a type library have one spelling, whichever comes first, so letters count without their case.
std::set<std::string> lower(const std::set<std::string>& rows) {
  std::set<std::string> result;
  for (std::string row : rows) {
    std::transform(row.begin(), row.end(), row.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
    result.insert(row);
  }
  return result;
}

// A row of the library that is about nothing in the table is about an interface of COM.
void compare(const std::set<std::string>& library, const std::set<std::string>& expected) {
  const auto here = lower(library), wanted = lower(expected);
  std::set<std::string> subjects;
  for (const auto& row : wanted) subjects.insert(row.substr(0, row.find(' ')));
  for (const auto& row : wanted) EXPECT_EQ(here.count(row), 1U) << "missing: " << row;
  for (const auto& row : here)
    if (subjects.count(row.substr(0, row.find(' '))) != 0 && wanted.count(row) == 0)
      ADD_FAILURE() << "not in the table: " << row;
}

TEST(ContractTable, EveryMemberHasItsSlotIdentifierAndParameters) {
  const auto rows = table("imapi2_members.txt");
  ASSERT_EQ(rows.size(), 370U);
  compare(library_rows().members, rows);
}

TEST(ContractTable, EveryInterfaceHasItsIdentifierBaseAndAttributes) {
  const auto rows = table("imapi2_interfaces.txt");
  ASSERT_EQ(rows.size(), 51U);
  compare(library_rows().interfaces, rows);
}

TEST(ContractTable, EveryEnumeratorHasItsValue) {
  const auto rows = table("imapi2_constants.txt");
  ASSERT_EQ(rows.size(), 191U);
  compare(library_rows().constants, rows);
}

}  // namespace
}  // namespace fsimage::com::automation
