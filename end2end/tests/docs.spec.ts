/**
 * The page of the documentation, in Chinese and light, in English and dark, at both widths: accessible,
 * no wider than the window, nothing fetched from elsewhere, and a search that finds.
 */
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";

for (const locale of ["zh-CN", "en-GB"]) {
  for (const colorScheme of [locale === "zh-CN" ? "light" : "dark"] as const) {
    test.describe(`${locale}, ${colorScheme}`, () => {
      test.use({ locale, colorScheme });

      test("the documentation", async ({ page }) => {
        // The page is long: to look at all of it once is enough; the other runs look at what a
        // search leaves of it.
        const whole = test.info().project.name === "desktop" && locale === "zh-CN" && colorScheme === "light";
        test.setTimeout(600_000);
        const complaints: string[] = [];
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
        const hosts = new Set<string>();
        page.on("request", (request) => hosts.add(new URL(request.url()).host));
        await page.goto("/docs");
        await expect(page.locator("html")).toHaveAttribute("lang", locale === "zh-CN" ? "zh-CN" : "en");
        if (whole) await expectAccessible(page);

        await page.keyboard.press("/");
        const search = page.getByRole("searchbox");
        await expect(search).toBeFocused();
        await search.fill("put /role/{roleid}");
        const shown = page.locator("details.operation:visible");
        await expect(shown).toHaveCount(1);
        await shown.locator("summary").first().click();
        await expect(shown.locator("pre").first()).toBeVisible();
        await expect(shown).toContainText("system:role:alter");
        // What it takes stands there, with its fields.
        await expect(shown.locator("#schema-RoleChangeReq + .scroll")).toContainText("roleKey");
        await expectAccessible(page);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow, "wider than the window").toBeLessThanOrEqual(0);

        await search.press("Escape");
        await expect.poll(() => shown.count()).toBeGreaterThan(20);
        await page.goto("/docs#get_role_list");
        await expect(page.locator("#get_role_list")).toHaveAttribute("open", "");

        // What others share with it stands further down, where its link leads, even past a search.
        await search.fill("put /role/{roleid}");
        await shown.getByRole("link", { name: "AnswerOfRoleView" }).click();
        const schema = page.locator("#schema-AnswerOfRoleView");
        await expect(schema).toHaveAttribute("open", "");
        await expect(schema.locator("table")).toContainText("message");
        await schema.getByRole("link", { name: "RoleView", exact: true }).click();
        await expect(page.locator("#schema-RoleView table")).toBeVisible();
        await expect(search).toHaveValue("");
        expect([...hosts]).toEqual([new URL(page.url()).host]);
        expect(complaints).toEqual([]);
      });
    });
  }
}
