// Bundles the tests, which are TypeScript, and runs them under node. In the folder that
// tools/verifier/build.sh made, with the tests in its folder test.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { build } from "esbuild";

const entryPoints = readdirSync("test")
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `test/${name}`);
await build({
  entryPoints,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node18",
  outdir: "test-out",
  outExtension: { ".js": ".mjs" },
  logLevel: "warning",
  // Node 18 keeps it in a module.
  banner: { js: 'import { webcrypto } from "node:crypto"; globalThis.crypto ??= webcrypto;' },
});
const outputs = entryPoints.map((name) => name.replace(/^test\/(.*)\.ts$/, "test-out/$1.mjs"));
const { status } = spawnSync(process.execPath, ["--test", ...outputs], { stdio: "inherit" });
process.exit(status ?? 1);
