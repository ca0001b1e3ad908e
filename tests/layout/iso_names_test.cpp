#include <fsimage/format/iso9660/identifiers.hpp>
#include <fsimage/format/joliet/names.hpp>
#include <fsimage/layout/iso_names.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <random>
#include <set>

namespace fsimage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr NameScheme kLevel1{.rules = {1}}, kLevel3{}, kJoliet{.view = View::joliet}, kEnhanced{.view = View::enhanced};
constexpr NameScheme kUntranslated{.rules = {3, {true, true, true, true, true, true}}};

using Named = std::vector<std::pair<std::string, std::string>>;  // name of the tree, identifier as recorded

Named plan(std::vector<NamedEntry> entries, NameScheme scheme) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  FolderNames names(scheme);
  names.plan(entries);
  Named out;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    auto id = std::string(names.identifier(place));
    if (scheme.view == View::joliet) id = shown_identifier(id, scheme);
    out.emplace_back(entries[names.order()[place]].name, id);
  }
  return out;
}

TEST(IsoNames, EmptyFolder) { EXPECT_THAT(plan({}, kLevel3), ElementsAre()); }

TEST(IsoNames, RecordOrder) {
  EXPECT_THAT(
      plan({{"b"}, {"B.A"}, {"a", true}, {"a.b", true}, {"aa"}}, kLevel3),
      ElementsAre(Pair("a", "A"), Pair("aa", "AA.;1"), Pair("a.b", "A_B"), Pair("b", "B.;1"), Pair("B.A", "B.A;1")));
}

// Neither the first by name nor the last, but the one that can keep its name.
TEST(IsoNames, TheOwnerKeepsItsName) {
  EXPECT_THAT(plan({{"A b"}, {"A_B"}, {"a b"}}, kLevel3),
              ElementsAre(Pair("A_B", "A_B.;1"), Pair("A b", "A_B1.;1"), Pair("a b", "A_B2.;1")));
}

// A counter never takes what another entry has a right to.
TEST(IsoNames, CountersAvoidOwners) {
  EXPECT_THAT(plan({{"A"}, {"a"}, {"a1"}, {"A2"}}, kLevel3),
              ElementsAre(Pair("A", "A.;1"), Pair("a1", "A1.;1"), Pair("A2", "A2.;1"), Pair("a", "A3.;1")));
}

TEST(IsoNames, FoldersAndFilesShareOneSpace) {
  EXPECT_THAT(plan({{"X", true}, {"x"}}, kLevel3), ElementsAre(Pair("X", "X"), Pair("x", "X1.;1")));
  EXPECT_THAT(plan({{"X"}, {"x", true}, {"x."}}, kLevel3),
              ElementsAre(Pair("X", "X.;1"), Pair("x", "X1"), Pair("x.", "X2.;1")));
}

TEST(IsoNames, CountersOfLevel1) {
  std::vector<std::string> texts;
  std::vector<NamedEntry> entries;
  for (int i = 0; i < 12; ++i) texts.push_back("long name " + std::string(1, static_cast<char>('a' + i)) + ".html");
  for (const auto& t : texts) entries.push_back({t});
  const auto named = plan(entries, kLevel1);
  std::map<std::string, std::string> by_name(named.begin(), named.end());
  EXPECT_EQ(by_name[texts[0]], "LONG_NAM.HTM;1");
  EXPECT_EQ(by_name[texts[1]], "LONG_NA1.HTM;1");
  EXPECT_EQ(by_name[texts[9]], "LONG_NA9.HTM;1");
  EXPECT_EQ(by_name[texts[10]], "LONG_N10.HTM;1");
  EXPECT_EQ(by_name[texts[11]], "LONG_N11.HTM;1");
}

TEST(IsoNames, JolietOnlySeparatesWhatIsEqual) {
  EXPECT_THAT(plan({{"Read me"}, {"read me"}, {"READ ME"}}, kJoliet),
              ElementsAre(Pair("READ ME", "READ ME"), Pair("Read me", "Read me"), Pair("read me", "read me")));
  EXPECT_THAT(plan({{"a?.txt"}, {"a*.txt"}, {"a_.txt"}}, kJoliet),
              ElementsAre(Pair("a_.txt", "a_.txt"), Pair("a*.txt", "a_1.txt"), Pair("a?.txt", "a_2.txt")));
  // A folder and a file whose records stand apart.
  EXPECT_THAT(plan({{"a?.txt", true}, {"a*.txt"}, {"a_", true}}, kJoliet),
              ElementsAre(Pair("a_", "a_"), Pair("a*.txt", "a_.txt"), Pair("a?.txt", "a_.txt1")));
}

