/**
 * The users: a list whose state is its address, several of them changed at once and put back, the
 * panel's tabs, and a file of users; with JavaScript, and what matters of it without.
 */
import type { APIRequestContext, Page } from "@playwright/test";
import { awake, bearer, open, signIn, withAdmin } from "../support/admin.ts";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";
import type { Words } from "../support/words.ts";

test.use({ serverOptions: withAdmin() });

/** Three users sign themselves up. */
async function threeUsers(request: APIRequestContext): Promise<void> {
  for (const username of ["lin.wei", "han.mei", "wu.gang"]) {
    const answer = await request.post("/user", { data: { username, password: "quiet river seven" } });
    expect(answer.ok()).toBe(true);
  }
}

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });
const box = (page: Page, w: Words, name: string) => page.getByRole("checkbox", { name: w(`Select ${name}`) });

const FILE = "username,nickname,email\nberta,Berta,berta@example.com\nclara,Clara,clara@example.com\n";
const BAD = "username,nickname,email\nberta,Berta,berta@example.com\nclara,Clara,not-an-address\n";
const file = (text: string) => ({ name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

test("the address holds the state of the list", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users?size=50");
  await page.getByRole("button", { name: w("Status"), exact: true }).click();
  await page.getByRole("link", { name: w("Active"), exact: true }).click();
  await expect(page).toHaveURL(/status=0/);
  await expect(page).toHaveURL(/size=50/);
  await page.getByRole("button", { name: w("Two-step verification"), exact: true }).click();
  await page.locator("#filter-factor").getByRole("link", { name: w("None") }).click();
  await expect(page).toHaveURL(/factor=none/);
  await page.goBack();
  await expect(page).not.toHaveURL(/factor/);
  await page.reload();
  await expect(page.getByRole("link", { name: w("Remove filter: {label}", { label: w("Status") }) })).toBeVisible();
  await expect(row(page, "lin.wei")).toBeVisible();
});

test("columns are chosen, and remembered", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/users");
  await expect(page.getByRole("columnheader", { name: w("E-mail") })).toHaveCount(0);
  await page.getByRole("button", { name: w("Columns") }).click();
  await page.locator("#columns-menu").getByLabel(w("E-mail")).check();
  await expect(page.getByRole("columnheader", { name: w("E-mail") })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("columnheader", { name: w("E-mail") })).toBeVisible();
});

test("several users are disabled at once, and put back", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users");
  await box(page, w, "lin.wei").click();
  await box(page, w, "wu.gang").click({ modifiers: ["Shift"] });
  await expect(box(page, w, "han.mei")).toBeChecked();
  await expect(page.getByText(w.of("picked", "3 selected"))).toBeVisible();
  await expectAccessible(page);
  await page.locator("#bulk").getByRole("button", { name: w("Disable") }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: w("Disable 3 users?") })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled 3 users. Their sessions have ended"))).toBeVisible();
  await expect(row(page, "han.mei").getByText(w("Disabled"))).toBeVisible();
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(page.getByText(w("Taken back"))).toBeVisible();
  await expect(row(page, "han.mei").getByText(w("Active"))).toBeVisible();
});

test("a tick stays with whom it was set for, and goes with the list that it was set in", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users");
  await box(page, w, "lin.wei").click();
  await box(page, w, "wu.gang").click();
  // Everybody below her moves up by a row.
  await page.getByRole("button", { name: w("Actions for lin.wei") }).click();
  await page.locator(".menu:popover-open").getByRole("link", { name: w("Delete") }).click();
  const dialog = page.getByRole("dialog");
  const follows = "They are not signed in. They leave every list, and the name can't sign in any more";
  await expect(dialog.getByText(w.of("delete_user_text", follows))).toBeVisible();
  await dialog.getByRole("button", { name: w("Delete user") }).click();
  await expect(row(page, "lin.wei")).toHaveCount(0);
  await expect(box(page, w, "wu.gang")).toBeChecked();
  await expect(page.locator("tbody .pick:checked")).toHaveCount(1);
  await expect(page.getByText(w.of("picked", "1 selected"))).toBeVisible();
  await expect(page.locator("#pick-all")).toHaveJSProperty("indeterminate", true);
  // The same people in another order: other rows.
  await page.getByRole("columnheader", { name: w("User") }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=username/);
  await expect(page.locator("tbody .pick:checked")).toHaveCount(0);
  await page.locator("#pick-all").click();
  await expect(page.locator("tbody .pick:checked")).toHaveCount(3);
  await page.getByRole("button", { name: w.of("pick_none", "Clear the selection") }).click();
  await expect(page.locator("tbody .pick:checked")).toHaveCount(0);
});

