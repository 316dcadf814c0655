/**
 * What the admin UI says, in the language of the test, by what it says in English:
 *
 *     test("…", async ({ page, w }) => {
 *       await page.getByRole("button", { name: w("Sign in") }).click();
 *       await expect(page.getByText(w("Disabled 3 users. Their sessions have ended"))).toBeVisible();
 *     });
 *
 * It is read from the sources, where each text stands in Chinese and, after it, in English. An
 * English text that they don't know is an error in either language, so that no test looks for what
 * nothing says.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { group, line, sign, split, type Token, tokens } from "./rust.ts";

/** What is said as it stands, and what is filled in. */
type Part = string | { value: string };

/** One way in which an expression ends, and on which terms. */
interface Reading {
  parts: Part[];
  terms: Map<string, string>;
}

/** A text in both languages. */
interface Entry {
  /** Its name in the catalogue of the admin UI; of a text from elsewhere, its file's. */
  key: string;
  en: Part[];
  zh: Part[];
  /** Whether it is what is said of one thing: what it leaves out is a one. */
  ofOne: boolean;
  /** The English with anything for its values. */
  pattern: RegExp;
}

export interface Words {
  /**
   * A text, whole and as it is said in English. A name or a number in it may be any; one that is a
   * word of the admin UI itself is told by its name in braces, as in
   * `w("Remove filter: {label}", { label: w("Status") })`.
   */
  (english: string, values?: Record<string, string | number>): string;
  /** The text of this key, or of this file, for an English text that has several in Chinese. */
  of(key: string, english: string): string;
  /** What the test itself wrote in both languages. */
  pair(chinese: string, english: string): string;
  /** A text of which some is not known beforehand: `w.like("Actions for *")`. */
  like(english: string, key?: string): RegExp;
}

const ROOT = resolve(import.meta.dirname, "../..");
const CATALOGUE = join(ROOT, "app/i18n/texts.rs");
const KIT = join(ROOT, "app/pages/kit");
/** Where texts stand beside the catalogue: names of things, and what errors say. */
const ELSEWHERE = ["app", "src/domain", "src/services"].map((folder) => join(ROOT, folder));

const HAN = /\p{Script=Han}/u;

// --- reading ------------------------------------------------------------------

type Scope = Map<string, Reading[]>;
interface Helper {
  parameters: string[];
  body: Token[];
}

/** The texts of one source. */
class Source {
  readonly entries: Entry[] = [];
  readonly #name: string;
  readonly #helpers = new Map<string, Helper>();
  /** Those that are being read, which are not read within themselves. */
  readonly #inside = new Set<string>();

  constructor(path: string) {
    this.#name = basename(path, ".rs");
    // What comes after is the tests' own.
    const [source = ""] = readFileSync(path, "utf8").split("#[cfg(test)]\nmod ");
    const root = tokens(source);
    for (const [at, token] of root.entries()) if (sign(token) === "fn") this.#helper(root.slice(at));
    this.#look(root);
  }

