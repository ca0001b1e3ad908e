#include "contract_members.hpp"

#include <algorithm>
#include <bit>
#include <fstream>
#include <sstream>

namespace fsimage::com::automation {
namespace {

std::vector<std::string> rows_of(const char* name) {
  std::ifstream file(std::string(FSIMAGE_AUTOMATION_TABLES "/") + name);
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') rows.push_back(line);
  return rows;
}

IID iid_from(const std::string& text) {
  IID iid{};
  EXPECT_EQ(IIDFromString(wide_of("{" + text + "}").c_str(), &iid), S_OK) << text;
  return iid;
}

Member member_from(const std::string& row) {
  std::istringstream words(row);
  Member member;
  words >> member.of >> member.slot >> member.kind >> member.name >> member.dispid;
  std::string rest;
  std::getline(words, rest);
  std::istringstream parameters(rest);
  for (std::string part; std::getline(parameters, part, ',');) {
    std::istringstream one(part);
    std::string direction, type;
    one >> direction >> type;
    if (direction != "-") member.parameters.push_back({direction == "in", type});
  }
  return member;
}

// An object by each of its interfaces, asked for once: from another apartment that takes long.
class Faces {
 public:
  explicit Faces(const Ptr<IUnknown>& object) : object_(object) {}
  const Ptr<IUnknown>& as(const std::string& iface) {
    const auto [at, is_new] = known_.try_emplace(iface);
    if (is_new) at->second = as_interface(object_, iface);
    return at->second;
  }