test("what was ticked before the page is awake counts", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  let wake = (): void => undefined;
  const asleep = new Promise<void>((resolve) => (wake = resolve));
  await page.route(/\.wasm/, async (route) => {
    await asleep;
    await route.continue();
  });
  await page.goto("/admin/users", { waitUntil: "commit" });
  await box(page, w, "han.mei").check();
  wake();
  await awake(page);
  await expect(page.getByText(w.of("picked", "1 selected"))).toBeVisible();
  await expect(box(page, w, "han.mei")).toBeChecked();
});

test("several users are deleted once it is typed how many", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users");
  await box(page, w, "lin.wei").click();
  await box(page, w, "han.mei").click();
  await page.locator("#bulk").getByRole("button", { name: w("Delete") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: w("Delete them") }).click();
  const typed = dialog.getByLabel(w("Type 2 to confirm"));
  await expect(typed).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
  await typed.fill("2");
  await dialog.getByRole("button", { name: w("Delete them") }).click();
  await expect(page.getByText(w("Deleted 2 users"))).toBeVisible();
  await expect(row(page, "han.mei")).toHaveCount(0);
  await expect(page.locator("tbody .pick:checked")).toHaveCount(0);
});

test("a session of somebody ends once it was asked, and disabling tells how many end", async ({ page, w, request }) => {
  await threeUsers(request);
  for (let n = 0; n < 3; n++) {
    await request.post("/auth/login", { data: { username: "lin.wei", password: "quiet river seven" } });
  }
  await signIn(page);
  await open(page, "/admin/users?q=lin.wei");
  await row(page, "lin.wei").getByRole("link", { name: /lin\.wei/ }).first().click();
  const panel = page.locator("dialog.panel");
  await panel.getByRole("link", { name: w("Sign-in and sessions") }).click();
  const ends = panel.getByRole("link", { name: new RegExp(w("End session")) });
  await expect(ends).toHaveCount(3);
  await ends.first().click();
  const question = page.locator("dialog.confirm");
  await expect(question.getByRole("heading", { name: w("End this session of lin.wei?") })).toBeVisible();
  await question.getByRole("button", { name: w("End session") }).click();
  await expect(panel.getByText(w("Ended a session of lin.wei"))).toBeVisible();
  await expect(ends).toHaveCount(2);

  await panel.getByRole("link", { name: w("Profile") }).click();
  await panel.getByRole("link", { name: w("Disable"), exact: true }).click();
  const follows = "Their 2 sessions end at once. They can't sign in until you enable them again";
  await expect(question.getByText(w.of("disable_user_text", follows))).toBeVisible();
  await question.getByRole("link", { name: w("Cancel") }).click();

  await panel.getByRole("link", { name: w("Roles and permissions") }).click();
  await panel.locator("[name='role_ids[]']").first().check();
  await panel.getByRole("button", { name: w("Save roles") }).click();
  await expect(panel.getByText(w("Saved the roles of lin.wei: +1"))).toBeVisible();
});

test("letting the mouse go outside closes no panel, a click there does", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/users/1");
  const panel = page.locator("dialog.panel");
  const note = await panel.getByLabel(w("Username")).boundingBox();
  if (note === null) throw new Error("the panel has no such field");
  await page.mouse.move(note.x + 20, note.y + note.height / 2);
  await page.mouse.down();
  await page.mouse.move(20, 300, { steps: 4 });
  await page.mouse.up();
  await expect(panel).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/users\/1/);
  await page.mouse.click(20, 300);
  await expect(panel).toHaveCount(0);
  await expect(page).toHaveURL(/\/admin\/users$/);
});

test("nobody is changed when one can't be, and it says who", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users");
  await page.locator("#pick-all").click();
  await page.locator("#bulk").getByRole("button", { name: w("Disable") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: w("Disable") }).click();
  await expect(dialog.getByText(w("1 of the 4 users can't be changed so: nothing was changed"))).toBeVisible();
  await expect(dialog.getByText(w("You can't disable yourself"))).toBeVisible();
  await dialog.getByRole("link", { name: w("Cancel") }).click();
  await expect(row(page, "lin.wei").getByText(w("Active"))).toBeVisible();
});

