// Third part of a proof's check: what stands behind its records: signed statements, facts, reasons
// of verdicts (docs/formats.md, F5, F8, F11). As chaincode/bundle_behind.h.

import { type Bytes, equal, toHex } from "./bytes.ts";
import { decode, writeArray, writeBytes, writeText } from "./cbor.ts";
import { commitmentOf, detailDigest } from "./commitment.ts";
import type { Bundle, Subject, Trust } from "./files.ts";
import { taggedHash } from "./hash.ts";
import { includes, leafHash } from "./log_tree.ts";
import {
  type Cose,
  kStatement,
  kSubmissionPayload,
  type LedgerRecord,
  parseCose,
  type Statement,
} from "./records.ts";
import { CodecError, readAs, type Reason, refuse } from "./refusal.ts";
import { verify } from "./signature.ts";
import type { History } from "./verify_history.ts";

const kUcrField = 28;

export interface Behind {
  openedFacts: number;
  sealedFacts: number;
}

// A record with its number in the subject's history.
interface Numbered {
  n: bigint;
  record: LedgerRecord;
}

function subjectOf({ kind, value }: Statement): Bytes {
  if (kind === "declare") return value.commitment;
  if (kind === "accuse") return taggedHash("evidence", value.evidence);
  return value.declaration;
}

const same = (a: Bytes | null, b: Bytes | null): boolean =>
  a === null || b === null ? a === b : equal(a, b);

// True if this statement is what the record says happened.
function says(statement: Statement, { content, consignments }: LedgerRecord): boolean {
  const [only, ...more] = consignments;
  const isOf = (handle: Bytes): boolean =>
    only !== undefined && more.length === 0 && equal(only, handle);
  const { kind, value } = statement;
  if (content.kind === "refused") {
    return kind === content.value.statement && equal(subjectOf(statement), content.value.subject);
  }
  if (kind === "accuse" || !("declaration" in content.value)) return false;
  if (!equal(subjectOf(statement), content.value.declaration)) return false;
  switch (content.kind) {
    case "declared":
      return kind === "declare" && isOf(value.consignment);
    case "amended":
      return (
        kind === "amend" &&
        equal(value.commitment, content.value.commitment) &&
        isOf(value.consignment)
      );
    case "cancelled":
      return kind === "cancel" && equal(value.reason, content.value.reason);
    case "inspected":
      return (
        kind === "inspect" &&
        value.result === content.value.result &&
        equal(value.reason, content.value.reason)
      );
    case "held":
      return kind === "hold" && equal(value.reason, content.value.reason);
    case "approved":
    case "released":
      return kind === "release" && same(value.reason, content.value.reason);
    case "moved":
      return (
        kind === "move" &&
        value.event === content.value.event &&
        same(value.reason, content.value.reason)
      );
    default:
      return false; // of what a contract produced
  }
}

// ------------------------------------------------------------------ statements

function checkSignature(cose: Cose): void {
  const toBeSigned = writeArray(
    writeText("Signature1"),
    writeBytes(cose.header),
    writeBytes(new Uint8Array()),
    writeBytes(cose.payload),
  );
  if (!verify(cose.kid, toBeSigned, cose.signature)) {
    refuse("statement-signature", `of key ${toHex(cose.kid)}`);
  }
}

// The records that a statement caused, by the statement, in order of first use.
function causes({ records, since }: History): Map<string, Numbered[]> {
  const found = new Map<string, Numbered[]>();
  for (const [i, record] of records.entries()) {
    if (record.origin?.kind !== "statement") continue;
    const { submission, index } = record.origin.value;
    const name = `${toHex(submission)} ${index}`;
    const caused = found.get(name) ?? [];
    caused.push({ n: since + BigInt(i) + 1n, record });
    found.set(name, caused);
  }
  return found;
}

class StatementCheck {
  constructor(
    private readonly bundle: Bundle,
    private readonly trust: Trust,
  ) {}

