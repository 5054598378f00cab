import type { SubjectKind, Texts } from "./texts.ts";

const kThing: Record<SubjectKind, string> = {
  consignment: "this consignment",
  container: "this container",
  "authority-day": "this authority on this day",
};
const kAskAgain = "Ask whoever gave you the proof for a new one.";
const kChanged = "The file was changed or damaged after it was made. " + kAskAgain;

export const en: Texts = {
  language: "en",
  direction: "ltr",
  locale: "en-GB",
  page: {
    title: "Check a proof of Sanad",
    intro:
      "Sanad is a ledger that several customs authorities keep together. A proof from it can " +
      "be " +
      "checked here, on your device alone, without asking any of them.",
    otherLanguage: "العربية",
    trustTitle: "1. The network's trust file",
    trustHint:
      "It says who the validators are. Get it once, over a channel that you trust: whoever " +
      "gives " +
      "you a false one can prove anything to you.",
    proofTitle: "2. The proof",
    proofHint:
      "A file that ends with .sanad.json. You can also drop files anywhere on this " + "page.",
    earlierTitle: "3. The earlier proof",
    earlierHint:
      "This proof continues an earlier one. Add that file as well, and the page checks that " +
      "both " +
      "are of one history.",
    choose: "Choose a file",
    paste: "Or paste its text",
    pasteLabel: "Text of the file",
    use: "Use this text",
    remember: "Remember this trust file on this device",
    forget: "Forget it",
    privacy:
      "Nothing leaves your device: this page cannot use the network. It works from a saved " +
      "file " +
      "as well.",
    resultTitle: "Result",
  },

  noFile: "No file yet.",
  trustOf: (network, epoch, issued) => `Network ${network}, epoch ${epoch}, issued ${issued}.`,
  remembered: "It was remembered on this device.",
  proofOf: (subject) => `A proof about: ${subject}.`,
  missing: {
    trust: "Add the network's trust file, and the proof is checked.",
    proof: "Add a proof, and it is checked.",
  },
  checking: (done, total) => `Checking: ${done} of ${total} records`,

  proved: "Proved",
  notProved: "Not proved",
  notDecided: "Not decided",
  checkAnyway: "Check with this trust file all the same",
  agedWarning: (days) =>
    `Checked with a trust file that is ${days} days old, which is too old: do not decide ` +
    "anything on this alone.",
  subject: {
    consignment: (name) => `Consignment ${name}`,
    container: (name) => `Container ${name}`,
    "authority-day": (name, day) => `What ${name} did on ${day}`,
  },
  headings: {
    proved: "What is proved",
    by: "By whom",
    asOf: "As of when",
    notProved: "What is not proved",
    records: "The records",
    wayForward: "What to do",
    detail: "For specialists",
    technical: "For specialists",
  },

  complete: (subject, total) =>
    `All ${total} records of ${kThing[subject]} are here, in order. None was left out, changed ` +
    "or added.",
  grown: (subject, here, before) =>
    `The ${here} records of ${kThing[subject]} that follow the first ${before} are here, in ` +
    "order. None of them was left out, changed or added.",
  absent: (subject) => `Nothing at all is recorded for ${kThing[subject]}.`,
  log: (size, height) =>
    `They stand in the ledger's log of ${size} records, which ends block ${height}.`,
  signed: (statements) =>
    `${statements} statements caused them. Each is signed by a key of the authority that its ` +
    "record names.",
  facts: (opened) => `The ${opened} facts that are shown are exactly those declared.`,
  sealed: (sealed) => `What the ${sealed} sealed facts say: their owner keeps them to himself.`,
  reasons: (verdicts) => `The reasons of ${verdicts} verdicts are those they were given with.`,
  continues: "They continue the earlier proof that you added: both are of one history.",
  cosigned: (cosigners, validators, quorum, network) =>
    `${cosigners} of the ${validators} validators of ${network} cosigned this state of the ` +
    `ledger; ${quorum} are needed.`,
  handovers: (count, epoch) =>
    `Since your trust file the validators handed over ${count} times, up to epoch ${epoch}; ` +
    `each ` +
    "time a quorum of those before signed.",
  asOf: (time, height) => `${time}, the time of block ${height}.`,
  cosignedAt: (time) => `The validators cosigned it at about ${time}.`,
  limits: {
    truth:
      "That what was declared is true. It is proved what was said, by whom and in which order.",
    later: "Whatever happened after that time. If it matters, ask for a new proof.",
    trust: "That the trust file is the network's own: that rests on where you got it from.",
    handle:
      "That the ledger would file it under this name: where nothing is recorded, only a " +
      "member can " +
      "tell.",
    container: "The rest of these consignments' histories: each has a proof of its own.",
    day: "The signatures and facts behind these records: they are in the consignments' proofs.",
    earlier: (before) => `What the first ${before} records say: they are in an earlier proof.`,
    earlierUnseen:
      "That they continue the earlier proof that you may have: add that file to check it.",
  },

  record: (n) => `Record ${n}`,
  deeds: {
    declared: "Declared",
    amended: "Declaration amended",
    cancelled: "Declaration cancelled",
    verdict: "Verdict",
    inspected: "Inspected",
    held: "Held",
    approved: "Release approved by a first officer",
    released: "Released",
    moved: "Goods moved",
    refused: "Refused",
    accused: "Proved a validator's fault",
  },
  lanes: { green: "green", blue: "blue", yellow: "yellow", red: "red" },
  inspections: { conform: "conform", offence: "offence found", seizure: "goods seized" },
  moves: { departed: "departed", arrived: "arrived", "gate-out": "left by the gate" },
  bases: {
    green: "automatically, with its verdict",
    blue: "automatically, to be audited later",
    officer: "by an officer",
    "two-officers": "by two officers after inspection",
  },
  faults: {
    "conflicting-votes": "conflicting votes",
    "invalid-proposal": "an invalid proposal",
    "conflicting-batches": "conflicting batches",
  },
  statements: {
    declare: "declare",
    amend: "amend",
    cancel: "cancel",
    inspect: "inspect",
    hold: "hold",
    release: "release",
    move: "move",
    accuse: "accuse",
  },
  codes: {
    accepted: "accepted",
    approved: "approved",
    "role-missing": "the key has not the role for it",
    "unknown-declaration": "no such declaration",
    "already-declared": "declared before",
    "handle-mismatch": "the handle is not the consignment's",
    "consignment-changed": "another consignment or flow",
    cancelled: "the declaration was cancelled",
    seized: "the goods were seized",
    exited: "the goods have left",
    "under-control": "it is under control",
    "already-inspected": "inspected before",
    "already-held": "held before",
    "already-released": "released before",
    "no-verdict": "no rule set judged it",
    "not-inspected": "not inspected yet",
    "same-officer": "two different officers are needed",
    "reason-missing": "a reason is needed",
    "not-released": "not released",
    held: "it is held",
    "not-evidence": "the evidence shows no fault",
    "already-accused": "accused before",
    "too-many-accusations": "too many accusations",
  },
  shownOf: (shown, total) => `The first ${shown} of ${total} are shown; all were checked.`,
  factsTitle: "Facts",
  sealedFact: "sealed",
  firedRules: "Rules that spoke",
  fields: [
    "Declaration number",
    "Flow",
    "Date",
    "Office",
    "Procedure",
    "Use",
    "Payment",
    "Mode of transport",
    "Declarant",
    "Importer",
    "Exporter",
    "Carrier",
    "HS code",
    "Departure",
    "Origin",
    "Destination",
    "Duty rate (1/100 %)",
    "Duty regime",
    "Origin marking",
    "Net mass (g)",
    "Gross mass (g)",
    "Packages",
    "Value (minor units)",
    "Currency",
    "Supplementary quantity",
    "Incoterm",
    "Freight and insurance (minor units)",
    "UCR",
    "Transport document",
    "Containers",
    "Seals",
    "Port of loading",
    "Port of discharge",
    "First entry",
    "Documents",
    "AEO",
    "Invoice's digest",
  ],
  field: (id) => `Field ${id}`,
  technical: {
    networkId: "Network id",
    handle: "Handle",
    size: "Records in the log",
    epoch: "Epoch",
  },

  refusals: {
    unreadable: [
      "This is no proof that can be read: it is cut off, or something in it is not as it " +
        "must be.",
      kChanged,
    ],
    "not-canonical": [
      "The file was rewritten: a proof has one form only, byte for byte.",
      kChanged,
    ],
    "unknown-version": [
      "The proof is of a version that this page does not know.",
      "Get the newest version of this page, or ask for a new proof.",
    ],
    subject: ["The proof does not say what it is about.", kAskAgain],
    "trust-older": [
      "The trust file is of an earlier epoch than the proof begins with.",
      "Get a newer trust file over a channel that you trust, or ask for a proof with the " +
        "handovers between them.",
    ],
    "trust-newer": [
      "The trust file is of a later epoch than the proof.",
      "Ask for a new proof, made for your trust file.",
    ],
    "trust-expired": [
      "The trust file is too old to decide on.",
      "Get a new one from the network or a member of it, over a channel that you trust, and " +
        "add it here.",
    ],
    "other-network": [
      "The proof is of another network than the trust file.",
      "Get the trust file of the network that the proof is from, over a channel that you trust.",
    ],
    "checkpoint-malformed": [
      "The signed state of the ledger in this file is " + "malformed.",
      kChanged,
    ],
    "empty-log": ["The signed state is of an empty ledger.", kAskAgain],
    "commit-not-last": [
      "The signed state does not end with the record that leads to the others.",
      kChanged,
    ],
    "commit-malformed": ["The record that leads to the others cannot be read.", kChanged],
    "no-block-end": ["The signed state does not end with a block.", kAskAgain],
    "stranger-line": [
      "Somebody signed the state of the ledger who is not in the trust file.",
      "Get the newest trust file over a channel that you trust. If nothing changes, the " +
        "proof is false.",
    ],
    "bad-cosignature": ["A validator's signature does not hold.", kChanged],
    "not-cosigned": ["Too few validators signed this state of the ledger.", kAskAgain],
    "handover-missing": [
      "The validators of the trust file do not lead to those who signed this proof.",
      "Get a newer trust file over a channel that you trust, or ask for a proof with all " +
        "handovers.",
    ],
    "handover-epoch": ["A handover between validators leaves out others.", kChanged],
    "handover-committee": [
      "A handover names other validators than those that were signed for.",
      kChanged,
    ],
    "handover-order": ["The handovers between validators are out of order.", kChanged],
    actors: [
      "The keys of the authorities are not those that the validators signed " + "for.",
      kChanged,
    ],
    "index-mismatch": ["The proof that nothing was left out does not hold.", kChanged],
    "record-count": ["Records were left out or added.", kChanged],
    "record-malformed": ["A record cannot be read.", kChanged],
    "record-foreign": ["A record belongs to something else.", kChanged],
    "record-number": ["A record has the wrong number.", kChanged],
    "record-order": ["The records are out of order.", kChanged],
    "history-mismatch": ["A record was changed or moved.", kChanged],
    "since-malformed": [
      "The place where this proof continues an earlier one is malformed.",
      kChanged,
    ],
    "since-mismatch": [
      "The earlier proof is not the one that this one continues.",
      "Add the proof that you got before this one, or ask for a proof of the whole history.",
    ],
    "two-histories": [
      "The two proofs contradict each other: the ledger showed two histories.",
      "Keep both files, they are evidence. Tell the authorities of the network.",
    ],
    "statement-count": ["Signed statements were left out or added.", kChanged],
    "statement-malformed": ["A signed statement cannot be read.", kChanged],
    "statement-signature": ["The signature of a statement does not hold.", kChanged],
    "statement-origin": ["A signed statement is not the one that its record names.", kChanged],
    "statement-network": ["A statement was signed for another network.", kChanged],
    "statement-path": ["A statement is not covered by its signature.", kChanged],
    "statement-signer": [
      "A statement is signed by a key that the trust file does not know.",
      "Get the newest trust file over a channel that you trust.",
    ],
    "statement-authority": [
      "A statement is signed by another authority than its record names.",
      kChanged,
    ],
    "statement-content": [
      "A record says something else than the statement that was signed.",
      kChanged,
    ],
    "facts-place": ["Facts stand at a record that has none.", kChanged],
    "facts-mismatch": ["Facts in this file are not those that were declared.", kChanged],
    "facts-subject": ["Facts in this file are of another consignment.", kChanged],
    "reasons-place": ["Reasons stand at a record that has none.", kChanged],
    "reasons-mismatch": ["Reasons in this file are not those of the verdict.", kChanged],
    "too-large": [
      "The file is larger than this page takes.",
      "Check it with: sanad verify FILE --trust TRUST",
    ],
    "trust-unreadable": [
      "This is no trust file that can be read.",
      "Get the network's trust file again, over a channel that you trust.",
    ],
    "trust-unknown-version": [
      "The trust file is of a version that this page does not know.",
      "Get a new trust file of the network, and the newest version of this page.",
    ],
    browser: [
      "This browser cannot check signatures: WebAssembly is missing or switched off.",
      "Use a browser of 2023 or later, or check with: sanad verify FILE --trust TRUST",
    ],
  },
  expired: (days, maximum) =>
    `The trust file is ${days} days old; ${maximum} are allowed. Who the validators are may ` +
    `have ` +
    "changed since.",
};
