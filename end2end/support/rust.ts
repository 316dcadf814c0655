/**
 * As much of Rust as it takes to read texts out of sources: tokens, and which brackets they stand in.
 */

/** A word or a sign, a literal text, or what stands between two brackets. */
export type Token =
  | { kind: "sign"; text: string }
  | { kind: "text"; text: string }
  | { kind: "group"; open: string; inside: Token[] };

const PATTERNS: [RegExp, (match: RegExpExecArray) => Token | undefined][] = [
  [/\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y, () => undefined],
  [/b?r(#*)"([\s\S]*?)"\1/y, (match) => ({ kind: "text", text: match[2] ?? "" })],
  [/b?"((?:[^"\\]|\\[\s\S])*)"/y, (match) => ({ kind: "text", text: unescaped(match[1] ?? "") })],
  // A character. An apostrophe without a second one begins the name of a lifetime.
  [/b?'(?:[^'\\]|\\u\{\w+\}|\\x\w\w|\\.)'/y, (match) => ({ kind: "sign", text: match[0] })],
  [/'?[A-Za-z_]\w*(?:!(?!=))?|\w+|=>|==|!=|<=|>=|&&|\|\||::|->|\.\.=|\.\.|[\s\S]/y, (match) => ({ kind: "sign", text: match[0] })],
];

function unescaped(text: string): string {
  const known: Record<string, string> = { n: "\n", t: "\t", r: "\r", "0": "\0" };
  return text.replaceAll(/\\(?:u\{(\w+)\}|x(\w\w)|\n\s*|([\s\S]))/g, (_, long?: string, short?: string, one?: string) => {
    const code = long ?? short;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return one === undefined ? "" : (known[one] ?? one);
  });
}

/** The tokens of a source, each bracket with what it holds; comments are left out. */
export function tokens(source: string): Token[] {
  const root: Token[] = [];
  const open: Token[][] = [root];
  for (let at = 0; at < source.length; ) {
    const [token, end] = next(source, at);
    at = end;
    if (token === undefined) continue;
    const here = open.at(-1) ?? root;
    if (token.kind === "sign" && "([{".includes(token.text)) {
      const group: Token = { kind: "group", open: token.text, inside: [] };
      here.push(group);
      open.push(group.inside);
    } else if (token.kind === "sign" && ")]}".includes(token.text)) {
      open.pop();
    } else {
      here.push(token);
    }
  }
  if (open.length !== 1) throw new Error("brackets that are not closed");
  return root;
}

function next(source: string, at: number): [Token | undefined, number] {
  for (const [pattern, token] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) return [token(match), pattern.lastIndex];
  }
  throw new Error(`nothing known at ${JSON.stringify(source.slice(at, at + 40))}`);
}

/** What stands between signs, such as the arguments between commas. */
export function split(list: Token[], ...signs: string[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of list) {
    if (token.kind === "sign" && signs.includes(token.text)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** The text of a sign; empty for all else. */
export function sign(token: Token | undefined): string {
  return token?.kind === "sign" ? token.text : "";
}

/** What is inside, if it is a bracket of this kind. */
export function group(token: Token | undefined, open: string): Token[] | undefined {
  return token?.kind === "group" && token.open === open ? token.inside : undefined;
}

/** The tokens as one line, to compare them and to name what they stand for. */
export function line(list: Token[]): string {
  const closing: Record<string, string> = { "(": ")", "[": "]", "{": "}" };
  return list
    .map((token) => {
      if (token.kind === "sign") return token.text;
      if (token.kind === "text") return JSON.stringify(token.text);
      return token.open + line(token.inside) + closing[token.open];
    })
    .join(" ");
}
