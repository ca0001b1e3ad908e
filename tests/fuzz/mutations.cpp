// Seeded damage to sound volumes of every kind, in any number: mutations COUNT [KIND [FIRST SEED]]. Each must be read to
// an end within two seconds and 64 MiB beyond itself; whatever ends the program says which kind and seed it was.
#include "mutator.hpp"

#include <fsimage/import/volume_limits.hpp>

#include <support/heap_meter.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <unistd.h>

// Of the sanitizers, when there are some.
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace {

using namespace fsimage;

constexpr std::size_t kMostHeap = std::size_t{64} << 20;
constexpr std::clock_t kMostTime = 2 * CLOCKS_PER_SEC;

char g_at_hand[128];  // kind and seed

void say_at_hand() {
  // Only what a signal handler may do.
  if (write(STDERR_FILENO, g_at_hand, std::strlen(g_at_hand)) < 0) std::_Exit(1);
}
void die(int) {
  say_at_hand();
  std::_Exit(1);
}

struct Most {
  std::clock_t time = 0;
  std::size_t heap = 0;
  std::uint64_t time_seed = 0, heap_seed = 0, beyond = 0;
};

void mutate(const fuzz::SoundVolume& sound, std::uint64_t seed, Most& most) {
  std::snprintf(g_at_hand, sizeof g_at_hand, "broken by: mutations 1 %s %llu\n", sound.name.c_str(),
                static_cast<unsigned long long>(seed));
  auto volume = sound;
  fuzz::Mutator mutator(seed);
  const auto last = mutator.damage(volume);
  const auto source = std::make_shared<MemorySource>(std::move(volume.bytes));
  const Lba block{static_cast<std::uint32_t>(std::uint64_t{last} * volume.block_size / kBlockSize)};
  const test::HeapMeter heap;
  const auto start = std::clock();
  fuzz::read_everything(source, block, static_cast<Strictness>(seed % 3));
  const auto time = std::clock() - start;
  if (time > most.time) most.time = time, most.time_seed = seed;
  if (heap.peak() > most.heap) most.heap = heap.peak(), most.heap_seed = seed;
  if (time <= kMostTime && heap.peak() <= kMostHeap) return;
  ++most.beyond;
  std::cerr << "beyond its bounds: " << heap.peak() / 1024 << " KiB, " << static_cast<double>(time) / CLOCKS_PER_SEC
            << " s\n"
            << g_at_hand;
}

bool run(const fuzz::SoundVolume& sound, std::uint64_t first, std::uint64_t count) {
  Most most;
  for (std::uint64_t i = 0; i < count; ++i) mutate(sound, first + i, most);
  std::cout << sound.name << ": " << count << " mutations; at most " << most.heap / 1024 << " KiB (seed "
            << most.heap_seed << ") and " << most.time * 1000 / CLOCKS_PER_SEC << " ms (seed " << most.time_seed << ")"
            << std::endl;
  return most.beyond == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: mutations COUNT [KIND [FIRST SEED]]\n";
    return 2;
  }
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(say_at_hand);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT})
    if (__sanitizer_set_death_callback == nullptr || signal == SIGABRT) std::signal(signal, die);
  const auto count = std::strtoull(argv[1], nullptr, 10);
  const std::string_view kind = argc > 2 ? argv[2] : "";
  const auto first = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  bool good = true, any = false;
  for (const auto* volumes : {&fuzz::iso_volumes(), &fuzz::udf_volumes()})
    for (const auto& sound : *volumes) {
      if (!kind.empty() && kind != sound.name) continue;
      any = true;
      if (count == 0)
        std::cout << sound.name << '\n';
      else
        good = run(sound, first, count) && good;
    }
  if (!any) std::cerr << "no kind is called " << kind << '\n';
  return good && any ? 0 : 1;
}
