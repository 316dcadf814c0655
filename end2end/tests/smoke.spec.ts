import { expect, test } from "../support/server.ts";

test("the server says that it is ready", async ({ request }) => {
  const answer = await request.get("/health/ready");
  expect(answer.status()).toBe(200);
});

test("the root leads to the admin UI", async ({ request }) => {
  const answer = await request.get("/", { maxRedirects: 0 });
  expect([302, 303, 307, 308]).toContain(answer.status());
  expect(answer.headers().location).toBe("/admin");
});
