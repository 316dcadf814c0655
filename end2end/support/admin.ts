/** The administrator whom a test's server begins with, and how she gets in. */
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, type ServerOptions } from "./server.ts";

export const ADMIN = "root";
export const PASSWORD = "a gate with two gods";

/** A server for development that begins with her and asks nobody for a captcha on the login page. */
export function withAdmin(...args: string[]): ServerOptions {
  return {
    args: ["--dev", "--set", "captcha.page=never", ...args],
    env: { MENSHEN_ADMIN_USERNAME: ADMIN, MENSHEN_ADMIN_PASSWORD: PASSWORD },
  };
}

/** Sends a name and a password from the login page, whatever comes of it. */
export async function sendPassword(page: Page, name = ADMIN, password = PASSWORD): Promise<void> {
  await page.goto("/admin/login");
  await page.locator("[name=username]").fill(name);
  await page.locator("[name=password]").fill(password);
  await page.locator("#sign-in [type=submit]").click();
}

/** Signs somebody in on the login page. */
export async function signIn(page: Page, name = ADMIN, password = PASSWORD): Promise<void> {
  await sendPassword(page, name, password);
  await expect(page).toHaveURL(/\/admin$/);
}

/** What the REST API knows her by: an access token in its header. */
export async function bearer(request: APIRequestContext): Promise<{ authorization: string }> {
  const login = await request.post("/auth/login", { data: { username: ADMIN, password: PASSWORD } });
  return { authorization: login.headers()["authorization"] ?? "" };
}

/** Opens a page and waits until it is awake, not only drawn. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await awake(page);
}

/**
 * Lets pages come and keeps them from waking. What it gives back wakes the one that is open, and
 * waits for that.
 */
export async function asleep(page: Page): Promise<() => Promise<void>> {
  let wake: () => void = () => undefined;
  const morning = new Promise<void>((done) => (wake = done));
  await page.route(/\.wasm$/, async (route) => {
    await morning;
    await route.continue();
  });
  return async () => {
    wake();
    await awake(page);
  };
}

/** Waits until a page hears whoever uses it, and has fetched what it wanted. Without scripts it is as it comes. */
export async function awake(page: Page): Promise<void> {
  await page.locator("html[data-awake], html:not(.js)").waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
}
