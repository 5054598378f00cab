// Signatures for simulated committees that cost a hash instead of 50 µs of Ed25519.
//
// A program that links sanad_fast_signature has its calls of libsodium's signing and verifying
// redirected here by the linker (--wrap); crypto/ is the product's own, unchanged, and no program
// of the product links this. A switch chooses, so that some runs use the real thing.
//
// A fast signature is BLAKE2b-512 of public key and message. It is bound to both as a real one is
// and deterministic as a real one is, but it hides nothing: who computes that hash forges it.
// Traitors sign through SigningKey with their own key and compute no hashes.
#pragma once

namespace sanad::simulation {

// For the whole process, until called again. At first signatures are real.
void use_fast_signatures(bool fast);

}  // namespace sanad::simulation
