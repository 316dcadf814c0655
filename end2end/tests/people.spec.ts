/**
 * The users: a list whose state is its address, several of them changed at once and put back, the
 * panel's tabs, and a file of users; with JavaScript, and what matters of it without.
 */
import type { APIRequestContext, Page } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";

const PASSWORD = "a gate with two gods";

test.use({
  locale: "en-GB",
  serverOptions: {
    args: ["--dev", "--set", "dev.captcha_answer=7kqm", "--set", "captcha.page=never"],
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

/** Three users sign themselves up. */
async function threeUsers(request: APIRequestContext): Promise<void> {
  for (const username of ["lin.wei", "han.mei", "wu.gang"]) {
    const answer = await request.post("/user", { data: { username, password: "quiet river seven" } });
    expect(answer.ok()).toBe(true);
  }
}

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });
const box = (page: Page, name: string) => page.getByRole("checkbox", { name: `Select ${name}` });

const FILE = "username,nickname,email\nberta,Berta,berta@example.com\nclara,Clara,clara@example.com\n";
const BAD = "username,nickname,email\nberta,Berta,berta@example.com\nclara,Clara,not-an-address\n";
const file = (text: string) => ({ name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

test("the address holds the state of the list", async ({ page, request }) => {
  await threeUsers(request);
  await signIn(page);
  await page.goto("/admin/users?size=50");
  await page.waitForLoadState("networkidle"); // hydrated
  await page.getByRole("button", { name: "Status", exact: true }).click();
  await page.getByRole("link", { name: "Active", exact: true }).click();
  await expect(page).toHaveURL(/status=0/);
  await expect(page).toHaveURL(/size=50/);
  await page.getByRole("button", { name: "Second factor", exact: true }).click();
  await page.locator("#filter-factor").getByRole("link", { name: "None" }).click();
  await expect(page).toHaveURL(/factor=none/);
  await page.goBack();
  await expect(page).not.toHaveURL(/factor/);
  await page.reload();
  await expect(page.getByRole("link", { name: "Remove filter: Status" })).toBeVisible();
  await expect(row(page, "lin.wei")).toBeVisible();
});

test("columns are chosen, and remembered", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/users");
  await page.waitForLoadState("networkidle");
  await expect(page.getByRole("columnheader", { name: "E-mail" })).toHaveCount(0);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.locator("#columns-menu").getByLabel("E-mail").check();
  await expect(page.getByRole("columnheader", { name: "E-mail" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "E-mail" })).toBeVisible();
});

test("several users are disabled at once, and put back", async ({ page, request }) => {
  await threeUsers(request);
  await signIn(page);
  await page.goto("/admin/users");
  await page.waitForLoadState("networkidle");
  await box(page, "lin.wei").click();
  await box(page, "wu.gang").click({ modifiers: ["Shift"] });
  await expect(box(page, "han.mei")).toBeChecked();
  await expect(page.getByText("3 selected")).toBeVisible();
  await expectAccessible(page);
  await page.locator("#bulk").getByRole("button", { name: "Disable" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: "Disable 3 users?" })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled 3 users")).toBeVisible();
  await expect(row(page, "han.mei").getByText("Disabled")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Taken back")).toBeVisible();
  await expect(row(page, "han.mei").getByText("Active")).toBeVisible();
});

test("nobody is changed when one can't be, and it says who", async ({ page, request }) => {
  await threeUsers(request);
  await signIn(page);
  await page.goto("/admin/users");
  await page.waitForLoadState("networkidle");
  await page.locator("#pick-all").click();
  await page.locator("#bulk").getByRole("button", { name: "Disable" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Disable" }).click();
  await expect(dialog.getByText("nothing was changed")).toBeVisible();
  await expect(dialog.getByText("You can't disable yourself")).toBeVisible();
  await dialog.getByRole("link", { name: "Cancel" }).click();
  await expect(row(page, "lin.wei").getByText("Active")).toBeVisible();
});

test("the panel tells where permissions come from, and guards what is unsaved", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/users/1");
  await page.waitForLoadState("networkidle");
  const panel = page.getByRole("dialog");
  await panel.getByRole("link", { name: "Roles and permissions" }).click();
  await expect(page).toHaveURL(/tab=access/);
  await expect(panel.getByText("system:user:list", { exact: true })).toBeVisible();
  await expect(panel.getByText("*:*:*").first()).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole("link", { name: "Sign-in and sessions" }).click();
  await expect(panel.getByText("This session")).toBeVisible();
  await expect(panel.getByText("Not set up")).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole("link", { name: "History" }).click();
  await expect(panel.getByRole("heading", { name: "Changes" })).toBeVisible();
  await expectAccessible(page);

  await panel.getByRole("link", { name: "Profile" }).click();
  await panel.getByLabel("Note").fill("something new");
  await panel.getByRole("link", { name: "History" }).click();
  await expect(panel.getByText("You have unsaved changes")).toBeVisible();
  await panel.getByRole("button", { name: "Keep editing" }).click();
  await expect(panel.getByLabel("Note")).toHaveValue("something new");
  await panel.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
});

test("a user is created with a password that is made up", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/users/new");
  await page.waitForLoadState("networkidle");
  const form = page.locator("#create-user");
  await form.getByLabel("Username").fill("lin.wei");
  await form.getByLabel("Generate a random password").check();
  await expect(form.getByLabel("First password")).toBeHidden();
  await form.getByRole("button", { name: "Create user" }).click();
  await expect(page.getByRole("heading", { name: "One-time password" })).toBeVisible();
  await expect(page.locator("#secret")).not.toBeEmpty();
});

test("a file of users is looked at before they are made", async ({ page }) => {
  await signIn(page);
  await page.goto("/admin/users/import");
  await page.waitForLoadState("networkidle");
  await expectAccessible(page);
  await page.getByLabel("CSV file").setInputFiles(file(BAD));
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByRole("heading", { name: "1 of 2 has a problem" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "not-an-address" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Import 1 good line/ })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("CSV file").setInputFiles(file(FILE));
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.getByRole("button", { name: "Import 2 users" }).click();
  await expect(page.getByRole("heading", { name: "Imported 2 users" })).toBeVisible();
  await expect(page.getByLabel("One-time passwords")).toHaveValue(/berta\t\S+\nclara\t\S+/);
  await page.getByRole("link", { name: "See the users" }).click();
  await expect(row(page, "clara")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("several users are disabled, and put back", async ({ page, request }) => {
    await threeUsers(request);
    await signIn(page);
    await page.goto("/admin/users?q=e");
    await box(page, "lin.wei").check();
    await box(page, "han.mei").check();
    await page.locator("#bulk").getByRole("button", { name: "Disable" }).click();
    await expect(page).toHaveURL(/q=e/);
    await expect(page.getByRole("heading", { name: "Disable 2 users?" })).toBeVisible();
    await page.locator("#bulk-act").getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("Disabled 2 users")).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/users\?q=e$/);
    await expect(row(page, "lin.wei").getByText("Disabled")).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row(page, "lin.wei").getByText("Active")).toBeVisible();
  });

  test("a file of users is checked, and then imported", async ({ page }) => {
    await signIn(page);
    await page.goto("/admin/users/import");
    await page.getByLabel("CSV file").setInputFiles(file(BAD));
    await page.getByRole("button", { name: "Check the file" }).click();
    await expect(page.getByRole("cell", { name: "not-an-address" })).toBeVisible();
    await page.getByRole("button", { name: /^Import 1 good line/ }).click();
    await expect(page.getByRole("heading", { name: "Imported 1 user" })).toBeVisible();
    await expect(page.getByLabel("One-time passwords")).toHaveValue(/berta/);
  });
});
