// The browser verifier in a real Chromium: from a file and over HTTP, in both languages, on a
// phone's width.
//
//   node run.mjs PAGE.html CASES [SCREENSHOTS]    CASES: the folder that verifier_cases wrote
//
// Environment: CHROMIUM (/usr/bin/chromium), SANAD_SHARED with the published vectors.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [pageFile, cases, screenshots] = process.argv.slice(2);
if (cases === undefined) throw new Error("usage: node run.mjs PAGE.html CASES [SCREENSHOTS]");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const phone = { width: 360, height: 740 };
const kDayMs = 86_400_000;

const caseFile = (name) => join(cases, name);
const proofFile = (name) => caseFile(`${name}.sanad.json`);
const trustFile = (name) => caseFile(`${name}.trust.json`);
const rows = readFileSync(caseFile("proofs.tsv"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t"));
const issuedMs = Number(JSON.parse(readFileSync(trustFile("first"), "utf8")).issued_ms);

// A tab that has just opened the page, and what it must not do: complain, or ask for anything.
class Tab {
  static async open(browser, url, locale) {
    const context = await browser.newContext({ locale, viewport: phone });
    const tab = new Tab();
    tab.complaints = [];
    tab.page = await context.newPage();
    tab.page.on("pageerror", (error) => tab.complaints.push(String(error)));
    tab.page.on("console", (message) => {
      if (message.type() === "error") tab.complaints.push(message.text());
    });
    tab.page.on("request", (request) => {
      if (request.url() !== url) tab.complaints.push(`asked for ${request.url()}`);
    });
    await tab.at(1);
    await tab.page.goto(url);
    return tab;
  }

  // So many days after the trust file was issued.
  async at(days) {
    await this.page.clock.setFixedTime(issuedMs + days * kDayMs);
  }

  async put(where, file) {
    await this.page.setInputFiles(`#${where} input[type=file]`, file);
  }

  async paste(where, text) {
    const details = this.page.locator(`#${where} details`);
    if (!(await details.evaluate((one) => one.open))) await details.locator("summary").click();
    await details.locator("textarea").fill(text);
    await details.locator("button").click();
  }

  // Drops a file on the page itself, wherever.
  async drop(file) {
    const text = readFileSync(file, "utf8");
    const transfer = await this.page.evaluateHandle((content) => {
      const made = new DataTransfer();
      made.items.add(new File([content], "dropped.json"));
      return made;
    }, text);
    await this.page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  }

  // proved, refused or open; and for which reason not.
  async verdict() {
    const shown = this.page.locator("#verdict [data-outcome]");
    await shown.waitFor({ timeout: 5_000 });
    const outcome = await shown.getAttribute("data-outcome");
    const refusal = this.page.locator("#verdict [data-refusal]");
    const reason =
      (await refusal.count()) > 0 ? await refusal.getAttribute("data-refusal") : "holds";
    return { outcome, reason };
  }

  // The verdict on a proof, and the milliseconds from its choice to that.
  async check(trust, proof) {
    await this.put("trust", trust);
    await this.page.evaluate(() => document.querySelector("#verdict").replaceChildren());
    const begin = performance.now();
    await this.put("proof", proof);
    const verdict = await this.verdict();
    return { ...verdict, ms: performance.now() - begin };
  }

  async hasNoFault(state) {
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => window.axe.run());
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
    assert.deepEqual(told, [], `accessibility, ${state}`);
    const [inside, width] = await this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth];
    });
    assert.ok(inside <= width, `${state}: ${inside} px wide on ${width}`);
  }

  async picture(name) {
    if (screenshots === undefined) return;
    await this.page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  }

  async close() {
    assert.deepEqual(this.complaints, []);
    await this.page.context().close();
  }
}

async function everyProof(tab) {
  const times = [];
  for (const [name, trust, reason] of rows) {
    const { ms, ...verdict } = await tab.check(trustFile(trust), proofFile(name));
    const outcome = reason === "holds" ? "proved" : "refused";
    assert.deepEqual(verdict, { outcome, reason }, name);
    times.push([name, ms]);
  }
  return new Map(times);
}

async function spoiltProofs(tab) {
  const text = readFileSync(proofFile("small"), "utf8");
  const reasons = readFileSync(caseFile("small.flips"), "utf8").trimEnd().split("\n");
  const put = async (content) => {
    await tab.page.evaluate(() => document.querySelector("#verdict").replaceChildren());
    await tab.put("proof", {
      name: "p.sanad.json",
      mimeType: "application/json",
      buffer: Buffer.from(content, "latin1"),
    });
    return tab.verdict();
  };
  await tab.put("trust", trustFile("first"));
  const bytes = Buffer.from(text).toString("latin1");
  for (let at = 0; at < bytes.length; at += 241) {
    const flipped = String.fromCharCode(bytes.charCodeAt(at) ^ 1);
    const { reason } = await put(bytes.slice(0, at) + flipped + bytes.slice(at + 1));
    assert.equal(reason, reasons[at], `byte ${at}`);
  }
  for (const size of [0, 1, bytes.length >> 1, bytes.length - 1]) {
    const { outcome } = await put(bytes.slice(0, size));
    assert.equal(outcome, "refused", `cut to ${size} bytes`);
  }
  // Tags in a file are text, wherever they are shown.
  const { outcome } = await put(bytes.replace("UCR-7", "<img src=x onerror=alert(1)>"));
  assert.equal(outcome, "refused");
  assert.equal(await tab.page.locator("#verdict img, .state img").count(), 0);
}

