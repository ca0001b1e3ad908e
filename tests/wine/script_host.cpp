// A small host for VBScript, as Wine's cscript has no events and swallows errors: WScript.Echo, Quit, Arguments, Sleep,
// CreateObject with a prefix, ConnectObject and DisconnectObject. A handler is a procedure of the script that is called
// like the prefix and the event. An error is told as `file(line, column) source: text`, and ends the script with 1.
//
// usage: script_host SCRIPT.vbs [ARGUMENT...]
#include "com/object.hpp"
#include "com/variant.hpp"

#include <activscp.h>
#include <ocidl.h>
#include <shellapi.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fsimage::com {
namespace {

constexpr DISPID kDefault = DISPID_VALUE;
constexpr HRESULT kNoSuchFile = static_cast<HRESULT>(0x80070002);  // of a script

using Arguments = std::vector<Variant>;  // the first one first

Arguments arguments_of(const DISPPARAMS& parameters) {
  Arguments result;
  for (UINT i = parameters.cArgs; i > 0; --i) result.emplace_back(parameters.rgvarg[i - 1]);
  return result;
}

LONG long_in(const Variant& value) {
  VARIANT from = value.get(), to;
  VariantInit(&to);
  check(VariantChangeType(&to, &from, 0, VT_I4), "not a number");
  return to.lVal;
}

std::string text_in(const Variant& value) {
  VARIANT from = value.get(), to;
  VariantInit(&to);
  check(VariantChangeType(&to, &from, 0, VT_BSTR), "not a text");
  Bstr text;
  *text.out() = to.bstrVal;
  return text.utf8();
}

// An object that scripts call by name.
class ScriptObject : public Object<Iface<IDispatch>> {
 public:
  explicit ScriptObject(std::vector<std::pair<const wchar_t*, DISPID>> members) : members_(std::move(members)) {}

  HRESULT STDMETHODCALLTYPE GetIDsOfNames(REFIID, OLECHAR** names, UINT count, LCID, DISPID* ids) noexcept override {
    if (count != 1) return DISP_E_UNKNOWNNAME;
    const auto at = std::find_if(members_.begin(), members_.end(),
                                 [&](const auto& member) { return lstrcmpiW(member.first, names[0]) == 0; });
    ids[0] = at != members_.end() ? at->second : DISPID_UNKNOWN;
    return at != members_.end() ? S_OK : DISP_E_UNKNOWNNAME;
  }
  HRESULT STDMETHODCALLTYPE Invoke(DISPID member, REFIID, LCID, WORD, DISPPARAMS* parameters, VARIANT* result,
                                   EXCEPINFO* exception, UINT*) noexcept override {
    const HRESULT answer = guard(__uuidof(IDispatch), [&] {
      Variant value = call(member, arguments_of(needed(parameters)));
      if (result != nullptr) *result = value.release();
    });
    if (SUCCEEDED(answer)) return S_OK;
    if (exception == nullptr) return answer;
    *exception = EXCEPINFO{};
    exception->scode = answer;
    exception->bstrSource = Bstr(std::wstring_view(L"script_host")).release();
    Ptr<IErrorInfo> info;
    if (GetErrorInfo(0, info.out()) == S_OK) info->GetDescription(&exception->bstrDescription);
    return DISP_E_EXCEPTION;
  }

 protected:
  static const Variant& argument(const Arguments& arguments, std::size_t number) {
    if (number >= arguments.size()) throw Failure(E_INVALIDARG, "an argument is missing");
    return arguments[number];
  }

 private:
  virtual Variant call(DISPID member, const Arguments& arguments) = 0;
  std::vector<std::pair<const wchar_t*, DISPID>> members_;
};

class WordsObject final : public ScriptObject {
 public:
  explicit WordsObject(std::vector<std::wstring> words)
      : ScriptObject({{L"Item", kDefault}, {L"Count", 1}, {L"Length", 1}}), words_(std::move(words)) {}

  Variant item(LONG number) const {
    if (number < 0 || static_cast<std::size_t>(number) >= words_.size())
      throw Failure(DISP_E_BADINDEX, "no such argument");
    return Variant(Bstr(words_[static_cast<std::size_t>(number)]));
  }

 private:
  Variant call(DISPID member, const Arguments& arguments) override {
    return member == kDefault ? item(long_in(argument(arguments, 0))) : Variant(static_cast<LONG>(words_.size()));
  }
  std::vector<std::wstring> words_;
};

// Calls the script's procedures for the events of one interface.
class EventSink final : public Object<Iface<IDispatch>> {
 public:
  EventSink(IID events, Ptr<ITypeInfo> type, Ptr<IDispatch> script, std::wstring prefix)
      : events_(events), type_(std::move(type)), script_(std::move(script)), prefix_(std::move(prefix)) {}

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void** out) noexcept override {
    return Object::QueryInterface(iid == events_ ? __uuidof(IDispatch) : iid, out);
  }
  HRESULT STDMETHODCALLTYPE Invoke(DISPID event, REFIID, LCID locale, WORD, DISPPARAMS* parameters, VARIANT* result,
                                   EXCEPINFO* exception, UINT* bad) noexcept override {
    return guard(__uuidof(IDispatch), [&] {
      Bstr name;
      UINT count = 0;
      check(type_->GetNames(event, name.out(), 1, &count), "an event without a name");
      std::wstring called = prefix_ + std::wstring(name.wide());
      OLECHAR* names = called.data();
      DISPID id = DISPID_UNKNOWN;
      if (FAILED(script_->GetIDsOfNames(IID_NULL, &names, 1, locale, &id))) return S_OK;  // nobody wants to know
      return script_->Invoke(id, IID_NULL, locale, DISPATCH_METHOD, parameters, result, exception, bad);
    });
  }

