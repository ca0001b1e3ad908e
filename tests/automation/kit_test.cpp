// The kit that COM objects are made with: counting, identity, Automation by the type library, errors, events,
// enumerators, factories, registration.
#include "com/enumerator.hpp"
#include "com/events.hpp"
#include "com/module.hpp"
#include "com/object.hpp"
#include "com/variant.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/image/hresult.hpp>

#include <imapi2.h>
#include <olectl.h>

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

STDAPI DllGetClassObject(REFCLSID id, REFIID iid, LPVOID* out);
STDAPI DllCanUnloadNow();

namespace fsimage::com {
namespace {

// IBlockRange: its first block, and an error instead of its last.
class BrokenRange final : public Object<Iface<IBlockRange, IDispatch>> {
 public:
  HRESULT STDMETHODCALLTYPE get_StartLba(LONG* out) noexcept override {
    return guard(__uuidof(IBlockRange), [&] { place(out) = 17; });
  }
  HRESULT STDMETHODCALLTYPE get_EndLba(LONG* out) noexcept override {
    return guard(__uuidof(IBlockRange), [&] {
      place(out);
      throw Error(Errc::not_found,
                  {.path = "/d\xC3\xB6"
                           "cs/a.txt"},
                  "nothing is there");
    });
  }
};

class Master final : public SourceObject<::DiscMaster2, Events<DDiscMaster2Events>, Iface<IDiscMaster2, IDispatch>> {
 public:
  HRESULT STDMETHODCALLTYPE get__NewEnum(IEnumVARIANT** out) noexcept override {
    return guard(__uuidof(IDiscMaster2), [&] {
      place(out);
      give(out, make<EnumVariants>(std::vector{Variant(std::string_view("a")), Variant(LONG{2}), Variant(true)}));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Item(LONG index, BSTR* out) noexcept override {
    return guard(__uuidof(IDiscMaster2), [&] {
      place(out);
      if (index < 0) throw Failure(E_INVALIDARG, "negative");
      *out = Bstr("drive " + std::to_string(index)).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_Count(LONG* out) noexcept override {
    return guard(__uuidof(IDiscMaster2), [&] { place(out) = 3; });
  }
  HRESULT STDMETHODCALLTYPE get_IsSupportedEnvironment(VARIANT_BOOL* out) noexcept override {
    return guard(__uuidof(IDiscMaster2), [&] { place(out) = VARIANT_TRUE; });
  }
  void arrive(std::string_view id) { point().fire(0x100, {Variant(Ptr<IDispatch>(this)), Variant(id)}); }
};

// A sink as scripts have them: Invoke alone.
class Listener final : public Object<Iface<IDispatch>> {
 public:
  HRESULT STDMETHODCALLTYPE Invoke(DISPID member, REFIID, LCID, WORD, DISPPARAMS* parameters, VARIANT*, EXCEPINFO*,
                                   UINT*) noexcept override {
    heard.push_back(std::to_string(member) + " " + utf8_of(parameters->rgvarg[0].bstrVal));
    first_is_object = parameters->rgvarg[1].vt == VT_DISPATCH;
    return E_FAIL;  // nobody cares
  }
  std::vector<std::string> heard;
  bool first_is_object = false;
};

Ptr<IUnknown> create_master() { return make<Master>().query<IDiscMaster2>().query<IUnknown>(); }

constexpr ClassEntry kTestClasses[] = {{__uuidof(::DiscMaster2),
                                        {0x2735412E, 0x7F64, 0x5B0F, {0x8F, 0x00, 0x5D, 0x77, 0xAF, 0xBE, 0x26, 0x1E}},
                                        L"DiscMaster2",
                                        L"IMAPI2.MsftDiscMaster2",
                                        1,
                                        create_master}};

long objects() { return ModuleUse::count().load(); }

Variant invoke_by_name(IDispatch& object, const wchar_t* name, WORD flags, std::vector<VARIANT> arguments,
                       HRESULT* answer = nullptr, EXCEPINFO* exception = nullptr) {
  DISPID id = DISPID_UNKNOWN;
  std::wstring spelled = name;
  OLECHAR* names = spelled.data();
  EXPECT_EQ(object.GetIDsOfNames(IID_NULL, &names, 1, LOCALE_NEUTRAL, &id), S_OK);
  DISPPARAMS parameters{arguments.data(), nullptr, static_cast<UINT>(arguments.size()), 0};
  VARIANT result;
  VariantInit(&result);
  const HRESULT hr = object.Invoke(id, IID_NULL, LOCALE_NEUTRAL, flags, &parameters, &result, exception, nullptr);
  if (answer != nullptr) *answer = hr;
  Variant owned(result);
  VariantClear(&result);
  return owned;
}

}  // namespace

std::span<const ClassEntry> module_classes() { return kTestClasses; }

namespace {

class Kit : public ::testing::Test {
 protected:
  void SetUp() override { before_ = objects(); }
  void TearDown() override { EXPECT_EQ(objects(), before_) << "an object was left"; }

 private:
  long before_ = 0;
};

TEST_F(Kit, CountsAndKnowsItself) {
  auto range = make<BrokenRange>();
  EXPECT_EQ(range->AddRef(), 2U);
  EXPECT_EQ(range->Release(), 1U);
  const auto dispatch = range.query<IDispatch>();
  const auto errors = range.query<ISupportErrorInfo>();
  ASSERT_TRUE(dispatch && errors);
  EXPECT_TRUE(same_object(dispatch.get(), errors.get()));
  EXPECT_EQ(errors->InterfaceSupportsErrorInfo(__uuidof(IBlockRange)), S_OK);
  EXPECT_EQ(errors->InterfaceSupportsErrorInfo(__uuidof(IDiscMaster2)), S_FALSE);
  EXPECT_FALSE(range.query<IDiscMaster2>());
  EXPECT_EQ(range->QueryInterface(__uuidof(IUnknown), nullptr), E_POINTER);
}

TEST_F(Kit, AnswersScriptsByTheTypeLibrary) {
  const auto master = make<Master>().query<IDispatch>();
  EXPECT_EQ(invoke_by_name(*master, L"count", DISPATCH_PROPERTYGET, {}).get().lVal, 3);
  Variant index(LONG{2});
  const auto item = invoke_by_name(*master, L"Item", DISPATCH_METHOD | DISPATCH_PROPERTYGET, {index.get()});
  ASSERT_EQ(item.type(), VT_BSTR);
  EXPECT_EQ(utf8_of(item.get().bstrVal), "drive 2");
  Ptr<ITypeInfo> type;
  EXPECT_EQ(master->GetTypeInfo(1, LOCALE_NEUTRAL, type.out()), DISP_E_BADINDEX);
  EXPECT_EQ(master->GetTypeInfo(0, LOCALE_NEUTRAL, type.out()), S_OK);
}

TEST_F(Kit, ErrorsSayWhatAndWhere) {
  const auto range = make<BrokenRange>();
  LONG value = 1;
  EXPECT_EQ(range->get_EndLba(&value), hresult(0xC0AAB118));
  EXPECT_EQ(value, 0);
  Ptr<IErrorInfo> info;
  ASSERT_EQ(GetErrorInfo(0, info.out()), S_OK);
  Bstr text;
  info->GetDescription(text.out());
  EXPECT_NE(text.utf8().find("/d\xC3\xB6"
                             "cs/a.txt"),
            std::string::npos)
      << text.utf8();
  EXPECT_EQ(range->get_StartLba(nullptr), E_POINTER);
  SetErrorInfo(0, nullptr);

  HRESULT answer = S_OK;
  EXCEPINFO exception{};
  invoke_by_name(*range, L"EndLba", DISPATCH_PROPERTYGET, {}, &answer, &exception);
  EXPECT_EQ(answer, DISP_E_EXCEPTION);
  EXPECT_EQ(exception.scode, hresult(0xC0AAB118));
  EXPECT_NE(utf8_of(exception.bstrDescription).find("nothing is there"), std::string::npos);
  for (BSTR left : {exception.bstrDescription, exception.bstrSource, exception.bstrHelpFile}) SysFreeString(left);
}

TEST_F(Kit, EnumeratorsAreSnapshots) {
  Ptr<IEnumVARIANT> all, clone;
  ASSERT_EQ(make<Master>()->get__NewEnum(all.out()), S_OK);
  VARIANT two[2];
  ULONG fetched = 0;
  EXPECT_EQ(all->Next(2, two, &fetched), S_OK);
  EXPECT_EQ(fetched, 2U);
  EXPECT_EQ(two[1].lVal, 2);
  VariantClear(&two[0]);
  ASSERT_EQ(all->Clone(clone.out()), S_OK);
  EXPECT_EQ(all->Next(2, two, &fetched), S_FALSE);
  EXPECT_EQ(fetched, 1U);
  EXPECT_EQ(clone->Skip(1), S_OK);
  EXPECT_EQ(clone->Skip(1), S_FALSE);
  EXPECT_EQ(clone->Reset(), S_OK);
  EXPECT_EQ(clone->Next(2, two, nullptr), E_POINTER);
  EXPECT_EQ(clone->Next(1, two, nullptr), S_OK);
  VariantClear(&two[0]);
}

TEST_F(Kit, ListenersHear) {
  const auto master = make<Master>();
  const auto listener = make<Listener>();
  const auto container = master.query<IConnectionPointContainer>();
  Ptr<IConnectionPoint> point;
  EXPECT_EQ(container->FindConnectionPoint(__uuidof(IDiscMaster2), point.out()), CONNECT_E_NOCONNECTION);
  ASSERT_EQ(container->FindConnectionPoint(__uuidof(DDiscMaster2Events), point.out()), S_OK);
  DWORD cookie = 0;
  ASSERT_EQ(point->Advise(listener.query<IUnknown>().get(), &cookie), S_OK);
  master->arrive("here");
  ASSERT_EQ(listener->heard, std::vector<std::string>{"256 here"});
  EXPECT_TRUE(listener->first_is_object);
  Ptr<IEnumConnections> connections;
  ASSERT_EQ(point->EnumConnections(connections.out()), S_OK);
  CONNECTDATA data{};
  EXPECT_EQ(connections->Next(1, &data, nullptr), S_OK);
  EXPECT_EQ(data.dwCookie, cookie);
  data.pUnk->Release();
  EXPECT_EQ(point->Unadvise(cookie), S_OK);
  EXPECT_EQ(point->Unadvise(cookie), CONNECT_E_NOCONNECTION);
  master->arrive("gone");
  EXPECT_EQ(listener->heard.size(), 1U);
  GUID events{};
  EXPECT_EQ(master.query<IProvideClassInfo2>()->GetGUID(GUIDKIND_DEFAULT_SOURCE_DISP_IID, &events), S_OK);
  EXPECT_EQ(events, __uuidof(DDiscMaster2Events));
  Ptr<ITypeInfo> type;
  EXPECT_EQ(master.query<IProvideClassInfo>()->GetClassInfo(type.out()), S_OK);
}

TEST_F(Kit, ArraysComeBack) {
  const std::vector<Variant> elements{Variant(LONG{1}), Variant(std::string_view("two"))};
  SAFEARRAY* const array = array_of(elements);
  const auto back = elements_of(array);
  SafeArrayDestroy(array);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(utf8_of(back[1].get().bstrVal), "two");
  EXPECT_TRUE(elements_of(nullptr).empty());
  SAFEARRAY* const numbers = SafeArrayCreateVector(VT_I4, 0, 1);
  EXPECT_THROW(elements_of(numbers), Error);
  SafeArrayDestroy(numbers);
}

TEST_F(Kit, TextThatIsNoneIsRefused) {
  EXPECT_EQ(utf8_of(std::wstring_view(L"\x00E9\xD83D\xDCBF")), "\xC3\xA9\xF0\x9F\x92\xBF");
  EXPECT_THROW(utf8_of(std::wstring_view(L"\xD83D")), Error);
  EXPECT_THROW(wide_of("\xFF"), Error);
}

TEST_F(Kit, ClassesAreMadeUnderBothIdentifiers) {
  for (const CLSID& id : {kTestClasses[0].id, kTestClasses[0].imapi}) {
    Ptr<IClassFactory> factory;
    ASSERT_EQ(DllGetClassObject(id, __uuidof(IClassFactory), factory.out_void()), S_OK);
    Ptr<IDiscMaster2> master;
    EXPECT_EQ(factory->CreateInstance(nullptr, __uuidof(IDiscMaster2), master.out_void()), S_OK);
    EXPECT_EQ(factory->CreateInstance(master.get(), __uuidof(IUnknown), Ptr<IUnknown>().out_void()),
              CLASS_E_NOAGGREGATION);
    EXPECT_EQ(DllCanUnloadNow(), S_FALSE);
  }
  EXPECT_EQ(DllCanUnloadNow(), S_OK);
  EXPECT_EQ(DllGetClassObject(IID_NULL, __uuidof(IClassFactory), Ptr<IUnknown>().out_void()),
            CLASS_E_CLASSNOTAVAILABLE);
}

CLSID class_of_name(const wchar_t* name) {
  CLSID id{};
  return CLSIDFromProgID(name, &id) == S_OK ? id : CLSID{};
}

TEST_F(Kit, NamesOfImapiAreTakenOnlyWhereTheyAreFree) {
  const std::wstring ours = L"C:\\fsimage\\server.dll", others = L"C:\\windows\\system32\\imapi2.dll";
  const auto& entry = kTestClasses[0];
  register_own_names(ours);
  EXPECT_EQ(class_of_name(L"FsImage.DiscMaster2"), entry.id);
  EXPECT_EQ(class_of_name(L"IMAPI2.MsftDiscMaster2"), CLSID{});
  register_imapi_names(ours);
  EXPECT_EQ(class_of_name(L"IMAPI2.MsftDiscMaster2.1"), entry.imapi);
  EXPECT_THROW(register_imapi_names(others), Failure);
  EXPECT_EQ(class_of_name(L"IMAPI2.MsftDiscMaster2"), entry.imapi);
  unregister_imapi_names(others);  // not theirs
  EXPECT_EQ(class_of_name(L"IMAPI2.MsftDiscMaster2"), entry.imapi);
  unregister_imapi_names(ours);
  EXPECT_EQ(class_of_name(L"IMAPI2.MsftDiscMaster2"), CLSID{});
  unregister_own_names(ours);
  EXPECT_EQ(class_of_name(L"FsImage.DiscMaster2"), CLSID{});
}

TEST_F(Kit, CountingIsForAnyThread) {
  const auto range = make<BrokenRange>();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&range] {
      for (int n = 0; n < 10'000; ++n) Ptr<BrokenRange> copy(range);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(range->AddRef(), 2U);
  range->Release();
}

}  // namespace
}  // namespace fsimage::com
