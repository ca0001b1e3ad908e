// Of core/digest.hpp, but here, as it is the system that is called.
#include <fsimage/core/digest.hpp>

#include "system.hpp"

#include <bcrypt.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

namespace fsimage {

namespace {

// One for the process, which any thread may use.
BCRYPT_ALG_HANDLE sha256_provider() {
  static const BCRYPT_ALG_HANDLE provider = [] {
    BCRYPT_ALG_HANDLE opened = nullptr;
    if (::BCryptOpenAlgorithmProvider(&opened, BCRYPT_SHA256_ALGORITHM, nullptr, 0) < 0) throw std::bad_alloc();
    return opened;
  }();
  return provider;
}

}  // namespace

struct Sha256::State {
  BCRYPT_HASH_HANDLE hash = nullptr;
  State() {
    if (::BCryptCreateHash(sha256_provider(), &hash, nullptr, 0, nullptr, 0, 0) < 0) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::BCryptDestroyHash(hash); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  if (!state_) throw std::logic_error("digest is finished");
  constexpr std::size_t kAtOnce = std::numeric_limits<ULONG>::max();
  while (!bytes.empty()) {
    const auto step = bytes.first(std::min(bytes.size(), kAtOnce));
    // The API takes its input as writable memory, and does not write there.
    auto* const in = const_cast<UCHAR*>(reinterpret_cast<const UCHAR*>(step.data()));
    if (::BCryptHashData(state_->hash, in, static_cast<ULONG>(step.size()), 0) < 0)
      throw std::logic_error("SHA-256 failed");
    bytes = bytes.subspan(step.size());
  }
}

Sha256Value Sha256::finish() {
  if (!state_) throw std::logic_error("digest is finished");
  Sha256Value value{};
  auto* const out = reinterpret_cast<UCHAR*>(value.data());
  if (::BCryptFinishHash(state_->hash, out, static_cast<ULONG>(value.size()), 0) < 0)
    throw std::logic_error("SHA-256 failed");
  state_.reset();
  return value;
}

Sha256Value sha256_of(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

}  // namespace fsimage
