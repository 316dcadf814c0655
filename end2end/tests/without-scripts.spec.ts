/** Forms work before WebAssembly has loaded, and without JavaScript at all. */
import { expect, test } from "../support/server.ts";

const PASSWORD = "a gate with two gods";

test.use({
  javaScriptEnabled: false,
  locale: "en-GB",
  serverOptions: {
    args: ["--dev", "--set", "dev.captcha_answer=7kqm"],
    env: { MENSHEN_ADMIN_USERNAME: "root", MENSHEN_ADMIN_PASSWORD: PASSWORD },
  },
});

test("sign in, create a role and a user, search, sign out", async ({ page }) => {
  await page.goto("/admin/login");
  await page.getByLabel("Username").fill("root");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Characters in the picture").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("did not match or has expired")).toBeVisible();
  await page.getByLabel("Username").fill("root");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Characters in the picture").fill("7kqm");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Latest sign-ins" })).toBeVisible();

  await page.goto("/admin/roles/new");
  const role = page.locator("#role-form");
  await role.getByLabel("Name", { exact: true }).fill("Auditor");
  await role.getByLabel("Key", { exact: true }).fill("auditor");
  await page.getByRole("checkbox", { name: /List roles/ }).check();
  await page.getByRole("button", { name: "Create role" }).click();
  await expect(page.getByText("Created the role Auditor")).toBeVisible();

  await page.goto("/admin/users/new");
  const user = page.locator("#create-user");
  await user.getByLabel("Username").fill("lin.wei");
  await user.getByLabel("First password").fill("quiet river seven");
  await user.getByRole("button", { name: "Create user" }).click();
  await expect(page.getByText("Created lin.wei")).toBeVisible();

  await page.goto("/admin/users");
  await page.locator("#search").fill("lin");
  await page.locator("#search").press("Enter");
  await expect(page).toHaveURL(/q=lin/);
  await expect(page.getByText("lin.wei").first()).toBeVisible();
});
