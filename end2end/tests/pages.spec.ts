/**
 * Every page, in both languages and both themes, at both widths: no serious finding of axe, no
 * word in the console, nothing that reaches past the edge.
 */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";

const ANSWER = "7kqm";
const PASSWORD = "a gate with two gods";

test.use({
  serverOptions: {
    args: ["--dev", "--set", `dev.captcha_answer=${ANSWER}`, "--set", "captcha.page=never"],
    env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
  },
});

/** What the browser has to complain of. */
function complaints(page: Page): string[] {
  const list: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) list.push(message.text());
  });
  page.on("pageerror", (error) => list.push(String(error)));
  return list;
}

async function signIn(page: Page): Promise<void> {
  await page.goto("/admin/login");
  await page.locator("[name=username]").fill("root");
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("#sign-in [type=submit]").click();
  await expect(page).toHaveURL(/\/admin$/);
}

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
  "/admin/password",
  "/admin/there-is-no-such-page",
];

for (const locale of ["zh-CN", "en-GB"]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${locale}, ${colorScheme}`, () => {
      test.use({ locale, colorScheme });

      test("the login page", async ({ page }) => {
        const list = complaints(page);
        await page.goto("/admin/login");
        await expect(page.locator("html")).toHaveAttribute("lang", locale === "zh-CN" ? "zh-CN" : "en");
        await expectAccessible(page);
        await page.locator("#sign-in [type=submit]").click();
        await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
        await expectAccessible(page);
        expect(list.filter((c) => !c.includes("400"))).toEqual([]);
      });

      test("every page behind it", async ({ page }) => {
        test.slow();
        await signIn(page);
        const list = complaints(page);
        for (const path of PAGES) {
          await test.step(path, async () => {
            const answer = await page.goto(path);
            expect(answer?.status()).toBe(path.includes("no-such-page") ? 404 : 200);
            await expect(page.locator("h1, h2").first()).toBeVisible();
            await page.waitForLoadState("networkidle");
            await expectAccessible(page);
            const overflow = await page.evaluate(
              () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            expect(overflow, `${path} is wider than the window`).toBeLessThanOrEqual(0);
          });
        }
        expect(list.filter((c) => !c.includes("404"))).toEqual([]);
      });
    });
  }
}

test("a page that needs a permission says which", async ({ page, request }) => {
  await request.post("/user", { data: { username: "lin.wei", password: "quiet river seven" } });
  await page.goto("/admin/login");
  await page.locator("[name=username]").fill("lin.wei");
  await page.locator("[name=password]").fill("quiet river seven");
  await page.locator("#sign-in [type=submit]").click();
  await expect(page).toHaveURL(/\/admin$/);
  await page.goto("/admin/users");
  await expect(page.getByText("system:user:list")).toBeVisible();
  await expectAccessible(page);
});
