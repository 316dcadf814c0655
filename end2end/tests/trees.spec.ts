/**
 * Departments, menus and the permission catalogue: made, changed, moved and deleted, with the
 * keyboard, by dragging, and without JavaScript.
 */
import type { APIRequestContext, Locator, Page } from "@playwright/test";
import { bearer, open, signIn, withAdmin } from "../support/admin.ts";
import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/server.ts";
import type { Words } from "../support/words.ts";

test.use({ serverOptions: withAdmin() });

/** Makes a department below another, whose name is given (none: at the top). */
async function department(page: Page, w: Words, name: string, below?: string): Promise<void> {
  await page.goto("/admin/departments/new");
  const form = page.locator("#create-dept");
  await form.getByLabel(w.of("dept_name", "Name"), { exact: true }).fill(name);
  if (below) {
    const option = form.locator("[name=parent] option", { hasText: below });
    await form.getByLabel(w("Parent")).selectOption((await option.getAttribute("value")) ?? "");
  }
  await form.getByRole("button", { name: w("Create department") }).click();
  await expect(page.getByText(w(`Created the department ${name}`))).toBeVisible();
  await expect(row(page, name)).toBeVisible();
}

function row(page: Page, name: string): Locator {
  return page.locator(".outline-row", { has: page.locator(".outline-link", { hasText: name }) });
}

/** The names of the rows that show, from the top down. */
function names(page: Page): Promise<string[]> {
  return page
    .locator(".outline-link:visible")
    .allTextContents()
    .then((all) => all.map((name) => name.trim()));
}

/** What the catalogue says of a code of another service. */
const ORDERS = { name: "订单列表", nameEn: "List orders" };

type Headers = Record<string, string>;

async function post(
  request: APIRequestContext,
  headers: Headers,
  path: string,
  data: object,
): Promise<Record<string, unknown>> {
  const answer = await request.post(path, { headers, data });
  expect(answer.ok(), `POST ${path}: ${await answer.text()}`).toBe(true);
  return ((await answer.json()) as { data: Record<string, unknown> }).data;
}

/** A code that a role grants, and a user who holds the role. */
async function inUse(request: APIRequestContext): Promise<void> {
  const headers = await bearer(request);
  await post(request, headers, "/perm/shop:order:list", ORDERS);
  const role = { roleName: "Clerk", roleKey: "clerk", permission: ["shop:order:list"] };
  const { roleId } = await post(request, headers, "/role", role);
  const user = { username: "lin.wei", password: "quiet river seven", roleIds: [roleId] };
  await post(request, headers, "/user", user);
}

test("departments are walked, moved, renamed and folded with the keyboard", async ({ page, w }) => {
  await signIn(page);
  await department(page, w, "Head office");
  for (const name of ["Audit", "Sales", "Works"]) await department(page, w, name, "Head office");
  await open(page, "/admin/departments");
  expect(await names(page)).toEqual(["Head office", "Audit", "Sales", "Works"]);
  await expectAccessible(page);

  await row(page, "Head office").locator(".outline-link").focus();
  await page.keyboard.press("ArrowDown");
  await expect(row(page, "Audit").locator(".outline-link")).toBeFocused();
  await page.keyboard.press("End");
  await expect(row(page, "Works").locator(".outline-link")).toBeFocused();

  await page.keyboard.press("Alt+ArrowUp");
  await expect(page.getByText(w("Moved Works: 2 of 3 in Head office"))).toBeVisible();
  await expect.poll(() => names(page)).toEqual(["Head office", "Audit", "Works", "Sales"]);
  await expect(row(page, "Works").locator(".outline-link")).toBeFocused();

  await page.keyboard.press("Alt+ArrowRight");
  await expect(page.getByText(w("Moved Works: 1 of 1 in Audit"))).toBeVisible();
  await expect(row(page, "Works")).toHaveClass(/level-3/);
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(page.getByText(w("Taken back"))).toBeVisible();
  await expect(row(page, "Works")).toHaveClass(/level-2/);

  await row(page, "Works").locator(".outline-link").focus();
  await page.keyboard.press("F2");
  const field = page.getByLabel(w("New name of Works"));
  await expect(field).toBeFocused();
  await field.fill("Workshop");
  await field.press("Enter");
  await expect(page.getByText(w("Renamed to Workshop"))).toBeVisible();
  await expect(row(page, "Workshop")).toBeVisible();

  await row(page, "Head office").locator(".outline-link").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(row(page, "Audit")).toBeHidden();
  await page.keyboard.press("ArrowRight");
  await expect(row(page, "Audit")).toBeVisible();
});

