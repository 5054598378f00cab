// The little of the DOM that the page needs. Texts become text nodes: nothing that a file holds is
// ever read as HTML.

type Child = Node | string | null;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Names, numbers and hashes keep their own direction within Arabic.
export function isolate(value: string): HTMLElement {
  return element("bdi", "", value);
}

// The same within a text: Unicode's first strong isolate, and its end.
export function isolated(value: string): string {
  return `\u2068${value}\u2069`;
}

export function code(value: string): HTMLElement {
  const made = element("code", "", value);
  made.dir = "ltr";
  return made;
}

export function bullets(items: readonly Child[]): HTMLElement {
  const given = items.filter((item) => item !== null);
  return element("ul", "", ...given.map((item) => element("li", "", item)));
}

export function pairs(rows: readonly (readonly [string, Child])[]): HTMLElement {
  return element(
    "dl",
    "",
    ...rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]),
  );
}

export function folded(title: string, ...content: Child[]): HTMLElement {
  return element("details", "", element("summary", "", title), ...content);
}

// REQUIRES: page.html has it.
export function find<T extends HTMLElement>(selector: string, kind: new () => T): T {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`no ${selector} in the page`);
  return found;
}
