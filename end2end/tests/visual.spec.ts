/**
 * How the ten main screens look, in both themes and on a phone, compared with pictures that are
 * kept beside this file. After a change that is meant:
 *
 *   scripts/e2e tests/visual.spec.ts --update-snapshots
 *
 * Masked is what differs from run to run: times, addresses of the network, ids, the chart. Times say
 * the same in every run besides, because "4 minutes ago" needs more room than "now", and what stands
 * after it would move.
 */
import type { Locator, Page } from "@playwright/test";
import { expect, NOBODY, test } from "../support/seeded.ts";
import { expectNoOverflow, settled } from "../support/watch.ts";

// Other systems have other fonts, and other ways to smooth them.
test.skip(process.platform !== "linux", "the pictures were taken on Linux, with the fonts that scripts/setup installs");

const SCREENS: Record<string, string> = {
  overview: "/admin",
  users: "/admin/users",
  "user-panel": "/admin/users/{user}",
  roles: "/admin/roles",
  "role-editor": "/admin/roles/{role}",
  departments: "/admin/departments",
  // Sessions are not among them: who is there, and how long the times are, differs from run to run.
  permissions: "/admin/permissions",
  operations: "/admin/operations",
  account: "/admin/account",
};

/** What moves. */
function moving(page: Page): Locator[] {
  return ["time", "[data-live]", "code.id, .request-id", "svg.chart, figure.chart, .chart"].map((selector) =>
    page.locator(selector),
  );
}

/** Gives all times one text, of the length that they have most of the time. */
async function stopClocks(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const time of document.querySelectorAll("time")) time.textContent = "12 minutes ago";
  });
}

async function compare(page: Page, name: string): Promise<void> {
  await settled(page);
  await stopClocks(page);
  await expectNoOverflow(page);
  await expect(page).toHaveScreenshot(`${name}.png`, {
    animations: "disabled",
    caret: "hide",
    mask: moving(page),
    maskColor: "#8a8a8a",
    // Edges of letters differ a little from one build of the browser to the next.
    threshold: 0.25,
    maxDiffPixelRatio: 0.005,
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ locale: "en-GB", timezoneId: "Europe/London", colorScheme, reducedMotion: "reduce" });

    test.describe("signed out", () => {
      test.use({ storageState: NOBODY });

      test("login", async ({ page }) => {
        await page.goto("/admin/login");
        await compare(page, `login-${colorScheme}`);
      });
    });

    for (const [name, pattern] of Object.entries(SCREENS)) {
      test(name, async ({ page, seed }) => {
        const path = pattern
          .replace("{user}", String(seed.users.get("lin.wei")))
          .replace("{role}", String(seed.roles.get("service_desk")));
        expect((await page.goto(path))?.status(), path).toBe(200);
        await compare(page, `${name}-${colorScheme}`);
      });
    }
  });
}
