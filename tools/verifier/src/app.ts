// The page: takes files, checks them, shows the verdict. Only this file holds state.

import { equal, toHex, utf8 } from "./bytes.ts";
import { ar } from "./ar.ts";
import { element, find, isolated } from "./dom.ts";
import { en } from "./en.ts";
import {
  type Bundle,
  type FileKind,
  kFileMax,
  kindOf,
  parseBundle,
  parseTrust,
  pasted,
  type Trust,
} from "./files.ts";
import { Refusal, refuse } from "./refusal.ts";
import { ready, verify } from "./signature.ts";
import { timeText } from "./story.ts";
import type { PageTexts, Texts } from "./texts.ts";
import { ageOf, checkGrowth, verifyBundle } from "./verify.ts";
import { indexKeyOf } from "./verify_history.ts";
import { expiredView, provedView, refusedView, subjectText } from "./view.ts";

const kRemembered = "sanad.trust";
const kPlaces = ["trust", "proof", "earlier"] as const;
type Place = (typeof kPlaces)[number];

type Loaded<T> = { value: T; bytes: Uint8Array } | Refusal | null;
interface Files {
  trust: Loaded<Trust>;
  proof: Loaded<Bundle>;
  earlier: Loaded<Bundle>;
}

const files: Files = { trust: null, proof: null, earlier: null };
let texts: Texts = en;
let wasRemembered = false;
let ignoreAge = false;
// Counts the changes: a check that was overtaken by a new one shows nothing.
let change = 0;

const place = (name: Place, part: string): HTMLElement => find(`#${name} ${part}`, HTMLElement);
const verdict = find("#verdict", HTMLElement);

// ------------------------------------------------------------------ what the browser keeps

// Storage may be switched off, for pages from a file above all.
function stored(action: (storage: Storage) => string | null): string | null {
  try {
    return action(localStorage);
  } catch {
    return null;
  }
}

function forget(): void {
  stored((storage) => {
    storage.removeItem(kRemembered);
    return null;
  });
  wasRemembered = false;
  find("#remember", HTMLInputElement).checked = false;
}

function keep(bytes: Uint8Array): void {
  const kept = stored((storage) => {
    storage.setItem(kRemembered, new TextDecoder().decode(bytes));
    return storage.getItem(kRemembered);
  });
  find("#remember", HTMLInputElement).checked = kept !== null;
}

// ------------------------------------------------------------------ loading

