// The members of IMAPI2's and IMAPI2FS's interfaces as values, from the tables beside this header, and calling them by their slots
// as a compiled client does.
#pragma once

#include "client.hpp"
#include "com/module.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::com::automation {

struct Parameter {
  bool in = true;
  std::string type;  // "I4", "BSTR*", "IStream**", "SAFEARRAY(VARIANT)", as the tables spell it
  bool is_object() const { return type.front() == 'I' && type.size() > 2 && type.ends_with("*") && !is_number(); }
  bool holds_objects() const { return (is_object() && type.ends_with("**")) || type.starts_with("SAFEARRAY"); }
  // A number, or the place for one; enumerations are numbers.
  bool is_number() const {
    const auto bare = type.substr(0, type.find('*'));
    for (const auto* kind : {"I4", "UI4", "I8", "IMAPI_", "Fsi", "PlatformId", "EmulationType", "BOOLEAN"})
      if (bare.starts_with(kind) && !bare.starts_with("FsiN")) return true;
    return false;
  }
};

struct Member {
  std::string of, kind, name;  // of: the interface
  std::size_t slot = 0;
  std::string dispid;  // "-" for none
  std::vector<Parameter> parameters;
  std::string row() const { return of + " " + kind + " " + name; }
  bool is_event() const { return of.front() == 'D'; }
  // Enumerators of their own kind are hidden from scripts.
  bool is_scripted() const {
    return !is_event() && slot >= 7 && dispid != "-" && !name.starts_with("Enum") && name != "FsiNamedStreams";
  }
};

struct MemberTables {
  std::map<std::string, IID> interfaces;
  std::vector<Member> members;
};
// Read once.
const MemberTables& member_tables();

// What a member of an object answers to arguments that are all of one machine word.
using Words = std::array<LONGLONG, 8>;
HRESULT call_slot(IUnknown& as_its_interface, const Member& member, const Words& arguments);
// The object as that interface, counted for the caller; null when it has not that one.
Ptr<IUnknown> as_interface(const Ptr<IUnknown>& object, const std::string& iface);

struct Answer {
  HRESULT number = S_OK;
  std::string text;   // of IErrorInfo
  std::string value;  // of the last thing that came back
  std::vector<Ptr<IUnknown>> objects;
};

std::string shown(const VARIANT& value);
// "[1 2 ]", each element and a blank, and the objects among them; the array is destroyed.
void take_array(SAFEARRAY* array, Answer& answer);
// The member as scripts call it.
Answer invoke(IDispatch& on, const Member& member, std::vector<Variant>& arguments);

// What no client should do: zero for every argument and no place for any result; and arguments of types that cannot become the
// parameter's, or too few. Nothing crashes, and where there is a result, a failure says why. From another apartment, Wine carries no
// texts of errors, and loses objects that nobody has a place for.
enum class Offered { here, across, across_without_objects };
void offer_null(const Ptr<IUnknown>& object, Offered how = Offered::here);
void offer_wrong_types(const Ptr<IUnknown>& object);

}  // namespace fsimage::com::automation
