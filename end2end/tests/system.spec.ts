/** Settings that are changed while the program runs, and the signing keys. */
import { asleep, open, signIn, withAdmin } from "../support/admin.ts";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";

test.use({ serverOptions: withAdmin("--set", "limits.delay_after=30") });

for (const scripts of [true, false]) {
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts });

    test("settings are changed, refused and given back", async ({ page, w }) => {
      await signIn(page);
      await open(page, "/admin/settings");
      await page.getByRole("link", { name: new RegExp(`^${w("Sign-up")}`) }).click();
      await expect(page.getByRole("heading", { level: 1, name: w("Sign-up") })).toBeVisible();
      await page.getByLabel(w("Who makes accounts")).selectOption("closed");
      await page.getByLabel(w("Accounts an hour")).fill("7");
      await page.getByRole("button", { name: w("Save changes") }).click();
      const changed = [w("Who makes accounts"), w("Accounts an hour")].join(w.of("comma", ", "));
      const saved = page.getByText(w("Saved {name}: {what}", { name: w("Sign-up"), what: changed }));
      await expect(saved).toBeVisible();
      await expect(page.getByText(w("2 changed"))).toBeVisible();
      await open(page, "/admin/settings/registration");
      await expect(page.getByLabel(w("Who makes accounts"))).toHaveValue("closed");
      await expect(page.getByLabel(w("Accounts an hour"))).toHaveValue("7");

      await page.getByLabel(w("Accounts an hour")).fill("0");
      await page.getByRole("button", { name: w("Save changes") }).click();
      await expect(page.getByText(w.like("Must be a whole number from 1 to *"))).toBeVisible();
      await page.getByLabel(w("Accounts an hour")).fill("");
      await page.getByLabel(w("Who makes accounts")).selectOption("open");
      await page.getByRole("button", { name: w("Save changes") }).click();
      await expect(saved).toBeVisible();
      await expect(page.getByLabel(w("Accounts an hour"))).toHaveValue("20");
    });

    test("what was saved is taken back", async ({ page, w }) => {
      await signIn(page);
      await open(page, "/admin/settings/registration");
      await page.getByLabel(w("Accounts an hour")).fill("7");
      await page.getByRole("button", { name: w("Save changes") }).click();
      const saved = w("Saved {name}: {what}", { name: w("Sign-up"), what: w("Accounts an hour") });
      await expect(page.getByText(saved)).toBeVisible();
      await expect(page.getByText(w("1 changed"))).toBeVisible();
      await page.getByRole("button", { name: w("Undo") }).click();
      if (scripts) await expect(page.getByText(w("Taken back"))).toBeVisible();
      await expect(page.getByText(w("1 changed"))).toHaveCount(0);
      await expect(page.getByLabel(w("Accounts an hour"))).toHaveValue("20");
    });

    test("a secret is written and never shown", async ({ page, w }) => {
      await signIn(page);
      await open(page, "/admin/settings/sign-in");
      await page.getByRole("link", { name: new RegExp(`^${w("WeCom")}`) }).click();
      await page.getByLabel(w("Corporation ID")).fill("ww1");
      await page.getByRole("button", { name: w("Save changes") }).click();
      await expect(page.getByText(w("Must be set")).first()).toBeVisible();
      await page.getByLabel(w("Corporation ID")).fill("ww1");
      await page.locator("#set-wecom-secret").fill("tell-nobody");
      await page.getByRole("button", { name: w("Save changes") }).click();
      const changed = [w("Corporation ID"), w("Secret")].join(w.of("comma", ", "));
      await expect(page.getByText(w("Saved {name}: {what}", { name: w("WeCom"), what: changed }))).toBeVisible();
      // A secret can't be put back.
      await expect(page.getByRole("button", { name: w("Undo") })).toHaveCount(0);
      await open(page, "/admin/settings/wecom");
      await expect(page.locator("#set-wecom-secret")).toHaveValue("");
      expect(await page.content()).not.toContain("tell-nobody");
      await expect(page.getByRole("button", { name: w("Check the credentials") })).toBeVisible();
    });

    test("what a flag sets is pinned", async ({ page }) => {
      await signIn(page);
      await open(page, "/admin/settings/limits");
      await expect(page.getByText("--set limits.delay_after")).toBeVisible();
      await expect(page.locator("#set-limits-delay-after")).toHaveCount(0);
      await expect(page.locator("#set-limits-name-failures")).toBeVisible();
    });

    test("keys are rotated and revoked", async ({ page, w }) => {
      await signIn(page);
      await open(page, "/admin/keys");
      await expect(page.getByRole("row")).toHaveCount(2);
      const old = await page.locator("tbody code").first().innerText();
      await page.getByRole("link", { name: w("Rotate the key") }).click();
      await page.getByRole("button", { name: w("Rotate the key") }).click();
      await expect(page.getByText(w.like("Published the new key *. It signs after an hour"))).toBeVisible();
      await expect(page.getByRole("row")).toHaveCount(3);
      await page.getByRole("link", { name: w(`Revoke the key ${old}`) }).click();
      await page.locator("#typed").fill("wrong");
      await page.getByRole("button", { name: w("Revoke the key") }).click();
      await expect(page.getByText(w(`Must be ${old.slice(0, 6)}`))).toBeVisible();
      await page.locator("#typed").fill(old.slice(0, 6));
      await page.getByRole("button", { name: w("Revoke the key") }).click();
      await expect(page.getByText(w(`Revoked the key ${old}`))).toBeVisible();
      await expect(page.getByRole("row")).toHaveCount(2);
    });
  });
}