test("departments are dragged", async ({ page, w }) => {
  await signIn(page);
  await department(page, w, "Head office");
  for (const name of ["Audit", "Sales"]) await department(page, w, name, "Head office");
  await open(page, "/admin/departments");
  const target = row(page, "Audit");
  const box = await target.boundingBox();
  await row(page, "Sales").dragTo(target, {
    targetPosition: { x: (box?.width ?? 0) / 2, y: 3 },
  });
  await expect(page.getByText(w("Moved Sales: 1 of 2 in Head office"))).toBeVisible();
  await expect.poll(() => names(page)).toEqual(["Head office", "Sales", "Audit"]);
});

test("a department is disabled, and deleted once it is empty", async ({ page, w }) => {
  await signIn(page);
  await department(page, w, "Head office");
  await department(page, w, "Audit", "Head office");
  await open(page, "/admin/departments");
  await page.getByRole("button", { name: w("Actions for Head office") }).click();
  await page.getByRole("link", { name: w("Delete") }).locator("visible=true").click();
  await expect(page.getByRole("dialog")).toContainText(w("Departments right below it: 1; users in it: 0. Move them elsewhere first"));
  await page.getByRole("dialog").getByRole("link", { name: w("Close") }).click();
  await page.getByRole("button", { name: w("Actions for Audit") }).click();
  await page.getByRole("link", { name: w("Disable") }).locator("visible=true").click();
  await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled the department Audit. It can't be chosen for users now"))).toBeVisible();
  await expect(row(page, "Audit")).toContainText(w("Disabled"));
  await page.getByRole("button", { name: w("Actions for Audit") }).click();
  await page.getByRole("link", { name: w("Delete") }).locator("visible=true").click();
  await page.getByRole("button", { name: w("Delete department") }).click();
  await expect(page.getByText(w.of("deleted_of", "Deleted Audit"))).toBeVisible();
  await expect(row(page, "Audit")).toHaveCount(0);
});

test("a menu is made for a role, which then shows it", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/menus/new");
  const orders = w.pair("订单", "Orders");
  const form = page.locator("#create-menu");
  await form.getByLabel(w("Type")).selectOption("page");
  await form.getByLabel(w("Chinese name")).fill("订单");
  await form.getByLabel(w("English name")).fill("Orders");
  await form.getByLabel(w("Path")).fill("/orders");
  await form.getByLabel(w("Permission")).fill("no:such:code");
  await form.getByRole("button", { name: w("Create menu") }).click();
  await expect(form.getByText(w("Is no known permission: no:such:code"))).toBeVisible();
  await form.getByLabel(w("Permission")).fill("system:user:list");
  await form.getByRole("button", { name: w("Create menu") }).click();
  await expect(page.getByText(w(`Created the menu ${orders}`))).toBeVisible();
  await expect(row(page, orders)).toContainText("/orders");

  await open(page, "/admin/roles/new");
  const role = page.locator("#role-form");
  await role.getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Clerk");
  await role.getByLabel(w("Key"), { exact: true }).fill("clerk");
  await role.getByRole("checkbox", { name: w("List users") }).check();
  await role.getByRole("checkbox", { name: orders }).check();
  await role.getByRole("button", { name: w("Create role") }).click();
  await expect(page.getByText(w("Created the role Clerk"))).toBeVisible();

  await open(page, "/admin/menus");
  await page.getByRole("button", { name: w("As seen by") }).click();
  await page.getByRole("link", { name: "Clerk" }).click();
  await expect(page.getByText(w("Whoever holds this role alone is shown 1 of 1 menus. The others are dimmed"))).toBeVisible();
});