test("the panel tells where permissions come from, and guards what is unsaved", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/users/1");
  const panel = page.getByRole("dialog");
  await panel.getByRole("link", { name: w("Roles and permissions") }).click();
  await expect(page).toHaveURL(/tab=access/);
  await expect(panel.getByText("system:user:list", { exact: true })).toBeVisible();
  await expect(panel.getByText("*:*:*").first()).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole("link", { name: w("Sign-in and sessions") }).click();
  await expect(panel.getByText(w("This session"))).toBeVisible();
  await expect(panel.getByText(w("Not set up"))).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole("link", { name: w("History") }).click();
  await expect(panel.getByRole("heading", { name: w("Changes") })).toBeVisible();
  await expectAccessible(page);

  await panel.getByRole("link", { name: w("Profile") }).click();
  await panel.getByLabel(w("Note")).fill("something new");
  await panel.getByRole("link", { name: w("History") }).click();
  await expect(panel.getByText(w("You have unsaved changes"))).toBeVisible();
  await panel.getByRole("button", { name: w("Keep editing") }).click();
  await expect(panel.getByLabel(w("Note"))).toHaveValue("something new");
  await panel.getByRole("button", { name: w("Save"), exact: true }).click();
  const saved = w("Saved the user {name}: {what}", { name: "管理员", what: w("Note") });
  await expect(page.getByText(saved)).toBeVisible();
  await expect(page.getByRole("button", { name: w("Undo") })).toBeVisible();
});

test("whatever filters the list shows, and can be taken away", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users?since=5&dept=4711&role=4712&factor=some&status=7");
  await expect(page.getByText(`${w("Signed in")}${w.pair("：", ": ")}${w("in the last 5 days")}`)).toBeVisible();
  await expect(page.getByText(`${w("Department")}${w.pair("：", ": ")}#4711`)).toBeVisible();
  await expect(page.getByText(`${w("Role")}${w.pair("：", ": ")}#4712`)).toBeVisible();
  // What the server does not go by is no filter.
  for (const name of ["Two-step verification", "Status"]) {
    await expect(page.getByRole("link", { name: w("Remove filter: {label}", { label: w(name) }) })).toHaveCount(0);
  }
  await expect(page.getByText(w("Nothing matches"))).toBeVisible();
  await awake(page);
  await page.getByRole("link", { name: w("Remove filter: {label}", { label: w("Department") }) }).click();
  await expect(page).toHaveURL(/\/admin\/users\?role=4712&since=5$/);
  await page.getByRole("link", { name: w("Remove filter: {label}", { label: w("Role") }) }).click();
  await page.getByRole("link", { name: w("Remove filter: {label}", { label: w("Signed in") }) }).click();
  await expect(page).toHaveURL(/\/admin\/users$/);
  await expect(row(page, "lin.wei")).toBeVisible();
});

test("who must choose a new password is told by the overview, and found", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users?q=han.mei");
  await page.getByRole("button", { name: w("Actions for han.mei") }).click();
  await page.getByRole("link", { name: w("Reset password") }).click();
  await page.getByRole("dialog").getByRole("button", { name: w("Reset password") }).click();
  await expect(page.locator("#secret")).not.toBeEmpty();
  await open(page, "/admin");
  await page.getByRole("link", { name: w("1 one-time password was not changed yet") }).click();
  await expect(page).toHaveURL(/status=0&due=password/);
  const filter = w("Remove filter: {label}", { label: w.of("password", "Password") });
  await expect(page.getByRole("link", { name: filter })).toBeVisible();
  await expect(row(page, "han.mei")).toBeVisible();
  await expect(row(page, "lin.wei")).toHaveCount(0);
});