  #helper([, name, ...rest]: Token[]): void {
    const parameters = group(rest[0], "(");
    const body = rest.map((token) => group(token, "{")).find((inside) => inside !== undefined);
    if (parameters === undefined || body === undefined) return;
    this.#helpers.set(sign(name), { parameters: split(parameters, ",").map(([first]) => sign(first)), body });
  }

  /** Takes every pair: Chinese, a comma, English. */
  #look(list: Token[]): void {
    const items = split(list, ",", ";");
    for (const [at, item] of items.entries()) {
      const english = items[at + 1];
      if (english !== undefined) this.#pair(item, english);
    }
    for (const token of list) if (token.kind === "group") this.#look(token.inside);
  }

  #pair(item: Token[], english: Token[]): void {
    // `key =`, and `key(value: type) =`, stand in the catalogue alone.
    const has = item.findIndex((token) => sign(token) === "=");
    const named = has === 1 || (has === 2 && group(item[1], "(") !== undefined);
    const chinese = named ? item.slice(has + 1) : item;
    if (!holds(chinese, HAN) && !named) return;
    for (const en of this.#read(english, new Map())) {
      for (const zh of this.#read(chinese, new Map())) {
        const [said, told] = [literal(en.parts), literal(zh.parts)];
        if (HAN.test(said) || told === "" || !(named ? said : /[A-Za-z]/.test(said))) continue;
        if ([...en.terms].some(([term, how]) => (zh.terms.get(term) ?? how) !== how)) continue;
        const ofOne = [...en.terms].some(([term, how]) => how === "yes" && /== "?1"?$/.test(term));
        const key = named ? sign(item[0]) : this.#name;
        this.entries.push({ key, en: en.parts, zh: zh.parts, ofOne, pattern: anyValues(en.parts) });
      }
    }
  }

  /** Everything that an expression may say; nothing if it is not one that says something. */
  #read(expression: Token[], scope: Scope): Reading[] {
    const list = trimmed(expression);
    const [first, second] = list;
    if (first === undefined) return [];
    const name = sign(first);
    if (list.length === 1) {
      if (first.kind === "text") return [{ parts: [first.text], terms: new Map() }];
      const block = group(first, "{");
      // `{ let _ = n; … }`
      if (block !== undefined) return this.#read(split(block, ";").at(-1) ?? [], scope);
      const inner = group(first, "(");
      if (inner !== undefined) return this.#read(inner, scope);
      return scope.get(name) ?? value(list);
    }
    if (name === "if") return this.#choice(list, scope);
    if (name === "match") return this.#match(list, scope);
    const given = list.length === 2 ? group(second, "(") : undefined;
    if (given !== undefined && name === "format!") return this.#format(split(given, ","), scope);
    const helper = this.#helpers.get(name);
    if (given !== undefined && helper !== undefined && !this.#inside.has(name)) {
      const args = split(given, ",").map((argument) => this.#read(argument, scope));
      const inside: Scope = new Map(helper.parameters.map((parameter, at) => [parameter, args[at] ?? []]));
      this.#inside.add(name);
      const readings = this.#read(helper.body, inside);
      this.#inside.delete(name);
      return readings;
    }
    return value(list);
  }

  /** `if … { … } else { … }` */
  #choice(list: Token[], scope: Scope): Reading[] {
    const at = list.findIndex((token) => group(token, "{") !== undefined);
    const otherwise = list.slice(at + 1);
    if (at < 0 || sign(otherwise[0]) !== "else") return [];
    const term = this.#term(list.slice(1, at), scope);
    return [
      ...on(term, "yes", this.#read(list.slice(at, at + 1), scope)),
      ...on(term, "no", this.#read(otherwise.slice(1), scope)),
    ];
  }

  /** `match … { … => …, }` */
  #match(list: Token[], scope: Scope): Reading[] {
    const arms = group(list.at(-1), "{") ?? [];
    const term = this.#term(list.slice(1, -1), scope);
    return split(arms, ",").flatMap((arm) => {
      const arrow = arm.findIndex((token) => sign(token) === "=>");
      return arrow < 0 ? [] : on(term, line(arm.slice(0, arrow)), this.#read(arm.slice(arrow + 1), scope));
    });
  }

  /** A condition, by the names outside. */
  #term(list: Token[], scope: Scope): string {
    const [first, ...rest] = list;
    const outside = scope.get(sign(first))?.[0]?.parts[0];
    return [typeof outside === "object" ? outside.value : line(first ? [first] : []), line(rest)].join(" ").trim();
  }

  /** `format!("… {} … {name} …", …)` */
  #format([template, ...args]: Token[][], scope: Scope): Reading[] {
    const [only, ...more] = template ?? [];
    if (only?.kind !== "text" || more.length > 0) return [];
    let readings: Reading[] = [{ parts: [], terms: new Map() }];
    let at = 0;
    for (const piece of only.text.split(/(\{\w*\})/)) {
      const name = /^\{(\w*)\}$/.exec(piece)?.[1];
      if (name === undefined) {
        if (piece !== "") readings = joined(readings, [{ parts: [piece], terms: new Map() }]);
        continue;
      }
      const said = name === "" ? this.#read(args[at++] ?? [], scope) : (scope.get(name) ?? valueOf(name));
      readings = joined(readings, said);
    }
    return readings;
  }
}