test("a code is added to the catalogue and removed again", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/permissions/new");
  const form = page.locator("#create-permission");
  await form.getByLabel(w.of("permission_code", "Code")).fill("shop:order:list");
  await form.getByLabel(w("Chinese name")).fill("订单列表");
  await form.getByLabel(w("English name")).fill("List orders");
  await form.getByRole("button", { name: w("Create permission") }).click();
  await expect(page.getByText(w("Created the permission shop:order:list"))).toBeVisible();
  await page.locator("#search").fill("shop");
  await expect(page).toHaveURL(/q=shop/);
  await expect(row(page, w("List users"))).toHaveCount(0);
  await row(page, w.pair("订单列表", "List orders")).locator(".outline-link").click();
  const panel = page.getByRole("dialog");
  await expect(panel.getByText(`${w("through")} *:*:*`)).toBeVisible();
  await panel.getByRole("link", { name: w("Delete") }).click();
  await page.getByRole("button", { name: w("Delete permission") }).click();
  await expect(page.getByText(w.of("deleted_of", "Deleted shop:order:list"))).toBeVisible();

  await open(page, "/admin/permissions/system:user:list");
  await expect(page.getByRole("dialog").getByText("GET /user/list")).toBeVisible();
  await expect(page.getByRole("dialog").getByText("list_users")).toBeVisible();
});

test("departments of a custom data scope are ticked in the role's editor", async ({ page, w }) => {
  await signIn(page);
  await department(page, w, "Head office");
  await open(page, "/admin/roles/new");
  const form = page.locator("#role-form");
  await expect(form.getByRole("checkbox", { name: "Head office" })).toBeHidden();
  await form.getByLabel(w("Data scope")).selectOption("2");
  await form.getByRole("checkbox", { name: "Head office" }).check();
  await form.getByLabel(w.of("role_name", "Name"), { exact: true }).fill("Office");
  await form.getByLabel(w("Key"), { exact: true }).fill("office");
  await form.getByRole("button", { name: w("Create role") }).click();
  await expect(page.getByText(w("Created the role Office"))).toBeVisible();
  await page.getByRole("link", { name: /Office/ }).first().click();
  await expect(page.locator("#role-form").getByRole("checkbox", { name: "Head office" })).toBeChecked();
});

test("what is renamed or disabled is taken back", async ({ page, w }) => {
  await signIn(page);
  await department(page, w, "Head office");
  await open(page, "/admin/departments");
  await row(page, "Head office").locator(".outline-link").focus();
  await page.keyboard.press("F2");
  await page.getByLabel(w("New name of Head office")).fill("Main office");
  await page.keyboard.press("Enter");
  await expect(page.getByText(w("Renamed to Main office"))).toBeVisible();
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(page.getByText(w("Taken back"))).toBeVisible();
  await expect(row(page, "Head office")).toBeVisible();

  await page.getByRole("button", { name: w("Actions for Head office") }).click();
  await page.getByRole("link", { name: w("Disable") }).locator("visible=true").click();
  await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
  await expect(page.getByText(w("Disabled the department Head office. It can't be chosen for users now"))).toBeVisible();
  await expect(row(page, "Head office")).toContainText(w("Disabled"));
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(row(page, "Head office")).toContainText(w("Active"));

  await row(page, "Head office").locator(".outline-link").click();
  await page.locator("#edit-dept").getByLabel(w("Leader")).fill("Lin Wei");
  await page.locator("#edit-dept").getByRole("button", { name: w("Save") }).click();
  await expect(row(page, "Head office")).toContainText("Lin Wei");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(row(page, "Head office")).not.toContainText("Lin Wei");
});

test("a code that was added is renamed in place; a built-in one is not", async ({ page, w, request }) => {
  await post(request, await bearer(request), "/perm/shop:order:list", ORDERS);
  await signIn(page);
  await open(page, "/admin/permissions");
  const orders = w.pair("订单列表", "List orders");
  await row(page, w("List users")).locator(".outline-link").focus();
  await page.keyboard.press("F2");
  await expect(page.locator(".rename")).toHaveCount(0);

  await row(page, orders).locator(".outline-link").focus();
  await page.keyboard.press("F2");
  const field = page.getByLabel(w(`New name of ${orders}`));
  await expect(field).toBeFocused();
  await expectAccessible(page);
  await field.fill("See orders");
  await field.press("Enter");
  await expect(page.getByText(w("Renamed to See orders"))).toBeVisible();
  await expect(row(page, "See orders").locator(".outline-link")).toBeFocused();
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(row(page, orders)).toContainText("shop:order:list");
});

