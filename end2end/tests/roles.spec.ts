/** The editor of a role: whom a change reaches before it is saved, a copy of it, and its history. */
import type { APIRequestContext } from "@playwright/test";
import { bearer, open, signIn, withAdmin } from "../support/admin.ts";
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

test("whom a change reaches is told before it is saved", async ({ page, w, request }) => {
  const clerk = await clerks(request);
  await signIn(page);
  await open(page, `/admin/roles/${clerk}`);
  const form = page.locator("#role-form");
  const add = form.getByRole("checkbox", { name: w("Add users") });
  const list = form.getByRole("checkbox", { name: w("List users") });
  const told = form.locator(".save-card");
  const reach = told.locator(".reach li");
  await expect(told.getByRole("heading", { name: w("Before you save") })).toBeVisible();
  await expect(told.getByText(w("No permission changes"))).toBeVisible();
  await expect(reach).toHaveCount(0);

  await add.check();
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
  await expect(told.getByText(w("No permission changes"))).toBeVisible();
  await expect(add).not.toBeChecked();
  await expect(list).toBeChecked();
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
