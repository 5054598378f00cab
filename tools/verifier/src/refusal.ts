// Why a file is not proved: a reason with words for it in every language (texts.ts), and where, in
// English. Thrown by the checks, caught once, where they began.

// Those that `sanad verify` names as well (chaincode/unproved.h).
export const kUnproved = [
  // the text
  "unreadable",
  "not-canonical",
  "unknown-version",
  "subject",
  // whom to believe
  "trust-older",
  "trust-newer",
  "trust-expired",
  "other-network",
  // checkpoints and the committees that sign them
  "checkpoint-malformed",
  "empty-log",
  "commit-not-last",
  "commit-malformed",
  "no-block-end",
  "stranger-line",
  "bad-cosignature",
  "not-cosigned",
  "handover-missing",
  "handover-epoch",
  "handover-committee",
  "handover-order",
  "actors",
  // the index and the history
  "index-mismatch",
  "record-count",
  "record-malformed",
  "record-foreign",
  "record-number",
  "record-order",
  "history-mismatch",
  "since-malformed",
  "since-mismatch",
  "two-histories",
  // what stands behind the records
  "statement-count",
  "statement-malformed",
  "statement-signature",
  "statement-origin",
  "statement-network",
  "statement-path",
  "statement-signer",
  "statement-authority",
  "statement-content",
  "facts-place",
  "facts-mismatch",
  "facts-subject",
  "reasons-place",
  "reasons-mismatch",
] as const;
// Those of the page alone.
export const kPageRefusals = [
  "too-large",
  "trust-unreadable",
  "trust-unknown-version",
  "browser",
] as const;
export type Reason = (typeof kUnproved)[number] | (typeof kPageRefusals)[number];

export class Refusal extends Error {
  constructor(
    readonly reason: Reason,
    readonly detail = "",
  ) {
    super(`${reason}: ${detail}`);
  }
}

export function refuse(reason: Reason, detail = ""): never {
  throw new Refusal(reason, detail);
}

// Bytes or JSON that the codec refuses: what is wrong, and where.
export class CodecError extends Error {}

// What the codec refuses in `read` is refused for this reason.
export function readAs<T>(reason: Reason, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) refuse(reason, error.message);
    throw error;
  }
}
