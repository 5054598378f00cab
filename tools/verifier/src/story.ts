// The records of a proof in words. As tools/story.h.

import { toHex } from "./bytes.ts";
import { type FieldValue, type Verdict, verdictOf } from "./commitment.ts";
import { code, element, folded, isolate, pairs } from "./dom.ts";
import type { Body, Bundle } from "./files.ts";
import type { LedgerRecord } from "./records.ts";
import type { Texts } from "./texts.ts";
import type { Findings } from "./verify.ts";

const kShownMax = 200;
const kDeclarationSchema = 1;
const kDateField = 3;
const kMsPerDay = 86_400_000;

export function timeText(texts: Texts, ms: bigint): string {
  const format = new Intl.DateTimeFormat(texts.locale, {
    dateStyle: "long",
    timeStyle: "medium",
    timeZone: "UTC",
  });
  return ms <= 8_640_000_000_000_000n ? `${format.format(new Date(Number(ms)))} UTC` : `${ms} ms`;
}

export function dayText(texts: Texts, day: bigint): string {
  const format = new Intl.DateTimeFormat(texts.locale, { dateStyle: "long", timeZone: "UTC" });
  return day <= 100_000_000n ? format.format(new Date(Number(day) * kMsPerDay)) : `${day}`;
}

function deed(texts: Texts, { content }: LedgerRecord): string {
  if (content.kind === "commit") return content.kind; // in no history
  const what = texts.deeds[content.kind];
  switch (content.kind) {
    case "verdict":
      return `${what}: ${texts.lanes[content.value.lane]}`;
    case "inspected":
      return `${what}: ${texts.inspections[content.value.result]}`;
    case "released":
      return `${what} ${texts.bases[content.value.basis]}`;
    case "moved":
      return `${what}: ${texts.moves[content.value.event]}`;
    case "refused": {
      const { statement, code: why } = content.value;
      return `${what}: ${texts.statements[statement]} (${texts.codes[why]})`;
    }
    case "accused":
      return `${what}: ${content.value.accused}, ${texts.faults[content.value.fault]}`;
    default:
      return what;
  }
}

function valueText(texts: Texts, id: number, { kind, value }: FieldValue): string {
  if (kind === "text") return value;
  if (kind === "list") return value.join(", ");
  return id === kDateField && value >= 0n ? dayText(texts, value) : value.toString();
}

function facts(texts: Texts, body: Body): HTMLElement {
  const name = (id: number): string => {
    const known = body.schema === kDeclarationSchema ? texts.fields[id - 1] : undefined;
    return known ?? texts.field(id.toString());
  };
  const rows = [
    ...body.opened.map(({ id, value }) => ({ id, shown: isolate(valueText(texts, id, value)) })),
    ...body.sealed.map(({ id }) => ({ id, shown: element("em", "", texts.sealedFact) })),
  ].sort((a, b) => a.id - b.id);
  return folded(texts.factsTitle, pairs(rows.map(({ id, shown }) => [name(id), shown])));
}

function reasons(texts: Texts, { fired }: Verdict): HTMLElement | null {
  if (fired.length === 0) return null;
  const rows = fired.map(({ rule, laneAtLeast, values }) => {
    const seen = values.map(({ name, value }) => `${name} = ${value}`).join(", ");
    return [texts.lanes[laneAtLeast], isolate(seen === "" ? rule : `${rule}: ${seen}`)] as const;
  });
  return folded(texts.firedRules, pairs(rows));
}

export function records(texts: Texts, bundle: Bundle, found: Findings): HTMLElement {
  const bodies = new Map(bundle.bodies.map(({ n, body }) => [BigInt(n), body]));
  const details = new Map(bundle.details.map(({ n, stored }) => [BigInt(n), verdictOf(stored)]));
  const items = found.history.records.slice(0, kShownMax).map((record, i) => {
    const n = found.history.since + BigInt(i) + 1n;
    const body = bodies.get(n);
    const verdict = details.get(n) ?? null;
    const when = `${texts.record(n.toString())} · ${timeText(texts, record.timeMs)}`;
    const declaration =
      "declaration" in record.content.value
        ? code(toHex(record.content.value.declaration).slice(0, 12))
        : null;
    return element(
      "li",
      "",
      element("div", "when", when),
      element("div", "", isolate(record.authority), ": ", deed(texts, record), " ", declaration),
      body === undefined ? null : facts(texts, body),
      verdict === null ? null : reasons(texts, verdict),
    );
  });
  const list = element("ol", "records", ...items);
  if (found.history.records.length <= kShownMax) return list;
  const note = texts.shownOf(kShownMax.toString(), found.history.records.length.toString());
  return element("div", "", element("p", "", note), list);
}
