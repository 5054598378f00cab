// Commitments to facts (docs/formats.md, F5 and F11). As crypto/commitment.h.

import { type Bytes, utf8 } from "./bytes.ts";
import {
  byteString,
  decode,
  fixed,
  i64,
  list,
  named,
  struct,
  text,
  u64,
  writeArray,
  writeBytes,
  writeSigned,
  writeText,
  writeUnsigned,
} from "./cbor.ts";
import type { Body } from "./files.ts";
import { taggedHash } from "./hash.ts";
import { kLanes } from "./records.ts";
import { CodecError } from "./refusal.ts";

const kFieldsMax = 64;
export type FieldValue = Body["opened"][number]["value"];

function checkValue(value: FieldValue): void {
  const tooLong = (item: string, max: number): boolean => utf8(item).length > max;
  if (value.kind === "text" && tooLong(value.value, 512))
    throw new CodecError("a text is too long");
  if (value.kind !== "list") return;
  if (value.value.length > 64 || value.value.some((item) => tooLong(item, 64))) {
    throw new CodecError("a list is too long");
  }
}

function valueBytes({ kind, value }: FieldValue): Bytes {
  if (kind === "integer") return writeArray(writeUnsigned(0), writeSigned(value));
  if (kind === "text") return writeArray(writeUnsigned(1), writeText(value));
  return writeArray(writeUnsigned(2), writeArray(...value.map(writeText)));
}

export function commitmentOf(body: Body): Bytes {
  const digests = [
    ...body.opened.map(({ id, value, salt }) => {
      checkValue(value);
      const canonical = writeArray(writeBytes(salt), writeUnsigned(id), valueBytes(value));
      return { id, digest: taggedHash("field", canonical) };
    }),
    ...body.sealed,
  ].sort((a, b) => a.id - b.id);
  if (digests.length > kFieldsMax) throw new CodecError(`${digests.length} fields`);
  const rises = (ids: readonly { id: number }[]): boolean =>
    ids.every(({ id }, i) => i === 0 || id > (ids[i - 1]?.id ?? -1));
  for (const ids of [body.opened, body.sealed, digests]) {
    if (!rises(ids)) throw new CodecError("fields not in strictly ascending order");
  }
  const entries = digests.map(({ id, digest }) =>
    writeArray(writeUnsigned(id), writeBytes(digest)),
  );
  return taggedHash("fields", writeArray(writeUnsigned(body.schema), writeArray(...entries)));
}

// ------------------------------------------------------------------ details of verdicts

const kStored = struct({ salt: fixed(16), detail: byteString(65_535) });
const kVerdict = struct({
  ruleSet: fixed(32),
  lane: named(kLanes),
  score: i64,
  fired: list(
    struct({
      rule: text(1024),
      score: i64,
      laneAtLeast: named(kLanes),
      values: list(struct({ name: text(1024), value: text(4096) })),
    }),
  ),
  notEvaluated: list(struct({ rule: text(1024), reason: text(1024) })),
  cost: u64,
});
export type Verdict = ReturnType<typeof kVerdict>;

export function detailDigest(stored: Bytes): Bytes {
  return taggedHash("detail", stored);
}

// null for a detail that this page cannot read: its digest counts, not its words.
export function verdictOf(stored: Bytes): Verdict | null {
  try {
    return decode(kVerdict, decode(kStored, stored).detail);
  } catch (error) {
    if (error instanceof CodecError) return null;
    throw error;
  }
}
