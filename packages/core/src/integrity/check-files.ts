/** Which files decide what a check finds: its own program, its scripts, its configuration, that of CI. */
import type { FileChange } from "./read-diff.ts";

const ciPaths: readonly RegExp[] = [
  /^\.github\/(?:workflows|actions)\//,
  /^\.(?:circleci|buildkite|ci|woodpecker|forgejo|gitea)\//,
  /^(?:\.gitlab-ci|\.travis|\.drone|\.?appveyor|\.cirrus|azure-pipelines|bitbucket-pipelines|buildspec|cloudbuild)\.ya?ml$/,
  /^Jenkinsfile$/,
];

/** Configurations of test runners: nobody needs to name these in a check for them to decide. */
const runnerConfigs: readonly RegExp[] = [
  /(?:^|\/)(?:vitest|jest|playwright|cypress|karma|ava|wdio|web-test-runner)\.(?:config|conf|workspace|setup)\.[^/]+$/,
  /(?:^|\/)\.(?:mocharc[^/]*|rspec|c8rc[^/]*|nycrc[^/]*)$/,
  /(?:^|\/)(?:pytest\.ini|tox\.ini|phpunit\.xml[^/]*|conftest\.py)$/,
];

/** Configurations that decide only where the check names their tool. */
const toolConfigs: readonly (readonly [tool: RegExp, config: RegExp])[] = [
  [/\btsc\b|\bvue-tsc\b/, /(?:^|\/)tsconfig[^/]*\.json$/],
  [/\beslint\b/, /(?:^|\/)(?:eslint\.config\.[^/]+|\.eslintrc[^/]*|\.eslintignore)$/],
  [/\bbiome\b/, /(?:^|\/)biome\.jsonc?$/],
  [/\bruff\b/, /(?:^|\/)\.?ruff\.toml$/],
  [/\bmypy\b/, /(?:^|\/)\.?mypy\.ini$/],
  [/\bclippy\b/, /(?:^|\/)\.?clippy\.toml$/],
  [/\bgolangci-lint\b/, /(?:^|\/)\.golangci\.[^/]+$/],
  [/\brubocop\b/, /(?:^|\/)\.rubocop[^/]*$/],
  [/(?:^|[\s;&|(])make\b/, /(?:^|\/)(?:GNUm|m|M)akefile$/],
  [/(?:^|[\s;&|(])just\b/, /(?:^|\/)\.?[jJ]ustfile$/],
];

/** @internal */
export function isCiPath(path: string): boolean {
  return ciPaths.some((pattern) => pattern.test(path));
}

/** Whether a change of this file can change what the command finds, whatever the code does. @internal */
export function decidesCheck(file: FileChange, command: string): boolean {
  const paths = file.oldPath === null ? [file.path] : [file.path, file.oldPath];
  if (paths.some((path) => runnerConfigs.some((config) => config.test(path)))) return true;
  if (toolConfigs.some(([tool, config]) => tool.test(command) && paths.some((path) => config.test(path))))
    return true;
  const programs = programsOf(command);
  if (paths.some((path) => programs.has(path))) return true;
  return paths.some((path) => /(?:^|\/)package\.json$/.test(path)) && changesScript(file, command);
}

const interpreters = /^(?:sh|bash|zsh|dash|node|bun|deno|tsx|ts-node|python[\d.]*|ruby|perl|php|source|\.)$/;
/** Words before a program that leave it the program. */
const prefixes = /^(?:exec|time|nice|env|npx|run|\w+=.*)$/;

/** The files of the work tree that a shell command runs, relative to where it runs. */
function programsOf(command: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const part of command.split(/&&|\|\||[;|&\n()]/)) {
    const words = part
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^["']|["']$/g, ""));
    let at = 0;
    while (at < words.length && prefixes.test(words[at] ?? "")) at++;
    if (interpreters.test(words[at] ?? "")) {
      at++;
      while ((words[at] ?? "").startsWith("-") || words[at] === "run") at++;
    }
    const program = words[at];
    if (program !== undefined && !program.startsWith("/")) found.add(program.replace(/^(?:\.\/)+/, ""));
  }
  return found;
}

/** Whether lines of a package.json change a script that the command runs. */
function changesScript({ added, removed }: FileChange, command: string): boolean {
  const names = [
    ...command.matchAll(/\b(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?(?:--?\S+\s+)*([\w:.-]+)/g),
  ].flatMap(([, name]) => (name === undefined ? [] : [name === "t" || name === "tst" ? "test" : name]));
  const wanted = new Set(names.flatMap((name) => [name, `pre${name}`, `post${name}`]));
  return [...added, ...removed].some((line) => wanted.has(/^\s*"([^"]+)"\s*:/.exec(line)?.[1] ?? ""));
}
