/**
 * The release binary as a fixture: each test that asks for `server` gets one of
 * its own, on a free port, with a SQLite database in a fresh folder.
 *
 *     import { expect, test } from "../support/server.ts";
 *
 *     test.use({ serverOptions: { args: ["--dev", "--set", "dev.captcha_answer=7kqm"] } });
 *
 *     test("…", async ({ page, server }) => {
 *       await page.goto("/admin"); // relative to server.url
 *     });
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test as base } from "@playwright/test";
import { spoken, type Words } from "./words.ts";

export { expect } from "@playwright/test";

/** How to start the server, beyond its address and its database. */
export interface ServerOptions {
  /** Arguments after `serve`. */
  args?: string[];
  /** Environment variables; `undefined` takes one away. */
  env?: Record<string, string | undefined>;
}

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 60_000;

function binary(): string {
  const path = process.env.MENSHEN_BIN
    ? resolve(process.env.MENSHEN_BIN)
    : resolve(import.meta.dirname, "../../target/release/menshen");
  if (!existsSync(path)) throw new Error(`There is no ${path}: run \`make build\`.`);
  return path;
}

export class Server {
  readonly #folder: string;
  readonly #options: ServerOptions;
  #url = "";
  #process: ChildProcess | undefined;
  #stdout = "";
  #stderr = "";

  private constructor(folder: string, options: ServerOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), "menshen-end2end-"));
    const server = new Server(folder, options);
    try {
      await server.#launch();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** Where it is, without a slash at the end. */
  get url(): string {
    return this.#url;
  }

  /** All that the server has printed. */
  stdout(): string {
    return this.#stdout;
  }

  stderr(): string {
    return this.#stderr;
  }

  /** Stops the server, deletes its folder, and fails if it did not stop in good order. */
  async dispose(): Promise<void> {
    try {
      await this.#stop();
    } finally {
      await rm(this.#folder, { recursive: true, force: true });
    }
  }

  async #launch(): Promise<void> {
    // A developer's own MENSHEN_… settings are not the test's.
    const env: NodeJS.ProcessEnv = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("MENSHEN_")),
    );
    for (const [name, value] of Object.entries(this.#options.env ?? {})) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }

    const child = spawn(
      binary(),
      [
        "serve",
        "--listen",
        // A free port: it says which.
        "127.0.0.1:0",
        "--database",
        `sqlite://${join(this.#folder, "menshen.db")}`,
        ...(this.#options.args ?? []),
      ],
      { cwd: this.#folder, env, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#process = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    let failure: Error | undefined;
    child.once("error", (error) => (failure = error));

    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (!isRunning(child)) {
        this.#process = undefined;
        throw failure ?? new Error(this.#report("the server ended before it was ready"));
      }
      if (await this.#isReady()) return;
      if (Date.now() > deadline) {
        throw new Error(this.#report(`the server was not ready after ${READY_WITHIN_MS} ms`));
      }
      await sleep(25);
    }
  }

  /** Whether it has told its address, in the line that it ends its start with, and answers there. */
  async #isReady(): Promise<boolean> {
    this.#url = /^Menshen is at (http:\/\/[\d.:]+)\/admin: .*\n/m.exec(this.#stdout)?.[1] ?? "";
    if (this.#url === "") return false;
    try {
      const { status } = await fetch(`${this.#url}/health/ready`, { signal: AbortSignal.timeout(10_000) });
      return status === 200;
    } catch {
      return false;
    }
  }

  async #stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    if (!isRunning(child)) throw new Error(this.#report("the server ended by itself"));

    const ended = new Promise<void>((done) => child.once("close", () => done()));
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
    await ended;
    clearTimeout(killer);
    if (child.exitCode !== 0) {
      throw new Error(
        this.#report(`the server did not stop in good order (${child.exitCode ?? child.signalCode})`),
      );
    }
  }

  #report(what: string): string {
    return `${what}\n--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`;
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

interface Fixtures {
  serverOptions: ServerOptions;
  server: Server;
  /** What the admin UI says, in the language of the test. */
  w: Words;
}

export const test = base.extend<Fixtures>({
  serverOptions: [{}, { option: true }],
  ...spoken,

  server: async ({ serverOptions }, use, testInfo) => {
    const server = await Server.start(serverOptions);
    try {
      await use(server);
    } finally {
      try {
        await server.dispose();
      } finally {
        if (testInfo.status !== testInfo.expectedStatus) {
          await testInfo.attach("server stdout", { body: server.stdout() });
          await testInfo.attach("server stderr", { body: server.stderr() });
        }
      }
    }
  },

  // `page.goto("/admin")` and `request.get("/health/ready")` mean the test's own server.
  baseURL: async ({ server }, use) => {
    await use(server.url);
  },
});
