/** The editor of a role: whom a change reaches before it is saved, a copy of it, and its history. */
import type { APIRequestContext, Locator, Page } from "@playwright/test";
import { asleep, bearer, open, signIn, withAdmin } from "../support/admin.ts";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";

const LIST = "system:user:list";
const ADD = "system:user:add";

test.use({ serverOptions: withAdmin() });

/** The role Clerk, which two users hold; one of them holds Wide as well. Gives back Clerk's id. */
async function clerks(request: APIRequestContext): Promise<number> {
  const headers = await bearer(request);
  const post = async (path: string, data: object): Promise<Record<string, unknown>> => {
    const answer = await request.post(path, { headers, data });
    expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true);
    return ((await answer.json()) as { data: Record<string, unknown> }).data;
  };
  const { roleId: clerk } = await post("/role", { roleName: "Clerk", roleKey: "clerk", permission: [LIST] });
  const { roleId: wide } = await post("/role", { roleName: "Wide", roleKey: "wide", permission: ["system:user:*"] });
  for (const [username, roleIds] of [["lin.wei", [clerk, wide]], ["han.mei", [clerk]]] as const) {
    await post("/user", { username, password: "quiet river seven", roleIds });
  }
  return Number(clerk);
}

test("what was ticked before the page woke up counts", async ({ page, w, request }) => {
  const clerk = await clerks(request);
  await signIn(page);
  const wake = await asleep(page);
  await page.goto(`/admin/roles/${clerk}`, { waitUntil: "domcontentloaded" });
  const form = page.locator("#role-form");
  const add = form.getByRole("checkbox", { name: w("Add users") });
  const list = form.getByRole("checkbox", { name: w("List users") });
  await add.check();
  await list.uncheck();
  await wake();
  await expect(add).toBeChecked();
  await expect(list).not.toBeChecked();
  await expect(form.locator(".save-card .reach li")).toHaveCount(2);
  await list.check();
  await expect(list).toBeChecked();
  await expect(form.locator(".save-card .reach li")).toHaveCount(1);
});

test("whom a change reaches is told before it is saved", async ({ page, w, request }) => {
  const clerk = await clerks(request);
  await signIn(page);
  await open(page, `/admin/roles/${clerk}`);
  const form = page.locator("#role-form");
  const add = form.getByRole("checkbox", { name: w("Add users") });
  const list = form.getByRole("checkbox", { name: w("List users") });
  const told = form.locator(".save-card");
  const reach = told.locator(".reach li");
  const edits = told.locator("#permission-diff");
  await expect(told.getByRole("heading", { name: w("Before you save") })).toBeVisible();
  await expect(edits).toHaveText(w("Nothing changed yet"));
  await expect(told).not.toHaveClass(/changed/);
  await expect(reach).toHaveCount(0);

  await add.check();
  await expect(told).toHaveClass(/changed/);
  await expect(reach).toHaveCount(1);
  await list.uncheck();
  await expect(reach).toHaveCount(2);
  const gained = reach.filter({ hasText: ADD });
  await expect(gained.getByText(w("1 person gains it"))).toBeVisible();
  await expect(gained.getByText(w("1 already through Wide"))).toBeVisible();
  const lost = reach.filter({ hasText: LIST });
  await expect(lost.getByText(w("1 person loses it"))).toBeVisible();
  await expect(lost.getByText(w("1 still through Wide"))).toBeVisible();
  await expectAccessible(page);

  await told.getByRole("button", { name: w("Discard") }).click();
  await expect(reach).toHaveCount(0);
  await expect(edits).toHaveText(w("Nothing changed yet"));
  await expect(add).not.toBeChecked();
  await expect(list).toBeChecked();
});

