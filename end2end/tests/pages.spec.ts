/**
 * Every page, in both languages and both themes, at both widths: no serious finding of axe, no
 * word in the console, nothing drawn anew as the page wakes, nothing that reaches past the edge.
 *
 * One filled server for all; nothing here changes anything.
 */
import { expectAccessible } from "../support/axe.ts";
import { USER_PASSWORD } from "../support/seed.ts";
import { expect, NOBODY, signIn, test } from "../support/seeded.ts";
import { expectNoOverflow, settled, watch } from "../support/watch.ts";

/** One page a line. `{user:lin.wei}` and the like stand for the id of what the seed made. */
const PAGES = [
  "/admin",
  "/admin/users",
  "/admin/users?q=nobody-is-called-this",
  "/admin/users/new",
  "/admin/users?sort=loginDate&order=desc&size=50",
  "/admin/users?ids%5B%5D=1&ask=move",
  "/admin/users/1",
  "/admin/users/1?tab=access",
  "/admin/users/1?tab=security",
  "/admin/users/1?tab=history",
  "/admin/users/import",
  "/admin/roles",
  "/admin/roles/new",
  "/admin/roles/1",
  "/admin/departments",
  "/admin/departments?q=there-is-no-such-department",
  "/admin/departments/new",
  "/admin/permissions",
  "/admin/permissions?kind=own",
  "/admin/users/{user:lin.wei}",
  "/admin/users?ask=disable-{user:lin.wei}",
  "/admin/departments/{dept:研发中心}",
  "/admin/sessions",
  "/admin/roles/{role:service_desk}",
  "/admin/permissions/new",
  "/admin/permissions/system:user:list",
  "/admin/menus",
  "/admin/menus/new",
  "/admin/sessions?q=nobody-is-called-this",
  "/admin/sign-ins",
  "/admin/sign-ins?result=1&range=7d",
  "/admin/operations",
  "/admin/operations?area=role",
  "/admin/account",
  "/admin/account/password",
  "/admin/account/factors",
  "/admin/account/sessions",
  "/admin/account/sessions?ask=others",
  "/admin/account/look",
  "/admin/menus/2",
  "/admin/operations/{operation}",
  "/admin/password",
  "/admin/_kit",
  "/admin/settings",
  "/admin/settings/sign-in",
  "/admin/settings/sms",
  "/admin/settings/wecom",
  "/admin/settings/limits",
  "/admin/settings/session",
  "/admin/settings/program",
  "/admin/keys",
  "/admin/keys?ask=rotate",
  "/admin/there-is-no-such-page",
];

/** How many pages a test looks at: enough of them to share among the workers, few to start. */
const AT_ONCE = 8;

const GROUPS: string[][] = [];
for (let at = 0; at < PAGES.length; at += AT_ONCE) GROUPS.push(PAGES.slice(at, at + AT_ONCE));

// In CI each width takes two of them, so that all four are looked at: see `playwright.config.ts`,
// which goes by the names that they have here.
const LOOKS = [
  ["en-GB", "light"],
  ["en-GB", "dark"],
  ["zh-CN", "light"],
  ["zh-CN", "dark"],
] as const;

for (const [locale, colorScheme] of LOOKS) {
  test.describe(`${locale}, ${colorScheme}`, () => {
    test.use({ locale, colorScheme, reducedMotion: "reduce" });

    test.describe("signed out", () => {
      test.use({ storageState: NOBODY });

      test("the login page", async ({ page }) => {
        const watched = await watch(page);
        await page.goto("/admin/login");
        await expect(page.locator("html")).toHaveAttribute("lang", locale === "zh-CN" ? "zh-CN" : "en");
        await watched.expectCalm();
        await expectNoOverflow(page);
        await expectAccessible(page);
        await page.locator("#sign-in [type=submit]").click();
        await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
        await expectAccessible(page);
        await watched.expectCalm(/400/);
      });
    });

    for (const [index, paths] of GROUPS.entries()) {
      test(`pages behind it, ${index + 1} of ${GROUPS.length}`, async ({ page, seed }) => {
        test.setTimeout(600_000);
        const watched = await watch(page);
        const operation = await page.request.get("/admin/operations");
        const latest = /\/admin\/operations\/(\d+)/.exec(await operation.text())?.[1] ?? "1";
        const ids = { user: seed.users, role: seed.roles, dept: seed.depts };
        for (const pattern of paths) {
          const path = pattern
            .replace("{operation}", latest)
            .replace(/\{(user|role|dept):(.+?)\}/, (_, kind: keyof typeof ids, name: string) =>
              String(ids[kind].get(name)),
            );
          await test.step(path, async () => {
            const answer = await page.goto(path);
            const missing = path.includes("no-such-page");
            expect.soft(answer?.status(), path).toBe(missing ? 404 : 200);
            await expect(page.locator("h1, h2").first()).toBeVisible();
            await watched.expectCalm(missing ? /404/ : undefined);
            await expectNoOverflow(page);
            await expectAccessible(page);
          });
        }
      });
    }

    test.describe("somebody who may not", () => {
      test.use({ storageState: NOBODY });

      test("a page that needs a permission says which", async ({ page, sharedServer }) => {
        await signIn(page.request, sharedServer.url, "bai.xue", USER_PASSWORD);
        const watched = await watch(page);
        await page.goto("/admin/users");
        await settled(page);
        await expect(page.getByText("system:user:list")).toBeVisible();
        await watched.expectCalm(/403/);
        await expectAccessible(page);
      });
    });
  });
}
