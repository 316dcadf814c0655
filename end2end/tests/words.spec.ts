/** The other flows find in the sources what the admin UI says: that they find it, and no other. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { knownKeys, words } from "../support/words.ts";

const zh = words("zh-CN");
const en = words("en-GB");

test("every text of the catalogue is read, but for a list of names", () => {
  const source = readFileSync(resolve(import.meta.dirname, "../../app/i18n/texts.rs"), "utf8");
  const keys = [...source.matchAll(/^ {8}(\w+)(?: = "|\()/gm)].map(([, key = ""]) => key);
  expect(keys.length).toBeGreaterThan(500);
  const known = knownKeys();
  expect(keys.filter((key) => !known.has(key))).toEqual(["names"]);
});

test("what is said in English is told in the language of the test", () => {
  for (const [english, chinese] of [
    ["Sign in", "登录"],
    // Several keys have it, all with the same in Chinese.
    ["Users", "用户"],
    // Of one, and of several.
    ["Disable 1 user?", "停用 1 个用户？"],
    ["Disable 3 users?", "停用 3 个用户？"],
    ["Ended 1 session of lin.wei", "已结束 lin.wei 的 1 个会话"],
    ["1 of 2 has a problem", "2 行中有 1 行有误"],
    ["Moved Works: 2 of 3 in Head office", "已移动 Works：Head office，第 2 / 3 位"],
    // One way out of several.
    ["Enabled the role Clerk", "已启用角色 Clerk"],
    ["1 hour", "1 小时"],
    // From elsewhere.
    ["List users", "用户列表"],
    ["Is not your current password", "当前密码不正确"],
    ["Tree of boxes", "勾选树"],
  ] as const) {
    expect(en(english)).toBe(english);
    expect(zh(english), english).toBe(chinese);
  }
  expect(zh("Remove filter: {label}", { label: zh("Status") })).toBe("移除筛选：状态");
  expect(zh.like("Actions for *")).toEqual(/^操作：.*$/s);
  expect(en.like("Actions for *")).toEqual(/^Actions for .*$/s);
});

test("what nothing says is an error, as is what is two things in Chinese", () => {
  for (const w of [en, zh]) {
    expect(() => w("Sign inn")).toThrow("no source says");
    expect(() => w("Name")).toThrow("is not one thing in Chinese");
    expect(() => w.of("role_name", "Status")).toThrow("no source says");
  }
  expect(zh.of("role_name", "Name")).toBe("名称");
  expect(zh.of("saved_of", "Saved Sales")).toBe("已保存 Sales");
});
