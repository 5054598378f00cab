// Signed notes, checkpoints and cosignatures of C2SP (docs/formats.md, F14). As crypto/note.h.

import { type Bytes, concat, equal, fromBase64, isCleanText, readU64be, utf8 } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import { CodecError } from "./refusal.ts";
import { verify } from "./signature.ts";

const kNoteMax = 65_536;
const kLinesMax = 64;
const kSignatureMax = 8_192;
const kKeyNameMax = 256;
const kTimeMax = (1n << 63n) - 1n;

export const kEd25519 = 0x01;
export const kCosignature = 0x04;

export interface VerifierKey {
  name: string;
  type: typeof kEd25519 | typeof kCosignature;
  key: Bytes;
}
export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}
export interface NoteLine {
  name: string;
  keyId: Bytes;
  signature: Bytes;
}
export interface SignedNote {
  text: string;
  lines: NoteLine[];
}
// A known key's line that verified; timeS is 0 for a 0x01 line.
export interface VerifiedLine {
  key: VerifierKey;
  timeS: bigint;
}

function fail(what: string): never {
  throw new CodecError(what);
}

// Non-empty, clean, without spaces (Unicode's White_Space) and "+".
export function isKeyName(name: string): boolean {
  const size = utf8(name).length;
  return size > 0 && size <= kKeyNameMax && isCleanText(name) && !/[+\p{White_Space}]/u.test(name);
}

function keyId(key: VerifierKey): Bytes {
  return sha256(concat(utf8(key.name), Uint8Array.of(0x0a, key.type), key.key)).subarray(0, 4);
}

function parseLine(line: string): NoteLine {
  const match = /^— ([^ ]*) (.*)$/u.exec(line);
  if (match === null) fail("a signature line that is none");
  const [, name = "", encoded = ""] = match;
  if (!isKeyName(name)) fail("a signature line with a malformed key name");
  const bytes = fromBase64(encoded);
  if (bytes === null || bytes.length < 5 || bytes.length > kSignatureMax + 2) {
    fail("a signature line without a signature");
  }
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

// The form alone. REQUIRES: the lines are clean text.
export function parseNote(noteLines: readonly string[]): SignedNote {
  const note = noteLines.map((line) => `${line}\n`).join("");
  if (utf8(note).length > kNoteMax) fail("a note over 64 KiB");
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0) fail("a note without signatures");
  const encoded = note
    .slice(blank + 2)
    .split("\n")
    .slice(0, -1);
  if (encoded.length === 0) fail("a note without signatures");
  if (encoded.length > kLinesMax) fail("too many signatures");
  return { text: note.slice(0, blank + 1), lines: encoded.map(parseLine) };
}

export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin = "", digits = "", encoded = "", end] = lines;
  if (lines.length !== 4 || end !== "") fail("a checkpoint has three lines: origin, size, root");
  if (!isKeyName(origin)) fail("the checkpoint's origin");
  if (!/^(0|[1-9][0-9]{0,19})$/.test(digits) || BigInt(digits) >> 64n !== 0n) {
    fail("the checkpoint's size");
  }
  const root = fromBase64(encoded);
  if (root === null || root.length !== 32) fail("the checkpoint's root");
  return { origin, size: BigInt(digits), root };
}

// The time of the line, 0 for a 0x01 line; null if the key did not make it.
function verifyLine(key: VerifierKey, line: NoteLine, text: string): bigint | null {
  if (key.type === kEd25519) return verify(key.key, utf8(text), line.signature) ? 0n : null;
  if (line.signature.length !== 8 + 64) return null;
  const timeS = readU64be(line.signature);
  if (timeS > kTimeMax) return null;
  const message = utf8(`cosignature/v1\ntime ${timeS}\n${text}`);
  return verify(key.key, message, line.signature.subarray(8)) ? timeS : null;
}

// The keys whose lines verify, each once. A CodecError for a known key's line that does not.
export function verifyLines(
  { text, lines }: SignedNote,
  keys: readonly VerifierKey[],
): VerifiedLine[] {
  const verified: VerifiedLine[] = [];
  for (const line of lines) {
    for (const key of keys) {
      if (key.name !== line.name || !equal(keyId(key), line.keyId)) continue;
      const timeS = verifyLine(key, line, text);
      if (timeS === null) fail(`signature does not verify: line of ${line.name}`);
      if (!verified.some((one) => one.key === key)) verified.push({ key, timeS });
    }
  }
  return verified;
}

// The different public keys among the 0x04 lines, and the lower median of their times.
export function cosignersOf(lines: readonly VerifiedLine[]): { count: number; timeS: bigint } {
  const seen: Bytes[] = [];
  const times: bigint[] = [];
  for (const { key, timeS } of lines) {
    if (key.type !== kCosignature || seen.some((known) => equal(known, key.key))) continue;
    seen.push(key.key);
    times.push(timeS);
  }
  times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { count: times.length, timeS: times[(times.length - 1) >> 1] ?? 0n };
}
