// What is a record, a signature, a trust file: as the ledger's own code decides.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fromBase64, fromHex, toBase64, toHex } from "../src/bytes.ts";
import { parseTrust } from "../src/files.ts";
import { decodeRecord } from "../src/records.ts";
import { CodecError, Refusal } from "../src/refusal.ts";
import { ready, verify } from "../src/signature.ts";
import { rowsOf } from "./cases.ts";

const bytes = (hex = ""): Uint8Array => fromHex(hex) ?? assert.fail("hex");

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof CodecError || error instanceof Refusal) return false;
    throw error;
  }
}

test("F2: records with flipped bits and cut ones are read, or refused, as the ledger does", () => {
  const counts = { read: 0, refused: 0 };
  for (const [valid, hex] of rowsOf("records.tsv")) {
    const accepted = accepts(() => decodeRecord(bytes(hex)));
    assert.equal(accepted, valid === "1", hex);
    ++counts[accepted ? "read" : "refused"];
  }
  assert.ok(counts.read > 100 && counts.refused > 100, JSON.stringify(counts));
});

test("F4: signatures hold where the ledger's libsodium says so, without a cofactor", async () => {
  await ready;
  for (const [valid, key, message, signature] of rowsOf("signatures.tsv")) {
    assert.equal(verify(bytes(key), bytes(message), bytes(signature)), valid === "1", signature);
  }
});

interface Wycheproof {
  numberOfTests: number;
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; msg: string; sig: string; result: string }[];
  }[];
}

test("F4: Wycheproof's Ed25519 vectors", async (context) => {
  await ready;
  const file = join(process.env["SANAD_SHARED"] ?? "", "vectors/wycheproof_ed25519.json");
  if (!existsSync(file)) {
    assert.equal(process.env["CI"], undefined, `missing under CI: ${file}`);
    console.log("SKIPPED verifier: no vectors/wycheproof_ed25519.json");
    return context.skip("no vectors");
  }
  const { numberOfTests, testGroups } = JSON.parse(readFileSync(file, "utf8")) as Wycheproof;
  let count = 0;
  for (const { publicKey, tests } of testGroups) {
    for (const { tcId, msg, sig, result } of tests) {
      const accepted = verify(bytes(publicKey.pk), bytes(msg), bytes(sig));
      assert.equal(accepted, result === "valid", `tcId ${tcId}`);
      ++count;
    }
  }
  assert.equal(count, numberOfTests);
});

test("Trust files are read in any spelling of JSON, and refused as the ledger does", () => {
  for (const [valid, text = ""] of rowsOf("trusts.tsv")) {
    const file = fromBase64(text) ?? assert.fail("base64");
    const shown = new TextDecoder().decode(file).slice(0, 80);
    assert.equal(
      accepts(() => parseTrust(file)),
      valid === "1",
      shown,
    );
  }
});

test("hex and base64 have one text for each value", () => {
  for (let size = 0; size < 70; ++size) {
    const value = Uint8Array.from({ length: size }, (_, i) => (i * 151 + size) & 0xff);
    assert.deepEqual(fromHex(toHex(value)), value);
    assert.deepEqual(fromBase64(toBase64(value)), value);
    assert.equal(toBase64(value), Buffer.from(value).toString("base64"));
  }
  for (const text of [
    "A",
    "AA",
    "AAA",
    "AB==",
    "AAB=",
    "A===",
    "====",
    "AA=A",
    "AA==AAAA",
    "AA A",
  ]) {
    assert.equal(fromBase64(text), null, text);
  }
  for (const text of ["0", "0G", "AB", " 0"]) assert.equal(fromHex(text), null, text);
});
