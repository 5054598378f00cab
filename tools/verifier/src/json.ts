// JSON as the ledger's tools read and write it (docs/formats.md, "Canonical bytes"): stricter than
// JSON.parse, with a shape for each type that both reads and writes it. As crypto/codec_json.h.

import { type Bytes, fromBase64, fromHex, isCleanText, toBase64, toHex, utf8 } from "./bytes.ts";
import { CodecError } from "./refusal.ts";

export type Json = null | boolean | bigint | string | Json[] | Map<string, Json>;

export interface JsonLimits {
  values: number;
  members: number;
  depth: number;
}

class Parser {
  private at = 0;
  private values = 0;

  constructor(
    private readonly text: string,
    private readonly limits: JsonLimits,
  ) {}

  whole(): Json {
    const value = this.value(0);
    this.space();
    if (this.at !== this.text.length) this.fail("bytes after the end");
    return value;
  }

  private fail(what: string): never {
    throw new CodecError(`${what}: at character ${this.at}`);
  }

  private space(): void {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) ++this.at;
  }

  private take(character: string): boolean {
    this.space();
    if (this.text[this.at] !== character) return false;
    ++this.at;
    return true;
  }

  private value(depth: number): Json {
    this.space();
    if (++this.values > this.limits.values) this.fail("longer than allowed");
    const first = this.text[this.at];
    if (first === "{" || first === "[") {
      if (depth === this.limits.depth) this.fail("nested too deeply");
      ++this.at;
      return first === "{" ? this.object(depth + 1) : this.array(depth + 1);
    }
    if (first === '"') return this.string();
    for (const [word, value] of [
      ["null", null],
      ["true", true],
      ["false", false],
    ] as const) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.number();
  }

  private number(): bigint {
    const pattern = /-?(?:0|[1-9][0-9]*)/y;
    pattern.lastIndex = this.at;
    const digits = pattern.exec(this.text)?.[0];
    if (digits === undefined || digits.length > 20) this.fail("malformed text");
    if (/[.eE0-9]/.test(this.text[this.at + digits.length] ?? "")) {
      this.fail("another type than expected");
    }
    const value = BigInt(digits);
    if (digits === "-0" || value >= 1n << 63n || value < -(1n << 63n))
      this.fail("number out of range");
    this.at += digits.length;
    return value;
  }

  private array(depth: number): Json[] {
    const items: Json[] = [];
    if (this.take("]")) return items;
    do items.push(this.value(depth));
    while (this.take(","));
    if (!this.take("]")) this.fail("malformed text");
    return items;
  }

  private object(depth: number): Map<string, Json> {
    const members = new Map<string, Json>();
    if (this.take("}")) return members;
    do {
      this.space();
      const name = this.string();
      if (members.has(name)) this.fail("the same name twice");
      if (members.size === this.limits.members) this.fail("longer than allowed");
      if (!this.take(":")) this.fail("malformed text");
      members.set(name, this.value(depth));
    } while (this.take(","));
    if (!this.take("}")) this.fail("malformed text");
    return members;
  }

  private string(): string {
    if (this.text[this.at] !== '"') this.fail("malformed text");
    let text = "";
    for (let from = ++this.at; ;) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code)) this.fail("the bytes end too early");
      if (code < 0x20) this.fail("malformed text");
      if (code !== 0x22 && code !== 0x5c) {
        ++this.at;
        continue;
      }
      text += this.text.slice(from, this.at++);
      if (code === 0x22) break;
      text += this.escape();
      from = this.at;
    }
    if (/\p{Surrogate}/u.test(text)) this.fail("malformed text");
    return text;
  }

  private escape(): string {
    const letter = this.text[this.at++] ?? "";
    const plain = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
    if (letter in plain) return plain[letter as keyof typeof plain];
    const digits = this.text.slice(this.at, this.at + 4);
    if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("malformed text");
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }
}

export function parseJson(text: string, limits: JsonLimits): Json {
  return new Parser(text, limits).whole();
}

// ------------------------------------------------------------------ shapes of types

export interface Shape<T> {
  read(json: Json): T;
  write(value: T): string;
}
export type Of<S> = S extends Shape<infer T> ? T : never;

function fail(what: string): never {
  throw new CodecError(what);
}

