/**
 * A believable organisation, told to a server over REST: departments, roles, menus, some sixty
 * people with pictures, sign-ins that worked and that failed, sessions, changes and refusals.
 *
 * The same calls in the same order each time, so names, ids and counts are always the same; only
 * times differ. Start the server with `SEEDED`.
 */
import { deflateSync } from "node:zlib";
import { oneTimeCode } from "./otp.ts";
import type { Server, ServerOptions } from "./server.ts";

export const ADMIN = "root";
export const ADMIN_PASSWORD = "a gate with two gods";
export const USER_PASSWORD = "quiet river seven";
/** Somebody whose sign-in asks for a second factor. */
export const OTP_USER = "su.yan";

/** How a server is started that is to be filled. */
export const SEEDED: ServerOptions = {
  args: [
    "--dev",
    ...["dev.captcha_answer=7kqm", "captcha.page=never", 'server.trusted_proxies=["127.0.0.1"]'].flatMap(
      (setting) => ["--set", setting],
    ),
  ],
  env: { MENSHEN_ADMIN_USERNAME: ADMIN, MENSHEN_ADMIN_PASSWORD: ADMIN_PASSWORD },
};

/** The ids of what was made, by user name, role key and department name. */
export interface Seed {
  users: Map<string, number>;
  roles: Map<string, number>;
  depts: Map<string, number>;
}

/** Name, leader, what is below. */
type Dept = [name: string, leader: string, below?: Dept[]];

const DEPTS: Dept[] = [
  [
    "长安集团",
    "沈既明",
    [
      ["研发中心", "林薇", [["平台组", "周启航"], ["前端组", "许若溪"], ["质量组", "Nadia Rahman"]]],
      ["财务部", "郑文博", [["会计组", "冯雅琴"], ["审计组", "韩梅"]]],
      ["市场部", "Oliver Grant", [["华东区", "蒋一凡"], ["华南区", "黎子墨"]]],
      ["人力资源部", "苏妍"],
      ["London Office", "Charlotte Webb", [["Customer Support", "Amir Haddad"], ["Partnerships", "Elena Rossi"]]],
      ["旧档案室", ""],
    ],
  ],
];
const CLOSED_DEPT = "旧档案室";

interface Role {
  name: string;
  key: string;
  permission: string[];
  dataScope: string;
  remark: string;
  depts?: string[];
  disabled?: boolean;
}

const ROLES: Role[] = [
  {
    name: "用户管理员",
    key: "user_admin",
    permission: ["system:user:*", "system:dept:list", "system:role:list", "system:role:query"],
    dataScope: "1",
    remark: "Opens accounts, resets passwords and second factors",
  },
  {
    name: "审计员",
    key: "auditor",
    permission: ["monitor:log:*", "monitor:session:list", "system:user:list", "system:role:list"],
    dataScope: "1",
    remark: "只读：登录日志、操作日志与在线会话",
  },
  {
    name: "部门主管",
    key: "dept_lead",
    permission: ["system:user:list", "system:user:query", "system:user:export", "system:dept:list"],
    dataScope: "4",
    remark: "Sees the own department and those below it",
  },
  {
    name: "Service desk",
    key: "service_desk",
    permission: ["system:user:list", "system:user:query", "system:user:reset", "monitor:session:*"],
    dataScope: "2",
    depts: ["London Office", "Customer Support", "Partnerships"],
    remark: "First line for the London office",
  },
  {
    name: "人事专员",
    key: "hr",
    permission: ["system:user:list", "system:user:add", "system:user:alter", "system:user:import", "system:dept:*"],
    dataScope: "1",
    remark: "入职、转岗与离职",
  },
  {
    name: "Developer",
    key: "developer",
    permission: ["system:perm:list", "system:perm:query", "system:menu:list"],
    dataScope: "3",
    remark: "Looks permissions and menus up",
  },
  { name: "员工", key: "staff", permission: ["system:dept:list"], dataScope: "5", remark: "人人都有" },
  {
    name: "Summer interns",
    key: "intern",
    permission: ["system:dept:list"],
    dataScope: "5",
    remark: "Back in June",
    disabled: true,
  },
];