/** Without what makes a `String` of it or lends it. */
function trimmed(list: Token[]): Token[] {
  let rest = split(list, "=>").length > 1 ? [] : list;
  while (sign(rest[0]) === "&") rest = rest.slice(1);
  const method = rest.at(-2);
  if (sign(rest.at(-3)) === "." && group(rest.at(-1), "(")?.length === 0) {
    if (["to_owned", "to_string", "into", "clone"].includes(sign(method))) return trimmed(rest.slice(0, -3));
  }
  // `i64::try_from(n).unwrap_or(0)` is `n`.
  const number = /^i64 :: try_from \((\w+)\) \. unwrap_or \(0\)$/.exec(line(rest));
  return number?.[1] === undefined ? rest : [{ kind: "sign", text: number[1] }];
}

function value(list: Token[]): Reading[] {
  return valueOf(line(list));
}

function valueOf(name: string): Reading[] {
  return [{ parts: [{ value: name }], terms: new Map() }];
}

function on(term: string, how: string, readings: Reading[]): Reading[] {
  return readings.map(({ parts, terms }) => ({ parts, terms: new Map(terms).set(term, how) }));
}

/** Each of the first, followed by each of the second that is on the same terms. */
function joined(first: Reading[], second: Reading[]): Reading[] {
  return first.flatMap((a) =>
    second
      .filter((b) => [...b.terms].every(([term, how]) => (a.terms.get(term) ?? how) === how))
      .map((b) => ({ parts: [...a.parts, ...b.parts], terms: new Map([...a.terms, ...b.terms]) })),
  );
}

/** As a pattern that matches just this. */
function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function anyValues(parts: Part[]): RegExp {
  return new RegExp(`^${parts.map((part) => (typeof part === "string" ? escaped(part) : "(.+)")).join("")}$`, "s");
}

function literal(parts: Part[]): string {
  return parts.filter((part) => typeof part === "string").join("");
}

function holds(list: Token[], pattern: RegExp): boolean {
  return list.some((token) => (token.kind === "group" ? holds(token.inside, pattern) : pattern.test(token.text)));
}

/** The sources below a folder, those of tests apart. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((file) => {
    const path = join(folder, file.name);
    if (["tests", "tests.rs", "testing.rs"].includes(file.name) || [CATALOGUE, KIT].includes(path)) return [];
    if (file.isDirectory()) return sources(path);
    return file.name.endsWith(".rs") ? [path] : [];
  });
}

// --- finding ------------------------------------------------------------------

function once<T>(make: () => T): () => T {
  let made: { it: T } | undefined;
  return () => (made ??= { it: make() }).it;
}

/** The catalogue's texts; then those from elsewhere, which are looked at for what it doesn't know. */
const LISTS: (() => Entry[])[] = [
  () => new Source(CATALOGUE).entries,
  () => ELSEWHERE.flatMap(sources).flatMap((path) => new Source(path).entries),
  // The page that shows the components has texts of its own.
  () => sources(KIT).flatMap((path) => new Source(path).entries),
].map(once);

/** The English text with its values, if it is this one. */
type Fit = (entry: Entry) => Map<string, string> | undefined;

/** Found by the template: `Disable {name}?`. */
function byTemplate(english: string, values: Record<string, string | number>): Fit {
  return ({ en }) => {
    const template = en.map((part) => (typeof part === "string" ? part : `{${part.value}}`)).join("");
    if (template !== english) return undefined;
    return new Map(Object.entries(values).map(([name, said]) => [name, String(said)]));
  };
}