// `read()`, and where it fails the step to the place before what it says.
function within<T>(step: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const separator = /^[.[]/.test(error.message) ? "" : ": ";
    throw new CodecError(step + separator + error.message);
  }
}

function stringOf(json: Json): string {
  return typeof json === "string" ? json : fail("another type than expected");
}

export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

export const text = (max = 1024): Shape<string> => ({
  read(json) {
    const value = stringOf(json);
    if (utf8(value).length > max) fail("longer than allowed");
    return isCleanText(value) ? value : fail("text is not clean UTF-8");
  },
  write: quote,
});

// An integer of at most 32 bits.
export const number = (max = 0xffff_ffff): Shape<number> => ({
  read(json) {
    if (typeof json !== "bigint") fail("another type than expected");
    return json >= 0n && json <= BigInt(max) ? Number(json) : fail("number out of range");
  },
  write: (value) => value.toString(),
});

const decimal = (min: bigint, max: bigint): Shape<bigint> => ({
  read(json) {
    const digits = stringOf(json);
    if (!/^(?:0|-?[1-9][0-9]{0,19})$/.test(digits)) fail("malformed text");
    const value = BigInt(digits);
    return value >= min && value <= max ? value : fail("number out of range");
  },
  write: (value) => `"${value}"`,
});
export const u64 = decimal(0n, (1n << 64n) - 1n);
export const i64 = decimal(-(1n << 63n), (1n << 63n) - 1n);

export const hex = (size: number): Shape<Bytes> => ({
  read(json) {
    const bytes = fromHex(stringOf(json)) ?? fail("malformed text");
    return bytes.length === size ? bytes : fail("wrong length");
  },
  write: (bytes) => `"${toHex(bytes)}"`,
});

export const base64 = (max = 65_535): Shape<Bytes> => ({
  read(json) {
    const bytes = fromBase64(stringOf(json)) ?? fail("malformed text");
    return bytes.length <= max ? bytes : fail("longer than allowed");
  },
  write: (bytes) => `"${toBase64(bytes)}"`,
});

export const list = <T>(item: Shape<T>, max = 4096): Shape<T[]> => ({
  read(json) {
    if (!Array.isArray(json)) fail("another type than expected");
    if (json.length > max) fail("longer than allowed");
    return json.map((one, i) => within(`[${i}]`, () => item.read(one)));
  },
  write: (items) => `[${items.map(item.write).join(",")}]`,
});

export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  read: (json) => (json === null ? null : shape.read(json)),
  write: (value) => (value === null ? "null" : shape.write(value)),
});

// Methods take their arguments either way, so this holds every shape.
type Members = Record<string, Shape<unknown>>;
export type ObjectOf<M extends Members> = { [K in keyof M]: Of<M[K]> };
export const object = <M extends Members>(members: M): Shape<ObjectOf<M>> => ({
  read(json) {
    if (!(json instanceof Map)) fail("another type than expected");
    const value: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries(members)) {
      const member = json.get(name);
      value[name] = within(`.${name}`, () =>
        member === undefined ? fail("missing field") : shape.read(member),
      );
    }
    for (const name of json.keys()) {
      if (!Object.hasOwn(members, name)) fail(`unknown field ${quote(name)}`);
    }
    return value as ObjectOf<M>;
  },
  write: (value) =>
    `{${Object.entries(members)
      .map(([name, shape]) => `${quote(name)}:${shape.write(value[name])}`)
      .join(",")}}`,
});

// {"name": value}, as { kind, value }.
export type OneOf<M extends Members> = {
  [K in keyof M & string]: { kind: K; value: Of<M[K]> };
}[keyof M & string];
export const oneOf = <M extends Members>(alternatives: M): Shape<OneOf<M>> => ({
  read(json) {
    if (!(json instanceof Map)) fail("another type than expected");
    const [only, ...more] = json.entries();
    if (only === undefined || more.length > 0) fail("wrong number of fields");
    const [kind, member] = only;
    const shape = Object.hasOwn(alternatives, kind) ? alternatives[kind] : undefined;
    if (shape === undefined) fail("unknown enumerator");
    return { kind, value: within(`.${kind}`, () => shape.read(member)) } as OneOf<M>;
  },
  write: ({ kind, value }) => `{${quote(kind)}:${alternatives[kind]?.write(value)}}`,
});
