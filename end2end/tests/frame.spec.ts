/**
 * What all pages have in common: word of changes, the way that leads here, copying, checks of what is
 * typed, what errors tell, lists on a phone; and the first step of signing in by text message.
 */
import type { Page } from "@playwright/test";
import { awake, bearer, open, signIn, withAdmin } from "../support/admin.ts";
import { expect, test } from "../support/server.ts";

test.use({ serverOptions: withAdmin("--set", "sms.provider=log") });

/** How many users the overview tells of. */
function users(page: Page) {
  return page.locator("a.figure[href='/admin/users'] strong");
}

function somebody(username: string) {
  return { username, nickname: "Lin Wei", password: "quiet river seven" };
}

test("a page says when it hears nothing, and catches up", async ({ page, w, request }) => {
  const headers = await bearer(request);
  const live = page.waitForResponse(/\/admin\/live/);
  await signIn(page);
  await live;
  await expect(users(page)).toHaveText("1");
  await expect(page.getByText(w("Updated as it happens"))).toBeVisible();
  await page.context().setOffline(true);
  await expect(page.getByText(w("Updates paused"))).toBeVisible();
  await request.post("/user", { headers, data: somebody("lin.wei") });
  await page.context().setOffline(false);
  await expect(page.getByText(w("Updated as it happens"))).toBeVisible();
  await expect(users(page)).toHaveText("2");
});

test("a page that hangs on a wall follows what happens, though nobody touches it", async ({ page, w, request }) => {
  const headers = await bearer(request);
  await page.clock.install();
  const live = page.waitForResponse(/\/admin\/live/);
  await signIn(page);
  await live;
  await page.clock.fastForward("20:00");
  await expect(page.getByText(w("Updated as it happens"))).toBeVisible();
  await request.post("/user", { headers, data: somebody("lin.wei") });
  await expect(users(page)).toHaveText("2");
});

test("the breadcrumb and the window say what is open", async ({ page, w, request }) => {
  const headers = await bearer(request);
  const made = await request.post("/user", { headers, data: somebody("lin.wei") });
  const { data } = (await made.json()) as { data: { id: number } };
  await signIn(page);
  const trail = page.getByRole("navigation", { name: w("Breadcrumb") });
  await open(page, `/admin/users/${data.id}`);
  await expect(trail.locator("[aria-current=page]")).toHaveText("Lin Wei");
  await expect(page).toHaveTitle(`Lin Wei · ${w("Users")} · Menshen`);
  await page.keyboard.press("Escape");
  await expect(trail.locator("[aria-current=page]")).toHaveText(w("Users"));
  await expect(page).toHaveTitle(`${w("Users")} · Menshen`);

  await open(page, "/admin/roles/1");
  await expect(trail.locator("[aria-current=page]")).toHaveText("管理员");

  await open(page, "/admin/settings/sms");
  await expect(trail.locator("[aria-current=page]")).toHaveText(w("Text messages"));
  await expect(page.locator("aside a[aria-current=page]")).toHaveText(w("Sign-in methods"));
  await expect(page).toHaveTitle(`${w("Text messages")} · ${w("Sign-in methods")} · Menshen`);
});

test.describe("copying", () => {
  async function copyKey(page: Page, prepare: () => void): Promise<string> {
    await page.addInitScript(prepare);
    await signIn(page);
    await open(page, "/admin/keys");
    const row = page.locator("tbody tr").first();
    await row.locator(".copy").click();
    return row.locator("code").first().innerText();
  }

  test("works where browsers give no clipboard, as over plain HTTP", async ({ page, w }) => {
    const kid = await copyKey(page, () => {
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      // Where no browser window is there is no clipboard to paste from.
      document.addEventListener("copy", ({ target }) => {
        if (!(target instanceof HTMLTextAreaElement)) return;
        const { value, selectionStart, selectionEnd } = target;
        document.documentElement.dataset["copied"] = value.slice(selectionStart, selectionEnd);
      });
    });
    await expect(page.getByText(w(`Copied ${kid}`))).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("data-copied", kid);
  });

  test("says so when it was refused", async ({ page, w }) => {
    const kid = await copyKey(page, () => {
      const writeText = (): Promise<void> => Promise.reject(new Error("refused"));
      Object.defineProperty(navigator, "clipboard", { value: { writeText } });
      document.execCommand = () => false;
    });
    await expect(
      page.getByText(w("The browser does not allow copying here. Select the text and copy it by hand")),
    ).toBeVisible();
    await expect(page.getByText(w(`Copied ${kid}`))).toHaveCount(0);
  });
});

test("what must be filled in is missed once it was emptied, and numbers are held to their bounds", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/users/new");
  const form = page.locator("#create-user");
  const name = form.getByLabel(w("Username"));
  const missed = form.getByText(w("Must not be empty"));
  await name.focus();
  await page.keyboard.press("Tab");
  await expect(missed).toHaveCount(0);
  await name.fill("lin");
  await name.fill("");
  await page.keyboard.press("Tab");
  await expect(missed).toBeVisible();
  await name.fill("lin.wei");
  await expect(missed).toHaveCount(0);

  await page.goto("/admin/settings/registration");
  await awake(page);
  const number = page.getByLabel(w("Accounts an hour"));
  const wrong = page.getByText(w.like("Must be a whole number from 1 to *"));
  await number.fill("0");
  await page.keyboard.press("Tab");
  await expect(wrong).toBeVisible();
  await number.fill("7");
  await expect(wrong).toHaveCount(0);
});

test("what is not there is told with the number of the request", async ({ page, w }) => {
  await signIn(page);
  await page.goto("/admin/users/4711");
  await expect(page.getByRole("dialog").getByText(w("Request ID"))).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });

  test("a list is sorted and chosen whole, and its filters take one line", async ({ page, w }) => {
    await signIn(page);
    await open(page, "/admin/users");
    await expect(page.locator("#pick-all")).toBeVisible();
    await expect(page.locator(".search kbd")).toBeHidden();
    const [first, last] = [page.locator(".filters > .chip").first(), page.locator(".filters > .chip:visible").last()];
    await expect(async () => {
      expect((await first.boundingBox())?.y).toBe((await last.boundingBox())?.y);
    }).toPass();
    await page.locator("thead").getByRole("link", { name: w("User"), exact: true }).click();
    await expect(page).toHaveURL(/sort=/);
  });
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a mistyped number is put right at once", async ({ page, w }) => {
      await open(page, "/admin/login?way=sms");
      await page.locator("#field-phone").fill("15578906770");
      await page.getByRole("button", { name: w("Send code") }).click();
      await expect(page.getByText(w("A code is on its way to 15578906770"))).toBeVisible();
      await page.getByRole("link", { name: w("Another number") }).click();
      await page.locator("#field-phone").fill("15578906771");
      await page.getByRole("button", { name: w("Send code") }).click();
      await expect(page.getByText(w("A code is on its way to 15578906771"))).toBeVisible();
    });
  });
}
