/**
 * The overview, the logs, the sessions; and that pages follow what happens elsewhere.
 */
import type { APIRequestContext } from "@playwright/test";
import { bearer, open, signIn, withAdmin } from "../support/admin.ts";
import { expect, test } from "../support/server.ts";

const OTHER = "quiet river seven";

test.use({ serverOptions: withAdmin() });

async function signUp(request: APIRequestContext, username: string): Promise<number> {
  const made = await request.post("/user", { data: { username, password: OTHER } });
  expect(made.status()).toBe(201);
  return (await made.json()).data.id;
}

test("the overview tells what is so and follows what happens", async ({ page, w, request }) => {
  const live = page.waitForRequest(/\/admin\/live/);
  await signIn(page);
  await expect(page.getByRole("heading", { name: w("Sign-ins of the last 14 days") })).toBeVisible();
  await expect(page.getByRole("heading", { name: w("Latest operations") })).toBeVisible();
  await expect(page.getByText(w("1 person without two-step verification may do everything"))).toBeVisible();
  await expect(page.getByRole("img", { name: w("Sign-ins of the last 14 days") })).toBeVisible();
  await page.getByText(w("Show as a table")).click();
  await expect(page.getByRole("columnheader", { name: w("Failed") })).toBeVisible();
  await live;
  await request.post("/auth/login", { data: { username: "mallory", password: "a wrong password" } });
  const last = page.getByRole("region", { name: w("Latest sign-ins") });
  await expect(last.getByText("mallory")).toBeVisible();
});

test("sign-ins are filtered by the address and exported", async ({ page, w, request }) => {
  await request.post("/auth/login", { data: { username: "mallory", password: "a wrong password" } });
  await signIn(page);
  await open(page, "/admin/sign-ins?result=1&range=7d");
  const table = page.getByRole("table", { name: w("Sign-ins") });
  await expect(table.getByRole("row", { name: /mallory/ })).toContainText(w("No such user"));
  await expect(table.getByRole("row", { name: "root" })).toHaveCount(0);
  await page.getByRole("link", { name: w("Remove filter: {label}", { label: w("Result") }) }).click();
  await expect(page).toHaveURL(/\/admin\/sign-ins\?range=7d$/);
  await expect(table.getByRole("row", { name: "root" }).first()).toBeVisible();
  const time = table.getByRole("columnheader", { name: w("Time") });
  await expect(time).toHaveAttribute("aria-sort", "descending");
  await time.getByRole("link").click();
  await expect(page).toHaveURL(/order=asc/);
  await expect(table.getByRole("row").nth(1)).toContainText("mallory");
  await time.getByRole("link").click();
  await expect(page).not.toHaveURL(/order/);
  await expect(table.getByRole("row").nth(1)).toContainText("root");
  await page.getByRole("searchbox", { name: w("Username") }).fill("mallory");
  await expect(page).toHaveURL(/q=mallory/);
  await expect(table.getByRole("row")).toHaveCount(2);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: w("Export CSV") }).click();
  expect((await download).suggestedFilename()).toBe("login-log.csv");
});

test("an operation opens with what was before and after", async ({ page, w, request }) => {
  const headers = await bearer(request);
  const id = await signUp(request, "lin.wei");
  await request.put(`/user/${id}`, { headers, data: { nickname: "Lin Wei" } });
  await signIn(page);
  await open(page, "/admin/operations?area=user");
  await page.getByRole("link", { name: /user\.update/ }).first().click();
  await expect(page).toHaveURL(/\/admin\/operations\/\d+\?area=user$/);
  const panel = page.getByRole("dialog");
  await expect(panel.getByText("nickname", { exact: true })).toBeVisible();
  await expect(panel.locator("ins", { hasText: "Lin Wei" })).toBeVisible();
  await panel.getByText("JSON", { exact: true }).click();
  await expect(panel.getByText('"action": "user.update"')).toBeVisible();
  await panel.getByRole("link", { name: w("Close") }).click();
  await expect(page).toHaveURL(/\/admin\/operations\?area=user$/);
  await open(page, "/admin/operations/999999");
  await expect(page.getByText(w("There is no such entry in the log"))).toBeVisible();
});

test("an operation names the roles that it gave", async ({ page, request }) => {
  const headers = await bearer(request);
  const id = await signUp(request, "lin.wei");
  const data = { roleKey: "desk", roleName: "Ops desk", permission: ["system:user:list"] };
  const role = (await (await request.post("/role", { headers, data })).json()).data.roleId;
  await request.post(`/user/${id}/bind`, { headers, data: [role] });
  await signIn(page);
  await open(page, "/admin/operations?area=user");
  await page.getByRole("link", { name: /user\.bind/ }).first().click();
  const panel = page.getByRole("dialog");
  await expect(panel.locator("ins", { hasText: `Ops desk #${role}` })).toBeVisible();
});

