/** `scripts/lighthouse`: what pages cost, by Playwright's runner for its fixtures; one at a time. */
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: "figures",
  workers: 1,
  fullyParallel: false,
  timeout: 600_000,
  reporter: "line",
  use: { ...tests.use, trace: "off", screenshot: "off", locale: "en-GB" },
  projects: [{ name: "figures", use: { viewport: { width: 1440, height: 900 } } }],
});