 private:
  const IID events_;
  Ptr<ITypeInfo> type_;
  Ptr<IDispatch> script_;
  std::wstring prefix_;
};

class Host final : public ScriptObject {
 public:
  Host(IActiveScript& engine, std::vector<std::wstring> words)
      : ScriptObject({{L"Echo", kEcho},
                      {L"Quit", kQuit},
                      {L"Arguments", kArguments},
                      {L"Sleep", kSleep},
                      {L"CreateObject", kCreate},
                      {L"ConnectObject", kConnect},
                      {L"DisconnectObject", kDisconnect}}),
        engine_(engine),
        words_(make<WordsObject>(std::move(words))) {}

  void disconnect_all() {
    while (!connections_.empty()) disconnect(connections_.begin()->first);
  }

 private:
  enum : DISPID { kEcho = 1, kQuit, kArguments, kSleep, kCreate, kConnect, kDisconnect };
  struct Connection {
    Ptr<IConnectionPoint> point;
    DWORD cookie;
  };

  Variant call(DISPID member, const Arguments& arguments) override {
    switch (member) {
      case kEcho: return echo(arguments);
      case kQuit:  // at once, whatever the script is about
        std::fflush(stdout);
        ExitProcess(arguments.empty() ? 0U : static_cast<UINT>(long_in(arguments[0])));
      case kArguments: return of_words(arguments);
      case kSleep: Sleep(static_cast<DWORD>(long_in(argument(arguments, 0)))); return {};
      case kCreate: return create(arguments);
      case kConnect: connect(argument(arguments, 0).object(), text_in(argument(arguments, 1))); return {};
      case kDisconnect: disconnect(argument(arguments, 0).object().get()); return {};
      default: throw Failure(DISP_E_MEMBERNOTFOUND, "no such member");
    }
  }
  // WScript.Arguments, and WScript.Arguments(0).
  Variant of_words(const Arguments& arguments) {
    return arguments.empty() ? Variant(words_.query<IDispatch>()) : words_->item(long_in(arguments[0]));
  }
  static Variant echo(const Arguments& arguments) {
    std::string line;
    for (const auto& argument : arguments) line += (line.empty() ? "" : " ") + text_in(argument);
    std::printf("%s\n", line.c_str());
    return {};
  }
  Variant create(const Arguments& arguments) {
    const auto name = text_in(argument(arguments, 0));
    CLSID id;
    Ptr<IDispatch> object;
    check(CLSIDFromProgID(wide_of(name).c_str(), &id), ("no class is called " + name).c_str());
    check(CoCreateInstance(id, nullptr, CLSCTX_ALL, __uuidof(IDispatch), object.out_void()),
          (name + " cannot be made").c_str());
    if (arguments.size() > 1) connect(object.query<IUnknown>(), text_in(arguments[1]));
    return Variant(std::move(object));
  }
  void connect(const Ptr<IUnknown>& source, const std::string& prefix) {
    const auto info = source.query<IProvideClassInfo2>();
    const auto container = source.query<IConnectionPointContainer>();
    if (!info || !container) throw Failure(E_NOINTERFACE, "the object has no events");
    IID events;
    Ptr<ITypeInfo> of_class, type;
    Ptr<ITypeLib> library;
    UINT index = 0;
    Connection made{};
    Ptr<IDispatch> script;
    check(info->GetGUID(GUIDKIND_DEFAULT_SOURCE_DISP_IID, &events), "no default events");
    check(info->GetClassInfo(of_class.out()), "a class without a description");
    check(of_class->GetContainingTypeLib(library.out(), &index), "a class of no library");
    check(library->GetTypeInfoOfGuid(events, type.out()), "events without a description");
    check(engine_.GetScriptDispatch(nullptr, script.out()), "a script without procedures");
    check(container->FindConnectionPoint(events, made.point.out()), "no connection point");
    const auto sink = make<EventSink>(events, std::move(type), std::move(script), wide_of(prefix));
    check(made.point->Advise(sink.query<IUnknown>().get(), &made.cookie), "the object takes no listener");
    disconnect(source.get());
    connections_[source.query<IUnknown>().get()] = std::move(made);
  }
  void disconnect(IUnknown* source) {
    const auto at = connections_.find(Ptr<IUnknown>(source).query<IUnknown>().get());
    if (at == connections_.end()) return;
    at->second.point->Unadvise(at->second.cookie);
    connections_.erase(at);
  }

