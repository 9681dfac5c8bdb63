/** What a child process gets to see of our environment: a short list, never all of it. */

/** Names of variables every child gets. */
const passed: ReadonlySet<string> = new Set([
  ...["PATH", "HOME", "LANG", "LANGUAGE", "TERM", "TMPDIR", "USER", "SHELL", "TZ"],
  ...[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
  ],
]);

/** The variable by which every process of an attempt is recognised. @internal */
export const markVariable = "MAI_MARK";

/**
 * The marks of the attempts that this attempt is itself part of, when an agent
 * starts an engine of its own: ending the outer attempt must end the inner one.
 *
 * @internal
 */
export const outerMarksVariable = "MAI_OUTER_MARKS";

/** @internal */
export interface EnvironmentOptions {
  /** Whose variables are passed on. */
  readonly source: Readonly<Record<string, string | undefined>>;
  /** Names beginning like this are passed on too, such as `ANTHROPIC_`. */
  readonly prefixes?: readonly string[];
  /** Names that are kept back although a prefix covers them. */
  readonly withheld?: ReadonlySet<string>;
  /** Set on top, as given. */
  readonly added?: Readonly<Record<string, string>>;
  /** What the mark itself is part of, beside the attempts around it. */
  readonly outerMark?: string;
  readonly mark: string;
}

/** The whole environment of a child process. @internal */
export function childEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { source, prefixes = [], withheld, added = {}, mark } = options;
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined || withheld?.has(name)) continue;
    const wanted =
      passed.has(name) || name.startsWith("LC_") || prefixes.some((prefix) => name.startsWith(prefix));
    if (wanted) environment[name] = value;
  }
  const outer = [source[outerMarksVariable], source[markVariable], options.outerMark].filter(
    (value) => value !== undefined,
  );
  if (outer.length > 0) environment[outerMarksVariable] = outer.join("\n");
  return { ...environment, ...added, [markVariable]: mark };
}
