// Ed25519 as the ledger accepts it (F4): libsodium's own code, compiled to WebAssembly.

import sodium from "libsodium-wrappers";
import type { Bytes } from "./bytes.ts";

// To be awaited once before verify().
export const ready: Promise<void> = sodium.ready;

export function verify(key: Bytes, message: Bytes, signature: Bytes): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  return sodium.crypto_sign_verify_detached(signature, message, key);
}
