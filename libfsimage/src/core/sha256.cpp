#include <fsimage/core/digest.hpp>

#include <openssl/evp.h>

#include <new>
#include <stdexcept>

namespace fsimage {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
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

}  // namespace fsimage
