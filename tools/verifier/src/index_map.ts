// Proofs of the index (docs/formats.md, F16). As crypto/index_map.h.

import { type Bytes, concat, equal, u64be, utf8 } from "./bytes.ts";
import { writeArray, writeBytes, writeText } from "./cbor.ts";
import { sha256, taggedHash } from "./hash.ts";
import { CodecError } from "./refusal.ts";

export interface IndexProof {
  turns: readonly { bit: number; sibling: Bytes }[];
  leaf: { key: Bytes; n: bigint; root: Bytes } | null;
}
export interface IndexValue {
  n: bigint;
  root: Bytes;
}

export function indexKey(name: string, key: Bytes): Bytes {
  return taggedHash("index", writeArray(writeText(name), writeBytes(key)));
}

const bitOf = (key: Bytes, bit: number): number => ((key[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;

function innerHash(bit: number, left: Bytes, right: Bytes): Bytes {
  return sha256(concat(Uint8Array.of(3, bit >> 8, bit & 0xff), left, right));
}

const refuse = (what: string): never => {
  throw new CodecError(what);
};

// What the map with this root says of `key`; null: proved absent. A CodecError if nothing.
export function verifyIndex(root: Bytes, key: Bytes, proof: IndexProof): IndexValue | null {
  const { turns, leaf } = proof;
  if (leaf === null) {
    if (turns.length > 0) refuse("turns that lead to no leaf");
    if (!equal(root, taggedHash("index-empty", writeArray()))) refuse("the map is not empty");
    return null;
  }
  if (leaf.n === 0n) refuse("a leaf of no records");
  let before = -1;
  for (const { bit } of turns) {
    if (bit >= 256) refuse(`bit ${bit}`);
    if (bit <= before) refuse("bits that do not rise");
    if (bitOf(leaf.key, bit) !== bitOf(key, bit)) {
      refuse(`the leaf differs from the key on tested bit ${bit}`);
    }
    before = bit;
  }
  let hash = sha256(concat(Uint8Array.of(2), leaf.key, u64be(leaf.n), leaf.root));
  for (const { bit, sibling } of [...turns].reverse()) {
    const isRight = bitOf(key, bit) === 1;
    hash = isRight ? innerHash(bit, sibling, hash) : innerHash(bit, hash, sibling);
  }
  if (!equal(hash, root)) refuse("the turns do not lead to the root");
  return equal(leaf.key, key) ? { n: leaf.n, root: leaf.root } : null;
}

// The handle of a consignment or container (F6).
export function makeHandle(kind: "consignment" | "container", salt: Bytes, id: string): Bytes {
  return taggedHash(kind, writeArray(writeBytes(salt), writeBytes(utf8(id))));
}
