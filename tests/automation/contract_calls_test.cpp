// contract_calls.txt as it is read in every way that a client may have. Every member of the interfaces has to be in it.
#include "com/type_info.hpp"
#include "contract_reader.hpp"

#include <iostream>

namespace fsimage::com::automation {
namespace {

class ContractCalls : public DiscClient {
 protected:
  static void read_all(Reader& reader) {
    std::ifstream file(FSIMAGE_AUTOMATION_TABLES "/contract_calls.txt");
    ASSERT_TRUE(file.is_open());
    unsigned number = 0;
    for (std::string line; std::getline(file, line);) {
      SCOPED_TRACE("contract_calls.txt:" + std::to_string(++number));
      reader.read(line);
    }
  }
};

// Of track-at-once and raw writing of CDs, of which there are no objects but those that refuse.
bool is_not_written_here(const std::string& class_name, const std::string& row) {
  return class_name == "DiscFormat2TrackAtOnce" || class_name == "DiscFormat2RawCD" ||
         class_name == "RawCDImageCreator" || row == "IWriteEngine2 method WriteSection";
}
// What else is E_NOTIMPL, always or at times, as IMAPI2's documentation has it: see imapi2-contract.md.
const std::map<std::string, std::string>& refused_by_imapi2() {
  static const std::map<std::string, std::string> reasons{
      {"IStreamPseudoRandomBased method put_ExtendedSeed", "always; a seed has 32 bits"},
      {"IStreamPseudoRandomBased method get_ExtendedSeed", "always; a seed has 32 bits"},
      {"IWriteEngine2 put UseStreamingWrite12", "for TRUE"},
      {"IMultisessionRandomWrite get LastWrittenAddress", "as long as the drive does not tell"},
      {"IFileSystemImageResult2 get ModifiedBlocks", "of an image all of which has to be written"}};
  return reasons;
}
bool has_no_object(const std::string& iface) {
  return iface == "IRawCDImageTrackInfo" || iface.starts_with("IDiscFormat2TrackAtOnceE") ||
         iface.starts_with("IDiscFormat2RawCDE") || iface.starts_with("DDiscFormat2TrackAtOnce") ||
         iface.starts_with("DDiscFormat2RawCD");
}

// Neither Automation's nor the system's to carry: in another apartment QueryInterface answers E_NOINTERFACE.
bool is_carried_nowhere(const std::string& iface) {
  static const std::set<std::string> all{"IBurnVerification",       "IDiscRecorder2Ex",   "IEnumFsiItems",
                                         "IEnumProgressItems",      "IStreamConcatenate", "IStreamInterleave",
                                         "IStreamPseudoRandomBased"};
  return all.contains(iface);
}

TEST_F(ContractCalls, BySlotsAndNoMemberIsMissing) {
  Reader reader(Way::slots, path(""));
  read_all(reader);
  std::string not_here, as_imapi2;
  for (const auto& member : member_tables().members) {
    const auto row = member.row();
    if (has_no_object(member.of)) {
      not_here += "  " + row + ": no such object\n";
      continue;
    }
    EXPECT_FALSE(reader.answers(row).empty()) << "in no row: " << row;
    for (const auto& class_name : reader.refusing_classes(row)) {
      if (is_not_written_here(class_name, row)) {
        not_here += "  " + row + ": " + class_name + "\n";
        continue;
      }
      const auto reason = refused_by_imapi2().find(row);
      ASSERT_TRUE(reason != refused_by_imapi2().end()) << row << " is E_NOTIMPL";
      EXPECT_EQ(reason->second.starts_with("always"), reader.answers(row).size() == 1) << row;
      as_imapi2 += "  " + row + ": " + reason->second + "\n";
    }
  }
  EXPECT_EQ(std::count(as_imapi2.begin(), as_imapi2.end(), '\n'), std::ssize(refused_by_imapi2())) << as_imapi2;
  std::cout << "E_NOTIMPL, track-at-once and raw CD:\n"
            << not_here << "E_NOTIMPL, as IMAPI2 itself answers:\n"
            << as_imapi2;
}

TEST_F(ContractCalls, ByDispatch) {
  Reader reader(Way::dispatch, path(""));
  read_all(reader);
}

// The same rows with objects of another apartment. The type libraries carry what is Automation's, so that the server's own
// names are registered meanwhile; the rest COM refuses to carry, by number.
struct Apartments {
  std::string name;
  Way way;
  DWORD objects, client;
};
class ContractCallsAcross : public ContractCalls, public ::testing::WithParamInterface<Apartments> {};
INSTANTIATE_TEST_SUITE_P(
    Apartments, ContractCallsAcross,
    ::testing::Values(Apartments{"FromMtaBySlots", Way::slots, COINIT_APARTMENTTHREADED, COINIT_MULTITHREADED},
                      Apartments{"FromMtaByDispatch", Way::dispatch, COINIT_APARTMENTTHREADED, COINIT_MULTITHREADED},
                      Apartments{"FromStaBySlots", Way::slots, COINIT_MULTITHREADED, COINIT_APARTMENTTHREADED},
                      Apartments{"FromStaByDispatch", Way::dispatch, COINIT_MULTITHREADED, COINIT_APARTMENTTHREADED}),
    [](const auto& i) { return i.param.name; });

TEST_P(ContractCallsAcross, AnswersAreTheSame) {
  ASSERT_EQ(CoInitializeEx(nullptr, GetParam().client), S_OK);
  register_own_names(module_path());
  {
    HomeApartment home(GetParam().objects);
    Reader reader(GetParam().way, path(""), &home);
    read_all(reader);
    std::set<std::string> answered;
    for (const auto& member : member_tables().members)
      if (!reader.answers(member.row()).empty()) answered.insert(member.of);
    for (const auto& [iface, iid] : member_tables().interfaces) {
      if (has_no_object(iface) || iface == "DWriteEngine2Events") continue;  // which IDiscRecorder2Ex writes for
      EXPECT_NE(answered.contains(iface), is_carried_nowhere(iface)) << iface;
    }
    for (const auto& iface : reader.not_carried()) EXPECT_TRUE(is_carried_nowhere(iface)) << iface;
  }
  unregister_own_names(module_path());
  CoUninitialize();
}

}  // namespace
}  // namespace fsimage::com::automation
