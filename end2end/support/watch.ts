/**
 * What every page is held to while it wakes: nothing in the console, and nothing drawn anew. The
 * server renders a page whole; the browser takes that over and must leave it as it is.
 */
import { expect, type Page } from "@playwright/test";

/** A change of the page between its arrival and its rest that hydration should not have made. */
interface Redrawn {
  __redrawn?: string[];
}

export interface Watch {
  /** Fails when there was a word in the console, or something was drawn anew, since the last call. */
  expectCalm(ignored?: RegExp): Promise<void>;
  /** What was drawn anew since the last call, once the page has come to rest. */
  redrawn(): Promise<string[]>;
}

/** Watches a page; call it before the page goes anywhere. */
export async function watch(page: Page): Promise<Watch> {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.addInitScript(observe);
  const redrawn = async (): Promise<string[]> => {
    await settled(page);
    return page.evaluate(() => (globalThis as Redrawn).__redrawn?.splice(0) ?? []);
  };
  return {
    redrawn,
    async expectCalm(ignored?: RegExp): Promise<void> {
      expect.soft(await redrawn(), `${page.url()} was drawn anew as it woke`).toEqual([]);
      const said = complaints.splice(0).filter((complaint) => !ignored?.test(complaint));
      expect.soft(said, `${page.url()} had something to say in the console`).toEqual([]);
    },
  };
}

/**
 * Runs in the page, before its scripts. Once the server's HTML is there, it notes what comes, goes
 * or changes its text within `main`; times apart, which the browser tells in its own zone, and
 * comments and empty texts, which are Leptos's marks of a place. What a person's hand sets off is
 * no hydration: the first key or click ends it.
 */
function observe(): void {
  const page = globalThis as Redrawn;
  const list: string[] = [];
  page.__redrawn = list;

  const name = (node: Node): string =>
    node instanceof Element
      ? `<${node.localName}${node.id ? ` id=${node.id}` : ""} class="${node.getAttribute("class") ?? ""}">`
      : JSON.stringify((node.textContent ?? "").trim().slice(0, 60));
  const ofTime = (node: Node): boolean =>
    (node instanceof Element ? node : node.parentElement)?.closest("time, [data-live], [aria-live], [role=status]") != null;
  const counts = (node: Node): boolean =>
    node instanceof Element || (node instanceof Text && (node.textContent ?? "").trim() !== "");
  const note = ({ type, target, addedNodes, removedNodes, oldValue }: MutationRecord): void => {
    if (ofTime(target)) return;
    if (type === "characterData") {
      if (target instanceof Text && target.textContent !== oldValue) list.push(`text ${oldValue} → ${name(target)}`);
      return;
    }
    const added = [...addedNodes].filter((node) => counts(node) && !ofTime(node));
    const removed = [...removedNodes].filter(counts);
    for (const node of removed) list.push(`− ${name(node)} in ${name(target)}`);
    for (const node of added) list.push(`+ ${name(node)} in ${name(target)}`);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const main = document.querySelector("main");
    if (!main) return;
    const observer = new MutationObserver((records) => records.forEach(note));
    observer.observe(main, { childList: true, characterData: true, characterDataOldValue: true, subtree: true });
    const end = (): void => {
      observer.takeRecords().forEach(note);
      observer.disconnect();
    };
    for (const event of ["keydown", "pointerdown"]) addEventListener(event, end, { capture: true, once: true });
  });
}

/**
 * Waits until the page has come to rest: loaded, its fonts there, its WebAssembly run, and for half
 * a second nothing fetched and nothing changed. A stream of events that stays open is no fetching.
 */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.evaluate(async () => {
    await document.fonts.ready;
    const quiet = 500;
    const deadline = performance.now() + 120_000;
    // Of a page of the admin UI, where scripts run.
    const wanted = document.querySelector("html.js link[rel=modulepreload]") !== null;
    let last = performance.now();
    const observer = new MutationObserver(() => (last = performance.now()));
    observer.observe(document, { attributes: true, childList: true, characterData: true, subtree: true });
    let fetched = 0;
    while (performance.now() < deadline) {
      const entries = performance.getEntriesByType("resource");
      if (entries.length !== fetched) {
        fetched = entries.length;
        last = performance.now();
      }
      const awake = !wanted || document.documentElement.hasAttribute("data-awake");
      if (awake && performance.now() - last > quiet) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    observer.disconnect();
    if (performance.now() >= deadline) throw new Error("the page has not come to rest within two minutes");
    // What fades in has come. What turns for ever is not waited for.
    const ends = (animation: Animation): boolean => animation.effect?.getComputedTiming().iterations !== Infinity;
    const fading = document.getAnimations().filter(ends);
    await Promise.all(fading.map((animation) => animation.finished.catch(() => undefined)));
  });
}

/** Fails when the page reaches past the window's edge. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect.soft(overflow, `${page.url()} is wider than the window`).toBeLessThanOrEqual(0);
}
