// The two files that people bring (docs/formats.md, "Trust file and proof bundle"). As
// chaincode/bundle.h.

import { type Bytes, fromUtf8, utf8 } from "./bytes.ts";
import {
  base64,
  hex,
  i64,
  type Json,
  list,
  nullable,
  number,
  object,
  type Of,
  oneOf,
  parseJson,
  text,
  u64,
} from "./json.ts";
import { readAs, type Reason, refuse } from "./refusal.ts";

// The command line takes larger ones.
export const kFileMax = 64 << 20;

const kValidator = object({ id: text(16), name: text(128), log: hex(32), cosigner: hex(32) });
const kActor = object({ key: hex(32), authority: text(16) });
export type Validator = Of<typeof kValidator>;
export type Actor = Of<typeof kActor>;

const kTrust = object({
  version: number(),
  network: text(128),
  network_id: hex(32),
  epoch: u64,
  issued_ms: u64,
  maximum_age_days: number(),
  validators: list(kValidator, 64),
  actors: list(kActor, 4096),
});
export type Trust = Of<typeof kTrust>;

const kHandover = object({
  checkpoint: list(text(), 256),
  commit_record: base64(),
  commit_path: list(hex(32), 64),
  committee: object({ epoch: u64, validators: list(kValidator, 64), actors: hex(32) }),
});
export type Handover = Of<typeof kHandover>;

const kBody = object({
  schema: number(0xffff),
  opened: list(
    object({
      id: number(0xff),
      value: oneOf({ integer: i64, text: text(), list: list(text()) }),
      salt: hex(16),
    }),
    64,
  ),
  sealed: list(object({ id: number(0xff), digest: hex(32) }), 64),
});
export type Body = Of<typeof kBody>;

const kBundle = object({
  version: number(),
  subject: oneOf({
    consignment: object({ ucr: text(81), salt: hex(16) }),
    container: object({ number: text(64), salt: hex(16) }),
    "authority-day": object({ authority: text(16), day: number() }),
  }),
  handovers: list(kHandover, 64),
  actors: list(kActor, 4096),
  checkpoint: list(text(), 256),
  commit_record: base64(),
  commit_path: list(hex(32), 64),
  index_proof: object({
    turns: list(object({ bit: number(0xffff), sibling: hex(32) }), 256),
    leaf: nullable(object({ key: hex(32), n: u64, root: hex(32) })),
  }),
  since: nullable(object({ size: u64, hashes: list(hex(32), 64) })),
  records: list(base64(), 1 << 20),
  statements: list(
    object({ cose: base64(1024), index: number(), statement: base64(), path: list(hex(32), 16) }),
  ),
  bodies: list(object({ n: number(), body: kBody })),
  details: list(object({ n: number(), stored: base64() })),
});
export type Bundle = Of<typeof kBundle>;
export type Subject = Bundle["subject"];

const kLimits = { values: 1 << 22, members: 64, depth: 16 };

function jsonOf(bytes: Bytes, reason: Reason): { source: string; json: Json } {
  if (bytes.length > kFileMax) refuse("too-large", `over ${kFileMax} bytes`);
  const source = fromUtf8(bytes);
  if (source === null) refuse(reason, "text is not clean UTF-8");
  return { source, json: readAs(reason, () => parseJson(source, kLimits)) };
}

// Files of another version have other fields: that they are of another one is worth knowing.
function isOtherVersion(json: Json): boolean {
  const version = json instanceof Map ? json.get("version") : undefined;
  return typeof version === "bigint" && version !== 2n;
}

export type FileKind = "trust" | "proof";

// What a file looks to be, by the names in it; null for neither.
export function kindOf(bytes: Bytes): FileKind | null {
  const { json } = jsonOf(bytes, "unreadable");
  if (!(json instanceof Map)) return null;
  if (json.has("index_proof") || json.has("checkpoint")) return "proof";
  return json.has("validators") ? "trust" : null;
}

export function parseTrust(bytes: Bytes): Trust {
  const { json } = jsonOf(bytes, "trust-unreadable");
  if (isOtherVersion(json)) refuse("trust-unknown-version");
  const trust = readAs("trust-unreadable", () => kTrust.read(json));
  if (trust.epoch > 0n && trust.validators.length > 0 && trust.network !== "") return trust;
  return refuse("trust-unreadable", "it names no network or no validators");
}

// The one text form of the bundle: any other spelling of it is refused.
export function parseBundle(bytes: Bytes): Bundle {
  const { source, json } = jsonOf(bytes, "unreadable");
  if (isOtherVersion(json)) refuse("unknown-version");
  const bundle = readAs("unreadable", () => kBundle.read(json));
  if (`${kBundle.write(bundle)}\n` !== source) refuse("not-canonical");
  return bundle;
}

// Text areas and clipboards lose the newline at a file's end, and browsers may write it in two
// characters.
export function pasted(value: string): Bytes {
  return utf8(`${value.replaceAll("\r\n", "\n").replace(/\n+$/, "")}\n`);
}
