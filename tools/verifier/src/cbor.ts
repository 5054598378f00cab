// Canonical CBOR (docs/formats.md, "Canonical bytes"): a reader that refuses whatever a writer
// would not have written, and the few writers that hashing takes. As crypto/codec.h.

import { type Bytes, concat, fromUtf8, isCleanText, utf8 } from "./bytes.ts";
import { CodecError } from "./refusal.ts";

const kUnsigned = 0;
const kNegative = 1;
const kByteString = 2;
const kTextString = 3;
const kArray = 4;
const kNull = 0xf6;
const kDepthMax = 8;

export class CborReader {
  private at = 0;
  private itemAt = 0;
  private readonly left: number[] = [];

  constructor(private readonly bytes: Bytes) {}

  fail(what: string): never {
    throw new CodecError(`${what}: at byte ${this.itemAt}`);
  }

  finish(): void {
    if (this.at === this.bytes.length) return;
    this.itemAt = this.at;
    this.fail("bytes after the end");
  }

  private head(): { major: number; argument: bigint } {
    this.itemAt = this.at;
    const innermost = this.left.length - 1;
    if (innermost >= 0) {
      const items = this.left[innermost] ?? 0;
      if (items === 0) this.fail("wrong number of fields");
      this.left[innermost] = items - 1;
    }
    const lead = this.bytes[this.at];
    if (lead === undefined) this.fail("the bytes end too early");
    ++this.at;
    const major = lead >> 5;
    const short = lead & 31;
    if (short < 24) return { major, argument: BigInt(short) };
    if (short > 27 || major === 7) this.fail("not in canonical form");
    const length = 1 << (short - 24);
    if (this.bytes.length - this.at < length) this.fail("the bytes end too early");
    let argument = 0n;
    for (let i = 0; i < length; ++i)
      argument = (argument << 8n) | BigInt(this.bytes[this.at++] ?? 0);
    const shorterMax = short === 24 ? 23n : (1n << BigInt(length * 4)) - 1n;
    if (argument <= shorterMax) this.fail("not in canonical form");
    return { major, argument };
  }

  unsigned(max: bigint): bigint {
    const { major, argument } = this.head();
    if (major !== kUnsigned) this.fail("another type than expected");
    if (argument > max) this.fail("number out of range");
    return argument;
  }

  signed(): bigint {
    const { major, argument } = this.head();
    if (major > kNegative) this.fail("another type than expected");
    if (argument >= 1n << 63n) this.fail("number out of range");
    return major === kNegative ? -1n - argument : argument;
  }

  // Consumes a null if one is next.
  isNull(): boolean {
    if (this.bytes[this.at] !== kNull) return false;
    this.head();
    return true;
  }

  private string(wanted: number, max: number): Bytes {
    const { major, argument } = this.head();
    if (major !== wanted) this.fail("another type than expected");
    if (argument > BigInt(max)) this.fail("longer than allowed");
    if (argument > BigInt(this.bytes.length - this.at)) this.fail("the bytes end too early");
    const view = this.bytes.subarray(this.at, this.at + Number(argument));
    this.at += view.length;
    return view;
  }

  byteString(max: number): Bytes {
    return this.string(kByteString, max);
  }

  text(max: number): string {
    const text = fromUtf8(this.string(kTextString, max));
    if (text === null || !isCleanText(text)) this.fail("text is not clean UTF-8");
    return text;
  }

  beginArray(max: number): number {
    const { major, argument } = this.head();
    if (major !== kArray) this.fail("another type than expected");
    if (argument > BigInt(max)) this.fail("longer than allowed");
    // Every item takes a byte at least.
    if (argument > BigInt(this.bytes.length - this.at)) this.fail("the bytes end too early");
    if (this.left.length === kDepthMax) this.fail("nested too deeply");
    this.left.push(Number(argument));
    return Number(argument);
  }

  endArray(): void {
    if (this.left.pop() !== 0) this.fail("wrong number of fields");
  }
}

// ------------------------------------------------------------------ shapes of values

export type Read<T> = (reader: CborReader) => T;

