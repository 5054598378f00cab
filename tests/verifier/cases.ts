// What make_cases.cpp wrote; SANAD_CASES names the folder.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseBundle, parseTrust, type Trust } from "../src/files.ts";
import { Refusal } from "../src/refusal.ts";
import { ready } from "../src/signature.ts";
import { type Findings, verifyBundle } from "../src/verify.ts";

function folder(): string {
  const given = process.env["SANAD_CASES"];
  if (given === undefined) throw new Error("SANAD_CASES names the folder of verifier_cases");
  return given;
}

export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder(), name)));
}

// Rows of fields; never none, so that no test passes on an empty table.
export function rowsOf(name: string): string[][] {
  const lines = readFileSync(join(folder(), name), "utf8").split("\n").slice(0, -1);
  if (lines.length === 0) throw new Error(`${name} is empty`);
  return lines.map((line) => line.split("\t"));
}

export function trusts(): Map<string, Trust> {
  const suffix = ".trust.json";
  const names = readdirSync(folder()).filter((name) => name.endsWith(suffix));
  return new Map(names.map((name) => [name.slice(0, -suffix.length), parseTrust(bytesOf(name))]));
}

export function trustNamed(name: string): Trust {
  const trust = trusts().get(name);
  if (trust === undefined) throw new Error(`no trust file ${name}`);
  return trust;
}

export async function findingsOf(proof: Uint8Array, trust: Trust): Promise<Findings> {
  await ready;
  return verifyBundle(parseBundle(proof), trust);
}

// The reason's name, or "holds": as make_cases.cpp writes it.
export async function reasonOf(proof: Uint8Array, trust: Trust): Promise<string> {
  try {
    await findingsOf(proof, trust);
    return "holds";
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}
