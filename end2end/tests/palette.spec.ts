/**
 * The command palette, the shortcuts of the keyboard and the sheet that lists them, and the page
 * of the components.
 */
import type { Page } from "@playwright/test";
import { open, PASSWORD, signIn, withAdmin } from "../support/admin.ts";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";

test.use({ serverOptions: withAdmin() });

/** Goes to a page by its two keys: anew, where the machine was too slow for the second to follow in time. */
async function go(page: Page, key: string, path: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`/admin${path}$`), { timeout: 10_000 });
  }).toPass();
}

test.describe("with a keyboard", () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page);
    await open(page, "/admin");
  });

  test("the palette goes to a page, by the name in either language", async ({ page, w }) => {
    const palette = page.getByRole("dialog", { name: w("Command palette") });
    const field = palette.getByRole("combobox");
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused();
    await expectAccessible(page);

    await field.fill("role");
    const first = palette.getByRole("option").first();
    await expect(first).toContainText("/admin/roles");
    await expect(first).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/admin\/roles$/);
    await expect(palette).toBeHidden();

    await page.keyboard.press("Control+k");
    await expect(palette.getByRole("group", { name: w("Recent") })).toContainText(w("Roles"));
    await field.fill("用户");
    await expect(palette.getByRole("option").first()).toContainText("/admin/users");
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
  });

  test("the arrow keys walk through the entries and round the ends", async ({ page, w }) => {
    await page.getByRole("button", { name: w("Command palette") }).click();
    const palette = page.getByRole("dialog", { name: w("Command palette") });
    const field = palette.getByRole("combobox");
    await expect(field).toHaveAttribute("aria-activedescendant", "palette-0");
    await page.keyboard.press("ArrowDown");
    await expect(field).toHaveAttribute("aria-activedescendant", "palette-1");
    await expect(palette.locator("#palette-1")).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await expect(palette.getByRole("option").last()).toHaveAttribute("aria-selected", "true");
    await expect(palette.getByRole("option").last()).toBeInViewport();
    await field.fill("zzzz");
    await expect(palette.getByText(w("Nothing matches"))).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: w("Command palette") })).toBeFocused();
  });

  test("the palette finds users and roles, and does things", async ({ page, w }) => {
    const palette = page.getByRole("dialog", { name: w("Command palette") });
    const field = palette.getByRole("combobox");
    await page.keyboard.press("Control+k");
    await field.fill("root");
    const user = palette.getByRole("group", { name: w("Users") }).getByRole("option");
    await expect(user).toHaveCount(1);
    await user.click();
    await expect(page).toHaveURL(/\/admin\/users\/\d+$/);
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/admin\/users$/);

    await page.keyboard.press("Control+k");
    await field.fill(w("Theme: {name}", { name: w("Dark") }).toLowerCase());
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveClass(/dark/);

    await page.keyboard.press("Control+k");
    await field.fill(w("New role").toLowerCase());
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/admin\/roles\/new$/);

    await page.keyboard.press("Control+k");
    await field.fill(w("Change password").toLowerCase());
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/admin\/account\/password$/);
  });

  test("two keys go to a page, one makes something new or walks through the rows", async ({ page }) => {
    await go(page, "u", "/users");
    // The address comes before the page.
    await expect(page.getByRole("searchbox")).toBeVisible();
    const link = page.locator(".table tbody tr").first().getByRole("link").first();
    await expect(link).toBeVisible();
    await page.keyboard.press("j");
    await expect(link).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/admin\/users\/\d+/);
    await expect(page.getByRole("dialog")).toBeVisible();
    // Not while a dialog is open.
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await expect(page).toHaveURL(/\/admin\/users\/\d+/);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/admin\/users$/);
    await expect(page.getByRole("dialog")).toHaveCount(0);

    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    // Not while somebody types.
    await page.keyboard.type("gr n");
    await expect(page).toHaveURL(/\/admin\/users\?q=gr/);
    await page.getByRole("searchbox").blur();

    await go(page, "r", "/roles");
    await expect(page.locator("[data-new][href='/admin/roles/new']")).toBeVisible();
    await page.keyboard.press("n");
    await expect(page).toHaveURL(/\/admin\/roles\/new$/);
  });

  test("every page of the navigation has its keys, and the sheet tells them", async ({ page, w }) => {
    const pages = {
      u: "users",
      d: "departments",
      s: "sessions",
      r: "roles",
      p: "permissions",
      m: "menus",
      i: "sign-ins",
      o: "operations",
      w: "settings/sign-in",
      k: "keys",
      t: "settings",
    };
    for (const [key, path] of Object.entries(pages)) {
      await go(page, key, `/${path}`);
    }
    await go(page, "h", "");
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: w("Keyboard shortcuts") });
    const links = page.locator("aside a.nav");
    for (const name of await links.allInnerTexts()) {
      await expect(sheet.getByText(name.trim(), { exact: true })).toBeVisible();
    }
  });

  test("the sheet lists the shortcuts, and turns those of a single key off", async ({ page, w }) => {
    const sheet = page.getByRole("dialog", { name: w("Keyboard shortcuts") });
    await page.keyboard.press("?");
    await expect(sheet).toBeVisible();
    await expect(sheet.getByText(w("Next row"))).toBeVisible();
    await expectAccessible(page);
    const single = sheet.getByRole("switch", { name: w("Single-key shortcuts") });
    await expect(single).toBeChecked();
    await single.uncheck();
    await page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();

    await open(page, "/admin/users");
    await page.keyboard.press("?");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(/\/admin\/users$/);

    // Those with Ctrl stay, and lead back to the switch.
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: w("Command palette") });
    await palette.getByRole("combobox").fill(w("Keyboard shortcuts").toLowerCase());
    await page.keyboard.press("Enter");
    await expect(sheet).toBeVisible();
    await expect(single).not.toBeChecked();
    await single.check();
    await page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();
    await go(page, "r", "/roles");
  });
});

test("the components are shown in both themes", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/_kit");
  const ground = (theme: string): Promise<string> =>
    page
      .locator(`.kit-side.${theme}`)
      .first()
      .evaluate((side) => getComputedStyle(side).backgroundColor);
  expect(await ground("light")).not.toBe(await ground("dark"));
  await expect(page.getByRole("navigation", { name: w("Breadcrumb") })).toHaveText(w("Components"));
  for (const name of ["Buttons", "Strength of a password", "Tree of boxes", "Choosing rows", "Skeleton", "Chart"]) {
    await expect(page.getByRole("heading", { name: w(name), exact: true })).toBeVisible();
  }
  await page.getByRole("button", { name: w("Copy 203.0.113.7") }).first().click();
  await expect(page.getByText(w("Copied 203.0.113.7"))).toBeVisible();
  await page.getByRole("link", { name: w("Open it") }).first().click();
  await expect(page.getByRole("dialog", { name: w("Disable lin.wei?") })).toBeVisible();
  await expectAccessible(page);
});

test.describe("without --dev", () => {
  test.use({
    serverOptions: {
      args: ["--set", "captcha.page=never"],
      env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
    },
  });

  test("there is no page of the components", async ({ page, w }) => {
    await signIn(page);
    const answer = await page.goto("/admin/_kit");
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(w("Page not found"));
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("there is no button for what would not open", async ({ page, w }) => {
    await signIn(page);
    await expect(page.getByRole("button", { name: w("Command palette") })).toBeHidden();
  });
});
