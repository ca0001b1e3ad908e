// Reads contract_calls.txt, line by line, as compiled clients call (by slots) and as scripts do (by IDispatch); and does to
// every object what no client should. With a home, the objects live in that apartment, and this one has what stands for them.
#pragma once

#include "com/module.hpp"
#include "contract_members.hpp"
#include "disc_client.hpp"
#include "home_apartment.hpp"

#include <bit>
#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>

namespace fsimage::com::automation {

enum class Way { slots, dispatch };

using Tokens = std::vector<std::string>;

// Quoted strings and [lists] are one word.
inline Tokens words_of(const std::string& line) {
  Tokens words;
  for (std::size_t at = 0; (at = line.find_first_not_of(' ', at)) != line.npos;) {
    const char closing = line[at] == '"' ? '"' : line[at] == '[' ? ']' : ' ';
    const auto end = std::min(line.find(closing, at + 1), line.size());
    words.push_back(line.substr(at, end - at + (closing == ' ' ? 0 : 1)));
    at = end + 1;
  }
  return words;
}

inline HRESULT number_named(const std::string& word) {
  static const std::map<std::string, HRESULT> names{{"E_POINTER", E_POINTER},       {"E_INVALIDARG", E_INVALIDARG},
                                                    {"E_NOTIMPL", E_NOTIMPL},       {"S_FALSE", S_FALSE},
                                                    {"E_UNEXPECTED", E_UNEXPECTED}, {"E_NOINTERFACE", E_NOINTERFACE}};
  const auto found = names.find(word);
  return found != names.end() ? found->second : hr(static_cast<unsigned>(std::stoul(word, nullptr, 16)));
}

// A client that reads rows and keeps what it is given under names.
class Reader {
 public:
  Reader(Way way, std::string folder, HomeApartment* home = nullptr)
      : way_(way), folder_(std::move(folder)), home_(home) {}
  ~Reader() { let_go(); }

  void read(const std::string& line) {
    if (line.starts_with("near ")) return home_ == nullptr ? read(line.substr(5)) : void();
    auto words = words_of(line);
    if (words.empty() || words[0] == "#") return;
    const auto verb = words[0];
    if (verb == "##") {
      let_go();
    } else if (verb == "disc" || verb == "another") {
      set_disc(words.size() > 1 ? words[1] : "", verb == "another");
    } else if (verb == "new") {
      objects_[words.at(1)] = new_object(words.at(2));
      classes_[words[1]] = words[2];
    } else if (verb == "stream") {
      make_stream(words.at(1), std::stoull(words.at(2)));
    } else if (verb == "file") {
      const std::filesystem::path path = text_in(words.at(1));
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << std::string(std::stoul(words.at(2)), 'x');
    } else if (verb == "drop") {
      for (std::size_t i = 1; i < words.size(); ++i)
        EXPECT_EQ(objects_.erase(words[i]) + listeners_.erase(words[i]), 1U) << words[i];
    } else if (verb == "listen") {
      listen(words.at(1), words.at(2), words.at(3));
    } else if (verb == "within") {
      const auto at = line.find(words.at(2));
      within_[words.at(1)].push_back(line.substr(at));
    } else if (verb == "heard") {
      heard(words);
    } else {
      call(line, words);
    }
  }

  // Interfaces that objects have and COM carries to no other apartment: neither Automation's nor the system's.
  const std::set<std::string>& not_carried() const { return not_carried_; }
  // What a member answered, of those that were expected; and the classes of whose objects it answered E_NOTIMPL, "" for what
  // others gave.
  std::set<HRESULT> answers(const std::string& row) const {
    const auto found = answers_.find(row);
    return found != answers_.end() ? found->second : std::set<HRESULT>{};
  }
  std::set<std::string> refusing_classes(const std::string& row) const {
    const auto found = refusals_.find(row);
    return found != refusals_.end() ? found->second : std::set<std::string>{};
  }

