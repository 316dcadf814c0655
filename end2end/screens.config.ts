/** `make screens`: the pictures in docs/screens, by Playwright's runner for its workers and fixtures. */
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: "screens",
  timeout: 180_000,
  use: { ...tests.use, trace: "off", screenshot: "off", reducedMotion: "reduce" },
  projects: [
    { name: "light", use: { viewport: { width: 1440, height: 900 }, colorScheme: "light", locale: "en-GB" } },
    { name: "dark", use: { viewport: { width: 1440, height: 900 }, colorScheme: "dark", locale: "zh-CN" } },
    {
      name: "phone",
      use: {
        viewport: { width: 390, height: 844 },
        colorScheme: "light",
        locale: "en-GB",
        isMobile: true,
        hasTouch: true,
      },
    },
  ],
});
