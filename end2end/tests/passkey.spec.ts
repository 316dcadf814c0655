/**
 * Passkeys with Chromium's own virtual authenticator: added over REST from a page, used at the
 * login page. Browsers know passkeys without TLS at `localhost` alone, for which `--dev` sets them
 * up; the other tests' `127.0.0.1` has none, and no button for them.
 */
import type { CDPSession, Page } from "@playwright/test";
import { awake } from "../support/admin.ts";
import { expect, test, type Server } from "../support/server.ts";

const PASSWORD = "a gate with two gods";
const BUTTON = "Sign in with a passkey";

test.use({
  serverOptions: {
    args: ["--dev", "--set", "dev.captcha_answer=7kqm"],
    env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
  },
});

/** An address of the server under the name that passkeys are bound to. */
function local(server: Server, path: string): string {
  return server.url.replace("127.0.0.1", "localhost") + path;
}

interface Authenticator {
  cdp: CDPSession;
  id: string;
}

/** Gives the page's browser a device that asks for a finger, and always gets it. */
async function authenticator(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id: authenticatorId };
}

/** Signs in over REST with the password and adds a passkey, all from the page; its name. */
async function enrol(page: Page): Promise<string> {
  return page.evaluate(async (password) => {
    async function post(path: string, body: unknown, token = ""): Promise<any> {
      const answer = await fetch(path, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      });
      const read = await answer.json();
      if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(read)}`);
      return read;
    }
    const signedIn = await post("/auth/login", { username: "root", password });
    const token: string = signedIn.accessToken;
    const begun = await post("/auth/passkey/options", { password }, token);
    const made = await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(begun.data.publicKey),
    });
    if (!(made instanceof PublicKeyCredential)) throw new Error("no passkey was made");
    const added = await post(
      "/auth/passkey",
      { ticket: begun.data.ticket, name: "This device", credential: made.toJSON() },
      token,
    );
    return added.data.name;
  }, PASSWORD);
}

test("a passkey opens the admin UI without a name, a password or a captcha", async ({
  page,
  w,
  server,
}) => {
  const device = await authenticator(page);
  await page.goto(local(server, "/admin/login"));
  expect(await enrol(page)).toBe("This device");
  const { credentials } = await device.cdp.send("WebAuthn.getCredentials", {
    authenticatorId: device.id,
  });
  expect(credentials).toHaveLength(1);
  expect(credentials[0]?.isResidentCredential).toBe(true);

  await page.goto(local(server, "/admin/login?next=%2Fadmin%2Fusers"));
  await page.getByRole("button", { name: w(BUTTON) }).click();
  await expect(page).toHaveURL(local(server, "/admin/users"));
  await expect(page.getByRole("button", { name: w("Account menu") })).toBeVisible();
});

test("what goes wrong with a passkey is told, and the password is still there", async ({
  page,
  w,
  server,
}) => {
  const device = await authenticator(page);
  await page.goto(local(server, "/admin/login"));
  await enrol(page);
  await page.goto(local(server, "/admin/login"));
  const button = page.getByRole("button", { name: w(BUTTON) });
  const alert = page.locator("form .alert");

  // The finger is not hers.
  await device.cdp.send("WebAuthn.setUserVerified", {
    authenticatorId: device.id,
    isUserVerified: false,
  });
  await button.click();
  await expect(alert).toContainText(w("No passkey was used. Try again, or use your password"));
  await device.cdp.send("WebAuthn.setUserVerified", {
    authenticatorId: device.id,
    isUserVerified: true,
  });

  // The passkey was taken away meanwhile.
  const answer = await page.request.post(local(server, "/auth/login"), {
    data: { username: "root", password: PASSWORD },
  });
  const headers = { Authorization: `Bearer ${(await answer.json()).accessToken}` };
  const listed = await page.request.get(local(server, "/auth/passkey"), { headers });
  const { list } = (await listed.json()).data;
  const gone = await page.request.delete(local(server, `/auth/passkey/${list[0].id}`), {
    headers,
    data: { password: PASSWORD },
  });
  expect(gone.status()).toBe(200);
  await button.click();
  await expect(alert).toContainText(w("Signing in with the passkey did not work. Try again, or use your password"));

  await page.getByLabel(w("Username")).fill("root");
  await page.getByLabel(w.of("password", "Password"), { exact: true }).fill(PASSWORD);
  await page.getByLabel(w("Characters in the picture")).fill("7kqm");
  await page.getByRole("button", { name: w("Sign in"), exact: true }).click();
  await expect(page.getByRole("heading", { name: w("Latest sign-ins") })).toBeVisible();
});

test("where no passkey can work, none is offered", async ({ page, w }) => {
  await page.goto("/admin/login");
  await awake(page);
  await expect(page.getByRole("button", { name: w("Sign in"), exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: w(BUTTON) })).toHaveCount(0);
});