  // Releases everything, after it was treated badly.
  void let_go() {
    for (const auto& [name, object] : objects_) {
      SCOPED_TRACE(name);
      if (!object) continue;
      // Calls from another apartment take long, so that one object of a kind has to do.
      if (home_ != nullptr && !treated_.insert(classes_[name].empty() ? name : classes_[name]).second) continue;
      if (home_ == nullptr) offer_null(object);
      if (home_ != nullptr && way_ == Way::slots) offer_null(object, Offered::across_without_objects);
      if (way_ == Way::dispatch) offer_wrong_types(object);
    }
    within_.clear();
    listeners_.clear();
    objects_.clear();
    classes_.clear();
    EXPECT_EQ(DllCanUnloadNow(), S_OK) << ModuleUse::count() << " objects are left";
  }

 private:
  struct Listener {
    std::unique_ptr<Listening> listening;
    std::string events;
    std::map<DISPID, Ptr<IUnknown>> last;  // what came with it
    std::set<DISPID> heard;
  };
  struct Row {
    Ptr<IUnknown> on;
    std::string class_name;
    const Member* member;
    Tokens arguments;
    bool nowhere = false;
    std::string value, name, text;
    HRESULT number = S_OK;
  };

  const Ptr<IUnknown>& object(const std::string& name) {
    const auto& found = objects_[name];
    if (!found && !home_) ADD_FAILURE() << "nothing is called " << name;
    return found;
  }
  std::string text_in(const std::string& quoted) const {
    auto text = quoted.substr(1, quoted.size() - 2);
    if (const auto at = text.find('$'); at != text.npos) text.replace(at, 1, folder_);
    return text;
  }

  void set_disc(const std::string& media, bool another) {
    std::string ids;
    if (!media.empty())
      ids = "mock:" + folder_ + "/" + std::to_string(++discs_) + ".disc?polls=1&capacity=20000&media=" + media;
    if (another) ids = ids_ + ";" + ids;
    ids_ = ids;
    SetEnvironmentVariableA("FSIMAGE_DISCS", ids.empty() ? nullptr : ids.c_str());
  }

  Ptr<IUnknown> new_object(const std::string& name) const {
    for (const auto& entry : module_classes())
      if (entry.name == wide_of(name)) return home_ != nullptr ? home_->carry(entry.create) : entry.create();
    ADD_FAILURE() << "no class " << name;
    return {};
  }

  // Objects in an STA read a stream of theirs, those in the MTA one that is here.
  void make_stream(const std::string& name, std::uint64_t size) {
    const auto make = [size] {
      const auto stream = create<IStream, ::StreamPrng001>();
      ULARGE_INTEGER bytes{};
      bytes.QuadPart = size;
      EXPECT_EQ(stream->SetSize(bytes), S_OK);
      return stream.query<IUnknown>();
    };
    objects_[name] = home_ != nullptr && home_->is_single_threaded() ? home_->carry(make) : make();
  }

  void listen(const std::string& name, const std::string& source, const std::string& events) {
    auto& listener = listeners_[name];
    listener.events = events;
    listener.listening = std::make_unique<Listening>(object(source), member_tables().interfaces.at(events));
    Sink& sink = *listener.listening->sink;
    sink.then = [this, name, &listener, &sink](DISPPARAMS& p) {
      const DISPID event = sink.events.back();
      listener.heard.insert(event);
      if (p.rgvarg[0].vt == VT_DISPATCH) listener.last[event] = Ptr<IUnknown>(p.rgvarg[0].pdispVal);
      const auto lines = std::exchange(within_[name], {});
      for (const auto& line : lines) read(line);
    };
  }

  // heard NAME MEMBER [=> NAME]: the event came, and everything that was to be done within it was.
  void heard(const Tokens& words) {
    auto& listener = listeners_.at(words.at(1));
    EXPECT_TRUE(within_[words[1]].empty()) << "no event came to do it within";
    for (const auto& member : member_tables().members) {
      if (member.of != listener.events || member.name != words.at(2)) continue;
      const DISPID event = std::stoi(member.dispid);
      EXPECT_EQ(listener.heard.count(event), 1U) << "no " << member.row();
      answers_[member.row()].insert(S_OK);
      if (words.size() > 4) objects_[words[4]] = listener.last[event];
    }
  }

