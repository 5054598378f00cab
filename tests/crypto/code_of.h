// What a result says, to compare in one line.
#pragma once

#include "crypto/result.h"

namespace sanad::crypto::tests {

template <class T>
Errc code_of(const Result<T>& result) {
  return result ? Errc::kNone : static_cast<Errc>(result.error().code.value());
}

inline Errc code_of(const Status& status) {
  return status ? Errc::kNone : static_cast<Errc>(status.error().code.value());
}

}  // namespace sanad::crypto::tests
