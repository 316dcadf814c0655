/** Forms work before WebAssembly has loaded, and without JavaScript at all. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/server.ts";
import type { Words } from "../support/words.ts";

const PASSWORD = "a gate with two gods";

test.use({
  javaScriptEnabled: false,
  serverOptions: {
    args: ["--dev", "--set", "dev.captcha_answer=7kqm"],
    env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
  },
});

test("sign in, create a role and a user, search, sign out", async ({ page, w }) => {
  await page.goto("/admin/login");
  await page.getByLabel(w("Username")).fill("root");
  await page.getByLabel(w.of("password", "Password"), { exact: true }).fill(PASSWORD);
  await page.getByLabel(w("Characters in the picture")).fill("wrong");
  await page.getByRole("button", { name: w("Sign in") }).click();
  await expect(page.getByText(w("The captcha did not match or has expired. Here is a new picture"))).toBeVisible();
  await page.getByLabel(w("Username")).fill("root");
  await page.getByLabel(w.of("password", "Password"), { exact: true }).fill(PASSWORD);
  await page.getByLabel(w("Characters in the picture")).fill("7kqm");
  await page.getByRole("button", { name: w("Sign in") }).click();
  await expect(page.getByRole("heading", { name: w("Latest sign-ins") })).toBeVisible();

  await page.goto("/admin/roles/new");
  const role = page.locator("#role-form");
  await role.getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Auditor");
  await role.getByLabel(w("Key"), { exact: true }).fill("auditor");
  await page.getByRole("checkbox", { name: w("List roles") }).check();
  await page.getByRole("button", { name: w("Create role") }).click();
  await expect(page.getByText(w("Created the role Auditor"))).toBeVisible();

  await page.goto("/admin/users/new");
  const user = page.locator("#create-user");
  await user.getByLabel(w("Username")).fill("lin.wei");
  await user.getByLabel(w("First password")).fill("quiet river seven");
  await user.getByRole("button", { name: w("Create user") }).click();
  await expect(page.getByText(w("Created lin.wei"))).toBeVisible();

  await page.goto("/admin/users");
  await page.locator("#search").fill("lin");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/q=lin/);
  await expect(page.getByText("lin.wei").first()).toBeVisible();
});

async function signIn(page: Page): Promise<void> {
  await page.goto("/admin/login");
  await page.locator("[name=username]").fill("root");
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("[name=captcha_code]").fill("7kqm");
  await page.locator("#sign-in [type=submit]").click();
  await expect(page).toHaveURL(/\/admin$/);
}

/** Opens a row's menu, which the browser does by itself, and chooses from it. */
async function choose(page: Page, w: Words, name: string, action: string): Promise<void> {
  await page.getByRole("button", { name: w(`Actions for ${name}`) }).click();
  const menu = page.locator(".menu:popover-open");
  await menu.getByRole("link", { name: action }).or(menu.getByRole("button", { name: action })).click();
}

test("users: search, page, edit, disable, enable, delete", async ({ page, w, request }) => {
  test.slow();
  const login = await request.post("/auth/login", { data: { username: "root", password: PASSWORD } });
  const headers = { authorization: login.headers()["authorization"] ?? "" };
  for (let n = 10; n < 35; n += 1) {
    const data = { username: `user.${n}`, nickname: `Person ${n}`, password: "quiet river seven" };
    expect((await request.post("/user", { headers, data })).status()).toBe(201);
  }
  await signIn(page);
  await page.goto("/admin/users");
  const rows = page.locator("table.table tbody tr");
  await expect(rows).toHaveCount(20);
  await page.getByRole("link", { name: w("Next page") }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(rows).toHaveCount(6);

  await page.locator("#search").fill("Person 22");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/q=Person/);
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText("user.22");

  await rows.first().getByRole("link", { name: /Person 22/ }).first().click();
  await page.locator("[name=nickname]").fill("Twenty-two");
  await page.getByRole("button", { name: w("Save"), exact: true }).click();
  const saved = w("Saved the user {name}: {what}", { name: "Twenty-two", what: w.of("nickname", "Name") });
  await expect(page.getByText(saved).first()).toBeVisible();

  await page.goto("/admin/users?q=user.22");
  await choose(page, w, "Twenty-two", w("Disable"));
  await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled Twenty-two. Their sessions have ended"))).toBeVisible();
  await page.goto("/admin/users?q=user.22");
  await expect(rows.first()).toContainText(w("Disabled"));

  await choose(page, w, "Twenty-two", w("Enable"));
  await expect(page.getByText(w("Enabled Twenty-two"))).toBeVisible();
  await page.goto("/admin/users?q=user.22");
  await expect(rows.first()).toContainText(w("Active"));

  await choose(page, w, "Twenty-two", w("Delete"));
  await page.getByRole("dialog").getByRole("button", { name: w("Delete user") }).click();
  await expect(page.getByText(w.of("user_deleted", "Deleted Twenty-two"))).toBeVisible();
  await page.goto("/admin/users?q=user.22");
  await expect(rows).toHaveCount(0);
});