test("columns of the logs and of sessions are chosen, and remembered", async ({ page, w }) => {
  await signIn(page);
  for (const [path, column] of [
    ["/admin/sign-ins", w("Client")],
    ["/admin/operations", w("Address")],
    ["/admin/sessions", w("Kind")],
    ["/admin/roles", w("Data scope")],
  ] as const) {
    await open(page, path);
    const head = page.getByRole("columnheader", { name: column });
    await expect(head).toBeVisible();
    await page.getByRole("button", { name: w("Columns") }).click();
    await page.locator("#columns-menu").getByLabel(column).uncheck();
    await expect(head).toHaveCount(0);
    await page.reload();
    await expect(page.locator("table.table tbody tr").first()).toBeVisible();
    await expect(head).toHaveCount(0);
  }
});

test("sessions are sorted by their heads and narrowed to a user by name", async ({ page, w, request }) => {
  const id = await signUp(request, "lin.wei");
  for (let i = 0; i < 2; i++) {
    await request.post("/auth/login", { data: { username: "lin.wei", password: OTHER } });
  }
  await signIn(page);
  await open(page, "/admin/sessions");
  const seen = page.getByRole("columnheader", { name: w("Last seen") });
  await expect(seen).toHaveAttribute("aria-sort", "descending");
  await page.getByRole("columnheader", { name: w("Since") }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=loginTime&order=desc/);
  const rows = page.locator("table.table tbody tr");
  await expect(rows.first()).toContainText("root");
  await page.getByRole("columnheader", { name: w("Since") }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=loginTime&order=asc/);
  await expect(rows.first()).toContainText("lin.wei");
  await open(page, `/admin/sessions?user=${id}`);
  await expect(page.getByText(`${w("User")}${w.pair("：", ": ")}lin.wei`)).toBeVisible();
  await expect(rows).toHaveCount(2);
  await open(page, "/admin/sessions?user=4711");
  await expect(page.getByText(`${w("User")}${w.pair("：", ": ")}#4711`)).toBeVisible();
});

test("sessions appear by themselves and end one by one, together, and all of somebody's", async ({
  page,
  w,
  request,
}) => {
  await signUp(request, "lin.wei");
  const login = (): Promise<unknown> =>
    request.post("/auth/login", { data: { username: "lin.wei", password: OTHER } });
  const before = page.waitForRequest(/\/admin\/live/);
  await signIn(page);
  await before;
  const live = page.waitForRequest(/\/admin\/live/);
  await open(page, "/admin/sessions");
  await expect(page.getByRole("row", { name: w("This session") })).toBeVisible();
  await live;
  const rows = page.getByRole("row", { name: /lin\.wei/ });
  for (const count of [1, 2, 3, 4]) {
    await login();
    await expect(rows).toHaveCount(count);
  }

  await rows.first().getByRole("button", { name: w.like("Actions for *") }).click();
  await page.getByRole("link", { name: w("End session"), exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: w("End session") }).click();
  await expect(page.getByText(w("Ended a session of lin.wei"))).toBeVisible();
  await expect(rows).toHaveCount(3);

  await rows.first().getByRole("checkbox").check();
  await expect(page.getByText(w.of("picked", "1 selected"))).toBeVisible();
  await page.getByRole("button", { name: w("End selected sessions") }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: w("End 1 session?") })).toBeVisible();
  await dialog.getByRole("button", { name: w("End selected sessions") }).click();
  await expect(rows).toHaveCount(2);

  await rows.first().getByRole("button", { name: w.like("Actions for *") }).click();
  await page.getByRole("link", { name: w("End all sessions") }).click();
  await expect(dialog.getByRole("heading", { name: w("End 2 sessions of lin.wei?") })).toBeVisible();
  await dialog.getByRole("button", { name: w("End all sessions") }).click();
  await expect(page.getByText(w("Ended 2 sessions of lin.wei"))).toBeVisible();
  await expect(rows).toHaveCount(0);
});

