// Builds the page into one file that needs nothing else. Run in a folder with node_modules:
//
//   node build.mjs OUT.html [OUT.cpp]     OUT.cpp: the same page as a C++ source for the program
//
// The same sources and lockfile give the same bytes.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const [page, source] = process.argv.slice(2);
if (page === undefined) throw new Error("usage: node build.mjs OUT.html [OUT.cpp]");

const hashOf = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["chrome109", "firefox115", "safari16.4"],
    charset: "utf8",
    legalComments: "inline",
    logLevel: "warning",
  });
  // What would end the element, or begin a comment in it.
  return outputFiles[0].text
    .trim()
    .replaceAll("</script", "<\\/script")
    .replaceAll("<!--", "<\\!--");
}

const script = await bundled("src/app.ts");
const style = await bundled("src/page.css");
// WebAssembly is libsodium's; nothing is loaded from anywhere.
const policy =
  `default-src 'none'; script-src ${hashOf(script)} 'wasm-unsafe-eval'; ` +
  `style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
const parts = { POLICY: policy, STYLE: style, SCRIPT: script };
const template = await readFile("src/page.html", "utf8");
const html = template.replace(/@(POLICY|STYLE|SCRIPT)@/g, (_, name) => parts[name]);
await writeFile(page, html);

if (source !== undefined) {
  const end = ")__PAGE__";
  if (html.includes(end)) throw new Error("the page ends its own literal");
  const etag = createHash("sha256").update(html).digest("hex").slice(0, 32);
  await writeFile(
    source,
    `// Made by tools/verifier/build.mjs.
#include "tools/verifier_page.h"

namespace sanad::tools {
namespace {

constexpr char kPage[] = R"__PAGE__(${html}${end}";
constexpr std::string_view kPolicy = "${policy}";
constexpr std::string_view kEtag = "\\"${etag}\\"";

}  // namespace

node::StaticPage verifier_page() { return {{kPage, sizeof kPage - 1}, kPolicy, kEtag}; }

}  // namespace sanad::tools
`,
  );
}
