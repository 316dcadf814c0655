/** The own account: profile, picture, password, second factor, sessions, look. */
import type { Browser, Page } from "@playwright/test";
import { awake, bearer, open, PASSWORD, sendPassword, signIn, withAdmin } from "../support/admin.ts";
import { expectAccessible } from "../support/axe.ts";
import { oneTimeCode } from "../support/otp.ts";
import { expect, test, type Server } from "../support/server.ts";
import type { Words } from "../support/words.ts";

const USER_PASSWORD = "quiet river seven";

/** A picture of one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

test.use({ serverOptions: withAdmin("--set", "dev.captcha_answer=7kqm") });

async function signOut(page: Page, w: Words): Promise<void> {
  await page.getByRole("button", { name: w("Account menu") }).click();
  await page.getByRole("button", { name: w("Sign out") }).click();
  await expect(page).toHaveURL(/\/admin\/login/);
}

/** Sets the second factor up on the account page; gives back the secret and the recovery codes. */
async function enrol(page: Page, w: Words, password: string): Promise<{ secret: string; recovery: string[] }> {
  await page.goto("/admin/account/factors");
  await page.locator("#field-begin-password").fill(password);
  await page.getByRole("button", { name: w("Set up") }).click();
  await expect(page.getByRole("img", { name: w("QR code for the authenticator app") })).toBeVisible();
  const secret = (await page.locator("#secret").textContent()) ?? "";
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  await page.locator("#field-otp_code").fill(oneTimeCode(secret));
  await page.getByRole("button", { name: w("Turn on") }).click();
  await expect(page.getByRole("heading", { name: w("Recovery codes") })).toBeVisible();
  const recovery = await page.locator(".codes code").allTextContents();
  expect(recovery).toHaveLength(10);
  return { secret, recovery };
}

test("a second factor from its first code to its last recovery code", async ({ page, w }) => {
  test.slow();
  await signIn(page);
  await open(page, "/admin/account/factors");

  await test.step("a wrong password sets nothing up", async () => {
    await page.locator("#field-begin-password").fill("something else");
    await page.getByRole("button", { name: w("Set up") }).click();
    await expect(page.getByText(w("Is not your current password"))).toBeVisible();
  });

  const { secret, recovery } = await enrol(page, w, PASSWORD);
  await test.step("the recovery codes can be kept", async () => {
    await expectAccessible(page);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: w("Download") }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("menshen-recovery-codes.txt");
    await page.getByRole("link", { name: w("I have kept them") }).click();
    await expect(page.getByText(w("Recovery codes left"))).toBeVisible();
    await expect(page.locator(".codes")).toHaveCount(0);
  });

  await test.step("a wrong code is refused, the next one of the app lets her in", async () => {
    await signOut(page, w);
    await sendPassword(page);
    await page.locator("#field-otp_code").fill("000000");
    await page.getByRole("button", { name: w("Verify") }).click();
    await expect(page.getByText(w("The code is wrong or was used before. Take the newest one"))).toBeVisible();
    // The code that set it up is spent; the one after it is within the drift.
    await page.locator("#field-otp_code").fill(oneTimeCode(secret, 1));
    await page.getByRole("button", { name: w("Verify") }).click();
    await expect(page).toHaveURL(/\/admin$/);
  });

  await test.step("a recovery code lets her in once", async () => {
    const first = recovery[0] ?? "";
    await signOut(page, w);
    await sendPassword(page);
    await page.locator("#field-otp_code").fill(first);
    await page.getByRole("button", { name: w("Verify") }).click();
    await expect(page).toHaveURL(/\/admin$/);
    await signOut(page, w);
    await sendPassword(page);
    await page.locator("#field-otp_code").fill(first);
    await page.getByRole("button", { name: w("Verify") }).click();
    await expect(page.getByText(w("The code is wrong or was used before. Take the newest one"))).toBeVisible();
    await page.locator("#field-otp_code").fill(recovery[1] ?? "");
    await page.getByRole("button", { name: w("Verify") }).click();
    await expect(page).toHaveURL(/\/admin$/);
  });

  await test.step("new recovery codes void the old ones; then it is turned off", async () => {
    await open(page, "/admin/account/factors");
    await page.getByText(w("Make new recovery codes")).first().click();
    await page.locator("#field-renew-password").fill(PASSWORD);
    await page.locator("#renew-recovery [type=submit]").click();
    await expect(page.locator(".codes code")).toHaveCount(10);
    expect(await page.locator(".codes code").allTextContents()).not.toContain(recovery[2]);
    await open(page, "/admin/account/factors");
    await page.getByText(w("Turn off two-step verification")).first().click();
    await page.locator("#field-disable-password").fill(PASSWORD);
    await page.locator("#disable-otp [type=submit]").click();
    await expect(page.getByText(w("Two-step verification is off"))).toBeVisible();
    await expect(page.locator("#begin-otp")).toBeVisible();
  });
});

