/**
 * Prints figures of the release binary, on a filled server: Lighthouse's scores of five pages, what
 * two of them fetch, the time of a route change, the size of the WebAssembly. It holds nothing to
 * them: a busy machine is no fault of the page's.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, expect } from "@playwright/test";
import { NOBODY, test } from "../support/seeded.ts";
import { settled } from "../support/watch.ts";

const run = promisify(execFile);
const CATEGORIES = ["performance", "accessibility", "best-practices"];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The middle one. */
function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

test("Lighthouse, desktop preset", async ({ sharedServer, seed, adminState }) => {
  const program = process.env.MENSHEN_LIGHTHOUSE;
  if (!program) throw new Error("MENSHEN_LIGHTHOUSE is not set: scripts/lighthouse installs it, and says where it is");
  const folder = await mkdtemp(join(tmpdir(), "menshen-lighthouse-"));
  const cookie = adminState.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = join(folder, "headers.json");
  await writeFile(headers, JSON.stringify({ Cookie: cookie }));
  const pages: [name: string, path: string, signedIn: boolean][] = [
    ["login", "/admin/login", false],
    ["overview", "/admin", true],
    ["users", "/admin/users", true],
    ["role editor", `/admin/roles/${seed.roles.get("service_desk")}`, true],
    ["account", "/admin/account", true],
  ];
  try {
    for (const [name, path, signedIn] of pages) {
      const report = join(folder, "report.json");
      await run(
        process.execPath,
        [
          program ?? "",
          sharedServer.url + path,
          "--preset=desktop",
          `--only-categories=${CATEGORIES.join(",")}`,
          "--output=json",
          `--output-path=${report}`,
          "--quiet",
          "--no-enable-error-reporting",
          "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
          ...(signedIn ? [`--extra-headers=${headers}`] : []),
        ],
        { env: { ...process.env, CHROME_PATH: process.env.MENSHEN_CHROMIUM ?? "" }, maxBuffer: 1e8 },
      );
      const { categories, audits, finalDisplayedUrl } = JSON.parse(await readFile(report, "utf8")) as Report;
      expect(new URL(finalDisplayedUrl).pathname).toBe(path);
      const scores = CATEGORIES.map((key) => `${key} ${Math.round((categories[key]?.score ?? 0) * 100)}`);
      say(`Lighthouse, ${name}: ${scores.join(", ")}`);
      // What keeps it from 100, so that nobody must run it again to learn it.
      for (const key of CATEGORIES) {
        for (const { id, weight } of categories[key]?.auditRefs ?? []) {
          const audit = audits[id];
          if (weight > 0 && audit && audit.score !== null && audit.score < 0.9) {
            say(`    ${key}: ${audit.title} ${audit.displayValue ?? ""}`);
          }
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

interface Report {
  finalDisplayedUrl: string;
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
}

/** All that a first visit fetches, in bytes on the wire, headers apart; and its WebAssembly. */
async function weigh(browser: Browser, url: string, path: string, signedIn: typeof NOBODY): Promise<void> {
  const context = await browser.newContext({ storageState: signedIn, baseURL: url, locale: "en-GB" });
  const page = await context.newPage();
  // Playwright counts the body as it came, compressed; of what is no body of HTTP it knows nothing.
  const sizes: Promise<{ url: string; bytes: number }>[] = [];
  page.on("requestfinished", (request) => {
    if (!request.url().startsWith("data:")) {
      sizes.push(request.sizes().then(({ responseBodySize }) => ({ url: request.url(), bytes: responseBodySize })));
    }
  });
  await page.goto(path);
  await settled(page);
  const all = await Promise.all(sizes);
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  say(`Transfer of ${path}, brotli: ${(total / 1000).toFixed(1)} kB in ${all.length} requests`);
  for (const { url: from, bytes } of all.sort((a, b) => b.bytes - a.bytes).slice(0, 6)) {
    say(`    ${new URL(from).pathname}: ${(bytes / 1000).toFixed(1)} kB`);
  }
  for (const from of new Set(all.map((one) => one.url).filter((one) => /\.wasm(\?|$)/.test(one)))) {
    const { raw, packed } = await wasm(page.context().request, from);
    say(`WASM of ${path}, ${new URL(from).pathname}: ${raw} bytes, ${packed} by brotli`);
  }
  await context.close();
}

/** The sizes of a module, and a proof that the packed one is the same. */
async function wasm(
  request: import("@playwright/test").APIRequestContext,
  url: string,
): Promise<{ raw: number; packed: number }> {
  const plain = await (await request.get(url, { headers: { "accept-encoding": "identity" } })).body();
  const { get } = await import("node:http");
  const packed = await new Promise<Buffer>((done, fail) => {
    get(url, { headers: { "accept-encoding": "br" } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => done(Buffer.concat(parts)));
    }).on("error", fail);
  });
  expect(brotliDecompressSync(packed).equals(plain)).toBe(true);
  return { raw: plain.length, packed: packed.length };
}

test("transfer and WASM", async ({ browser, sharedServer, adminState }) => {
  await weigh(browser, sharedServer.url, "/admin/login", NOBODY);
  await weigh(browser, sharedServer.url, "/admin/users", adminState);
});

test("a route change, from users to roles", async ({ page }) => {
  const times: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    await page.goto("/admin/users");
    await settled(page);
    times.push(
      await page.evaluate(async () => {
        const link = document.querySelector<HTMLAnchorElement>("nav a[href='/admin/roles']");
        const before = document.querySelector("main h1")?.textContent;
        if (!link || !before) throw new Error("there is no way to the roles here");
        const began = performance.now();
        link.click();
        for (;;) {
          await new Promise((done) => requestAnimationFrame(done));
          const heading = document.querySelector("main h1")?.textContent;
          if (location.pathname === "/admin/roles" && heading && heading !== before) return performance.now() - began;
          if (performance.now() - began > 10_000) throw new Error("the roles did not come");
        }
      }),
    );
  }
  say(`Route change, users to roles: ${median(times).toFixed(0)} ms (median of ${times.length}, to the new heading)`);
});