test("a name that is being written stays in its row, whatever is loaded anew", async ({ page, w, request }) => {
  const headers = await bearer(request);
  await post(request, headers, "/perm/shop:order:list", ORDERS);
  await signIn(page);
  await open(page, "/admin/permissions");
  await row(page, w.pair("订单列表", "List orders")).locator(".outline-link").focus();
  await page.keyboard.press("F2");
  const field = page.locator(".outline-row", { hasText: "shop:order:list" }).locator(".rename .input");
  await field.fill("See orders");
  await field.press("Enter");
  await expect(row(page, "See orders").locator(".outline-link")).toBeFocused();

  await page.keyboard.press("F2");
  await field.fill("Written");
  await post(request, headers, "/perm/shop:cart:list", { name: "购物车", nameEn: "List carts" });
  await page.getByRole("button", { name: w("Undo") }).click();
  await expect(page.getByText(w("Taken back"))).toBeVisible();
  await expect(field).toHaveValue("Written");
  await field.press("Escape");
  await expect(row(page, w.pair("购物车", "List carts"))).toBeVisible();
});

test("on a telephone what is known of a department stands below its name", async ({ page, w, request }) => {
  const headers = await bearer(request);
  const { deptId } = await post(request, headers, "/dept", { deptName: "Head office" });
  await post(request, headers, "/dept", { deptName: "Audit", parentId: deptId, leader: "Lin Wei" });
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);
  await open(page, "/admin/departments");
  const label = row(page, "Audit").locator(".cell-label", { hasText: w("Leader") });
  await expect(label).toBeVisible();
  await expect(async () => {
    const [name, told] = [await row(page, "Audit").locator(".outline-link").boundingBox(), await label.boundingBox()];
    expect(Math.abs((name?.x ?? 0) - (told?.x ?? 99))).toBeLessThan(2);
  }).toPass();
});

