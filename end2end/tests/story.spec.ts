/**
 * The story that everything else is built on, from the first start to a permission taken away,
 * played against the release build: in the browser as an administrator, over REST as a client.
 */
import type { APIResponse, Page } from "@playwright/test";
import { awake } from "../support/admin.ts";
import { expect, test, type Server } from "../support/server.ts";
import type { Words } from "../support/words.ts";

const ANSWER = "7kqm";
const ADMIN_PASSWORD = "a gate with two gods";
const USER_PASSWORD = "quiet river seven";

test.use({
  serverOptions: { args: ["--dev", "--set", `dev.captcha_answer=${ANSWER}`] },
});

/** The one-time password in the line that the server ends its start with. */
function oneTimePassword(server: Server): string {
  const found = /one-time password (\S+)/.exec(server.stdout());
  if (!found?.[1]) throw new Error(`no one-time password in: ${server.stdout()}`);
  return found[1];
}

async function signIn(page: Page, w: Words, name: string, password: string, captcha = ANSWER): Promise<void> {
  await page.getByLabel(w("Username")).fill(name);
  await page.getByLabel(w.of("password", "Password"), { exact: true }).fill(password);
  await page.getByLabel(w("Characters in the picture")).fill(captcha);
  await page.getByRole("button", { name: w("Sign in") }).click();
}

async function signOut(page: Page, w: Words): Promise<void> {
  await page.getByRole("button", { name: w("Account menu") }).click();
  await page.getByRole("button", { name: w("Sign out") }).click();
  await expect(page).toHaveURL(/\/admin\/login/);
}

test("from the first start to a permission taken away", async ({ page, w, server, playwright }) => {
  await test.step("a wrong captcha says so and brings a new picture", async () => {
    await page.goto("/");
    await expect(page).toHaveURL(/\/admin\/login/);
    await awake(page);
    const picture = page.getByRole("img", { name: w("Captcha picture") });
    const first = await picture.getAttribute("src");
    await signIn(page, w, "admin", oneTimePassword(server), "wrong");
    await expect(page.getByText(w("The captcha did not match or has expired. Here is a new picture"))).toBeVisible();
    await expect(picture).not.toHaveAttribute("src", first ?? "");
    await expect(page.getByLabel(w("Characters in the picture"))).toBeFocused();
    await expect(page.getByLabel(w("Characters in the picture"))).toHaveValue("");
    await expect(page.getByLabel(w("Username"))).toHaveValue("admin");
  });

  await test.step("the one-time password must be changed, then the overview opens", async () => {
    await signIn(page, w, "admin", oneTimePassword(server));
    await expect(page.getByRole("heading", { name: w("Choose a new password") })).toBeVisible();
    await page.goto("/admin/users");
    await expect(page.getByRole("heading", { name: w("Choose a new password") })).toBeVisible();
    await page.getByLabel(w("Current password")).fill(oneTimePassword(server));
    await page.getByLabel(w("New password"), { exact: true }).fill(ADMIN_PASSWORD);
    await page.getByLabel(w("New password again")).fill(ADMIN_PASSWORD);
    await page.getByRole("button", { name: w("Save new password") }).click();
    await expect(page.getByRole("heading", { name: w("Latest sign-ins") })).toBeVisible();
  });

  await test.step("she creates the role auditor and ticks a permission in the tree", async () => {
    await page.goto("/admin/roles/new");
    await awake(page);
    const form = page.locator("#role-form");
    await form.getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Auditor");
    await form.getByLabel(w("Key"), { exact: true }).fill("auditor");
    await page.getByRole("checkbox", { name: w("List roles") }).check();
    await page.getByRole("button", { name: w("Create role") }).click();
    await expect(page.getByText(w("Created the role Auditor"))).toBeVisible();
  });

  await test.step("she creates a user and gives her the role", async () => {
    await page.goto("/admin/users/new");
    const form = page.locator("#create-user");
    await form.getByLabel(w("Username")).fill("lin.wei");
    await form.getByLabel(w("First password")).fill(USER_PASSWORD);
    await form.getByRole("checkbox", { name: /Auditor/ }).check();
    await form.getByRole("button", { name: w("Create user") }).click();
    await expect(page.getByText(w("Created lin.wei"))).toBeVisible();
    await page.goto("/admin/users");
    const row = page.getByRole("row", { name: /lin\.wei/ });
    await expect(row.getByText("Auditor")).toBeVisible();
    await signOut(page, w);
  });

  const api = await playwright.request.newContext({ baseURL: server.url });
  let bearer = "";
  const get = (path: string): Promise<APIResponse> => api.get(path, { headers: { authorization: bearer } });

  await test.step("the user signs in over REST and may do just that", async () => {
    const login = await api.post("/auth/login", {
      data: { username: "lin.wei", password: USER_PASSWORD },
    });
    expect(login.status()).toBe(200);
    bearer = login.headers()["authorization"] ?? "";
    const me = await (await get("/auth/me")).json();
    expect(me).toMatchObject({ username: "lin.wei", roles: ["auditor"], perms: ["system:role:list"] });
    expect((await get("/role/list")).status()).toBe(200);
    const refused = await api.post("/role", { headers: { authorization: bearer }, data: {} });
    expect(refused.status()).toBe(403);
    expect((await refused.json()).message).toContain("system:role:add");
  });

  await test.step("the moment the role is disabled, the list is refused too", async () => {
    await signIn(page, w, "admin", ADMIN_PASSWORD);
    await expect(page.getByRole("heading", { name: w("Latest sign-ins") })).toBeVisible();
    await page.goto("/admin/roles");
    await page.getByRole("link", { name: /Auditor/ }).first().click();
    await page.getByRole("button", { name: w("Disable") }).or(page.getByRole("link", { name: w("Disable") })).first().click();
    await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
    await expect(page.getByText(w("Disabled the role Auditor. It grants nothing now"))).toBeVisible();
    const refused = await get("/role/list");
    expect(refused.status()).toBe(403);
    expect((await refused.json()).message).toContain("system:role:list");
  });
  await api.dispose();
});