test("taking something back loses nothing that is being typed", async ({ page, w, request }) => {
  await threeUsers(request);
  await signIn(page);
  await open(page, "/admin/users?q=lin.wei");
  await page.getByRole("button", { name: w("Actions for lin.wei") }).click();
  await page.getByRole("link", { name: w("Disable"), exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled lin.wei. Their sessions have ended"))).toBeVisible();
  await row(page, "lin.wei").getByRole("link", { name: /lin\.wei/ }).first().click();
  const panel = page.locator("dialog.panel");
  await panel.getByLabel(w("Note")).fill("half a sentence");
  await panel.getByRole("button", { name: w("Undo") }).click();
  await expect(panel.getByText(w("Taken back"))).toBeVisible();
  await expect(panel.getByLabel(w("Note"))).toHaveValue("half a sentence");
  // Once the changes are given up, it shows what is so.
  await panel.getByRole("link", { name: w("Close") }).click();
  await panel.getByRole("link", { name: w("Discard") }).click();
  await expect(row(page, "lin.wei").getByText(w("Active"))).toBeVisible();
});

test("roles are sorted by their heads, and a saved one is put back", async ({ page, w, request }) => {
  const headers = await bearer(request);
  for (const [roleKey, roleName, roleSort] of [["b", "Beta", 5], ["a", "Alpha", 9]] as const) {
    const data = { roleKey: `role-${roleKey}`, roleName, roleSort, permission: ["system:role:list"] };
    expect((await request.post("/role", { headers, data })).ok()).toBe(true);
  }
  await signIn(page);
  await open(page, "/admin/roles?q=role-");
  const rows = page.locator("table.table tbody tr");
  await expect(rows.first()).toContainText("Beta");
  await expect(page.getByRole("columnheader", { name: w("Sort") })).toHaveAttribute("aria-sort", "ascending");
  await page.getByRole("columnheader", { name: w("Role") }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=roleName&order=asc/);
  await expect(rows.first()).toContainText("Alpha");
  await page.getByRole("columnheader", { name: w("Role") }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=roleName&order=desc/);
  await expect(rows.first()).toContainText("Beta");

  await rows.first().getByRole("link", { name: /Beta/ }).click();
  await awake(page);
  const form = page.locator("#role-form");
  await form.getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Gamma");
  await page.getByRole("checkbox", { name: w("List users") }).check();
  await form.getByRole("button", { name: w("Save changes") }).click();
  const what = [w.of("role_name", "Name"), w("Permissions +1")].join(w.of("comma", ", "));
  await expect(page.getByText(w("Saved the role {name}: {what}", { name: "Gamma", what }))).toBeVisible();
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(page.getByText(w("Taken back"))).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Beta");
  await expect(page.getByRole("checkbox", { name: w("List users") })).not.toBeChecked();
});

test("a user is created with a password that is made up", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/users/new");
  const form = page.locator("#create-user");
  await form.getByLabel(w("Username")).fill("lin.wei");
  await form.getByLabel(w("Generate a random password")).check();
  await expect(form.getByLabel(w("First password"))).toBeHidden();
  await form.getByRole("button", { name: w("Create user") }).click();
  await expect(page.getByRole("heading", { name: w("One-time password") })).toBeVisible();
  await expect(page.locator("#secret")).not.toBeEmpty();
  // It is told this once: nothing but its own button closes the panel.
  const panel = page.locator("dialog.panel");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.mouse.click(20, 300);
  await expect(panel.getByRole("link", { name: w("Close"), exact: true })).toHaveCount(0);
  await expect(page.locator("#secret")).toBeVisible();
  await panel.getByRole("link", { name: w("Done") }).click();
  await expect(panel).toHaveCount(0);

  await page.getByRole("button", { name: w("Actions for lin.wei") }).click();
  await page.getByRole("link", { name: w("Reset password") }).click();
  const question = page.locator("dialog.confirm");
  await question.getByRole("button", { name: w("Reset password") }).click();
  await expect(page.locator("#secret")).not.toBeEmpty();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(question.getByRole("link", { name: w("Cancel") })).toHaveCount(0);
  await expect(page.locator("#secret")).toBeVisible();
  await question.getByRole("link", { name: w("Done") }).click();
  await expect(question).toHaveCount(0);
});

test("a file of users is looked at before they are made", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/users/import");
  await expectAccessible(page);
  await page.getByLabel(w("CSV file")).setInputFiles(file(BAD));
  await page.getByRole("button", { name: w("Check the file") }).click();
  await expect(page.getByRole("heading", { name: w("1 of 2 has a problem") })).toBeVisible();
  await expect(page.getByRole("cell", { name: "not-an-address" })).toBeVisible();
  await expect(page.getByRole("button", { name: w("Import 1 good line and leave 1 out") })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel(w("CSV file")).setInputFiles(file(FILE));
  await page.getByRole("button", { name: w("Check the file") }).click();
  await page.getByRole("button", { name: w("Import 2 users") }).click();
  await expect(page.getByRole("heading", { name: w("Imported 2 users") })).toBeVisible();
  await expect(page.getByLabel(w("One-time passwords"))).toHaveValue(/berta\t\S+\nclara\t\S+/);
  await page.getByRole("link", { name: w("See the users") }).click();
  await expect(row(page, "clara")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("several users are disabled, and put back", async ({ page, w, request }) => {
    await threeUsers(request);
    await signIn(page);
    await open(page, "/admin/users?q=e");
    await box(page, w, "lin.wei").check();
    await box(page, w, "han.mei").check();
    await page.locator("#bulk").getByRole("button", { name: w("Disable") }).click();
    await expect(page).toHaveURL(/q=e/);
    await expect(page.getByRole("heading", { name: w("Disable 2 users?") })).toBeVisible();
    await page.locator("#bulk-act").getByRole("button", { name: w("Disable") }).click();
    await expect(page.getByText(w("Disabled 2 users. Their sessions have ended"))).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/users\?q=e$/);
    await expect(row(page, "lin.wei").getByText(w("Disabled"))).toBeVisible();
    await page.getByRole("button", { name: w("Undo") }).click();
    await expect(row(page, "lin.wei").getByText(w("Active"))).toBeVisible();
  });

  test("a refused form comes back with its roles, and the list as it was", async ({ page, w, request }) => {
    await threeUsers(request);
    await signIn(page);
    await open(page, "/admin/users?q=n&status=0");
    await page.getByRole("link", { name: w("New user") }).click();
    const form = page.locator("#create-user");
    await form.getByLabel(w("Username")).fill("lin.wei");
    await form.getByLabel(w("First password")).fill("quiet river seven");
    await form.locator("[name='role_ids[]']").first().check();
    await form.getByRole("button", { name: w("Create user") }).click();
    await expect(form.locator("[name='role_ids[]']").first()).toBeChecked();
    await form.getByLabel(w("Username")).fill("newcomer");
    await form.getByLabel(w("First password")).fill("quiet river seven");
    await form.getByRole("button", { name: w("Create user") }).click();
    await expect(page.getByText(w("Created newcomer"))).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/users\?q=n&status=0$/);

    await page.getByRole("button", { name: w("Actions for newcomer") }).click();
    await page.locator(".menu:popover-open").getByRole("link", { name: w("Delete") }).click();
    await page.getByRole("dialog").getByRole("button", { name: w("Delete user") }).click();
    await expect(page.getByText(w.of("user_deleted", "Deleted newcomer"))).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/users\?q=n&status=0$/);
    await expect(row(page, "newcomer")).toHaveCount(0);
  });

  test("a saved role is put back", async ({ page, w }) => {
    await signIn(page);
    await open(page, "/admin/roles/new");
    await page.locator("#role-form").getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Clerk");
    await page.locator("#role-form").getByLabel(w("Key"), { exact: true }).fill("clerk");
    await page.getByRole("button", { name: w("Create role") }).click();
    await page.locator("table.table").getByRole("link", { name: /Clerk/ }).click();
    await page.locator("#role-form").getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Head clerk");
    await page.getByRole("button", { name: w("Save changes") }).click();
    const what = w.of("role_name", "Name");
    await expect(page.getByText(w("Saved the role {name}: {what}", { name: "Head clerk", what }))).toBeVisible();
    await page.getByRole("button", { name: w("Undo") }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Clerk");
    await expect(page.locator("#role-form").getByLabel(w.of("role_name", "Name"), { exact: true })).toHaveValue("Clerk");
  });

  test("a file of users is checked, and then imported", async ({ page, w }) => {
    await signIn(page);
    await open(page, "/admin/users/import");
    await page.getByLabel(w("CSV file")).setInputFiles(file(BAD));
    await page.getByRole("button", { name: w("Check the file") }).click();
    await expect(page.getByRole("cell", { name: "not-an-address" })).toBeVisible();
    await page.getByRole("button", { name: w("Import 1 good line and leave 1 out") }).click();
    await expect(page.getByRole("heading", { name: w("Imported 1 user") })).toBeVisible();
    await expect(page.getByLabel(w("One-time passwords"))).toHaveValue(/berta/);
  });
});
