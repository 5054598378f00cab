// Both languages say everything: tsc sees that each text is there, this that it says something and
// shows what it is given.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ar } from "../src/ar.ts";
import { en } from "../src/en.ts";
import type { Texts } from "../src/texts.ts";

// Leaves out codes for machines.
const kCodes = new Set(["language", "direction", "locale"]);

function leaves(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`));
}

function said(texts: Texts): [string, string][] {
  return leaves(texts, "").flatMap(([path, value]): [string, string][] => {
    if (typeof value !== "function") return [[path, String(value)]];
    // The first argument of some is the kind of a subject, all others are shown as they are.
    const kinds = /complete|grown|absent/.test(path) ? ["consignment", "container"] : [];
    const given = Array.from({ length: value.length }, (_, i) => `<${i}>`);
    const ways = kinds.length > 0 ? kinds.map((kind) => [kind, ...given.slice(1)]) : [given];
    return ways.map((way) => {
      const text = String(value(...way));
      const hidden = way.filter((one) => one.startsWith("<") && !text.includes(one));
      const dayless = /subject\.(consignment|container)$/.test(path) ? ["<1>"] : [];
      assert.deepEqual(
        hidden.filter((one) => !dayless.includes(one)),
        [],
        path,
      );
      return [path, text];
    });
  });
}

test("English and Arabic have the same texts", () => {
  const names = (texts: Texts): string[] => leaves(texts, "").map(([path]) => path);
  assert.deepEqual(names(en), names(ar));
  assert.equal(en.fields.length, 37);
});

test("each text is in its own language", () => {
  const arabic = /[\u0600-\u06ff]/;
  for (const [path, text] of said(en)) {
    if (path !== ".page.otherLanguage") assert.doesNotMatch(text, arabic, path);
    assert.notEqual(text.trim(), "", path);
  }
  for (const [path, text] of said(ar)) {
    if (path === ".page.otherLanguage" || kCodes.has(path.slice(1))) continue;
    assert.match(text, arabic, path);
  }
});