 private:
  const Ptr<IUnknown>& object_;
  std::map<std::string, Ptr<IUnknown>> known_;
};

}  // namespace

const MemberTables& member_tables() {
  static const MemberTables tables = [] {
    MemberTables result;
    for (const auto& row : rows_of("imapi2_interfaces.txt")) {
      std::istringstream words(row);
      std::string name, iid;
      words >> name >> iid;
      result.interfaces[name] = iid_from(iid);
    }
    for (const auto& row : rows_of("imapi2_members.txt")) result.members.push_back(member_from(row));
    return result;
  }();
  return tables;
}

HRESULT call_slot(IUnknown& as_its_interface, const Member& member, const Words& a) {
  using Method = HRESULT(STDMETHODCALLTYPE*)(void*, LONGLONG, LONGLONG, LONGLONG, LONGLONG, LONGLONG, LONGLONG,
                                             LONGLONG, LONGLONG);
  using DateMethod = HRESULT(STDMETHODCALLTYPE*)(void*, DATE);
  void* const self = &as_its_interface;
  void* const at = (*static_cast<void***>(self))[member.slot];
  if (member.parameters.size() == 1 && member.parameters[0].type == "DATE")
    return reinterpret_cast<DateMethod>(at)(self, std::bit_cast<DATE>(a[0]));
  return reinterpret_cast<Method>(at)(self, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
}

Ptr<IUnknown> as_interface(const Ptr<IUnknown>& object, const std::string& iface) {
  Ptr<IUnknown> found;
  object->QueryInterface(member_tables().interfaces.at(iface), found.out_void());
  return found;
}

std::string shown(const VARIANT& value) {
  switch (value.vt) {
    case VT_BSTR: return '"' + utf8_of(value.bstrVal) + '"';
    case VT_BOOL: return value.boolVal == VARIANT_TRUE ? "true" : value.boolVal == VARIANT_FALSE ? "false" : "neither";
    case VT_I4: return std::to_string(value.lVal);
    case VT_UI4: return std::to_string(value.ulVal);
    case VT_I8: return std::to_string(value.llVal);
    case VT_DATE: return std::to_string(value.date);
    case VT_DISPATCH:
    case VT_UNKNOWN: return value.punkVal != nullptr ? "object" : "null";
    case VT_EMPTY: return "";
    default: return "VT" + std::to_string(value.vt);
  }
}

void take_array(SAFEARRAY* array, Answer& answer) {
  answer.value = "[";
  for (const auto& element : elements_of(array)) {
    answer.value += shown(element.get()) + " ";
    if (const auto inside = element.object()) answer.objects.push_back(inside);
  }
  answer.value += "]";
  SafeArrayDestroy(array);
}

Answer invoke(IDispatch& on, const Member& member, std::vector<Variant>& arguments) {
  std::vector<VARIANT> backwards;
  for (auto at = arguments.rbegin(); at != arguments.rend(); ++at) backwards.push_back(at->get());
  DISPID put = DISPID_PROPERTYPUT;
  const bool puts = member.kind == "put";
  DISPPARAMS parameters{backwards.data(), puts ? &put : nullptr, static_cast<UINT>(backwards.size()), puts ? 1U : 0U};
  const WORD flags =
      puts ? DISPATCH_PROPERTYPUT
           : static_cast<WORD>(member.kind == "get" ? DISPATCH_PROPERTYGET | DISPATCH_METHOD : DISPATCH_METHOD);
  VARIANT result{};
  EXCEPINFO exception{};
  Answer answer;
  answer.number = on.Invoke(std::stoi(member.dispid), IID_NULL, 0, flags, &parameters, &result, &exception, nullptr);
  if (answer.number == DISP_E_EXCEPTION) {
    answer.number = exception.scode;
    answer.text = utf8_of(exception.bstrDescription);
    for (BSTR const text : {exception.bstrDescription, exception.bstrSource, exception.bstrHelpFile})
      SysFreeString(text);
  }
  if (result.vt == (VT_ARRAY | VT_VARIANT)) {
    take_array(result.parray, answer);
    return answer;
  }
  answer.value = shown(result);
  if ((result.vt == VT_DISPATCH || result.vt == VT_UNKNOWN) && result.punkVal != nullptr)
    answer.objects.push_back(Ptr<IUnknown>(result.punkVal));
  VariantClear(&result);
  return answer;
}

void offer_null(const Ptr<IUnknown>& object, Offered how) {
  Faces faces(object);
  for (const auto& member : member_tables().members) {
    const auto on = member.is_event() ? Ptr<IUnknown>() : faces.as(member.of);
    if (!on) continue;
    const auto& all = member.parameters;
    const bool out = std::any_of(all.begin(), all.end(), [](const Parameter& p) { return !p.in; });
    const bool pointer = std::any_of(all.begin(), all.end(), [](const Parameter& p) { return p.type.ends_with("*"); });
    if (!out && !pointer) continue;
    if (how == Offered::across_without_objects &&
        std::any_of(all.begin(), all.end(), [](const Parameter& p) { return !p.in && p.holds_objects(); }))
      continue;
    SetErrorInfo(0, nullptr);
    const HRESULT answer = call_slot(*on, member, {});
    EXPECT_TRUE(FAILED(answer) || !out) << member.row() << " takes no place for its result";
    EXPECT_TRUE(SUCCEEDED(answer) || how != Offered::here || !last_error_text().empty())
        << member.row() << " says nothing";
  }
}

void offer_wrong_types(const Ptr<IUnknown>& object) {
  const auto on = object.query<IDispatch>();
  if (!on) return;
  const Ptr<Sink> strange = make<Sink>();
  Faces faces(object);
  for (const auto& member : member_tables().members) {
    if (!member.is_scripted() || !faces.as(member.of)) continue;
    std::vector<Variant> wrong;
    for (const auto& parameter : member.parameters)
      if (parameter.in)
        wrong.push_back(parameter.type.ends_with("*") ? Variant(std::string_view("?"))
                                                      : Variant(strange.query<IUnknown>()));
    if (wrong.empty()) continue;
    EXPECT_TRUE(FAILED(invoke(*on, member, wrong).number)) << member.row() << " takes another type";
    wrong.clear();
    EXPECT_TRUE(FAILED(invoke(*on, member, wrong).number)) << member.row() << " needs no argument";
  }
}

}  // namespace fsimage::com::automation