/** `username|name|sex|department|roles`; sex: 0 male, 1 female. */
const PEOPLE = `
shen.jiming|沈既明|0|长安集团|dept_lead
lin.wei|林薇|1|研发中心|dept_lead,developer
zhou.qihang|周启航|0|平台组|developer,staff
xu.ruoxi|许若溪|1|前端组|developer,staff
nadia.rahman|Nadia Rahman|1|质量组|developer,staff
zheng.wenbo|郑文博|0|财务部|dept_lead
feng.yaqin|冯雅琴|1|会计组|staff
han.mei|韩梅|1|审计组|auditor,staff
oliver.grant|Oliver Grant|0|市场部|dept_lead
jiang.yifan|蒋一凡|0|华东区|staff
li.zimo|黎子墨|0|华南区|staff
su.yan|苏妍|1|人力资源部|hr,user_admin
charlotte.webb|Charlotte Webb|1|London Office|dept_lead
amir.haddad|Amir Haddad|0|Customer Support|service_desk
elena.rossi|Elena Rossi|1|Partnerships|staff
wu.gang|吴刚|0|平台组|developer
chen.jing|陈静|1|平台组|developer,staff
tang.bo|唐博|0|平台组|developer
priya.nair|Priya Nair|1|平台组|developer
he.jiayi|何佳怡|1|前端组|developer
ma.tianyu|马天宇|0|前端组|developer
lukas.meyer|Lukas Meyer|0|前端组|developer,staff
qian.duoduo|钱多多|1|质量组|staff
sun.lei|孙磊|0|质量组|staff
zhao.min|赵敏|1|会计组|staff
liu.yang|刘洋|0|会计组|staff
guo.fang|郭芳|1|会计组|staff
deng.kai|邓凯|0|审计组|auditor
hannah.cole|Hannah Cole|1|审计组|auditor
yang.fan|杨帆|0|华东区|staff
cai.lin|蔡琳|1|华东区|staff
peng.hao|彭昊|0|华东区|staff
ye.xin|叶欣|1|华南区|staff
luo.jie|罗杰|0|华南区|staff
gao.yuan|高原|0|华南区|staff
fan.bingqing|范冰清|1|人力资源部|hr
james.okafor|James Okafor|0|人力资源部|hr,staff
sophie.martin|Sophie Martin|1|London Office|staff
thomas.reid|Thomas Reid|0|London Office|staff
grace.lee|Grace Lee|1|Customer Support|service_desk
daniel.novak|Daniel Novak|0|Customer Support|service_desk
mia.fischer|Mia Fischer|1|Customer Support|service_desk,staff
hugo.silva|Hugo Silva|0|Partnerships|staff
isla.murray|Isla Murray|1|Partnerships|staff
bai.xue|白雪|1|研发中心|staff
cui.can|崔灿|0|平台组|intern
du.juan|杜鹃|1|前端组|intern
fu.ziyang|傅子扬|0|质量组|intern
ruan.ling|阮玲|1|市场部|staff
shi.lei|石磊|0|市场部|staff
tao.ran|陶然|0|市场部|staff
wei.lan|魏兰|1|财务部|staff
xiao.chuan|萧川|0|研发中心|developer
yuan.yuan|袁媛|1|人力资源部|staff
zhu.qing|朱青|1|华东区|staff
emil.larsson|Emil Larsson|0|质量组|developer
freya.quinn|Freya Quinn|1|London Office|staff
noah.bennett|Noah Bennett|0|Partnerships|staff
meng.yao|孟瑶|1|长安集团|staff
`;

/** Who has left, or is away. */
const DISABLED = ["cui.can", "du.juan", "fu.ziyang", "gao.yuan", "noah.bennett"];

const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
];

/** Somebody's place in the world, told as a proxy would. */
function client(n: number): Record<string, string> {
  const nets = ["203.0.113", "198.51.100", "192.0.2", "10.20.4"];
  return {
    "x-forwarded-for": `${nets[n % nets.length]}.${10 + ((n * 37) % 200)}`,
    "user-agent": AGENTS[n % AGENTS.length] ?? "",
  };
}

/** Calls the server, and fails unless it answers one of `expected` (or 2xx). */
class Api {
  readonly #url: string;
  #token = "";

  constructor(url: string) {
    this.#url = url;
  }