test("ticks of sessions go with the list, and one's own leads out", async ({ page, w, request }) => {
  await signUp(request, "lin.wei");
  await request.post("/auth/login", { data: { username: "lin.wei", password: OTHER } });
  await signIn(page);
  await open(page, "/admin/sessions");
  const ticked = page.locator("tbody .pick:checked");
  await page.getByRole("row", { name: /lin\.wei/ }).getByRole("checkbox").check();
  await expect(page.getByText(w.of("picked", "1 selected"))).toBeVisible();
  await page.getByRole("columnheader", { name: w("Since") }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=loginTime/);
  await expect(ticked).toHaveCount(0);

  await page.locator("#pick-all").click();
  await expect(ticked).toHaveCount(2);
  await page.getByRole("button", { name: w("End selected sessions") }).click();
  const dialog = page.getByRole("dialog");
  const own = "Your own present session is among them: you will have to sign in again";
  await expect(dialog.getByText(w(own))).toBeVisible();
  await dialog.getByRole("link", { name: w("Cancel") }).click();
  await page.getByRole("row", { name: w("This session") }).getByRole("checkbox").uncheck();
  await page.getByRole("button", { name: w("End selected sessions") }).click();
  await expect(dialog.getByRole("heading", { name: w("End 1 session?") })).toBeVisible();
  await expect(dialog.getByText(w(own))).toHaveCount(0);
  await dialog.getByRole("link", { name: w("Cancel") }).click();
  await page.getByRole("row", { name: w("This session") }).getByRole("checkbox").check();
  await page.getByRole("button", { name: w("End selected sessions") }).click();
  await dialog.getByRole("button", { name: w("End selected sessions") }).click();
  await expect(page).toHaveURL(/\/admin\/login/);
});

test("a role change shows in another browser within a second, and an ended session leads out", async ({
  page,
  w,
  request,
}) => {
  const headers = await bearer(request);
  const id = await signUp(request, "lin.wei");
  // A page begins to listen as soon as it is awake.
  const live = page.waitForResponse(/\/admin\/live/);
  await signIn(page, "lin.wei", OTHER);
  const navigation = page.getByRole("navigation", { name: w("Main navigation") });
  await live;
  const users = navigation.getByRole("link", { name: w("Users") });
  await expect(users).toHaveCount(0);
  // CI's machines are slow at times: what it finds there is whether, and not when.
  const soon = { timeout: process.env.CI ? 30_000 : 1000, intervals: [20] };
  for (const roles of [[1], []]) {
    await request.post(`/user/${id}/bind`, { headers, data: roles });
    await expect.poll(() => users.count(), soon).toBe(roles.length);
    // A page that was told just now is told again only after a pause.
    await page.waitForTimeout(700);
  }
  const status = { headers, data: { status: "1" } };
  await request.put(`/user/${id}/status`, status);
  await expect(page).toHaveURL(/\/admin\/login/);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("logs are filtered and a session ends", async ({ page, w, request }) => {
    await signUp(request, "lin.wei");
    for (let i = 0; i < 3; i++) {
      await request.post("/auth/login", { data: { username: "lin.wei", password: OTHER } });
    }
    await signIn(page);
    await open(page, "/admin/sign-ins");
    await page.locator("#search").fill("lin");
    await page.locator("#search").press("Enter");
    await expect(page).toHaveURL(/q=lin/);
    await expect(page.getByRole("row", { name: /lin\.wei/ })).toHaveCount(3);
    await page.getByRole("button", { name: w("Time") }).click();
    await page.getByLabel(w("From")).fill("2020-01-01");
    await page.getByLabel(w("To"), { exact: true }).fill("2020-01-02");
    await page.getByRole("button", { name: w("Apply") }).first().click();
    await expect(page.getByText(w("Nothing matches"))).toBeVisible();

    await open(page, "/admin/operations");
    await page.getByRole("link", { name: /user\.sign_up/ }).first().click();
    await expect(page.getByRole("heading", { name: w("Sign up") })).toBeVisible();

    await open(page, "/admin/sessions?q=lin");
    const rows = page.getByRole("row", { name: /lin\.wei/ });
    await expect(rows).toHaveCount(3);
    await rows.first().getByRole("button", { name: w.like("Actions for *") }).click();
    await page.getByRole("link", { name: w("End session"), exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: w("End session") }).click();
    await expect(page.getByText(w("Ended a session of lin.wei"))).toBeVisible();
    await open(page, "/admin/sessions?q=lin");
    await expect(rows).toHaveCount(2);
    await rows.nth(0).getByRole("checkbox").check();
    await rows.nth(1).getByRole("checkbox").check();
    await page.getByRole("button", { name: w("End selected sessions") }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("heading", { name: w("End 2 sessions?") })).toBeVisible();
    await dialog.getByRole("button", { name: w("End selected sessions") }).click();
    await expect(page.getByText(w("Ended 2 sessions"))).toBeVisible();
    await expect(page).toHaveURL(/\/admin\/sessions\?q=lin(&page=1)?$/);
  });
});
