// Seeds of property tests: the same few in every run, so that a failure comes again; more by two environment variables.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace fsimage::test {

// `usual` of them from 1 on; or FSIMAGE_SEEDS, from FSIMAGE_FIRST_SEED on.
inline std::vector<std::uint32_t> seeds(std::uint32_t usual) {
  const auto given = [](const char* name, std::uint32_t otherwise) {
    const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::stoul(text));
  };
  std::vector<std::uint32_t> out(given("FSIMAGE_SEEDS", usual));
  for (std::uint32_t i = 0; auto& seed : out) seed = given("FSIMAGE_FIRST_SEED", 1) + i++;
  return out;
}

// What a test draws its choices from: the same on every machine, which the distributions of <random> are not.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
  // splitmix64
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(next() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <class Range>
  const auto& of(const Range& range) {
    return *std::next(std::begin(range), below(std::size(range)));
  }

 private:
  std::uint64_t state_;
};

}  // namespace fsimage::test
