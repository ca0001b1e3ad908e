// What COM carries to no other apartment, and results that nobody there has a place for: refused by number. Wine loses the
// objects that it cannot carry, so that this is a program of its own, which does not ask whether any are left.
#include "com/type_info.hpp"
#include "contract_members.hpp"
#include "home_apartment.hpp"

namespace fsimage::com::automation {
namespace {

class Uncarried : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    const DWORD one = COINIT_APARTMENTTHREADED, many = COINIT_MULTITHREADED;
    ASSERT_EQ(CoInitializeEx(nullptr, GetParam() ? many : one), S_OK);
    register_own_names(module_path());
    home_ = std::make_unique<HomeApartment>(GetParam() ? one : many);
  }
  void TearDown() override {
    home_.reset();
    unregister_own_names(module_path());
    CoUninitialize();
  }
  Ptr<IUnknown> carried(const std::wstring& name) const {
    for (const auto& entry : module_classes())
      if (entry.name == name) return home_->carry(entry.create);
    ADD_FAILURE() << "no such class";
    return {};
  }
  std::unique_ptr<HomeApartment> home_;
};
INSTANTIATE_TEST_SUITE_P(From, Uncarried, ::testing::Values(true, false),
                         [](const auto& i) { return i.param ? "Mta" : "Sta"; });

TEST_P(Uncarried, ClassesTakeNoPlaceForTheirResults) {
  for (const auto& entry : module_classes()) {
    SCOPED_TRACE(utf8_of(entry.name));
    offer_null(home_->carry(entry.create), Offered::across);
  }
}

TEST_P(Uncarried, EnumeratorsOfTheirOwnKindAreRefused) {
  const auto image = carried(L"FileSystemImage").query<IFileSystemImage3>();
  ASSERT_TRUE(image);
  const auto root = object_of(image, &IFileSystemImage3::get_Root);
  Ptr<IEnumFsiItems> items;
  EXPECT_EQ(root->get_EnumFsiItems(items.out()), E_NOINTERFACE);
  EXPECT_FALSE(items);
  Ptr<IEnumVARIANT> scripted;
  EXPECT_EQ(root->get__NewEnum(scripted.out()), S_OK) << "that of scripts is carried";
  offer_null(root.query<IUnknown>(), Offered::across);
  Ptr<IFileSystemImageResult> result;
  ASSERT_EQ(image->CreateResultImage(result.out()), S_OK);
  offer_null(result.query<IUnknown>(), Offered::across);
  const auto progress = object_of(result, &IFileSystemImageResult::get_ProgressItems);
  Ptr<IEnumProgressItems> all;
  EXPECT_EQ(progress->get_EnumProgressItems(all.out()), E_NOINTERFACE);
  EXPECT_FALSE(all);
  offer_null(progress.query<IUnknown>(), Offered::across);
}

TEST_P(Uncarried, InterfacesAreRefused) {
  for (const auto& [name, class_name] : {std::pair{"IDiscRecorder2Ex", L"DiscRecorder2"},
                                         {"IBurnVerification", L"DiscFormat2Data"},
                                         {"IStreamPseudoRandomBased", L"StreamPrng001"},
                                         {"IStreamConcatenate", L"StreamConcatenate"},
                                         {"IStreamInterleave", L"StreamInterleave"}}) {
    Ptr<IUnknown> none;
    EXPECT_EQ(carried(class_name)->QueryInterface(member_tables().interfaces.at(name), none.out_void()), E_NOINTERFACE)
        << name;
  }
}

}  // namespace
}  // namespace fsimage::com::automation