test("roles: create, search, edit, disable, delete", async ({ page, w }) => {
  await signIn(page);
  for (const [name, key] of [["Auditor", "auditor"], ["Clerk", "clerk"]] as const) {
    await page.goto("/admin/roles/new");
    const form = page.locator("#role-form");
    await form.getByLabel(w.of("role_name", "Name"), { exact: true }).fill(name);
    await form.getByLabel(w("Key"), { exact: true }).fill(key);
    await page.getByRole("button", { name: w("Create role") }).click();
    await expect(page.getByText(w(`Created the role ${name}`))).toBeVisible();
  }

  await page.goto("/admin/roles");
  const rows = page.locator("table.table tbody tr");
  await page.locator("#search").fill("clerk");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/q=clerk/);
  await expect(rows).toHaveCount(1);

  await rows.first().getByRole("link", { name: /Clerk/ }).first().click();
  await page.locator("#role-form").getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Head clerk");
  await page.getByRole("checkbox", { name: w("List users") }).check();
  await page.getByRole("button", { name: w("Save changes") }).first().click();
  const what = [w.of("role_name", "Name"), w("Permissions +1")].join(w.of("comma", ", "));
  await expect(page.getByText(w("Saved the role {name}: {what}", { name: "Head clerk", what }))).toBeVisible();

  await page.goto("/admin/roles");
  await choose(page, w, "Head clerk", w("Disable"));
  await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled the role Head clerk. It grants nothing now"))).toBeVisible();
  await choose(page, w, "Head clerk", w("Delete"));
  await page.getByRole("dialog").getByRole("button", { name: w("Delete role") }).click();
  await expect(page.getByText(w("Deleted the role Head clerk"))).toBeVisible();
  await expect(rows.filter({ hasText: "Auditor" })).toHaveCount(1);
});

test("departments: create, edit, disable, delete", async ({ page, w }) => {
  await signIn(page);
  for (const name of ["Audit", "Sales"]) {
    await page.goto("/admin/departments/new");
    const form = page.locator("#create-dept");
    await form.getByLabel(w.of("dept_name", "Name"), { exact: true }).fill(name);
    await form.getByRole("button", { name: w("Create department") }).click();
    await expect(page.getByText(w(`Created the department ${name}`))).toBeVisible();
  }
  const row = (name: string) => page.locator(".outline-row").filter({ hasText: name });
  await page.goto("/admin/departments");
  await row("Sales").locator(".outline-link").click();
  await page.locator("#edit-dept").getByLabel(w("Leader")).fill("Lin Wei");
  await page.locator("#edit-dept").getByRole("button", { name: w("Save") }).click();
  await expect(page.getByText(w.of("saved_of", "Saved Sales"))).toBeVisible();
  await expect(row("Sales")).toContainText("Lin Wei");

  await page.goto("/admin/departments");
  await choose(page, w, "Sales", w("Disable"));
  await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled the department Sales. It can't be chosen for users now"))).toBeVisible();
  await choose(page, w, "Sales", w("Delete"));
  await page.getByRole("button", { name: w("Delete department") }).click();
  await expect(page.getByText(w.of("deleted_of", "Deleted Sales"))).toBeVisible();
  await expect(row("Sales")).toHaveCount(0);
});