test("what was changed beside the permissions is told too, and on a telephone the card stays in sight", async ({
  page,
  w,
  request,
}) => {
  const clerk = await clerks(request);
  await signIn(page);
  await open(page, `/admin/roles/${clerk}`);
  const form = page.locator("#role-form");
  const card = form.locator(".save-card");
  const edits = card.locator("#permission-diff li");
  const name = form.getByLabel(w.of("role_name", "Name"), { exact: true });

  await name.fill("Head clerk");
  await form.getByLabel(w("Data scope")).selectOption("5");
  const scope = [w("Everybody"), w("Only themselves")].join(" → ");
  await expect(edits).toHaveText([[w("Data scope"), scope].join(w.of("colon", ": ")), w.of("role_name", "Name")]);
  await form.getByLabel(w("Data scope")).selectOption("1");
  await name.fill("Clerk");
  await expect(edits).toHaveCount(0);
  await expect(card).not.toHaveClass(/changed/);

  await page.setViewportSize({ width: 390, height: 844 });
  const box = form.getByRole("checkbox", { name: w("Add users") });
  await box.check();
  const figure = card.getByRole("button", { name: w("1 change") });
  await expect(figure).toBeInViewport();
  await expect(card.getByRole("button", { name: w("Save changes") })).toBeInViewport();
  await expect(edits.first()).toBeHidden();
  await figure.click();
  await expect(edits.first()).toBeVisible();
  await expectAccessible(page);
});

test("what another administrator changed meanwhile is shown, and not undone", async ({ page, w, request, browser, server }) => {
  const clerk = await clerks(request);
  const { locale } = test.info().project.use;
  const context = await browser.newContext({ baseURL: server.url, ...(locale ? { locale } : {}) });
  const other = await context.newPage();
  const box = (of: Page, name: string): Locator => of.locator("#role-form").getByRole("checkbox", { name: w(name) });
  const save = (of: Page): Locator => of.getByRole("button", { name: w("Save changes") });
  for (const one of [page, other]) {
    // The overview listens as well, which must not be taken for the role's page.
    const overview = one.waitForRequest(/\/admin\/live/);
    await signIn(one);
    await overview;
    const live = one.waitForRequest(/\/admin\/live/);
    await open(one, `/admin/roles/${clerk}`);
    await live;
  }

  await test.step("a form in which nothing was changed follows by itself", async () => {
    await box(other, "Add users").check();
    await save(other).click();
    await expect(other.getByText(w.like("Saved the role *: *")).first()).toBeVisible();
    await expect(box(page, "Add users")).toBeChecked();
    await expect(page.locator(".head")).toContainText(w("by root"));
  });

  await test.step("one that holds changes says it, and can't be saved over them", async () => {
    await page.locator("#role-form").getByLabel(w("Note")).fill("mine");
    await box(other, "Add users").uncheck();
    await save(other).click();
    await expect(page.getByText(w("This role has been changed meanwhile"))).toBeVisible();
    await expect(box(page, "Add users")).toBeChecked();
    await save(page).click();
    await expect(page.locator(".alert")).toContainText("root");
    await expect(page.locator("#role-form").getByLabel(w("Note"))).toHaveValue("mine");
  });

  await test.step("loaded anew, it is", async () => {
    await page.getByRole("link", { name: w("Load anew") }).click();
    await expect(box(page, "Add users")).not.toBeChecked();
    await expect(page.getByText(w("This role has been changed meanwhile"))).toHaveCount(0);
    await page.locator("#role-form").getByLabel(w("Note")).fill("mine");
    await save(page).click();
    const told = w("Saved the role {name}: {what}", { name: "Clerk", what: w("Note") });
    await expect(page.getByText(told)).toBeVisible();
  });
  await context.close();
});