  // OBJECT.MEMBER ARGUMENT... [= ARGUMENT] [nowhere] [-> VALUE] [=> NAME] [: NUMBER PART-OF-TEXT]
  void call(const std::string& line, const Tokens& words) {
    SCOPED_TRACE(line);
    Row row;
    const auto dot = words[0].find('.');
    ASSERT_NE(dot, std::string::npos);
    const auto name = words[0].substr(dot + 1);
    const bool put = std::find(words.begin(), words.end(), "=") != words.end();
    row.on = object(words[0].substr(0, dot));
    if (!row.on) return;
    row.class_name = classes_[words[0].substr(0, dot)];
    row.member = find_member(row, name, put);
    if (row.member == nullptr && home_ != nullptr) return;  // see not_carried()
    ASSERT_NE(row.member, nullptr) << "the object has no such member";
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "nowhere") {
        row.nowhere = true;
      } else if (words[i] == "->") {
        row.value = words.at(++i);
      } else if (words[i] == "=>") {
        row.name = words.at(++i);
      } else if (words[i] == ":") {
        row.number = number_named(words.at(i + 1));
        for (i += 2; i < words.size(); ++i) row.text += (row.text.empty() ? "" : " ") + words[i];
      } else if (words[i] != "=") {
        const auto known = numbers_.find(words[i]);
        row.arguments.push_back(known != numbers_.end() ? known->second : words[i]);
      }
    }
    run(row);
  }

  const Member* find_member(Row& row, const std::string& name, bool put) {
    std::string named;
    for (const auto& member : member_tables().members) {
      if (member.is_event() || member.name != name || (member.kind == "put") != put) continue;
      if (const auto on = as_interface(row.on, member.of)) {
        row.on = on;
        return &member;
      }
      named = member.of;
    }
    if (home_ != nullptr) not_carried_.insert(named);
    return nullptr;
  }

  // Whether there is everything that the row wants to be given.
  bool is_carried(const Row& row) {
    std::size_t next = 0;
    for (const auto& parameter : row.member->parameters) {
      if (!parameter.in || next == row.arguments.size()) continue;
      const auto& argument = row.arguments[next++];
      const auto& type = parameter.type;
      if (argument == "null" || !(parameter.is_object() || type == "IStream**" || type == "SAFEARRAY(VARIANT)"))
        continue;
      if (argument[0] != '[') {
        if (argument_object(argument, type)) continue;
        not_carried_.insert(type.substr(0, type.find('*')));
        return false;
      }
      for (const auto& word : list_in(argument))
        if (std::isdigit(static_cast<unsigned char>(word[0])) == 0 && !object(word)) return false;
    }
    return true;
  }

  void run(const Row& row) {
    if (home_ != nullptr && !is_carried(row)) return;
    SetErrorInfo(0, nullptr);
    const auto scripted = way_ == Way::dispatch && !row.nowhere ? row.on.query<IDispatch>() : Ptr<IDispatch>();
    const bool by_script = scripted && row.member->is_scripted();
    auto answer = by_script ? by_dispatch(*scripted, row) : by_slot(row);
    // Scripts do not hear of successes of another number.
    bool told = by_script && row.number > 0 ? answer.number == S_OK : answer.number == row.number;
    // It is COM that finds no place for the result.
    if (home_ != nullptr && row.nowhere) told = FAILED(answer.number);
    EXPECT_TRUE(told) << "0x" << std::hex << answer.number << " instead of 0x" << row.number << ": " << answer.text;
    // Wine carries no texts of errors, but what IDispatch tells.
    if (FAILED(answer.number) && home_ == nullptr) {
      EXPECT_NE(answer.text, "") << "without a text";
    }
    if (home_ == nullptr || !answer.text.empty()) {
      EXPECT_NE(answer.text.find(row.text), answer.text.npos) << "the text is: " << answer.text;
    }
    if (told) answers_[row.member->row()].insert(row.number);
    if (answer.number == E_NOTIMPL) refusals_[row.member->row()].insert(row.class_name);
    if (!row.value.empty()) expect_value(row.value, answer);
    if (row.name.empty()) return;
    if (answer.objects.empty())
      numbers_[row.name] = answer.value;
    else
      objects_[row.name] = answer.objects.front();
  }

  static void expect_value(const std::string& wanted, const Answer& answer) {
    if (wanted[0] == '#') {
      EXPECT_EQ("#" + std::to_string(std::count(answer.value.begin(), answer.value.end(), ' ')), wanted)
          << answer.value;
    } else if (wanted[0] == '~') {
      EXPECT_NE(answer.value.find(wanted.substr(1)), answer.value.npos) << answer.value;
    } else if (wanted == "positive") {
      EXPECT_GT(std::stoll(answer.value), 0);
    } else {
      EXPECT_EQ(answer.value, wanted);
    }
  }

  // --- by slots

  struct Cells {  // places for results, and what arguments point to
    std::array<std::array<LONGLONG, 16>, 8> out{};
    std::vector<std::byte> room = std::vector<std::byte>(65'536);
    std::vector<Bstr> texts;
    std::vector<Ptr<IUnknown>> objects;
    std::vector<IUnknown*> pointers;
    std::vector<ULONG> numbers;
    std::vector<BYTE> bytes;
    SAFEARRAY* array = nullptr;
    Cells() = default;
    Cells(const Cells&) = delete;
    Cells& operator=(const Cells&) = delete;
    ~Cells() {
      if (array != nullptr) SafeArrayDestroy(array);
    }
  };
  template <class T>
  static LONGLONG word(T* pointer) {
    return static_cast<LONGLONG>(reinterpret_cast<std::uintptr_t>(pointer));
  }

  Tokens list_in(const std::string& argument) const { return words_of(argument.substr(1, argument.size() - 2)); }
  Ptr<IUnknown> argument_object(const std::string& name, const std::string& type) {
    if (name == "null" || !object(name)) return {};
    const auto iface = type.substr(0, type.find('*'));
    if (iface == "IStream") return Ptr<IUnknown>(object(name).query<IStream>().get());
    if (iface == "IUnknown" || iface == "IDispatch") return object(name);
    return as_interface(object(name), iface);
  }
  std::vector<Variant> elements_in(const std::string& argument) {
    std::vector<Variant> elements;
    for (const auto& word : list_in(argument)) {
      if (std::isdigit(static_cast<unsigned char>(word[0])) != 0)
        elements.emplace_back(static_cast<LONG>(std::stol(word)));
      else
        elements.emplace_back(object(word).query<IDispatch>());
    }
    return elements;
  }

  LONGLONG argument_word(const std::string& argument, const std::string& type, Cells& cells) {
    if (type == "DATE") return std::bit_cast<LONGLONG>(std::stod(argument));
    if (argument == "null") return 0;
    if (type == "BSTR") return word(cells.texts.emplace_back(text_in(argument)).get());
    if (type == "BOOL") return argument == "true" ? VARIANT_TRUE : VARIANT_FALSE;
    if (type == "SAFEARRAY(VARIANT)") return word(cells.array = array_of(elements_in(argument)));
    if (type == "UI1*") {
      for (std::size_t i = 0; i + 1 < argument.size(); i += 2)
        cells.bytes.push_back(static_cast<BYTE>(std::stoul(argument.substr(i, 2), nullptr, 16)));
      return word(cells.bytes.data());
    }
    if (type == "UI4*") {
      for (const auto& one : list_in(argument)) cells.numbers.push_back(std::stoul(one));
      return word(cells.numbers.data());
    }
    if (type == "IStream**") {
      for (const auto& one : list_in(argument)) {
        cells.objects.push_back(argument_object(one, type));
        cells.pointers.push_back(cells.objects.back().get());
      }
      return word(cells.pointers.data());
    }
    if (type.ends_with("*")) return word(cells.objects.emplace_back(argument_object(argument, type)).get());
    return std::stoll(argument, nullptr, 0);
  }

  Answer by_slot(const Row& row) {
    Cells cells;
    Words words{};
    std::size_t next = 0;
    const auto& parameters = row.member->parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto& type = parameters[i].type;
      if (parameters[i].in) {
        if (next == row.arguments.size()) ADD_FAILURE() << "too few arguments";
        if (next < row.arguments.size()) words[i] = argument_word(row.arguments[next++], type, cells);
      } else if (!row.nowhere) {
        words[i] = type == "UI1*" ? word(cells.room.data()) : word(cells.out[i].data());
      }
    }
    EXPECT_EQ(next, row.arguments.size()) << "too many arguments";
    Answer answer;
    answer.number = call_slot(*row.on, *row.member, words);
    answer.text = last_error_text();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (!parameters[i].in && !row.nowhere) take(parameters[i].type, cells.out[i], answer);
    return answer;
  }

  static void take(const std::string& type, const std::array<LONGLONG, 16>& cell, Answer& answer) {
    VARIANT value{};
    value.llVal = cell[0];
    if (type == "UI1*" || type == "UI1[18]") return;
    if (type == "SAFEARRAY(VARIANT)*") return take_array(reinterpret_cast<SAFEARRAY*>(cell[0]), answer);
    if (type == "UI1**" || (type.ends_with("**") && !Parameter{false, type}.is_object())) {
      return CoTaskMemFree(reinterpret_cast<void*>(cell[0]));
    }
    if (type.ends_with("**")) {
      for (const auto one : cell)
        if (one != 0) answer.objects.push_back(Ptr<IUnknown>::adopt(reinterpret_cast<IUnknown*>(one)));
      value.vt = VT_UNKNOWN;
      answer.value = shown(value);
      return;
    }
    value.vt = type == "BSTR*"   ? VT_BSTR
               : type == "BOOL*" ? VT_BOOL
               : type == "UI4*"  ? VT_UI4
               : type == "I8*"   ? VT_I8
               : type == "DATE*" ? VT_DATE
                                 : VT_I4;
    answer.value = shown(value);
    if (value.vt == VT_BSTR) SysFreeString(value.bstrVal);
  }

  // --- by IDispatch

  Variant argument_variant(const std::string& argument, const std::string& type) {
    VARIANT value{};
    if (type == "BSTR") return argument == "null" ? Variant(Bstr()) : Variant(std::string_view(text_in(argument)));
    if (type == "BOOL") return Variant(argument == "true");
    if (type == "DATE") {
      value.vt = VT_DATE;
      value.date = std::stod(argument);
      return Variant(value);
    }
    if (type == "SAFEARRAY(VARIANT)") {
      value.vt = VT_ARRAY | VT_VARIANT;
      value.parray = argument == "null" ? nullptr : array_of(elements_in(argument));
      Variant copy(value);
      if (value.parray != nullptr) SafeArrayDestroy(value.parray);
      return copy;
    }
    if (type.ends_with("*")) {
      const auto given = argument_object(argument, type);
      if (const auto automation = given.query<IDispatch>(); automation || !given) return Variant(automation);
      return Variant(given);
    }
    return Variant(static_cast<LONG>(std::stoll(argument, nullptr, 0)));
  }

  Answer by_dispatch(IDispatch& on, const Row& row) {
    std::vector<Variant> arguments;
    for (std::size_t i = 0, next = 0; i < row.member->parameters.size(); ++i)
      if (row.member->parameters[i].in && next < row.arguments.size())
        arguments.push_back(argument_variant(row.arguments[next++], row.member->parameters[i].type));
    return invoke(on, *row.member, arguments);
  }

  const Way way_;
  const std::string folder_;
  std::map<std::string, std::set<HRESULT>> answers_;
  HomeApartment* const home_;
  std::set<std::string> not_carried_;
  std::set<std::string> treated_;  // by class or else name
  std::map<std::string, std::set<std::string>> refusals_;
  std::map<std::string, std::string> classes_;  // of objects_, where a class was named
  std::map<std::string, Ptr<IUnknown>> objects_;
  std::map<std::string, std::string> numbers_;  // likewise
  std::map<std::string, Listener> listeners_;
  std::map<std::string, Tokens> within_;
  std::string ids_;
  unsigned discs_ = 0;
};

}  // namespace fsimage::com::automation