  /** What `data` holds, or else the whole answer. */
  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    { expected = [], token = this.#token, client: from = client(0) }: Options = {},
  ): Promise<T> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: {
        ...from,
        "accept-language": "en",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (expected.length > 0 ? !expected.includes(answer.status) : !answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    const json = (text ? JSON.parse(text) : {}) as { data?: T };
    return json.data ?? (json as T);
  }

  async signIn(name: string, password: string, from = client(0)): Promise<string> {
    const body = { username: name, password };
    const { token } = await this.call<{ token: string }>("POST", "/auth/login", body, { token: "", client: from });
    return token;
  }

  async become(name: string, password: string): Promise<void> {
    this.#token = await this.signIn(name, password);
  }
}

interface Options {
  expected?: number[];
  token?: string;
  client?: Record<string, string>;
}

/** Fills a server that was started with `SEEDED`. */
export async function fill(server: Server): Promise<Seed> {
  const api = new Api(server.url);
  const seed: Seed = { users: new Map(), roles: new Map(), depts: new Map() };
  await api.become(ADMIN, ADMIN_PASSWORD);
  await departments(api, seed, DEPTS, 0);
  await menus(api);
  await roles(api, seed);
  await people(api, seed);
  await pictures(api, seed);
  await secondFactor(api);
  await signIns(api);
  await changes(api, seed);
  return seed;
}

async function departments(api: Api, seed: Seed, list: Dept[], parentId: number): Promise<void> {
  for (const [index, [deptName, leader, below]] of list.entries()) {
    const { deptId } = await api.call<{ deptId: number }>("POST", "/dept", {
      parentId,
      deptName,
      leader,
      orderNum: index + 1,
      status: deptName === CLOSED_DEPT ? "1" : "0",
    });
    seed.depts.set(deptName, deptId);
    await departments(api, seed, below ?? [], deptId);
  }
}

async function menus(api: Api): Promise<void> {
  const add = async (parentId: number, orderNum: number, menu: object): Promise<number> =>
    (await api.call<{ menuId: number }>("POST", "/menu", { parentId, orderNum, ...menu })).menuId;
  const system = await add(0, 1, { menuName: "系统管理", nameEn: "System", menuType: "dir", path: "/system", icon: "settings" });
  const users = await add(system, 1, {
    menuName: "用户",
    nameEn: "Users",
    menuType: "page",
    path: "/system/user",
    component: "system/user/index",
    icon: "user",
    permission: "system:user:list",
  });
  for (const [index, [menuName, nameEn, permission]] of [
    ["新增用户", "Add user", "system:user:add"],
    ["导出用户", "Export users", "system:user:export"],
    ["重置密码", "Reset password", "system:user:reset"],
  ].entries()) {
    await add(users, index + 1, { menuName, nameEn, menuType: "button", permission });
  }
  const pages = [
    ["角色", "Roles", "/system/role", "system:role:list", "shield"],
    ["部门", "Departments", "/system/dept", "system:dept:list", "building"],
    ["菜单", "Menus", "/system/menu", "system:menu:list", "list"],
  ];
  for (const [index, [menuName, nameEn, path, permission, icon]] of pages.entries()) {
    await add(system, index + 2, { menuName, nameEn, menuType: "page", path, permission, icon });
  }
  const monitor = await add(0, 2, { menuName: "系统监控", nameEn: "Monitoring", menuType: "dir", path: "/monitor", icon: "activity" });
  await add(monitor, 1, { menuName: "在线会话", nameEn: "Sessions", menuType: "page", path: "/monitor/online", permission: "monitor:session:list" });
  await add(monitor, 2, { menuName: "登录日志", nameEn: "Sign-in log", menuType: "page", path: "/monitor/logins", permission: "monitor:log:login" });
  await add(0, 3, { menuName: "帮助文档", nameEn: "Handbook", menuType: "page", path: "https://handbook.example.com", icon: "book", visible: false });
}

async function roles(api: Api, seed: Seed): Promise<void> {
  for (const [index, { name, key, disabled, depts, ...role }] of ROLES.entries()) {
    const { roleId } = await api.call<{ roleId: number }>("POST", "/role", {
      roleName: name,
      roleKey: key,
      roleSort: index + 2,
      status: disabled ? "1" : "0",
      ...role,
      ...(depts ? { deptIds: depts.map((dept) => known(seed.depts, dept)) } : {}),
    });
    seed.roles.set(key, roleId);
  }
}

async function people(api: Api, seed: Seed): Promise<void> {
  for (const [index, line] of PEOPLE.trim().split("\n").entries()) {
    const [username = "", nickname, sex, dept = "", keys = ""] = line.split("|");
    const { id } = await api.call<{ id: number }>("POST", "/user", {
      username,
      nickname,
      sex,
      password: USER_PASSWORD,
      email: `${username}@example.com`,
      phone: `138${String(10_000_000 + index * 137_911).slice(-8)}`,
      deptId: known(seed.depts, dept),
      roleIds: keys.split(",").map((key) => known(seed.roles, key)),
      mustChangePassword: false,
      remark: username === "lin.wei" ? "Joined from the Hangzhou office" : "",
    });
    seed.users.set(username, id);
  }
}

/** Every second one has put a picture up. */
async function pictures(api: Api, seed: Seed): Promise<void> {
  for (const [index, id] of [...seed.users.values()].entries()) {
    if (index % 2 === 1) continue;
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(picture(index))], { type: "image/png" }), `avatar-${index}.png`);
    const { url } = await api.call<{ url: string }>("POST", "/other/upload", form);
    await api.call("PUT", `/user/${id}`, { avatar: url });
  }
}

