// SHA-256 and the tagged hash (docs/formats.md, F3). Browsers give WebCrypto to secure origins
// alone, which a saved page may not be, and libsodium-wrappers has no SHA-256: so @noble/hashes.

import { sha256 as sha256Of } from "@noble/hashes/sha2";
import { type Bytes, concat, utf8 } from "./bytes.ts";

export function sha256(bytes: Bytes): Bytes {
  return sha256Of(bytes);
}

// SHA-256("sanad/v1/" tag 0x00 canonical)
export function taggedHash(tag: string, canonical: Bytes): Bytes {
  return sha256(concat(utf8(`sanad/v1/${tag}`), Uint8Array.of(0), canonical));
}
