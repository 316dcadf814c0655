import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// scripts/env looks for a browser and names it. Without one, Playwright's own.
const chromium = process.env.MENSHEN_CHROMIUM || "/usr/bin/chromium";

const WITHOUT_SCRIPTS = "**/without-scripts.spec.ts";
/** What people do, which works in both languages. The other tests choose their languages, or have none. */
const FLOWS = {
  english: ["account", "frame", "palette", "passkey", "roles", "story"],
  chinese: ["people", "records", "system", "trees"],
};
/** CI has its time: there each flow runs in one of the languages. Elsewhere all run in both. */
const ONCE = Boolean(process.env.CI);

const DESKTOP = { viewport: { width: 1440, height: 900 } };
const ENGLISH = { locale: "en-GB" };
const CHINESE = { locale: "zh-CN" };

/**
 * CI has its time: there each width takes each language and each theme once, and the other width the
 * other two pairs. Whoever has more time looks at all four at both.
 */
const OTHERS_LOOKS = {
  desktop: /pages\.spec\.ts (en-GB, dark|zh-CN, light)/,
  phone: /pages\.spec\.ts (en-GB, light|zh-CN, dark)/,
};

function looks(width: keyof typeof OTHERS_LOOKS): { grepInvert?: RegExp } {
  return process.env.CI ? { grepInvert: OTHERS_LOOKS[width] } : {};
}

function specs(...names: string[]): string[] {
  return names.map((name) => `**/${name}.spec.ts`);
}

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A test that passes at the second try is a test that fails.
  retries: 0,
  workers: 2,
  // How long a step takes says nothing here: CI's machines are slow at times.
  timeout: ONCE ? 180_000 : 60_000,
  expect: { timeout: ONCE ? 30_000 : 10_000 },
  reporter: [["list"], ["./support/closing-line.ts"]],
  use: {
    browserName: "chromium",
    // Retained on failure, into `outputDir`: `npx playwright show-trace`.
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
      // No sandbox, because CI runs as root; and nothing that calls home.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    {
      name: "desktop",
      testIgnore: [WITHOUT_SCRIPTS, ...specs(...(ONCE ? FLOWS.chinese : []))],
      ...looks("desktop"),
      use: { ...DESKTOP, ...ENGLISH },
    },
    { name: "desktop-zh", testMatch: specs(...FLOWS.chinese, ...(ONCE ? [] : FLOWS.english)), use: { ...DESKTOP, ...CHINESE } },
    // Forms and links alone.
    { name: "no-scripts", testMatch: WITHOUT_SCRIPTS, use: { ...DESKTOP, ...ENGLISH, javaScriptEnabled: false } },
    { name: "no-scripts-zh", testMatch: WITHOUT_SCRIPTS, use: { ...DESKTOP, ...CHINESE, javaScriptEnabled: false } },
    {
      name: "phone",
      // What a page does is the same at every width; how it looks is looked at in these.
      testMatch: specs("smoke", "story", "pages", "visual", "docs"),
      ...looks("phone"),
      use: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, ...ENGLISH },
    },
  ],
});
