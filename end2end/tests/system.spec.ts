/** Settings that are changed while the program runs, and the signing keys. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/server.ts";

const PASSWORD = "a gate with two gods";
const ARGS = ["--dev", "--set", "captcha.page=never", "--set", "limits.delay_after=30"];

test.use({
  locale: "en-GB",
  serverOptions: {
    args: ARGS,
    env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
  },
});

async function signIn(page: Page): Promise<void> {
  await page.goto("/admin/login");
  await page.locator("[name=username]").fill("root");
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("#sign-in [type=submit]").click();
  await expect(page).toHaveURL(/\/admin$/);
}

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("settings are changed, refused and given back", async ({ page }) => {
      await signIn(page);
      await page.goto("/admin/settings");
      await page.getByRole("link", { name: /^Sign-up/ }).click();
      await expect(page.getByRole("heading", { level: 1, name: /^Sign-up/ })).toBeVisible();
      await page.getByLabel("Who makes accounts").selectOption("closed");
      await page.getByLabel("Accounts an hour").fill("7");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(
        page.getByText("Saved Sign-up: Who makes accounts, Accounts an hour"),
      ).toBeVisible();
      await expect(page.getByText("2 changed")).toBeVisible();
      await page.goto("/admin/settings/registration");
      await expect(page.getByLabel("Who makes accounts")).toHaveValue("closed");
      await expect(page.getByLabel("Accounts an hour")).toHaveValue("7");

      await page.getByLabel("Accounts an hour").fill("0");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText(/must be a whole number from 1/i)).toBeVisible();
      await page.getByLabel("Accounts an hour").fill("");
      await page.getByLabel("Who makes accounts").selectOption("open");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText(/^Saved Sign-up/)).toBeVisible();
      await expect(page.getByLabel("Accounts an hour")).toHaveValue("20");
    });

    test("a secret is written and never shown", async ({ page }) => {
      await signIn(page);
      await page.goto("/admin/settings/sign-in");
      await page.getByRole("link", { name: /^WeCom/ }).click();
      await page.getByLabel("Corporation id").fill("ww1");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText("Must be set").first()).toBeVisible();
      await page.getByLabel("Corporation id").fill("ww1");
      await page.locator("#set-wecom-secret").fill("tell-nobody");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText("Saved WeCom: Corporation id, Secret")).toBeVisible();
      await page.goto("/admin/settings/wecom");
      await expect(page.locator("#set-wecom-secret")).toHaveValue("");
      expect(await page.content()).not.toContain("tell-nobody");
      await expect(page.getByRole("button", { name: "Check the credentials" })).toBeVisible();
    });

    test("what a flag sets is pinned", async ({ page }) => {
      await signIn(page);
      await page.goto("/admin/settings/limits");
      await expect(page.getByText("--set limits.delay_after")).toBeVisible();
      await expect(page.locator("#set-limits-delay-after")).toHaveCount(0);
      await expect(page.locator("#set-limits-name-failures")).toBeVisible();
    });

    test("keys are rotated and revoked", async ({ page }) => {
      await signIn(page);
      await page.goto("/admin/keys");
      await expect(page.getByRole("row")).toHaveCount(2);
      const old = await page.locator("tbody code").first().innerText();
      await page.getByRole("link", { name: "Rotate the key" }).click();
      await page.getByRole("button", { name: "Rotate the key" }).click();
      await expect(page.getByText(/^Published the new key/)).toBeVisible();
      await expect(page.getByRole("row")).toHaveCount(3);
      await page.getByRole("link", { name: `Revoke the key ${old}` }).click();
      await page.locator("#typed").fill("wrong");
      await page.getByRole("button", { name: "Revoke the key" }).click();
      await expect(page.getByText(`Must be ${old.slice(0, 6)}`)).toBeVisible();
      await page.locator("#typed").fill(old.slice(0, 6));
      await page.getByRole("button", { name: "Revoke the key" }).click();
      await expect(page.getByText(`Revoked the key ${old}`)).toBeVisible();
      await expect(page.getByRole("row")).toHaveCount(2);
    });
  });
}

test("unsaved changes are guarded", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/settings/session");
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Admin UI without use").fill("3600");
  await expect(page.getByText("You have unsaved changes")).toBeVisible();
  await expect(page.getByText("= 1 hour")).toBeVisible();
  page.once("dialog", (dialog) => dialog.dismiss());
  await page.locator("aside").getByRole("link", { name: "Users" }).click();
  await expect(page).toHaveURL(/settings\/session/);
  page.once("dialog", (dialog) => dialog.accept());
  await page.locator("aside").getByRole("link", { name: "Users" }).click();
  await expect(page).toHaveURL(/admin\/users/);
});
