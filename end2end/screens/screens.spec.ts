/**
 * Takes a picture of every page to docs/screens/{page}-{light,dark,phone}.png: in light and on a
 * phone in English, in dark in Chinese. What answers an error that it should not has no picture,
 * and fails.
 */
import { mkdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { ADMIN_PASSWORD, OTP_USER, type Seed, USER_PASSWORD } from "../support/seed.ts";
import { expect, NOBODY, signIn as signInAs, test } from "../support/seeded.ts";
import { Server } from "../support/server.ts";
import { settled } from "../support/watch.ts";

/** Somebody who may next to nothing. */
const STAFF = "meng.yao";
const FOLDER = resolve(import.meta.dirname, "../../docs/screens");
/** A picture that is larger is a mistake: flat areas weigh little. */
const MOST_BYTES = 300_000;

async function open(page: Page, path: string, status = 200): Promise<void> {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBe(status);
  await settled(page);
}

async function shoot(page: Page, name: string): Promise<void> {
  await settled(page);
  await page.mouse.move(0, 0);
  const path = resolve(FOLDER, `${name}-${test.info().project.name}.png`);
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path, animations: "disabled", caret: "hide", scale: "css" });
  expect((await stat(path)).size, `${path} is too large`).toBeLessThan(MOST_BYTES);
}

/** The page, and its address. */
const PAGES: Record<string, (seed: Seed) => string> = {
  overview: () => "/admin",
  users: () => "/admin/users",
  "user-panel": (seed) => `/admin/users/${seed.users.get("lin.wei")}`,
  "user-access": (seed) => `/admin/users/${seed.users.get("lin.wei")}?tab=access`,
  "user-security": (seed) => `/admin/users/${seed.users.get("lin.wei")}?tab=security`,
  "user-history": (seed) => `/admin/users/${seed.users.get("lin.wei")}?tab=history`,
  "user-new": () => "/admin/users/new",
  import: () => "/admin/users/import",
  departments: () => "/admin/departments",
  "department-panel": (seed) => `/admin/departments/${seed.depts.get("研发中心")}`,
  sessions: () => "/admin/sessions",
  roles: () => "/admin/roles",
  "role-editor": (seed) => `/admin/roles/${seed.roles.get("service_desk")}`,
  "role-new": () => "/admin/roles/new",
  permissions: () => "/admin/permissions",
  menus: () => "/admin/menus",
  "menu-panel": () => "/admin/menus/2",
  "sign-ins": () => "/admin/sign-ins",
  operations: () => "/admin/operations",
  settings: () => "/admin/settings",
  "settings-limits": () => "/admin/settings/limits",
  "sign-in-methods": () => "/admin/settings/sign-in",
  keys: () => "/admin/keys",
  account: () => "/admin/account",
  "account-password": () => "/admin/account/password",
  "account-sessions": () => "/admin/account/sessions",
  kit: () => "/admin/_kit",
};

for (const [name, address] of Object.entries(PAGES)) {
  test(name, async ({ page, seed }) => {
    await open(page, address(seed));
    await shoot(page, name);
  });
}

test("operation", async ({ page, seed }) => {
  expect(seed.roles.size).toBeGreaterThan(0);
  await open(page, "/admin/operations");
  // The change of a role is the one that has most to show.
  const links = page.locator("a[href*='/admin/operations/']");
  const role = page.getByRole("row").filter({ hasText: "审计员" }).locator("a[href*='/admin/operations/']");
  const href = await ((await role.count()) > 0 ? role : links).first().getAttribute("href");
  await open(page, href ?? "");
  await shoot(page, "operation");
});

test("not-found", async ({ page }) => {
  await open(page, "/admin/there-is-no-such-page", 404);
  await shoot(page, "not-found");
});

test("palette", async ({ page }) => {
  await open(page, "/admin/users");
  await page.keyboard.press("Control+k");
  const box = page.getByRole("dialog").getByRole("combobox");
  await expect(box).toBeFocused();
  await box.fill("lin");
  await expect(page.getByRole("option").first()).toBeVisible();
  await shoot(page, "palette");
});

test("account-factor", async ({ page }) => {
  await open(page, "/admin/account/factors");
  await page.locator("#field-begin-password").fill(ADMIN_PASSWORD);
  await page.locator("form", { has: page.locator("#field-begin-password") }).locator("[type=submit]").click();
  await expect(page.locator("img[src^='data:image/svg']")).toBeVisible();
  await shoot(page, "account-factor");
});

test.describe("signed out", () => {
  test.use({ storageState: NOBODY });

  test("login", async ({ page }) => {
    await open(page, "/admin/login");
    await shoot(page, "login");
  });

  test("login-otp", async ({ page }) => {
    await open(page, "/admin/login");
    await page.locator("[name=username]").fill(OTP_USER);
    await page.locator("[name=password]").fill(USER_PASSWORD);
    await page.locator("#sign-in [type=submit]").click();
    await expect(page.locator("[name=otp_code]")).toBeVisible();
    await shoot(page, "login-otp");
  });

  test("no-permission", async ({ page, request, baseURL, seed }) => {
    expect(seed.users.size).toBeGreaterThan(0);
    const state = await signInAs(request, baseURL ?? "", STAFF, USER_PASSWORD);
    await page.context().addCookies(state.cookies);
    await page.goto("/admin/roles");
    await shoot(page, "no-permission");
  });

  test.describe("with a captcha and text messages", () => {
    let server: Server;

    test.beforeAll(async () => {
      const settings = ["dev.captcha_answer=7kqm", "captcha.page=always", "sms.provider=log"];
      server = await Server.start({ args: ["--dev", ...settings.flatMap((setting) => ["--set", setting])] });
    });
    test.afterAll(async () => server.dispose());

    for (const [name, way] of [
      ["login-captcha", ""],
      ["login-sms", "?way=sms"],
    ] as const) {
      test(name, async ({ page }) => {
        await open(page, `${server.url}/admin/login${way}`);
        await expect(page.locator(".captcha-image")).toBeVisible();
        await shoot(page, name);
      });
    }
  });
});