/** Found by what is said: `Disable lin.wei?`. */
function bySaying(english: string): Fit {
  return ({ en, pattern }) => {
    const found = pattern.exec(english)?.slice(1);
    if (found === undefined) return undefined;
    const names = en.filter((part) => typeof part !== "string").map((part) => part.value);
    const told = new Map<string, string>();
    for (const [at, name] of names.entries()) {
      const said = found[at] ?? "";
      if ((told.get(name) ?? said) !== said || (numeric(name) && !/^([\d,.]+|\*)$/.test(said))) return undefined;
      told.set(name, said);
    }
    return told;
  };
}

/** Whether a value of this name is a number. */
function numeric(name: string): boolean {
  return ["n", "count", "total", "nth", "all", "holders", "roles", "users", "min", "max", "seconds"].includes(name);
}

function filled(parts: Part[], values: Map<string, string>, ofOne: boolean): string | undefined {
  let text = "";
  for (const part of parts) {
    const said = typeof part === "string" ? part : (values.get(part.value) ?? (ofOne ? "1" : undefined));
    if (said === undefined) return undefined;
    text += said;
  }
  return text;
}

interface Found {
  key: string;
  en: string;
  zh: string;
}

/** What fits best in the first of the lists where anything does. */
function find(fit: Fit, key?: string): Found[] {
  for (const list of LISTS) {
    let most = -1;
    let best: Found[] = [];
    for (const entry of list()) {
      if (key !== undefined && key !== entry.key) continue;
      const values = fit(entry);
      if (values === undefined) continue;
      const [en, zh] = [filled(entry.en, values, false), filled(entry.zh, values, entry.ofOne)];
      const weight = literal(entry.en).length;
      if (en === undefined || zh === undefined || weight < most) continue;
      if (weight > most) best = [];
      most = weight;
      best.push({ key: entry.key, en, zh });
    }
    if (best.length > 0) return best;
  }
  return [];
}

/** What errors say of a field begins with a small letter, and the page gives it a capital. */
function uncapped(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function lookUp(english: string, values?: Record<string, string | number>, key?: string): Found {
  const fit = (text: string): Fit => (values === undefined ? bySaying(text) : byTemplate(text, values));
  let found = find(fit(english), key);
  if (found.length === 0) {
    found = find(fit(uncapped(english)), key).map((one) => ({ ...one, en: one.en.charAt(0).toUpperCase() + one.en.slice(1) }));
  }
  const [one] = found;
  if (one === undefined) {
    throw new Error(`no source says ${JSON.stringify(english)}${key === undefined ? "" : ` as ${key}`}`);
  }
  if (found.some(({ zh }) => zh !== one.zh)) {
    const which = found.map((other) => `w.of(${JSON.stringify(other.key)}, …) is ${other.zh}`);
    throw new Error(`${JSON.stringify(english)} is not one thing in Chinese: ${which.join(", ")}`);
  }
  return one;
}

/** The words of a language, which is told as a browser tells it. */
export function words(locale: string): Words {
  const language = locale.startsWith("zh") ? "zh" : "en";
  const w = (english: string, values?: Record<string, string | number>): string => lookUp(english, values)[language];
  return Object.assign(w, {
    of: (key: string, english: string) => lookUp(english, undefined, key)[language],
    pair: (chinese: string, english: string) => (language === "zh" ? chinese : english),
    like: (english: string, key?: string) =>
      new RegExp(`^${escaped(lookUp(english, undefined, key)[language]).replaceAll("\\*", ".*")}$`, "s"),
  });
}

/** The fixture `w`, for `test.extend`. */
export const spoken = {
  w: async ({ locale }: { locale: string | undefined }, use: (w: Words) => Promise<void>): Promise<void> => {
    await use(words(locale ?? "en-GB"));
  },
};

/** For the test of this file: keys whose texts are known. */
export function knownKeys(): Set<string> {
  return new Set(LISTS[0]?.().map(({ key }) => key));
}
