// The verdict on a proof, in words: what is proved, by whom, as of when, and what is not.

import { toHex } from "./bytes.ts";
import { bullets, code, element, folded, isolate, isolated, pairs } from "./dom.ts";
import type { Bundle, Trust } from "./files.ts";
import type { Refusal } from "./refusal.ts";
import { dayText, records, timeText } from "./story.ts";
import type { Texts } from "./texts.ts";
import type { Findings } from "./verify.ts";
import { handleOf } from "./verify_history.ts";

export interface Proved {
  trust: Trust;
  bundle: Bundle;
  found: Findings;
  continues: boolean; // an earlier proof was given, and this one continues it
  agedDays: bigint | null; // the trust file's age, where that is too much
}

export function subjectText(texts: Texts, { subject }: Bundle): string {
  switch (subject.kind) {
    case "consignment":
      return texts.subject.consignment(isolated(subject.value.ucr), "");
    case "container":
      return texts.subject.container(isolated(subject.value.number), "");
    case "authority-day":
      return texts.subject["authority-day"](
        isolated(subject.value.authority),
        dayText(texts, BigInt(subject.value.day)),
      );
  }
}

function outcome(kind: "proved" | "refused" | "open", title: string, below: string): HTMLElement {
  const sign = { proved: "✓", refused: "✗", open: "!" }[kind];
  const box = element("div", `outcome ${kind}`, `${sign} ${title}`, element("small", "", below));
  box.dataset["outcome"] = kind;
  return box;
}

function whatIsProved(texts: Texts, { bundle, found, continues }: Proved): HTMLElement {
  const { kind } = bundle.subject;
  const here = found.history.records.length.toString();
  const before = found.history.since.toString();
  const history =
    found.history.size === 0n
      ? texts.absent(kind)
      : found.history.since > 0n
        ? texts.grown(kind, here, before)
        : texts.complete(kind, here);
  return bullets([
    history,
    found.history.size === 0n
      ? null
      : texts.log(found.checkpoint.size.toString(), found.commit.height.toString()),
    bundle.statements.length > 0 ? texts.signed(bundle.statements.length.toString()) : null,
    bundle.bodies.length > 0 ? texts.facts(found.openedFacts.toString()) : null,
    bundle.details.length > 0 ? texts.reasons(bundle.details.length.toString()) : null,
    continues ? texts.continues : null,
  ]);
}

function byWhom(texts: Texts, { trust, bundle, found }: Proved): HTMLElement[] {
  const handovers = bundle.handovers.length;
  const cosigners = found.cosignedBy.length.toString();
  const names = found.cosignedBy.map(({ id, name }) =>
    isolate(name === "" ? id : `${id} – ${name}`),
  );
  const said = texts.cosigned(
    cosigners,
    found.validators.toString(),
    found.quorum.toString(),
    isolated(trust.network),
  );
  const handed = texts.handovers(handovers.toString(), found.commit.epoch.toString());
  return [
    element("p", "", said),
    bullets(names),
    ...(handovers > 0 ? [element("p", "", handed)] : []),
  ];
}

function whatIsNot(texts: Texts, { bundle, found, continues }: Proved): HTMLElement {
  const { limits } = texts;
  const { kind } = bundle.subject;
  const grown = found.history.since > 0n;
  return bullets([
    limits.truth,
    limits.later,
    found.history.size === 0n && kind !== "authority-day" ? limits.handle : null,
    found.sealedFacts > 0 ? texts.sealed(found.sealedFacts.toString()) : null,
    kind === "container" ? limits.container : null,
    kind === "authority-day" ? limits.day : null,
    grown ? limits.earlier(found.history.since.toString()) : null,
    grown && !continues ? limits.earlierUnseen : null,
    limits.trust,
  ]);
}

function technical(texts: Texts, { trust, bundle, found }: Proved): HTMLElement {
  const { subject } = bundle;
  const { technical: names, headings } = texts;
  const handle = handleOf(subject);
  return folded(
    headings.technical,
    pairs([
      [names.networkId, code(toHex(trust.network_id))],
      ...(handle === null ? [] : [[names.handle, code(toHex(handle))] as const]),
      [names.size, found.checkpoint.size.toString()],
      [names.epoch, found.commit.epoch.toString()],
    ]),
  );
}

export function provedView(texts: Texts, proved: Proved): HTMLElement {
  const { bundle, found, agedDays } = proved;
  const { headings } = texts;
  const heading = (text: string): HTMLElement => element("h3", "", text);
  const subject = subjectText(texts, bundle);
  return element(
    "div",
    "",
    agedDays === null
      ? outcome("proved", texts.proved, subject)
      : outcome("open", texts.notDecided, subject),
    agedDays === null ? null : element("p", "warning", texts.agedWarning(agedDays.toString())),
    heading(headings.proved),
    whatIsProved(texts, proved),
    heading(headings.by),
    ...byWhom(texts, proved),
    heading(headings.asOf),
    element(
      "p",
      "",
      texts.asOf(timeText(texts, found.commit.timeMs), found.commit.height.toString()),
    ),
    element("p", "", texts.cosignedAt(timeText(texts, found.cosignedAtS * 1000n))),
    heading(headings.notProved),
    whatIsNot(texts, proved),
    found.history.records.length > 0 ? heading(headings.records) : null,
    found.history.records.length > 0 ? records(texts, bundle, found) : null,
    technical(texts, proved),
  );
}

export function refusedView(texts: Texts, refusal: Refusal): HTMLElement {
  const [what, todo] = texts.refusals[refusal.reason];
  const { headings } = texts;
  const detail = code(refusal.detail);
  detail.lang = "en";
  const view = element(
    "div",
    "",
    outcome("refused", texts.notProved, what),
    element("h3", "", headings.wayForward),
    element("p", "", todo),
    folded(headings.detail, element("p", "", detail), element("p", "", code(refusal.reason))),
  );
  view.dataset["refusal"] = refusal.reason;
  return view;
}

export function expiredView(
  texts: Texts,
  trust: Trust,
  days: bigint,
  anyway: () => void,
): HTMLElement {
  const [what, todo] = texts.refusals["trust-expired"];
  const button = element("button", "", texts.checkAnyway);
  button.type = "button";
  button.addEventListener("click", anyway);
  const view = element(
    "div",
    "",
    outcome("open", texts.notDecided, what),
    element("p", "", texts.expired(days.toString(), trust.maximum_age_days.toString())),
    element("h3", "", texts.headings.wayForward),
    element("p", "", todo),
    button,
  );
  view.dataset["refusal"] = "trust-expired";
  return view;
}