// The value whose canonical bytes are exactly these.
export function decode<T>(read: Read<T>, bytes: Bytes): T {
  const reader = new CborReader(bytes);
  const value = read(reader);
  reader.finish();
  return value;
}

export const u64: Read<bigint> = (reader) => reader.unsigned((1n << 64n) - 1n);
export const i64: Read<bigint> = (reader) => reader.signed();
export const u32: Read<number> = (reader) => Number(reader.unsigned(0xffff_ffffn));
export const u8: Read<number> = (reader) => Number(reader.unsigned(0xffn));
export const text =
  (max: number): Read<string> =>
  (reader) =>
    reader.text(max);
export const byteString =
  (max: number): Read<Bytes> =>
  (reader) =>
    reader.byteString(max);

export const fixed =
  (size: number): Read<Bytes> =>
  (reader) => {
    const bytes = reader.byteString(size);
    if (bytes.length !== size) reader.fail("wrong length");
    return bytes;
  };
export const hash = fixed(32);

export const named =
  <N extends string>(names: readonly N[]): Read<N> =>
  (reader: CborReader) => {
    const name = names[Number(reader.unsigned((1n << 64n) - 1n))];
    if (name === undefined) reader.fail("unknown enumerator");
    return name;
  };

export const list =
  <T>(item: Read<T>, max = 4096): Read<T[]> =>
  (reader) => {
    const items: T[] = [];
    const count = reader.beginArray(max);
    for (let i = 0; i < count; ++i) items.push(item(reader));
    reader.endArray();
    return items;
  };

export const nullable =
  <T>(value: Read<T>): Read<T | null> =>
  (reader) =>
    reader.isNull() ? null : value(reader);

export type Fields = Record<string, Read<unknown>>;
export type StructOf<F extends Fields> = { [K in keyof F]: ReturnType<F[K]> };
export const struct =
  <F extends Fields>(fields: F): Read<StructOf<F>> =>
  (reader) => {
    reader.beginArray(23);
    const value = fieldsOf(fields)(reader);
    reader.endArray();
    return value;
  };
// The fields without the array around them.
export const fieldsOf =
  <F extends Fields>(fields: F): Read<StructOf<F>> =>
  (reader) => {
    const value: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(fields)) value[name] = read(reader);
    return value as StructOf<F>;
  };

// [index, value], as { kind, value }.
export type VariantOf<F extends Fields> = {
  [K in keyof F & string]: { kind: K; value: ReturnType<F[K]> };
}[keyof F & string];
export const variant =
  <F extends Fields>(alternatives: F): Read<VariantOf<F>> =>
  (reader) => {
    if (reader.beginArray(4096) !== 2) reader.fail("wrong number of fields");
    const kind = named(Object.keys(alternatives))(reader);
    const value = alternatives[kind]?.(reader);
    reader.endArray();
    return { kind, value } as VariantOf<F>;
  };

// ------------------------------------------------------------------ writing

function head(major: number, argument: bigint): Bytes {
  const lead = major << 5;
  if (argument < 24n) return Uint8Array.of(lead | Number(argument));
  const size = argument <= 0xffn ? 0 : argument <= 0xffffn ? 1 : argument <= 0xffff_ffffn ? 2 : 3;
  const bytes = new Uint8Array(1 + (1 << size));
  bytes[0] = lead | (24 + size);
  let rest = argument;
  for (let i = bytes.length - 1; i > 0; --i) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export const writeUnsigned = (value: bigint | number): Bytes => head(kUnsigned, BigInt(value));
export const writeSigned = (value: bigint): Bytes =>
  value >= 0n ? head(kUnsigned, value) : head(kNegative, -1n - value);
export const writeBytes = (bytes: Bytes): Bytes =>
  concat(head(kByteString, BigInt(bytes.length)), bytes);
export const writeText = (value: string): Bytes => {
  const bytes = utf8(value);
  return concat(head(kTextString, BigInt(bytes.length)), bytes);
};
export const writeArray = (...items: Bytes[]): Bytes =>
  concat(head(kArray, BigInt(items.length)), ...items);