test("what is in use is deleted once its name is typed", async ({ page, w, request }) => {
  await inUse(request);
  await signIn(page);
  await open(page, "/admin/permissions?ask=delete-shop:order:list");
  const dialog = page.getByRole("dialog");
  const held = "1 role grants exactly this code, and whoever holds it by them loses it at once; wildcards that cover it stay. It can't be brought back";
  await expect(dialog).toContainText(w(held));
  await expectAccessible(page);
  await dialog.getByRole("button", { name: w("Delete permission") }).click();
  await expect(dialog.getByText(w("Must be shop:order:list"))).toBeVisible();
  await expect(dialog.locator("#typed")).toBeFocused();
  await dialog.getByLabel(w("Type shop:order:list to confirm")).fill("shop:order:list");
  await dialog.getByRole("button", { name: w("Delete permission") }).click();
  await expect(page.getByText(w.of("deleted_of", "Deleted shop:order:list"))).toBeVisible();

  await open(page, "/admin/roles");
  await page.getByRole("button", { name: w("Actions for Clerk") }).click();
  await page.getByRole("link", { name: w("Delete") }).locator("visible=true").click();
  await expect(dialog).toContainText(w("1 person holds this role and will lose what it grants at once. It can't be brought back"));
  await dialog.getByLabel(w("Type clerk to confirm")).fill("Clerk");
  await dialog.getByRole("button", { name: w("Delete role") }).click();
  await expect(dialog.getByText(w("Must be clerk"))).toBeVisible();
  await dialog.getByLabel(w("Type clerk to confirm")).fill("clerk");
  await dialog.getByRole("button", { name: w("Delete role") }).click();
  await expect(page.getByText(w("Deleted the role Clerk"))).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a department is made, folded, moved, changed and deleted", async ({ page, w }) => {
    await signIn(page);
    await department(page, w, "Head office");
    await department(page, w, "Audit", "Head office");
    await department(page, w, "Sales", "Head office");
    await page.goto("/admin/departments");
    expect(await names(page)).toEqual(["Head office", "Audit", "Sales"]);
    await row(page, "Head office").locator("summary").click();
    await expect(row(page, "Audit")).toBeHidden();

    await page.goto("/admin/departments");
    await page.getByRole("button", { name: w("Actions for Sales") }).click();
    await page.getByRole("link", { name: w("Move…") }).locator("visible=true").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(w("Position")).selectOption("first");
    await dialog.getByRole("button", { name: w("Move") }).click();
    await expect(page.getByText(w("Moved Sales"))).toBeVisible();
    expect(await names(page)).toEqual(["Head office", "Sales", "Audit"]);

    await row(page, "Sales").locator(".outline-link").click();
    await page.locator("#edit-dept").getByLabel(w("Leader")).fill("Lin Wei");
    await page.locator("#edit-dept").getByRole("button", { name: w("Save") }).click();
    const told = [w.of("saved_of", "Saved Sales"), w("Leader")].join(w.of("colon", ": "));
    await expect(page.getByText(told, { exact: true })).toBeVisible();
    await expect(row(page, "Sales")).toContainText("Lin Wei");

    await page.getByRole("button", { name: w("Actions for Sales") }).click();
    await page.getByRole("link", { name: w("Delete") }).locator("visible=true").click();
    await page.getByRole("button", { name: w("Delete department") }).click();
    await expect(page.getByText(w.of("deleted_of", "Deleted Sales"))).toBeVisible();
    expect(await names(page)).toEqual(["Head office", "Audit"]);
  });

  test("what is disabled or changed is taken back", async ({ page, w }) => {
    await signIn(page);
    await department(page, w, "Head office");
    await page.goto("/admin/departments");
    await page.getByRole("button", { name: w("Actions for Head office") }).click();
    await page.getByRole("link", { name: w("Disable") }).locator("visible=true").click();
    await page.getByRole("dialog").getByRole("button", { name: w("Disable") }).click();
    await expect(row(page, "Head office")).toContainText(w("Disabled"));
    await page.getByRole("button", { name: w("Undo") }).click();
    await expect(page.getByText(w("Enabled the department Head office"))).toBeVisible();
    await expect(row(page, "Head office")).toContainText(w("Active"));

    await page.goto("/admin/departments");
    await row(page, "Head office").locator(".outline-link").click();
    await page.locator("#edit-dept").getByLabel(w.of("dept_name", "Name"), { exact: true }).fill("Main office");
    await page.locator("#edit-dept").getByRole("button", { name: w("Save") }).click();
    await expect(page.getByText(w.of("saved_of", "Saved Main office"))).toBeVisible();
    // By then the old name is another's.
    const other = await page.context().newPage();
    await department(other, w, "Head office");
    await other.close();
    await page.getByRole("button", { name: w("Undo") }).click();
    await expect(page.locator(".toast.bad")).toContainText(w("A department named “Head office” is there already, beside it"));
    await expect(row(page, "Main office")).toBeVisible();
  });

  test("what is in use is deleted once its name is typed", async ({ page, w, request }) => {
    await inUse(request);
    await signIn(page);
    const dialog = page.getByRole("dialog");
    await page.goto("/admin/permissions?ask=delete-shop:order:list");
    await dialog.getByRole("button", { name: w("Delete permission") }).click();
    await expect(dialog.getByText(w("Must be shop:order:list"))).toBeVisible();
    await dialog.getByLabel(w("Type shop:order:list to confirm")).fill("shop:order:list");
    await dialog.getByRole("button", { name: w("Delete permission") }).click();
    await expect(page.getByText(w.of("deleted_of", "Deleted shop:order:list"))).toBeVisible();

    await page.goto("/admin/roles");
    await page.getByRole("button", { name: w("Actions for Clerk") }).click();
    await page.getByRole("link", { name: w("Delete") }).locator("visible=true").click();
    await dialog.getByLabel(w("Type clerk to confirm")).fill("Clerk");
    await dialog.getByRole("button", { name: w("Delete role") }).click();
    await expect(dialog.getByText(w("Must be clerk"))).toBeVisible();
    await dialog.getByLabel(w("Type clerk to confirm")).fill("clerk");
    await dialog.getByRole("button", { name: w("Delete role") }).click();
    await expect(page.getByText(w("Deleted the role Clerk"))).toBeVisible();
  });
});