async function secondFactor(api: Api): Promise<void> {
  const token = await api.signIn(OTP_USER, USER_PASSWORD, client(11));
  const options = { token, client: client(11) };
  const { secret } = await api.call<{ secret: string }>("POST", "/auth/otp/enroll", { password: USER_PASSWORD }, options);
  await api.call("POST", "/auth/otp/confirm", { code: oneTimeCode(secret) }, options);
}

async function signIns(api: Api): Promise<void> {
  const names = PEOPLE.trim()
    .split("\n")
    .map((line) => line.split("|")[0] ?? "")
    .filter((name) => name !== OTP_USER);
  for (const [index, username] of names.entries()) {
    if (index % 3 === 2) continue;
    if (index % 5 === 1) await refused(api, username, "quiet river six", client(index));
    if (DISABLED.includes(username)) continue;
    await api.signIn(username, USER_PASSWORD, client(index));
  }
  for (const name of ["administrator", "test", "oracle"]) await refused(api, name, "123456", client(42));
}

async function refused(api: Api, username: string, password: string, from: Record<string, string>): Promise<void> {
  await api.call("POST", "/auth/login", { username, password }, { token: "", client: from, expected: [400, 401, 403] });
}

/** A day's work of the administrators, and what was refused to others. */
async function changes(api: Api, seed: Seed): Promise<void> {
  const user = (name: string): number => known(seed.users, name);
  const role = (key: string): number => known(seed.roles, key);
  for (const name of DISABLED) await api.call("PUT", `/user/${user(name)}/status`, { status: "1" });

  const han = { token: await api.signIn("han.mei", USER_PASSWORD, client(7)), client: client(7), expected: [403] };
  await api.call("POST", "/role", { roleName: "Mine", roleKey: "mine" }, han);
  await api.call("DELETE", `/user/${user("wu.gang")}`, undefined, han);

  const fan = { token: await api.signIn("fan.bingqing", USER_PASSWORD, client(35)), client: client(35) };
  await api.call("PUT", `/user/${user("yuan.yuan")}`, { nickname: "袁媛媛", deptId: known(seed.depts, "财务部") }, fan);
  await api.call("PUT", `/dept/${known(seed.depts, "华南区")}`, { leader: "罗杰" }, fan);

  await api.call("PUT", `/user/${user("thomas.reid")}/password`, { password: USER_PASSWORD });
  await api.call("POST", `/user/${user("hugo.silva")}/bind`, [role("staff"), role("developer")]);
  await api.call("PUT", `/role/${role("auditor")}`, {
    permission: ["monitor:log:*", "monitor:session:list", "system:user:list", "system:role:list", "system:role:query"],
    remark: "只读：日志、会话、用户与角色",
  });
  await api.call("PUT", `/role/${role("developer")}`, { roleName: "Developers" });
}

function known(ids: Map<string, number>, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`the seed has no ${name}`);
  return id;
}

/** A PNG of 96 by 96: a symmetric pattern of five by five, another for each number. */
function picture(n: number): Buffer {
  const size = 96;
  const hue = (n * 47) % 360;
  const back = colour(hue, 0.35, 0.86);
  const front = colour(hue, 0.45, 0.42);
  const bits = Math.imul(n + 7, 2_654_435_761) >>> 0;
  const lines: Buffer[] = [];
  for (let y = 0; y < size; y += 1) {
    const line = Buffer.alloc(1 + size * 3);
    for (let x = 0; x < size; x += 1) {
      const column = Math.floor((x - 13) / 14);
      const row = Math.floor((y - 13) / 14);
      const inside = column >= 0 && column < 5 && row >= 0 && row < 5;
      const bit = row * 3 + Math.min(column, 4 - column);
      const [r, g, b] = inside && (bits >>> bit) & 1 ? front : back;
      line.set([r, g, b], 1 + x * 3);
    }
    lines.push(line);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(lines))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(8 + body.length);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), 4 + body.length);
  return out;
}

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let i = 0; i < 8; i += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

/** HSL, each of the three from 0 to 255. */
function colour(hue: number, saturation: number, lightness: number): [number, number, number] {
  const part = (n: number): number => {
    const k = (n + hue / 30) % 12;
    const most = saturation * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - most * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}