test("what was typed before the page woke up counts", async ({ page, w }) => {
  await signIn(page);
  const wake = await asleep(page);
  await page.goto("/admin/settings/registration", { waitUntil: "domcontentloaded" });
  const hourly = page.getByLabel(w("Accounts an hour"));
  const who = page.getByLabel(w("Who makes accounts"));
  await hourly.fill("7");
  await who.selectOption("closed");
  await wake();
  await expect(hourly).toHaveValue("7");
  await expect(who).toHaveValue("closed");
  await page.getByRole("button", { name: w("Save changes") }).click();
  const changed = [w("Who makes accounts"), w("Accounts an hour")].join(w.of("comma", ", "));
  await expect(page.getByText(w("Saved {name}: {what}", { name: w("Sign-up"), what: changed }))).toBeVisible();
});

test("unsaved changes are guarded, from links and from Back", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/settings");
  await page.locator("a[href='/admin/settings/session']").click();
  const field = page.getByLabel(w("Admin UI without use"));
  await field.fill("3600");
  await expect(page.getByText(w("You have unsaved changes"))).toBeVisible();
  await expect(page.getByText(`= ${w("1 hour")}`)).toBeVisible();
  const question = page.getByRole("dialog", { name: w("You have unsaved changes") });

  await test.step("a link asks first, and Escape keeps editing", async () => {
    await page.locator("aside").getByRole("link", { name: w("Users") }).click();
    await expect(question.getByRole("button", { name: w("Keep editing") })).toBeFocused();
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
      await question.getByRole("button", { name: w("Keep editing") }).click();
      await expect(question).toBeHidden();
      await expect(field).toHaveValue("3600");
    }
  });

  await test.step("who discards goes where she wanted", async () => {
    await page.goBack();
    await question.getByRole("button", { name: w("Discard") }).click();
    await expect(page).toHaveURL(/\/admin\/settings$/);
    await expect(page.getByRole("heading", { level: 1, name: w("Settings") })).toBeVisible();
    await page.locator("a[href='/admin/settings/session']").click();
    await expect(field).not.toHaveValue("3600");
    await field.fill("7200");
    await page.locator("aside").getByRole("link", { name: w("Users") }).click();
    await question.getByRole("link", { name: w("Discard") }).click();
    await expect(page).toHaveURL(/admin\/users$/);
  });
});

test("the name of a key is copied with one click", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/keys");
  const kid = await page.locator("tbody code").first().innerText();
  await page.getByRole("button", { name: w(`Copy ${kid}`) }).click();
  await expect(page.getByText(w(`Copied ${kid}`))).toBeVisible();
});