function loaded<T>(parse: (bytes: Uint8Array) => T, bytes: Uint8Array): Loaded<T> {
  try {
    return { value: parse(bytes), bytes };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function put(where: Place, bytes: Uint8Array): void {
  if (where === "trust") {
    files.trust = loaded(parseTrust, bytes);
    wasRemembered = false;
    ignoreAge = false;
    const { trust } = files;
    if (trust !== null && "value" in trust && find("#remember", HTMLInputElement).checked) {
      keep(trust.bytes);
    }
  } else {
    files[where] = loaded(parseBundle, bytes);
    if (where === "proof") files.earlier = null;
  }
  void show();
}

// Where a file goes that was dropped on the page: by what it is.
function drop(bytes: Uint8Array): void {
  let kind: FileKind | null = null;
  try {
    kind = kindOf(bytes);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  put(kind ?? "proof", bytes);
}

async function read(file: File): Promise<Uint8Array> {
  // One more byte than is taken: that is refused in words, without the rest in memory.
  return new Uint8Array(await file.slice(0, kFileMax + 1).arrayBuffer());
}

// ------------------------------------------------------------------ showing

function stateOf(where: Place): string {
  const file = files[where];
  if (file === null) return texts.noFile;
  if (file instanceof Refusal) return texts.refusals[file.reason][0];
  if ("index_proof" in file.value) return texts.proofOf(subjectText(texts, file.value));
  const { network, epoch, issued_ms: issued } = file.value;
  const said = texts.trustOf(isolated(network), epoch.toString(), timeText(texts, issued));
  return wasRemembered ? `${said} ${texts.remembered}` : said;
}

function showFiles(): void {
  for (const where of kPlaces) {
    const state = place(where, ".state");
    state.textContent = stateOf(where);
    state.classList.toggle("bad", files[where] instanceof Refusal);
  }
  const { trust, proof } = files;
  const hasTrust = trust !== null && "value" in trust;
  find("#keeping", HTMLElement).hidden = !hasTrust;
  find("#forget", HTMLElement).hidden = !wasRemembered;
  const grows = proof !== null && "value" in proof && proof.value.since !== null;
  find("#earlier", HTMLElement).hidden = !grows;
}

async function show(): Promise<void> {
  const mine = ++change;
  showFiles();
  const view = await judge(mine);
  if (mine === change) verdict.replaceChildren(view);
}

async function judge(mine: number): Promise<HTMLElement> {
  const { trust, proof, earlier } = files;
  for (const file of [trust, proof]) {
    if (file instanceof Refusal) return refusedView(texts, file);
  }
  if (trust === null || trust instanceof Refusal) return element("p", "", texts.missing.trust);
  if (proof === null || proof instanceof Refusal) return element("p", "", texts.missing.proof);
  const age = ageOf(trust.value, BigInt(Date.now()));
  if (age.expired && !ignoreAge) {
    return expiredView(texts, trust.value, age.days, () => {
      ignoreAge = true;
      void show();
    });
  }
  try {
    await ready.catch((error: unknown) => refuse("browser", String(error)));
    const breathe = (done: number, total: number): Promise<void> => {
      if (mine === change) verdict.textContent = texts.checking(done, total);
      return new Promise((resolve) => setTimeout(resolve));
    };
    const found = await verifyBundle(proof.value, trust.value, breathe);
    if (earlier instanceof Refusal) throw earlier;
    if (earlier !== null) {
      if (!equal(indexKeyOf(earlier.value.subject), indexKeyOf(proof.value.subject))) {
        refuse("since-mismatch", "the earlier proof is about something else");
      }
      checkGrowth(await verifyBundle(earlier.value, trust.value, breathe), found);
    }
    return provedView(texts, {
      trust: trust.value,
      bundle: proof.value,
      found,
      continues: earlier !== null,
      agedDays: age.expired ? age.days : null,
    });
  } catch (error) {
    if (error instanceof Refusal) return refusedView(texts, error);
    throw error;
  }
}

function speak(language: Texts): void {
  texts = language;
  document.documentElement.lang = texts.language;
  document.documentElement.dir = texts.direction;
  document.title = texts.page.title;
  for (const one of document.querySelectorAll<HTMLElement>("[data-text]")) {
    one.textContent = texts.page[one.dataset["text"] as keyof PageTexts];
  }
  const other = texts === en ? ar : en;
  const button = find("#language", HTMLElement);
  button.lang = other.language;
  button.dir = other.direction;
  void show();
}

// ------------------------------------------------------------------ wiring

function addSource(where: Place): void {
  const file = element("input", "");
  file.type = "file";
  const choose = element("span", "");
  choose.dataset["text"] = "choose";
  file.setAttribute("aria-describedby", `${where}-title`);
  const area = element("textarea", "");
  area.rows = 4;
  area.spellcheck = false;
  const label = element("span", "");
  label.dataset["text"] = "pasteLabel";
  const use = element("button", "");
  use.type = "button";
  use.dataset["text"] = "use";
  const summary = element("summary", "");
  summary.dataset["text"] = "paste";
  place(where, ".source").append(
    element("label", "choose", choose, file),
    element("details", "", summary, element("label", "", label, area), use),
  );
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (chosen !== undefined) put(where, await read(chosen));
    file.value = ""; // so that the same file can be chosen again once it changed
  });
  use.addEventListener("click", () => put(where, pasted(area.value)));
}

function acceptDrops(): void {
  const { body } = document;
  for (const type of ["dragover", "dragleave", "drop"]) {
    addEventListener(type, (event) => {
      event.preventDefault();
      body.classList.toggle("dropping", type === "dragover");
    });
  }
  addEventListener("drop", async (event) => {
    for (const file of event.dataTransfer?.files ?? []) drop(await read(file));
  });
}

function start(): void {
  for (const where of kPlaces) addSource(where);
  acceptDrops();
  find("#language", HTMLElement).addEventListener("click", () => speak(texts === en ? ar : en));
  find("#remember", HTMLInputElement).addEventListener("change", ({ currentTarget }) => {
    const { trust } = files;
    if (!(currentTarget as HTMLInputElement).checked) forget();
    else if (trust !== null && "value" in trust) keep(trust.bytes);
    showFiles();
  });
  find("#forget", HTMLElement).addEventListener("click", () => {
    forget();
    showFiles();
  });
  const kept = stored((storage) => storage.getItem(kRemembered));
  if (kept !== null) {
    files.trust = loaded(parseTrust, utf8(kept));
    wasRemembered = true;
    find("#remember", HTMLInputElement).checked = true;
  }
  speak(navigator.language.startsWith("ar") ? ar : en);
}

start();

// What tests of the page itself call; a reader of the page may as well.
declare global {
  interface Window {
    sanadVerifier: { verify: typeof verify; ready: Promise<void>; toHex: typeof toHex };
  }
}
window.sanadVerifier = { verify, ready, toHex };