TEST(IsoNames, Transliterated) {
  constexpr NameScheme kPlainLetters{.transliterate = true};
  EXPECT_THAT(plan({{"\u00e9t\u00e9.txt"}, {"ete.txt"}, {"Stra\u00dfe", true}, {"\u4e2d"}}, kPlainLetters),
              ElementsAre(Pair("ete.txt", "ETE.TXT;1"), Pair("\u00e9t\u00e9.txt", "ETE1.TXT;1"),
                          Pair("Stra\u00dfe", "STRASSE"), Pair("\u4e2d", "_.;1")));
  EXPECT_FALSE(keeps_name({"\u00c9"}, kPlainLetters));
  EXPECT_EQ(undisputed_identifier({"\u00c9"}, kPlainLetters), "E.;1");
  EXPECT_EQ(undisputed_identifier({"\u00c9"}, kLevel3), "_.;1");
}

// What ISO 9660:1999 cannot hold as it is are control characters and what is beyond 207 bytes.
TEST(IsoNames, EnhancedNamesAreThoseOfTheTree) {
  EXPECT_THAT(plan({{"B"}, {"a", true}, {"a;1"}, {"a."}, {" a "}, {"\xC3\xA9.txt"}, {"\xFF"}}, kEnhanced),
              ElementsAre(Pair(" a ", " a "), Pair("B", "B"), Pair("a", "a"), Pair("a.", "a."), Pair("a;1", "a;1"),
                          Pair("\xC3\xA9.txt", "\xC3\xA9.txt"), Pair("\xFF", "\xFF")));
  EXPECT_THAT(plan({{"a\tb"}, {"a\nb"}, {"a_b"}}, kEnhanced),
              ElementsAre(Pair("a_b", "a_b"), Pair("a\tb", "a_b1"), Pair("a\nb", "a_b2")));
  const std::string longest(207, 'n'), two = std::string(206, 'n') + "\xC3\xA9.txt",
                                       other = std::string(230, 'n') + ".txt";
  EXPECT_TRUE(keeps_name({longest}, kEnhanced));
  EXPECT_FALSE(keeps_name({two}, kEnhanced));
  EXPECT_THAT(plan({{two}, {other}}, kEnhanced),
              ElementsAre(Pair(two, std::string(202, 'n') + "1.txt"), Pair(other, std::string(203, 'n') + ".txt")));
  EXPECT_EQ(undisputed_identifier({std::string(205, 'n') + "\xE6\x96\x87", true}, kEnhanced), std::string(205, 'n'))
      << "no half characters";
}

TEST(IsoNames, RelaxedOwnersKeepTheirCase) {
  EXPECT_THAT(plan({{"Read Me"}, {"read me"}, {"a.tar.gz"}, {"x", true}, {"end."}, {"end_"}}, kUntranslated),
              ElementsAre(Pair("Read Me", "Read Me"), Pair("a.tar.gz", "a.tar.gz"), Pair("end.", "end"),
                          Pair("end_", "end_"), Pair("read me", "read me"), Pair("x", "x")));
}

TEST(IsoNames, WhoKeepsItsName) {
  EXPECT_TRUE(keeps_name({"A.B"}, kLevel3));
  EXPECT_FALSE(keeps_name({"A.B", true}, kLevel3));
  EXPECT_TRUE(keeps_name({"a b"}, kJoliet));
  EXPECT_FALSE(keeps_name({"a:b"}, kJoliet));
  EXPECT_EQ(undisputed_identifier({"a"}, kLevel3), "A.;1");
  EXPECT_EQ(undisputed_identifier({"a", true}, kLevel3), "A");
  EXPECT_EQ(undisputed_identifier({"a"}, kJoliet), std::string("\0a", 2));
  EXPECT_EQ(shown_identifier("A.;1", kLevel3), "A");
}

