/** The watch over waking pages sees what it is there to see. */
import { expect, test } from "@playwright/test";
import { watch } from "../support/watch.ts";

const URL = "http://watched.test/";

for (const [name, script, seen] of [
  ["nothing", "", []],
  ["a time that is told otherwise", "document.querySelector('time').textContent = 'now'", []],
  ["another text", "document.querySelector('p').firstChild.data = 'other'", ['text one → "other"']],
  ["an element that goes", "document.querySelector('p').remove()", ['− <p class=""> in <main class="">']],
] as const) {
  test(`a page that changes: ${name}`, async ({ page }) => {
    const watched = await watch(page);
    await page.route(URL, (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<main><p>one</p><time>then</time></main><script>setTimeout(() => { ${script} }, 100)</script>`,
      }),
    );
    await page.goto(URL);
    expect(await watched.redrawn()).toEqual(seen);
  });
}