test("who lacks one of a branch's permissions ticks and clears the others together", async ({ page, w, request }) => {
  const headers = await bearer(request);
  const held = ["system:role:*", "system:user:list", "system:user:add"];
  const post = (path: string, data: object) => request.post(path, { headers, data });
  const made = await post("/role", { roleName: "Delegate", roleKey: "delegate", permission: held });
  const { data } = (await made.json()) as { data: { roleId: number } };
  await post("/user", { username: "lin.wei", password: "quiet river seven", roleIds: [data.roleId] });
  await signIn(page, "lin.wei", "quiet river seven");
  await open(page, "/admin/roles/new");
  const form = page.locator("#role-form");
  const list = form.getByRole("checkbox", { name: w("List users") });
  const branch = form.locator(".branch", { has: page.getByRole("checkbox", { name: w("List users") }) }).locator(".branch-head input");
  await branch.click();
  await expect(list).toBeChecked();
  await expect(branch).toBeChecked();
  await branch.click();
  await expect(list).not.toBeChecked();
  await expect(branch).not.toBeChecked();
  await list.check();
  await expect(branch).toBeChecked({ indeterminate: true });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a refused form comes back as it was sent, with nothing ticked where nothing was", async ({ page, w, request }) => {
    const clerk = await clerks(request);
    const headers = await bearer(request);
    const { data } = (await (await request.post("/dept", { headers, data: { deptName: "Audit" } })).json()) as {
      data: { deptId: number };
    };
    const scope = { dataScope: "2", deptIds: [data.deptId] };
    expect((await request.put(`/role/${clerk}`, { headers, data: scope })).ok()).toBe(true);
    await signIn(page);
    await open(page, `/admin/roles/${clerk}`);
    const form = page.locator("#role-form");
    await form.getByRole("checkbox", { name: "Audit" }).uncheck();
    await form.getByRole("checkbox", { name: w("List users") }).uncheck();
    await form.getByLabel(w("Key"), { exact: true }).fill("1 x");
    await form.getByRole("button", { name: w("Save changes") }).click();
    await expect(form.locator("[aria-invalid=true]")).toHaveCount(1);
    await expect(form.getByRole("checkbox", { name: "Audit" })).not.toBeChecked();
    await expect(form.getByRole("checkbox", { name: w("List users") })).not.toBeChecked();
  });
});

test("a role is made like another one, whose history is one click away", async ({ page, w, request }) => {
  const clerk = await clerks(request);
  await signIn(page);
  await open(page, `/admin/roles/${clerk}`);
  const form = page.locator("#role-form");
  const copy = w("Copy of Clerk");
  const list = form.getByRole("checkbox", { name: w("List users") });

  await test.step("the form opens as that one is", async () => {
    await page.getByRole("link", { name: w("Duplicate"), exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`/admin/roles/new\\?from=${clerk}$`));
    await expect(form.getByLabel(w.of("role_name", "Name"), { exact: true })).toHaveValue(copy);
    await expect(form.getByLabel(w("Key"), { exact: true })).toHaveValue("clerk_copy");
    await expect(list).toBeChecked();
    await expect(form.getByRole("checkbox", { name: w("Add users") })).not.toBeChecked();
    await expect(form.locator("#permission-diff")).toContainText("+1");
  });

  await test.step("it is made with the same permissions", async () => {
    await form.getByRole("button", { name: w("Create role") }).click();
    await expect(page.getByText(w(`Created the role ${copy}`))).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/roles$/);
    await page.locator("table.table").getByRole("link", { name: copy }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("clerk_copy");
    await expect(list).toBeChecked();
    await expect(form.locator("input[name='permissions[]']:checked")).toHaveCount(1);
  });

  await test.step("what was done to it is found by its key", async () => {
    await open(page, `/admin/roles/${clerk}`);
    await page.getByRole("link", { name: w("History"), exact: true }).click();
    await expect(page).toHaveURL(/\/admin\/operations\?area=role&q=clerk$/);
    const rows = page.locator("table.table tbody tr");
    await expect(rows.filter({ hasText: "role.create" }).filter({ hasText: "clerk" }).first()).toBeVisible();
    await expect(rows.filter({ hasText: "wide" })).toHaveCount(0);
  });
});
