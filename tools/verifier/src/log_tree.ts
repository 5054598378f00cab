// The log's Merkle tree (RFC 6962 §2.1), verifying only. As crypto/log_tree.h.

import { type Bytes, concat, equal } from "./bytes.ts";
import { sha256 } from "./hash.ts";

const kLeaf = Uint8Array.of(0);
const kNode = Uint8Array.of(1);

export const leafHash = (leaf: Bytes): Bytes => sha256(concat(kLeaf, leaf));
export const nodeHash = (left: Bytes, right: Bytes): Bytes => sha256(concat(kNode, left, right));

// REQUIRES: nothing. False unless `proof` leads from `leaf` at `index` of `size` to `root`.
export function includes(
  leaf: Bytes,
  index: bigint,
  size: bigint,
  proof: readonly Bytes[],
  root: Bytes,
): boolean {
  if (index >= size) return false;
  let hash = leaf;
  let at = index;
  let used = 0;
  for (let last = size - 1n; last !== 0n; last /= 2n, at /= 2n) {
    if (at % 2n === 0n && at >= last) continue; // moves up as it is
    const sibling = proof[used++];
    if (sibling === undefined) return false;
    hash = at % 2n === 1n ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  }
  return used === proof.length && equal(hash, root);
}

function bitsSet(value: bigint): number {
  let count = 0;
  for (let rest = value; rest !== 0n; rest >>= 1n) count += Number(rest & 1n);
  return count;
}

// The right edge of a growing tree: its complete subtrees, largest first.
export class Frontier {
  constructor(
    private size_ = 0n,
    private readonly hashes: Bytes[] = [],
  ) {}

  // null unless there is one hash for each set bit of `size`.
  static from(size: bigint, hashes: readonly Bytes[]): Frontier | null {
    return bitsSet(size) === hashes.length ? new Frontier(size, [...hashes]) : null;
  }

  get size(): bigint {
    return this.size_;
  }

  append(leaf: Bytes): void {
    let hash = leaf;
    for (let index = this.size_; index % 2n === 1n; index /= 2n) {
      const left = this.hashes.pop();
      if (left === undefined) throw new Error("a frontier has a hash for each set bit");
      hash = nodeHash(left, hash);
    }
    this.hashes.push(hash);
    ++this.size_;
  }

  root(): Bytes {
    if (this.hashes.length === 0) return sha256(new Uint8Array());
    return this.hashes.reduceRight((right, left) => nodeHash(left, right));
  }
}