  run(one: Bundle["statements"][number], origin: string, caused: readonly Numbered[]): void {
    const cose = readAs("statement-malformed", () => parseCose(one.cose));
    checkSignature(cose);
    const id = taggedHash("cose", writeArray(writeBytes(cose.header), writeBytes(cose.payload)));
    if (`${toHex(id)} ${one.index}` !== origin) refuse("statement-origin");
    const payload = readAs("statement-malformed", () => decode(kSubmissionPayload, cose.payload));
    if (!equal(payload.network, this.trust.network_id)) refuse("statement-network");
    const leaf = leafHash(one.statement);
    if (!includes(leaf, BigInt(one.index), BigInt(payload.count), one.path, payload.root)) {
      refuse("statement-path");
    }
    const statement = readAs("statement-malformed", () => decode(kStatement, one.statement));
    this.checkRecords(statement, cose.kid, caused);
  }

  // Whose signature a key is, as far as a verifier knows: the last committee's actors, and those of
  // the trust file, who may have signed before they were replaced.
  private checkRecords(statement: Statement, key: Bytes, caused: readonly Numbered[]): void {
    const known = [...this.bundle.actors, ...this.trust.actors].filter((one) =>
      equal(one.key, key),
    );
    if (known.length === 0) refuse("statement-signer", toHex(key));
    for (const { n, record } of caused) {
      if (!known.some(({ authority }) => authority === record.authority)) {
        refuse("statement-authority", `record ${n} names ${record.authority}`);
      }
      if (!says(statement, record)) refuse("statement-content", `record ${n}`);
    }
  }
}

function checkStatements(bundle: Bundle, trust: Trust, history: History): void {
  const { statements } = bundle;
  const origins = [...causes(history)];
  if (origins.length !== statements.length) {
    refuse(
      "statement-count",
      `the records name ${origins.length}, the proof has ${statements.length}`,
    );
  }
  const check = new StatementCheck(bundle, trust);
  for (const [i, one] of statements.entries()) {
    const [origin, caused] = origins[i] ?? ["", []];
    check.run(one, origin, caused);
  }
}

// ------------------------------------------------------------------ facts and reasons

// The record with this number, each asked for once and in ascending order.
function holder(
  { records, since }: History,
  n: number,
  before: number,
  reason: Reason,
): LedgerRecord["content"] {
  const at = BigInt(n) - since - 1n;
  const record = at >= 0n ? records[Number(at)] : undefined;
  if (record === undefined || n <= before) refuse(reason, `record ${n}`);
  return record.content;
}

// The contracts took the facts for this consignment alone; the holder may have sealed its name.
function namesAnother(body: Bundle["bodies"][number]["body"], subject: Subject): boolean {
  const ucr = body.opened.find(({ id }) => id === kUcrField)?.value;
  return subject.kind === "consignment" && ucr?.kind === "text" && ucr.value !== subject.value.ucr;
}

function isCommitted(body: Bundle["bodies"][number]["body"], commitment: Bytes): boolean {
  try {
    return equal(commitmentOf(body), commitment);
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}

function checkBodies({ bodies, subject }: Bundle, history: History): Behind {
  const facts = { openedFacts: 0, sealedFacts: 0 };
  let last = 0;
  for (const { n, body } of bodies) {
    const { kind, value } = holder(history, n, last, "facts-place");
    last = n;
    if (kind !== "declared" && kind !== "amended") refuse("facts-place", `record ${n}`);
    const commitment = kind === "declared" ? value.declaration : value.commitment;
    if (!isCommitted(body, commitment)) refuse("facts-mismatch", `record ${n}`);
    if (namesAnother(body, subject)) refuse("facts-subject", `record ${n}`);
    facts.openedFacts += body.opened.length;
    facts.sealedFacts += body.sealed.length;
  }
  return facts;
}

function checkDetails({ details }: Bundle, history: History): void {
  let last = 0;
  for (const { n, stored } of details) {
    const { kind, value } = holder(history, n, last, "reasons-place");
    last = n;
    if (kind !== "verdict") refuse("reasons-place", `record ${n}`);
    if (!equal(detailDigest(stored), value.detail)) refuse("reasons-mismatch", `record ${n}`);
  }
}

export function checkBehind(bundle: Bundle, trust: Trust, history: History): Behind {
  if (bundle.subject.kind === "authority-day") {
    if (bundle.statements.length > 0) refuse("statement-count", "none belong here");
    if (bundle.bodies.length > 0) refuse("facts-place", "none belong here");
    if (bundle.details.length > 0) refuse("reasons-place", "none belong here");
    return { openedFacts: 0, sealedFacts: 0 };
  }
  checkStatements(bundle, trust, history);
  const facts = checkBodies(bundle, history);
  checkDetails(bundle, history);
  return facts;
}
