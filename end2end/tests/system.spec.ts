/** Settings that are changed while the program runs, and the signing keys. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
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

    test("what was saved is taken back", async ({ page }) => {
      await signIn(page);
      await page.goto("/admin/settings/registration");
      if (scripts) await page.waitForLoadState("networkidle");
      await page.getByLabel("Accounts an hour").fill("7");
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText("Saved Sign-up: Accounts an hour")).toBeVisible();
      await expect(page.getByText("1 changed")).toBeVisible();
      await page.getByRole("button", { name: "Undo" }).click();
      if (scripts) await expect(page.getByText("Taken back")).toBeVisible();
      await expect(page.getByText("1 changed")).toHaveCount(0);
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
      // A secret can't be put back.
      await expect(page.getByRole("button", { name: "Undo" })).toHaveCount(0);
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

test("unsaved changes are guarded, from links and from Back", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/settings");
  await page.waitForLoadState("networkidle");
  await page.locator("a[href='/admin/settings/session']").click();
  const field = page.getByLabel("Admin UI without use");
  await field.fill("3600");
  await expect(page.getByText("You have unsaved changes")).toBeVisible();
  await expect(page.getByText("= 1 hour")).toBeVisible();
  const question = page.getByRole("dialog", { name: "You have unsaved changes" });

  await test.step("a link asks first, and Escape keeps editing", async () => {
    await page.locator("aside").getByRole("link", { name: "Users" }).click();
    await expect(question.getByRole("button", { name: "Keep editing" })).toBeFocused();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await expect(page).toHaveURL(/settings\/session$/);
    await expect(field).toHaveValue("3600");
  });

  await test.step("so does Back, as often as it is tried", async () => {
    for (let time = 0; time < 2; time += 1) {
      await page.goBack();
      await expect(question).toBeVisible();
      await expect(page).toHaveURL(/settings\/session$/);
      await question.getByRole("button", { name: "Keep editing" }).click();
      await expect(question).toBeHidden();
      await expect(field).toHaveValue("3600");
    }
  });

  await test.step("who discards goes where she wanted", async () => {
    await page.goBack();
    await question.getByRole("button", { name: "Discard" }).click();
    await expect(page).toHaveURL(/\/admin\/settings$/);
    await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
    await page.locator("a[href='/admin/settings/session']").click();
    await expect(field).not.toHaveValue("3600");
    await field.fill("7200");
    await page.locator("aside").getByRole("link", { name: "Users" }).click();
    await question.getByRole("link", { name: "Discard" }).click();
    await expect(page).toHaveURL(/admin\/users$/);
  });
});

test("the name of a key is copied with one click", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/keys");
  await page.waitForLoadState("networkidle");
  const kid = await page.locator("tbody code").first().innerText();
  await page.getByRole("button", { name: `Copy ${kid}` }).click();
  await expect(page.getByText(`Copied ${kid}`)).toBeVisible();
});
