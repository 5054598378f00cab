// Second part of a proof's check: that its records are the subject's history, all of it
// (docs/formats.md, F16). As chaincode/bundle_history.h.

import { type Bytes, equal } from "./bytes.ts";
import { writeArray, writeText, writeUnsigned } from "./cbor.ts";
import type { Bundle, Subject } from "./files.ts";
import { indexKey, makeHandle, verifyIndex } from "./index_map.ts";
import { Frontier, leafHash } from "./log_tree.ts";
import { type Commit, containersOf, decodeRecord, type LedgerRecord } from "./records.ts";
import { readAs, refuse } from "./refusal.ts";

const kMsPerDay = 86_400_000n;
// Records checked before whoever waits is given a turn.
const kRecordsPerTurn = 4096;

export interface History {
  size: bigint; // 0: proved that nothing was ever recorded
  root: Bytes;
  since: bigint; // records that were proved before and are not here
  sinceRoot: Bytes; // of those
  records: LedgerRecord[];
}

// Called between turns of long work.
export type Breathe = (done: number, total: number) => Promise<void>;

// null for a day.
export function handleOf(subject: Subject): Bytes | null {
  switch (subject.kind) {
    case "consignment":
      return makeHandle("consignment", subject.value.salt, subject.value.ucr);
    case "container":
      return makeHandle("container", subject.value.salt, subject.value.number);
    case "authority-day":
      return null;
  }
}

export function indexKeyOf(subject: Subject): Bytes {
  if (subject.kind === "authority-day") {
    const { authority, day } = subject.value;
    return indexKey("authority-day", writeArray(writeText(authority), writeUnsigned(day)));
  }
  return indexKey(subject.kind, handleOf(subject) ?? new Uint8Array());
}

class HistoryCheck {
  private readonly handle: Bytes | null;
  private readonly records: LedgerRecord[] = [];

  constructor(
    private readonly bundle: Bundle,
    private readonly commit: Commit,
  ) {
    this.handle = handleOf(bundle.subject);
  }

  async run(breathe: Breathe): Promise<History> {
    const { bundle, commit, records } = this;
    const key = indexKeyOf(bundle.subject);
    const value = readAs("index-mismatch", () =>
      verifyIndex(commit.indexRoot, key, bundle.index_proof),
    );
    if (value === null) return this.absence();
    const history = this.before(value.n);
    const since = history.size;
    const sinceRoot = history.root();
    if (value.n - since !== BigInt(bundle.records.length)) {
      refuse(
        "record-count",
        `there are ${value.n} records, ${since} of them before; the proof has ` +
          `${bundle.records.length}`,
      );
    }
    for (const [i, bytes] of bundle.records.entries()) {
      records.push(this.record(history.size + 1n, bytes));
      history.append(leafHash(bytes));
      if ((i + 1) % kRecordsPerTurn === 0) await breathe(i + 1, bundle.records.length);
    }
    if (!equal(history.root(), value.root)) refuse("history-mismatch");
    return { size: value.n, root: value.root, since, sinceRoot, records };
  }

  private absence(): History {
    // Ledgers of this version index consignments alone.
    if (this.bundle.subject.kind !== "consignment") refuse("subject");
    const { since, records } = this.bundle;
    if (since !== null) refuse("since-malformed", "nothing was ever recorded");
    if (records.length > 0) {
      refuse("record-count", `the index holds nothing, the proof has ${records.length} records`);
    }
    const root = new Frontier().root();
    return { size: 0n, root, since: 0n, sinceRoot: root, records: [] };
  }

  // What was proved before, of n records in all.
  private before(n: bigint): Frontier {
    const { since } = this.bundle;
    if (since === null) return new Frontier();
    const frontier = Frontier.from(since.size, since.hashes);
    if (frontier === null || since.size === 0n || since.size > n) {
      refuse("since-malformed", `${since.size} records of ${n}`);
    }
    return frontier;
  }

  // The record with this number in the subject's history.
  private record(n: bigint, bytes: Bytes): LedgerRecord {
    const name = `record ${n}`;
    const { subject } = this.bundle;
    const record = readAs("record-malformed", () => decodeRecord(bytes));
    if (!this.belongs(record)) refuse("record-foreign", name);
    if (subject.kind === "consignment" && record.n !== n) {
      refuse("record-number", `${name} carries the number ${record.n}`);
    }
    const earliest = this.records.at(-1)?.height ?? 0n;
    if (record.height < earliest || record.height > this.commit.height) {
      refuse("record-order", `${name} is of block ${record.height}`);
    }
    return record;
  }

  private belongs(record: LedgerRecord): boolean {
    const { subject } = this.bundle;
    if (subject.kind === "authority-day") {
      const { value } = subject;
      return (
        record.authority === value.authority && record.timeMs / kMsPerDay === BigInt(value.day)
      );
    }
    const named = subject.kind === "consignment" ? record.consignments : containersOf(record);
    const { handle } = this;
    return handle !== null && named.some((one) => equal(one, handle));
  }
}

export function checkHistory(bundle: Bundle, commit: Commit, breathe: Breathe): Promise<History> {
  return new HistoryCheck(bundle, commit).run(breathe);
}
