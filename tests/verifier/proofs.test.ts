// The page and `sanad verify` agree on every proof: what holds, and for which reason the rest does
// not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, utf8 } from "../src/bytes.ts";
import { pasted } from "../src/files.ts";
import { checkGrowth } from "../src/verify.ts";
import { bytesOf, findingsOf, reasonOf, rowsOf, trustNamed, trusts } from "./cases.ts";

test("F17: proofs made by the ledger get the ledger's verdict", async () => {
  for (const [name = "", trust = "", reason] of rowsOf("proofs.tsv")) {
    assert.equal(await reasonOf(bytesOf(`${name}.sanad.json`), trustNamed(trust)), reason, name);
  }
});

test("F17: spoilt proofs are refused, each for the ledger's reason", async () => {
  const known = trusts();
  let refused = 0;
  for (const [i, [name = "", reason, text = ""]] of rowsOf("spoilt.tsv").entries()) {
    const trust = known.get(name) ?? assert.fail(name);
    const proof = fromBase64(text) ?? assert.fail("base64");
    assert.equal(await reasonOf(proof, trust), reason, `row ${i + 1}`);
    if (reason !== "holds") ++refused;
  }
  assert.ok(refused > 50, `${refused}`);
});

test("F17: every byte of a proof changed is refused, for the ledger's reason", async () => {
  const proof = bytesOf("small.sanad.json");
  const trust = trustNamed("first");
  const reasons = rowsOf("small.flips").map(([reason]) => reason);
  assert.equal(reasons.length, proof.length);
  for (const [at, reason] of reasons.entries()) {
    const flipped = proof.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    assert.equal(await reasonOf(flipped, trust), reason, `byte ${at}`);
  }
});

test("F17: a proof cut anywhere is refused", async () => {
  const proof = bytesOf("small.sanad.json");
  const trust = trustNamed("first");
  for (let size = 0; size < proof.length; size += 37) {
    assert.notEqual(await reasonOf(proof.subarray(0, size), trust), "holds", `${size} bytes`);
  }
});

test("What is found is what the proof says", async () => {
  const trust = trustNamed("first");
  const whole = await findingsOf(bytesOf("consignment.sanad.json"), trust);
  assert.equal(whole.history.size, BigInt(whole.history.records.length));
  assert.deepEqual(
    whole.cosignedBy.map(({ id }) => id),
    ["AE-DU", "KW", "QA"],
  );
  assert.equal(whole.quorum, 3);
  assert.ok(whole.openedFacts > 0);
  assert.equal(whole.sealedFacts, 0);
  const sealed = await findingsOf(bytesOf("sealed.sanad.json"), trust);
  assert.equal(sealed.openedFacts, 6);
  assert.equal(sealed.openedFacts + sealed.sealedFacts, whole.openedFacts);
  const absent = await findingsOf(bytesOf("absent.sanad.json"), trust);
  assert.equal(absent.history.size, 0n);
  const handed = await findingsOf(bytesOf("handed.sanad.json"), trust);
  assert.equal(handed.commit.epoch, trust.epoch + 1n);
  assert.equal(handed.validators, 7);
  assert.equal(handed.cosignedBy.length, 5);
});

test("F16: a proof continues an earlier one, or contradicts it, as the ledger says", async () => {
  const trust = trustNamed("first");
  const seen = new Set<string>();
  for (const [earlier = "", later = "", reason = ""] of rowsOf("growth.tsv")) {
    const before = await findingsOf(bytesOf(`${earlier}.sanad.json`), trust);
    const after = await findingsOf(bytesOf(`${later}.sanad.json`), trust);
    const grows = (): void => checkGrowth(before, after);
    if (reason === "holds") grows();
    else assert.throws(grows, { reason }, `${earlier}, then ${later}`);
    seen.add(reason);
  }
  assert.deepEqual([...seen].sort(), ["holds", "since-mismatch", "two-histories"]);
});

test("A pasted proof may have lost its last newline, or have Windows' line ends", async () => {
  const text = new TextDecoder().decode(bytesOf("small.sanad.json"));
  const trust = trustNamed("first");
  for (const variant of [text, text.trimEnd(), text.replaceAll("\n", "\r\n"), `${text}\n`]) {
    assert.equal(await reasonOf(pasted(variant), trust), "holds");
  }
  assert.equal(await reasonOf(utf8(text.trimEnd()), trust), "not-canonical");
});
