// Everything that a proof must hold (docs/formats.md, F17, F18). As verify_bundle() of
// chaincode/bundle.h, check by check; no clock, no page.

import { equal } from "./bytes.ts";
import type { Bundle, Trust } from "./files.ts";
import { refuse } from "./refusal.ts";
import { type Behind, checkBehind } from "./verify_behind.ts";
import { type Breathe, checkHistory, type History } from "./verify_history.ts";
import { checkLog, type LogFindings } from "./verify_log.ts";

const kMsPerDay = 86_400_000n;

export interface Findings extends LogFindings, Behind {
  history: History;
}

function checkSubject({ version, subject }: Bundle): void {
  if (version !== 2) refuse("unknown-version", version.toString());
  const { kind, value } = subject;
  const name =
    kind === "consignment" ? value.ucr : kind === "container" ? value.number : value.authority;
  if (name === "") refuse("subject");
}

// What the bundle proves to who trusts this file, or a Refusal.
export async function verifyBundle(
  bundle: Bundle,
  trust: Trust,
  breathe: Breathe = async () => {},
): Promise<Findings> {
  checkSubject(bundle);
  const log = checkLog(bundle, trust);
  const history = await checkHistory(bundle, log.commit, breathe);
  return { ...log, ...checkBehind(bundle, trust, history), history };
}

// That the later findings grow out of the earlier ones, both of one subject.
export function checkGrowth(earlier: Findings, later: Findings): void {
  const { size, root } = earlier.checkpoint;
  const excluded =
    (size === later.checkpoint.size && !equal(root, later.checkpoint.root)) ||
    (earlier.commit.height === later.commit.height && size !== later.checkpoint.size);
  if (excluded) {
    refuse("two-histories", `both of block ${earlier.commit.height} or of ${size} records`);
  }
  if (later.checkpoint.size < size) {
    refuse("since-mismatch", "the new proof is older than the earlier one");
  }
  const { since, sinceRoot } = later.history;
  if (since !== earlier.history.size || (since > 0n && !equal(sinceRoot, earlier.history.root))) {
    refuse(
      "since-mismatch",
      `it begins after ${since} records, the earlier proof has ${earlier.history.size}`,
    );
  }
}

// Days that the trust file is old, and whether that is too many.
export function ageOf(trust: Trust, nowMs: bigint): { days: bigint; expired: boolean } {
  const days = nowMs > trust.issued_ms ? (nowMs - trust.issued_ms) / kMsPerDay : 0n;
  return { days, expired: days > BigInt(trust.maximum_age_days) };
}
