/**
 * A filled server that all tests of a worker share, for tests that only read. `page` is signed in
 * as the administrator; a test that is not says `test.use({ storageState: NOBODY })`.
 *
 *     import { expect, test } from "../support/seeded.ts";
 *
 *     test("…", async ({ page, seed }) => {
 *       await page.goto(`/admin/users/${seed.users.get("lin.wei")}`);
 *     });
 */
import { type APIRequestContext, type BrowserContextOptions, test as base } from "@playwright/test";
import { ADMIN, ADMIN_PASSWORD, fill, type Seed, SEEDED } from "./seed.ts";
import { Server } from "./server.ts";
import { spoken, type Words } from "./words.ts";

export { expect } from "@playwright/test";

export type State = Exclude<NonNullable<BrowserContextOptions["storageState"]>, string>;

/** The state of a browser that has never been here. */
export const NOBODY: State = { cookies: [], origins: [] };

/** Signs in as the form of the login page does; the context then carries the cookie. */
export async function signIn(request: APIRequestContext, url: string, name = ADMIN, password = ADMIN_PASSWORD): Promise<State> {
  const answer = await request.post(`${url}/admin/fn/sign_in`, {
    headers: { origin: url },
    form: { username: name, password },
  });
  const state = await request.storageState();
  if (!answer.ok() || state.cookies.length === 0) {
    throw new Error(`signing ${name} in: ${answer.status()} ${await answer.text()}`);
  }
  return state;
}

interface Shared {
  sharedServer: Server;
  seed: Seed;
  adminState: State;
}

export const test = base.extend<{ w: Words }, Shared>({
  ...spoken,
  sharedServer: [
    // Playwright wants a pattern here, also an empty one.
    async ({}, use) => {
      const server = await Server.start(SEEDED);
      try {
        await use(server);
      } finally {
        await server.dispose();
      }
    },
    { scope: "worker", timeout: 300_000 },
  ],

  seed: [async ({ sharedServer }, use) => use(await fill(sharedServer)), { scope: "worker", timeout: 300_000 }],

  adminState: [
    async ({ playwright, sharedServer, seed }, use) => {
      if (seed.users.size === 0) throw new Error("nobody was made");
      const request = await playwright.request.newContext();
      const state = await signIn(request, sharedServer.url);
      await request.dispose();
      await use(state);
    },
    { scope: "worker", timeout: 300_000 },
  ],

  storageState: async ({ adminState }, use) => use(adminState),

  baseURL: async ({ sharedServer, adminState }, use) => {
    // Signed in means filled: whoever opens a page finds everything there.
    if (adminState.cookies.length === 0) throw new Error("nobody is signed in");
    await use(sharedServer.url);
  },
});
