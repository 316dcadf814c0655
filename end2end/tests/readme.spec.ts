/** The two READMEs say the same: as many headings and points, the same commands, links and names. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@playwright/test";

const ENGLISH = "README.md";
const CHINESE = "README.zh-CN.md";

function read(name: string): string {
  return readFileSync(resolve(import.meta.dirname, "../..", name), "utf8");
}

/** Fenced code, its comments left out: they are in the language of their page. */
function code(text: string): string[] {
  return [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block = ""]) =>
    block.replaceAll(/(^|\s+)#\s.*$/gm, ""),
  );
}

function prose(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, "");
}

/** Where the page leads, the way to the other page apart. */
function links(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, to = ""]) => to)
    .filter((to) => to !== ENGLISH && to !== CHINESE);
}

/** The levels of headings and the list points, in their order. */
function bones(text: string): string[] {
  return [...prose(text).matchAll(/^(#+|-) /gm)].map(([, mark = ""]) => mark);
}

/** What stands in backticks, in any order: a sentence may be built the other way round. */
function names(text: string): string[] {
  return [...prose(text).matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name).sort();
}

test("both READMEs say the same", () => {
  const english = read(ENGLISH);
  const chinese = read(CHINESE);
  expect(bones(chinese)).toEqual(bones(english));
  expect(code(chinese)).toEqual(code(english));
  expect(code(english).length).toBeGreaterThan(3);
  expect(links(chinese)).toEqual(links(english));
  expect(names(chinese)).toEqual(names(english));
  // Each leads to the other before anything else.
  const first = (text: string): string | undefined => /\]\(([^)]+)\)/.exec(text)?.[1];
  expect(first(english)).toBe(CHINESE);
  expect(first(chinese)).toBe(ENGLISH);
});