test("profile, picture and look", async ({ page, w, locale }) => {
  await signIn(page);
  await open(page, "/admin/account");
  await page.locator("#field-nickname").fill("Keeper");
  await page.locator("#field-email").fill("nonsense");
  await page.locator("#update-profile [type=submit]").click();
  await expect(page.locator("#field-email")).toHaveAttribute("aria-invalid", "true");
  await page.locator("#field-email").fill("keeper@example.com");
  await page.locator("#update-profile [type=submit]").click();
  const both = [w.of("nickname", "Name"), w("E-mail")].join(w.of("comma", ", "));
  await expect(page.getByText(w("Profile saved: {what}", { what: both }))).toBeVisible();

  await page.locator("#field-file").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: PNG });
  await expect(page.locator(".face img")).toHaveAttribute("src", /^data:image\/png/);
  await page.getByRole("button", { name: w("Save picture") }).click();
  await expect(page.getByText(w("Picture saved"))).toBeVisible();
  await expect(page.locator(".face img")).toHaveAttribute("src", /^\/files\//);
  await awake(page);
  await page.getByRole("button", { name: w("Remove picture") }).click();
  await expect(page.getByText(w("Picture removed"))).toBeVisible();
  await expect(page.locator(".face img")).toHaveCount(0);

  await open(page, "/admin/account/look");
  await page.locator(".choice", { hasText: w("Dark") }).click();
  await expect(page.locator("html")).toHaveClass(/dark/);
  // The other language.
  const [name, tag] = locale === "zh-CN" ? ["English", "en"] : ["中文", "zh-CN"];
  await page.locator(".choice", { hasText: name }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", tag);
  await expect(page).toHaveURL(/\/admin\/account\/look$/);
});

test("an unsaved profile is guarded, from Forward too", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/account");
  const sections = page.getByRole("navigation", { name: w("My account") });
  await sections.getByRole("link", { name: w("Language and theme") }).click();
  await expect(page).toHaveURL(/\/admin\/account\/look$/);
  await page.goBack();
  await expect(page).toHaveURL(/\/admin\/account$/);
  await page.locator("#field-nickname").fill("Somebody else");
  const question = page.getByRole("dialog", { name: w("You have unsaved changes") });
  await page.goForward();
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: w("Keep editing") }).click();
  await expect(page).toHaveURL(/\/admin\/account$/);
  await expect(page.locator("#field-nickname")).toHaveValue("Somebody else");
  await sections.getByRole("link", { name: w("My sessions") }).click();
  await question.getByRole("button", { name: w("Keep editing") }).click();
  // What is saved is guarded no more.
  await page.locator("#update-profile [type=submit]").click();
  await expect(page.getByText(w("Profile saved: {what}", { what: w.of("nickname", "Name") }))).toBeVisible();
  await sections.getByRole("link", { name: w("Language and theme") }).click();
  await expect(page).toHaveURL(/\/admin\/account\/look$/);
});

/** What a page wants to do in some seconds, and does not before it is told to. */
interface Held {
  __held?: (() => void)[];
}

/** Runs in the page, before its scripts. */
function hold(): void {
  const held: (() => void)[] = [];
  (globalThis as Held).__held = held;
  const soon = globalThis.setTimeout.bind(globalThis) as (...given: unknown[]) => unknown;
  const later = (what: (...rest: unknown[]) => void, ms = 0, ...rest: unknown[]): unknown => {
    if (ms < 3_000) return soon(what, ms, ...rest);
    held.push(() => what(...rest));
    return 0;
  };
  globalThis.setTimeout = later as unknown as typeof setTimeout;
}

/** How much of that there is. */
const held = (page: Page): Promise<number> => page.evaluate(() => (globalThis as Held).__held?.length ?? 0);