// The same, the slow way: what FolderNames promises, word by word.
std::map<std::string, std::string> by_the_book(const std::vector<NamedEntry>& sorted, std::uint8_t level) {
  const iso9660::IdentifierRules rules{level};
  std::map<std::string, std::string> owner_of, out;
  for (const bool kept : {true, false})
    for (const auto& e : sorted)
      if (const auto m = iso9660::map_name(e.name, e.directory, rules); m.kept == kept)
        if (owner_of.try_emplace(m.identifier, e.name).second) out[std::string(e.name)] = m.identifier;
  std::set<std::string> taken;
  for (const auto& [id, owner] : owner_of) taken.insert(id);
  for (const auto& e : sorted) {
    if (out.count(std::string(e.name)) != 0) continue;
    const auto wanted = iso9660::map_name(e.name, e.directory, rules).identifier;
    for (unsigned n = 1;; ++n) {
      const auto digits = std::to_string(n);
      const auto p = iso9660::counter_place(wanted, e.directory, static_cast<unsigned>(digits.size()), rules);
      if (!taken.insert(p.prefix + digits + p.suffix).second) continue;
      out[std::string(e.name)] = p.prefix + digits + p.suffix;
      break;
    }
  }
  return out;
}

TEST(IsoNames, LowestFreeCounterWhateverTheNames) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::set<std::string> texts;
    const auto count = 1 + random() % 120;
    while (texts.size() < count) {
      std::string t;
      const auto length = 1 + random() % 10;
      for (unsigned i = 0; i < length; ++i) t += "aA1 ._b"[random() % 7];
      if (t != "." && t != "..") texts.insert(t);
    }
    std::vector<NamedEntry> entries;
    for (const auto& t : texts) entries.push_back({t, random() % 4 == 0});
    const std::uint8_t level = random() % 2 == 0 ? 1 : 3;
    const auto named = plan(entries, {.rules = {level}});
    std::map<std::string, std::string> got;
    for (const auto& [name, id] : named) got[name] = std::string(iso9660::without_version(id));
    EXPECT_EQ(got, by_the_book(entries, level));
  }
}

TEST(IsoNames, IdentifiersAreDifferentAndInOrder) {
  std::mt19937 random(11);
  for (const auto& scheme : {kLevel1, kLevel3, kJoliet, kEnhanced, kUntranslated}) {
    std::set<std::string> texts;
    while (texts.size() < 2000) {
      std::string t;
      for (int i = 0; i < 6; ++i) t += "ab*?. "[random() % 6];
      texts.insert(t);
    }
    std::vector<NamedEntry> entries;
    for (const auto& t : texts) entries.push_back({t});
    FolderNames names(scheme);
    names.plan(entries);
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      EXPECT_TRUE(seen.insert(names.identifier(i)).second);
      if (i == 0) continue;
      const auto a = names.identifier(i - 1), b = names.identifier(i);
      if (scheme.view == View::joliet) {
        const auto x = joliet::from_big_endian(std::as_bytes(std::span(a))),
                   y = joliet::from_big_endian(std::as_bytes(std::span(b)));
        EXPECT_TRUE(joliet::compare_records(x, false, y, false) < 0);
      } else if (scheme.view == View::enhanced) {
        EXPECT_LT(a, b);
      } else {
        EXPECT_TRUE(iso9660::compare_records(a, false, b, false) < 0) << a << ' ' << b;
      }
    }
  }
}

// 200,000 names that all want one identifier, and as many that want counters of one another. A search that begins anew
// for each name takes minutes.
TEST(IsoNames, ManyCollisionsTakeNoLongerThanManyNames) {
  constexpr int kCount = 200'000;
  std::vector<std::string> same, pairs;
  for (int i = 0; i < kCount; ++i) {
    same.push_back("a name of more than thirty characters " + std::to_string(1'000'000 + i));
    pairs.push_back("abcde" + std::to_string(1000 + i / 2 % 9000) + (i % 2 == 0 ? " x" : " y") + std::to_string(i));
  }
  for (const auto& [texts, level] : {std::pair{&same, std::uint8_t{1}}, std::pair{&pairs, std::uint8_t{3}}}) {
    std::sort(texts->begin(), texts->end());
    std::vector<NamedEntry> entries;
    for (const auto& t : *texts) entries.push_back({t});
    FolderNames names({.rules = {level}});
    const auto start = std::clock();  // of this process: a busy machine does not count
    names.plan(entries);
    EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 20);
    for (std::size_t i = 1; i < entries.size(); ++i) ASSERT_NE(names.identifier(i - 1), names.identifier(i));
  }
}

TEST(IsoNames, OneObjectPlansFolderAfterFolder) {
  FolderNames names(kLevel3);
  const std::vector<NamedEntry> first{{"a"}, {"b"}, {"c"}}, second{{"d"}};
  names.plan(first);
  names.plan(second);
  ASSERT_EQ(names.order().size(), 1U);
  EXPECT_EQ(names.identifier(0), "D.;1");
}

}  // namespace
}  // namespace fsimage
