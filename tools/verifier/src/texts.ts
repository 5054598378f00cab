// Every word of the page. en.ts and ar.ts each fill all of it in.

import type {
  kBases,
  kCodes,
  kFaults,
  kInspections,
  kLanes,
  kMoves,
  kStatements,
  RecordKind,
} from "./records.ts";
import type { Reason } from "./refusal.ts";

export type SubjectKind = "consignment" | "container" | "authority-day";
type Names<N extends readonly string[]> = Record<N[number], string>;

// Texts of the page itself; an element of page.html says which with data-text.
export interface PageTexts {
  title: string;
  intro: string;
  otherLanguage: string; // in the other language
  trustTitle: string;
  trustHint: string;
  proofTitle: string;
  proofHint: string;
  earlierTitle: string;
  earlierHint: string;
  choose: string;
  paste: string;
  pasteLabel: string;
  use: string;
  remember: string;
  forget: string;
  privacy: string;
  resultTitle: string;
}

export interface Texts {
  language: "en" | "ar";
  direction: "ltr" | "rtl";
  locale: string;
  page: PageTexts;

  // State of the files.
  noFile: string;
  trustOf: (network: string, epoch: string, issued: string) => string;
  remembered: string;
  proofOf: (subject: string) => string;
  missing: { trust: string; proof: string };
  checking: (done: number, total: number) => string;

  // The verdict.
  proved: string;
  notProved: string;
  notDecided: string;
  checkAnyway: string;
  agedWarning: (days: string) => string;
  subject: Record<SubjectKind, (name: string, day: string) => string>;
  headings: {
    proved: string;
    by: string;
    asOf: string;
    notProved: string;
    records: string;
    wayForward: string;
    detail: string;
    technical: string;
  };

  // What is proved.
  complete: (subject: SubjectKind, total: string) => string;
  grown: (subject: SubjectKind, here: string, before: string) => string;
  absent: (subject: SubjectKind) => string;
  log: (size: string, height: string) => string;
  signed: (statements: string) => string;
  facts: (opened: string) => string;
  sealed: (sealed: string) => string;
  reasons: (verdicts: string) => string;
  continues: string;
  // By whom.
  cosigned: (cosigners: string, validators: string, quorum: string, network: string) => string;
  handovers: (count: string, epoch: string) => string;
  // As of when.
  asOf: (time: string, height: string) => string;
  cosignedAt: (time: string) => string;
  // What is not.
  limits: {
    truth: string;
    later: string;
    trust: string;
    handle: string;
    container: string;
    day: string;
    earlier: (before: string) => string;
    earlierUnseen: string;
  };

  // The records.
  record: (n: string) => string;
  deeds: Record<Exclude<RecordKind, "commit">, string>;
  lanes: Names<typeof kLanes>;
  inspections: Names<typeof kInspections>;
  moves: Names<typeof kMoves>;
  bases: Names<typeof kBases>;
  faults: Names<typeof kFaults>;
  statements: Names<typeof kStatements>;
  codes: Names<typeof kCodes>;
  shownOf: (shown: string, total: string) => string;
  factsTitle: string;
  sealedFact: string;
  firedRules: string;
  fields: readonly string[]; // of a declaration, by id − 1
  field: (id: string) => string;
  technical: { networkId: string; handle: string; size: string; epoch: string };

  // Why not: what is wrong, and what to do.
  refusals: Record<Reason, readonly [what: string, todo: string]>;
  expired: (days: string, maximum: string) => string;
}
