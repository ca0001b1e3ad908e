#include <fsimage/core/digest.hpp>

#include <openssl/evp.h>

#include <new>
#include <stdexcept>

namespace fsimage {

namespace {

// Looked up once for the process: for a short text that takes longer than the digest.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = [] {
    const EVP_MD* found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return found != nullptr ? found : EVP_sha256();
  }();
  return method;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    if (context == nullptr || EVP_DigestInit_ex(context, sha256_method(), nullptr) != 1) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  if (!state_) throw std::logic_error("digest is finished");
  if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1) throw std::logic_error("SHA-256 failed");
}

Sha256Value Sha256::finish() {
  if (!state_) throw std::logic_error("digest is finished");
  Sha256Value value{};
  unsigned length = 0;
  if (EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(value.data()), &length) != 1)
    throw std::logic_error("SHA-256 failed");
  state_.reset();
  return value;
}

Sha256Value sha256_of(std::span<const std::byte> bytes) {
  Sha256Value value{};
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(value.data()), nullptr, sha256_method(),
                 nullptr) != 1)
    throw std::logic_error("SHA-256 failed");
  return value;
}

}  // namespace fsimage