/** As if the seconds had gone by. */
const pass = (page: Page): Promise<void> =>
  page.evaluate(() => (globalThis as Held).__held?.splice(0).forEach((what) => what()));

test("what a plain form did is told for a while, and can be closed", async ({ page, w }) => {
  await signIn(page);
  const told = page.getByText(w("Picture saved"));
  const save = async (): Promise<void> => {
    await open(page, "/admin/account");
    await page.locator("#field-file").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: PNG });
    await page.getByRole("button", { name: w("Save picture") }).click();
    await expect(told).toBeVisible();
  };
  await save();
  await expect(told).toBeHidden({ timeout: 60_000 });

  // From here on no message goes by itself, however slow the machine is.
  await page.addInitScript(hold);
  const saveAndWake = async (): Promise<void> => {
    await save();
    await expect.poll(() => held(page)).toBeGreaterThan(0);
    await awake(page);
  };
  await saveAndWake();
  await page.locator(".toast").getByRole("button", { name: w("Close") }).click();
  await expect(told).toBeHidden();

  // Not under somebody's hand.
  await saveAndWake();
  await told.hover();
  await pass(page);
  await expect(told).toBeVisible();
  await page.mouse.move(0, 0);
  await expect(async () => {
    await pass(page);
    await expect(told).toBeHidden({ timeout: 1_000 });
  }).toPass();
});

test("the password's strength is told while it is typed", async ({ page, w }) => {
  await signIn(page);
  await open(page, "/admin/account/password");
  const field = page.locator("#field-new_password");
  await field.pressSequentially("password");
  await expect(page.locator(".strength b")).toHaveText(w("Very weak"));
  await field.fill("a heron by the quiet lock");
  await expect(page.locator(".strength b")).toHaveText(w("Very strong"));
  await expectAccessible(page);
  await page.locator("#field-current_password").fill(PASSWORD);
  await page.locator("#field-repeat_password").fill("a heron by the quiet lock");
  await page.getByRole("button", { name: w("Save new password") }).click();
  await expect(page.getByText(w("Password changed. Your other sessions have ended"))).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/account\/password$/);
});

async function anotherBrowser(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  return context.newPage();
}

test("sessions are ended, one and all others", async ({ page, w, browser, server }) => {
  await signIn(page);
  const second = await anotherBrowser(browser, server.url);
  await signIn(second);
  await open(page, "/admin/account/sessions");
  await expect(page.getByText(w("This session"), { exact: true })).toBeVisible();
  await page.getByRole("link", { name: w.like("End the session: *") }).click();
  const question = page.getByRole("dialog", { name: w("End this session?") });
  await question.getByRole("button", { name: w("End session") }).click();
  await expect(page.getByText(w("Session ended"))).toBeVisible();
  // An open page goes there by itself, which may come first.
  await second.goto("/admin").catch(() => undefined);
  await expect(second).toHaveURL(/\/admin\/login/);

  await signIn(second);
  await open(page, "/admin/account/sessions");
  await page.getByRole("link", { name: w("End all others") }).click();
  await page.getByRole("dialog").getByRole("button", { name: w("End all others") }).click();
  await expect(page.getByText(w("Ended 1 session"))).toBeVisible();
  // An open page goes there by itself, which may come first.
  await second.goto("/admin").catch(() => undefined);
  await expect(second).toHaveURL(/\/admin\/login/);
  await second.context().close();
});