  IActiveScript& engine_;
  Ptr<WordsObject> words_;
  std::map<IUnknown*, Connection> connections_;  // a point keeps its object
};

class Site final : public Object<Iface<IActiveScriptSite>> {
 public:
  Site(std::wstring file, Ptr<Host> host) : file_(std::move(file)), host_(std::move(host)) {}
  bool failed() const { return failed_; }

  HRESULT STDMETHODCALLTYPE GetLCID(LCID* out) noexcept override { return out == nullptr ? E_POINTER : E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE GetItemInfo(LPCOLESTR, DWORD what, IUnknown** item, ITypeInfo** type) noexcept override {
    if ((what & SCRIPTINFO_ITYPEINFO) != 0) {
      if (type == nullptr) return E_POINTER;
      *type = nullptr;
    }
    if ((what & SCRIPTINFO_IUNKNOWN) != 0) {
      if (item == nullptr) return E_POINTER;
      *item = host_.query<IUnknown>().release();
    }
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE GetDocVersionString(BSTR*) noexcept override { return E_NOTIMPL; }
  HRESULT STDMETHODCALLTYPE OnScriptTerminate(const VARIANT*, const EXCEPINFO*) noexcept override { return S_OK; }
  HRESULT STDMETHODCALLTYPE OnStateChange(SCRIPTSTATE) noexcept override { return S_OK; }
  HRESULT STDMETHODCALLTYPE OnScriptError(IActiveScriptError* error) noexcept override {
    return guard(__uuidof(IActiveScriptSite), [&] {
      failed_ = true;
      EXCEPINFO info{};
      DWORD context = 0;
      ULONG line = 0;
      LONG column = 0;
      error->GetExceptionInfo(&info);
      error->GetSourcePosition(&context, &line, &column);
      Bstr source, text, help;
      *source.out() = info.bstrSource;
      *text.out() = info.bstrDescription;
      *help.out() = info.bstrHelpFile;
      std::fflush(stdout);
      std::fprintf(stderr, "%s(%lu, %ld) %s: %s (0x%08lX)\n", utf8_of(file_).c_str(), line + 1, column + 1,
                   source.utf8().c_str(), text.utf8().c_str(), static_cast<unsigned long>(info.scode));
    });
  }
  HRESULT STDMETHODCALLTYPE OnEnterScript() noexcept override { return S_OK; }
  HRESULT STDMETHODCALLTYPE OnLeaveScript() noexcept override { return S_OK; }

 private:
  std::wstring file_;
  Ptr<Host> host_;
  bool failed_ = false;
};

std::wstring read_script(const std::wstring& file) {
  std::ifstream in(std::filesystem::path(file), std::ios::binary);
  if (!in) throw Failure(kNoSuchFile, utf8_of(file) + ": there is no such script");
  return wide_of(std::string{std::istreambuf_iterator<char>(in), {}});
}

int run(const std::vector<std::wstring>& words) {
  const auto text = read_script(words.at(0));
  CLSID id;
  Ptr<IActiveScript> engine;
  check(CLSIDFromProgID(L"VBScript", &id), "there is no VBScript");
  check(CoCreateInstance(id, nullptr, CLSCTX_INPROC_SERVER, __uuidof(IActiveScript), engine.out_void()),
        "VBScript cannot be had");
  const auto parser = engine.query<IActiveScriptParse>();
  if (!parser) throw Failure(E_NOINTERFACE, "VBScript does not parse");
  const auto host = make<Host>(*engine, std::vector<std::wstring>(words.begin() + 1, words.end()));
  const auto slash = words[0].find_last_of(L"\\/");
  const auto site = make<Site>(words[0].substr(slash == std::wstring::npos ? 0 : slash + 1), host);
  check(engine->SetScriptSite(site.get()), "no site for the script");
  check(parser->InitNew(), "no new script");
  check(engine->AddNamedItem(L"WScript", SCRIPTITEM_ISVISIBLE), "no WScript");
  // What is wrong with the script is told by the site.
  const HRESULT parsed =
      parser->ParseScriptText(text.c_str(), nullptr, nullptr, nullptr, 0, 0, SCRIPTTEXT_ISVISIBLE, nullptr, nullptr);
  const HRESULT ran = SUCCEEDED(parsed) ? engine->SetScriptState(SCRIPTSTATE_STARTED) : parsed;
  host->disconnect_all();
  engine->Close();
  if (!site->failed()) check(ran, "the script does not run");
  return site->failed() ? 1 : 0;
}

}  // namespace
}  // namespace fsimage::com

int main() {
  int count = 0;
  wchar_t** const given = CommandLineToArgvW(GetCommandLineW(), &count);
  const std::vector<std::wstring> words(given + std::min(count, 1), given + count);
  LocalFree(given);
  if (words.empty()) {
    std::fprintf(stderr, "usage: script_host SCRIPT.vbs [ARGUMENT...]\n");
    return 2;
  }
  CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED);
  int code = 1;
  try {
    code = fsimage::com::run(words);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
  std::fflush(stdout);
  CoUninitialize();
  return code;
}
