#include "contract_members.hpp"

#include <bit>
#include <fstream>
#include <sstream>

namespace fsimage::automation {
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

}  // namespace fsimage::automation