test("a passkey is added, called something else, and removed", async ({ page, w, server }) => {
  // Browsers know passkeys without TLS at `localhost` alone.
  const local = (path: string): string => server.url.replace("127.0.0.1", "localhost") + path;
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(local("/admin/login"));
  await page.locator("#field-username").fill("root");
  await page.locator("#field-password").fill(PASSWORD);
  await page.locator("#sign-in [type=submit]").click();
  await expect(page).toHaveURL(/\/admin$/);

  await open(page, local("/admin/account/factors"));
  await page.getByText(w("Add a passkey")).first().click();
  await page.locator("#field-passkey-name").fill("Key ring");
  await page.locator("#field-passkey-password").fill(PASSWORD);
  await page.locator("#add-passkey [type=submit]").click();
  await expect(page.getByText(w("Added the passkey Key ring"))).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: new RegExp(`^${w("Rename")}[:：] ?Key ring$`) }).click();
  await page.locator("#field-rename-passkey").fill("Laptop");
  await page.locator("#rename-passkey [type=submit]").click();
  await expect(page.getByText(w("The passkey is called Laptop now"))).toBeVisible();

  await page.getByRole("link", { name: new RegExp(`^${w("Delete")}[:：] ?Laptop$`) }).click();
  await page.locator("#field-remove-password").fill(PASSWORD);
  await page.locator("#remove-passkey [type=submit]").click();
  await expect(page.getByText(w("Passkey removed"))).toBeVisible();
  await expect(page.getByText(w("No passkeys yet"))).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the second factor is set up, asked for, and reset by somebody else", async ({ page, w, playwright, server }) => {
    const api = await playwright.request.newContext({ baseURL: server.url });
    const headers = await bearer(api);
    const made = await api.post("/user", {
      headers,
      data: { username: "lin.wei", password: USER_PASSWORD },
    });
    expect(made.status()).toBe(201);
    const id: number = (await made.json()).data.id;

    await signIn(page, "lin.wei", USER_PASSWORD);
    const { recovery } = await enrol(page, w, USER_PASSWORD);
    await page.goto("/admin/account/factors");
    await expect(page.locator(".codes")).toHaveCount(0);
    await page.context().clearCookies();
    await sendPassword(page, "lin.wei", USER_PASSWORD);
    await page.locator("#field-otp_code").fill(recovery[0] ?? "");
    await page.getByRole("button", { name: w("Verify") }).click();
    await expect(page).toHaveURL(/\/admin$/);

    expect((await api.delete(`/user/${id}/otp`, { headers })).status()).toBe(200);
    await page.goto("/admin");
    await expect(page).toHaveURL(/\/admin\/login/);
    await signIn(page, "lin.wei", USER_PASSWORD);
    await api.dispose();
  });

  test("profile and picture are plain forms", async ({ page, w }) => {
    await signIn(page);
    await page.goto("/admin/account");
    await page.locator("#field-nickname").fill("Keeper");
    await page.locator("#update-profile [type=submit]").click();
    await expect(page.getByText(w("Profile saved: {what}", { what: w.of("nickname", "Name") }))).toBeVisible();
    await expect(page.locator("#field-nickname")).toHaveValue("Keeper");
    await page.locator("#field-file").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: PNG });
    await page.getByRole("button", { name: w("Save picture") }).click();
    await expect(page.getByText(w("Picture saved"))).toBeVisible();
    await expect(page.locator(".face img")).toHaveAttribute("src", /^\/files\//);
  });
});

/** The code that the server wrote into its log instead of sending it, which may be read after its answer. */
async function sentCode(server: Server): Promise<string> {
  const log = (): string => (server.stdout() + server.stderr()).replaceAll(/\u001b\[[0-9;]*m/g, "");
  const sent = /code\W{1,4}(\d{6})/;
  await expect.poll(log).toMatch(sent);
  return sent.exec(log())?.[1] ?? "";
}

test.describe("by text message", () => {
  test.use({
    serverOptions: {
      args: [
        "--dev",
        "--set",
        "dev.captcha_answer=7kqm",
        "--set",
        "sms.provider=log",
        "--set",
        "registration.mode=open",
      ],
      env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
    },
  });

  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
      test.use({ javaScriptEnabled });

      test("a number, a captcha, a code, and in", async ({ page, w, server }) => {
        await open(page, "/admin/login");
        await page.getByRole("link", { name: w("Text message") }).click();
        await expect(page).toHaveURL(/way=sms/);
        await page.locator("#field-phone").fill("15578906770");
        await page.locator("#field-captcha_code").fill("7kqm");
        await page.getByRole("button", { name: w("Send code") }).click();
        await expect(page.getByText(w("A code is on its way to 15578906770"))).toBeVisible();
        await page.locator("#field-sms_code").fill("000000x");
        await page.locator("#enter-code [type=submit]").click();
        await expect(page.getByText(w("The code is wrong or has expired"))).toBeVisible();
        await page.locator("#field-sms_code").fill(await sentCode(server));
        await page.locator("#enter-code [type=submit]").click();
        await expect(page).toHaveURL(/\/admin$/);
        await page.goto("/admin/account/password");
        await expect(page.getByRole("heading", { name: w("Set a password") })).toBeVisible();
      });
    });
  }
});
