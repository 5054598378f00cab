// What the log holds and what submitters sign, as canonical CBOR (docs/formats.md, "Records" and
// "Statements and submissions"). As chaincode/record.h and chaincode/statement.h.

import { type Bytes, concat, toHex } from "./bytes.ts";
import {
  byteString,
  decode,
  fixed,
  hash,
  list,
  named,
  nullable,
  type Read,
  struct,
  type StructOf,
  text,
  u32,
  u64,
  u8,
  variant,
  type VariantOf,
} from "./cbor.ts";
import { CodecError } from "./refusal.ts";

const kRecordVersion = 2;
const kRecordMax = 65_535;

export const kLanes = ["green", "blue", "yellow", "red"] as const;
export const kInspections = ["conform", "offence", "seizure"] as const;
export const kMoves = ["departed", "arrived", "gate-out"] as const;
export const kBases = ["green", "blue", "officer", "two-officers"] as const;
export const kFaults = ["conflicting-votes", "invalid-proposal", "conflicting-batches"] as const;
export const kStatements = [
  "declare",
  "amend",
  "cancel",
  "inspect",
  "hold",
  "release",
  "move",
  "accuse",
] as const;
// chaincode/refusal.h
export const kCodes = [
  "accepted",
  "approved",
  "role-missing",
  "unknown-declaration",
  "already-declared",
  "handle-mismatch",
  "consignment-changed",
  "cancelled",
  "seized",
  "exited",
  "under-control",
  "already-inspected",
  "already-held",
  "already-released",
  "no-verdict",
  "not-inspected",
  "same-officer",
  "reason-missing",
  "not-released",
  "held",
  "not-evidence",
  "already-accused",
  "too-many-accusations",
] as const;

const kContainers = list(hash, 64);
const kContents = {
  declared: struct({ declaration: hash, containers: kContainers }),
  amended: struct({ declaration: hash, commitment: hash, containers: kContainers }),
  cancelled: struct({ declaration: hash, reason: hash }),
  verdict: struct({ declaration: hash, lane: named(kLanes), ruleSet: hash, detail: hash }),
  inspected: struct({ declaration: hash, result: named(kInspections), reason: hash }),
  held: struct({ declaration: hash, reason: hash }),
  approved: struct({ declaration: hash, reason: nullable(hash) }),
  released: struct({ declaration: hash, basis: named(kBases), reason: nullable(hash) }),
  moved: struct({ declaration: hash, event: named(kMoves), reason: nullable(hash) }),
  refused: struct({ statement: named(kStatements), code: named(kCodes), subject: hash }),
  commit: struct({
    height: u64,
    blockHash: hash,
    timeMs: u64,
    epoch: u64,
    committeeHash: hash,
    indexRoot: hash,
    stateDigest: hash,
    beacon: hash,
  }),
  accused: struct({
    accused: text(16),
    fault: named(kFaults),
    epoch: u64,
    number: u64,
    evidence: hash,
  }),
};
export type RecordKind = keyof typeof kContents;
export const kKinds = Object.keys(kContents) as RecordKind[];
export type Content = VariantOf<typeof kContents>;
export type Commit = Extract<Content, { kind: "commit" }>["value"];

const kOrigin = variant({
  statement: struct({ submission: hash, index: u32 }),
  record: u64,
});
export type Origin = ReturnType<typeof kOrigin>;

export interface LedgerRecord {
  height: bigint;
  timeMs: bigint;
  consignments: Bytes[];
  n: bigint;
  authority: string;
  origin: Origin | null;
  content: Content;
}

const record: Read<LedgerRecord & { version: number }> = (reader) => {
  reader.beginArray(23);
  const version = u8(reader);
  const kind = named(kKinds)(reader);
  const value = {
    version,
    height: u64(reader),
    timeMs: u64(reader),
    consignments: list(hash, 16)(reader),
    n: u64(reader),
    authority: text(16)(reader),
    origin: nullable(kOrigin)(reader),
    content: { kind, value: kContents[kind](reader) } as Content,
  };
  reader.endArray();
  return value;
};

export function decodeRecord(bytes: Bytes): LedgerRecord {
  if (bytes.length > kRecordMax) throw new CodecError("a record has at most 65535 bytes");
  const value = decode(record, bytes);
  if (value.version !== kRecordVersion) throw new CodecError(`version ${value.version}`);
  const names = containersOf(value).map(toHex);
  if (names.some((name, i) => i > 0 && name <= (names[i - 1] ?? ""))) {
    throw new CodecError("containers not in strictly ascending order");
  }
  return value;
}

// The containers that a declared or amended record names; none of any other.
export function containersOf({ content }: LedgerRecord): readonly Bytes[] {
  const files = content.kind === "declared" || content.kind === "amended";
  return files ? content.value.containers : [];
}

// ------------------------------------------------------------------ statements

export const kStatement = variant({
  declare: struct({ consignment: hash, commitment: hash, body: hash }),
  amend: struct({ declaration: hash, consignment: hash, commitment: hash, body: hash }),
  cancel: struct({ declaration: hash, reason: hash }),
  inspect: struct({ declaration: hash, result: named(kInspections), reason: hash }),
  hold: struct({ declaration: hash, reason: hash }),
  release: struct({ declaration: hash, reason: nullable(hash) }),
  move: struct({ declaration: hash, event: named(kMoves), reason: nullable(hash) }),
  accuse: struct({ evidence: byteString(32 << 10) }),
});
export type Statement = ReturnType<typeof kStatement>;

const kPayload = {
  network: hash,
  validUntilMs: u64,
  nonce: u64,
  count: u32,
  root: hash,
};
export const kSubmissionPayload = struct(kPayload);
export type SubmissionPayload = StructOf<typeof kPayload>;

// ------------------------------------------------------------------ COSE_Sign1, one shape (F8)

const kHeaderStart = Uint8Array.of(0xa2, 0x01, 0x32, 0x04, 0x58, 0x20);
const kMessageStart = Uint8Array.of(0x84, 0x58, 0x26);
const kEmptyMap = Uint8Array.of(0xa0);

export interface Cose {
  kid: Bytes;
  header: Bytes; // protected
  payload: Bytes;
  signature: Bytes;
}

export function parseCose(bytes: Bytes): Cose {
  const keyAt = kMessageStart.length + kHeaderStart.length;
  const kid = bytes.subarray(keyAt, keyAt + 32);
  const header = concat(kHeaderStart, kid);
  const head = concat(kMessageStart, header, kEmptyMap);
  if (bytes.length < head.length) throw new CodecError("the bytes end too early: COSE header");
  const differs = head.findIndex((byte, i) => byte !== bytes[i]);
  if (differs >= 0) {
    throw new CodecError(`not the COSE header {alg: -19, kid} at byte ${differs}`);
  }
  // The two that are left of the array, which is read as one of its own.
  const [payload, signature] = decode(
    (reader) => {
      reader.beginArray(2);
      const both = [byteString(1024)(reader), fixed(64)(reader)] as const;
      reader.endArray();
      return both;
    },
    concat(Uint8Array.of(0x82), bytes.subarray(head.length)),
  );
  return { kid, header, payload, signature };
}