async function otherWaysIn(tab) {
  await tab.page.reload();
  await tab.paste("trust", readFileSync(trustFile("first"), "utf8"));
  await tab.paste("proof", readFileSync(proofFile("consignment"), "utf8").trimEnd());
  assert.equal((await tab.verdict()).outcome, "proved");
  await tab.page.reload();
  assert.equal(await tab.page.locator("#verdict [data-outcome]").count(), 0);
  await tab.drop(proofFile("absent"));
  await tab.drop(trustFile("first"));
  assert.equal((await tab.verdict()).outcome, "proved");
}

async function trustIsKept(tab) {
  await tab.put("trust", trustFile("first"));
  assert.ok(!(await tab.page.locator("#forget").isVisible()));
  await tab.page.check("#remember");
  await tab.page.reload();
  assert.equal((await tab.check([], proofFile("consignment"))).outcome, "proved");
  await tab.page.click("#forget");
  await tab.page.reload();
  assert.ok(!(await tab.page.locator("#remember").isVisible()));
}

async function oldTrust(tab, language) {
  await tab.at(91);
  const { outcome, reason } = await tab.check(trustFile("first"), proofFile("consignment"));
  assert.deepEqual({ outcome, reason }, { outcome: "open", reason: "trust-expired" });
  await tab.hasNoFault("expired");
  await tab.picture(`expired-${language}`);
  await tab.page.click("#verdict button");
  await tab.page.locator("#verdict .warning").waitFor();
  assert.deepEqual(await tab.verdict(), { outcome: "open", reason: "holds" });
  await tab.at(1);
}

async function growth(tab) {
  await tab.check(trustFile("first"), proofFile("grown"));
  await tab.put("earlier", proofFile("consignment"));
  await tab.page.locator("[data-refusal=since-mismatch]").waitFor();
  await tab.put("earlier", proofFile("earlier"));
  await tab.page.locator("[data-outcome=proved]").waitFor();
}

async function vectors(tab) {
  const file = join(process.env["SANAD_SHARED"] ?? "", "vectors/wycheproof_ed25519.json");
  if (!existsSync(file)) return console.log("SKIPPED verifier: no vectors/wycheproof_ed25519.json");
  const wrong = await tab.page.evaluate(
    async ({ testGroups }) => {
      const { verify, ready } = window.sanadVerifier;
      await ready;
      const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
      const found = [];
      for (const { publicKey, tests } of testGroups) {
        for (const { tcId, msg, sig, result } of tests) {
          const accepted = verify(bytes(publicKey.pk), bytes(msg), bytes(sig));
          if (accepted !== (result === "valid")) found.push(tcId);
        }
      }
      return found;
    },
    JSON.parse(readFileSync(file, "utf8")),
  );
  assert.deepEqual(wrong, []);
}

async function oneLanguage(browser, url, locale, origin) {
  const tab = await Tab.open(browser, url, locale);
  const language = locale.slice(0, 2);
  const direction = { en: "ltr", ar: "rtl" }[language];
  assert.equal(await tab.page.getAttribute("html", "lang"), language);
  assert.equal(await tab.page.getAttribute("html", "dir"), direction);
  await tab.hasNoFault("empty");
  const times = await everyProof(tab);
  await tab.check(trustFile("first"), proofFile("sealed"));
  for (const one of await tab.page.locator("#verdict summary").all()) await one.click();
  await tab.hasNoFault("proved");
  await tab.picture(`proved-${language}`);
  await tab.check(trustFile("first"), proofFile("newer"));
  await tab.hasNoFault("refused");
  await tab.picture(`refused-${language}`);
  await oldTrust(tab, language);
  await growth(tab);
  await otherWaysIn(tab);
  await trustIsKept(tab);
  await spoiltProofs(tab);
  await vectors(tab);
  await tab.page.click("#language");
  assert.notEqual(await tab.page.getAttribute("html", "lang"), language);
  await tab.close();
  console.log(
    `${origin} ${language}: ${rows.length} proofs; six records with 5 of 7 cosignatures in ` +
      `${times.get("seven").toFixed(0)} ms`,
  );
}

// As a node serves the page.
function serve(html) {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)[1];
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("content-security-policy", `${policy}; frame-ancestors 'none'`);
    response.end(html);
  });
  return new Promise((listening) => {
    server.listen(0, "127.0.0.1", () => listening(server));
  });
}

const server = await serve(readFileSync(pageFile, "utf8"));
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
try {
  const origins = {
    file: pathToFileURL(resolve(pageFile)).href,
    http: `http://127.0.0.1:${server.address().port}/verify/`,
  };
  for (const [origin, url] of Object.entries(origins)) {
    for (const locale of ["en-GB", "ar-KW"]) await oneLanguage(browser, url, locale, origin);
  }
} finally {
  await browser.close();
  server.close();
}
