/** What secrets look like whose issuers gave them a shape of their own. */

/**
 * Where a secret may begin: not in the middle of a word. An escape of JSON, of a URL or of a terminal ends in a letter
 * or digit, and is none.
 */
const start = String.raw`(?<![A-Za-z0-9_-])|(?<=\\[nrtbf]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}|\[[0-9;]{1,12}m)`;

/** Prefixes that name their issuer, and what follows them. */
const tokens: readonly string[] = [
  "sk-ant-[A-Za-z0-9_-]{16,}",
  "(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}",
  "gh[pousr]_[A-Za-z0-9]{30,}",
  "github_pat_[A-Za-z0-9_]{22,}",
  "gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_.-]{20,}",
  "(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])",
  "AIza[A-Za-z0-9_-]{35,}",
  String.raw`ya29\.[A-Za-z0-9_-]{20,}`,
  "GOCSPX-[A-Za-z0-9_-]{20,}",
  "xox[abceoprs]-(?=[A-Za-z-]{0,40}[0-9])[A-Za-z0-9-]{10,}",
  "xapp-[0-9]-[A-Za-z0-9-]{10,}",
  "npm_[A-Za-z0-9]{36,}",
  "pypi-[A-Za-z0-9_-]{50,}",
  "hf_[A-Za-z0-9]{30,}",
  String.raw`SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`,
  "dckr_pat_[A-Za-z0-9_-]{20,}",
  "do[opr]_v1_[a-f0-9]{64,}",
  "xai-[A-Za-z0-9]{40,}",
  "gsk_[A-Za-z0-9]{40,}",
  // A JSON web token: two parts that begin as base64 of `{"`, and a signature.
  String.raw`eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}`,
];

/** `sk-` is a common beginning of names: what follows must have a run of letters and digits that no name has. */
const openAi = "sk-(?:[A-Za-z0-9]{1,12}[_-]){0,3}(?=[A-Za-z0-9]{0,40}[0-9])[A-Za-z0-9]{16}[A-Za-z0-9_-]*";

/** What is a secret for where it stands, and not for its shape. */
const inContext: readonly string[] = [
  String.raw`(?<=https:\/\/hooks\.slack\.com\/services\/)[A-Z0-9]+\/[A-Z0-9]+\/[A-Za-z0-9]{16,}`,
  String.raw`(?<=\b(?:[Bb]earer|[Bb]asic) )(?=[A-Za-z_.~+/=-]{0,60}[0-9])[A-Za-z0-9_.~+/-]{20,}={0,2}`,
  // The password of a URL, unless it is the name of a variable.
  String.raw`(?<=:\/\/[^\s/:@"'\\]{0,64}:)(?![$<{%])[^\s/:@"'\\]{3,256}(?=@)`,
  `(?<=aws_secret_access_key["']{0,2} ?[=:] ?["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])`,
];

/** Finds secrets by their shape; private keys are found by `privateKeyBegin`. @internal */
export const shapes: string = [`(?:${start})(?:${[...tokens, openAi].join("|")})`, ...inContext].join("|");

/** The line that opens a private key. @internal */
export const privateKeyBegin: RegExp = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;

/** The line that closes one. @internal */
export const privateKeyEnd: RegExp = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;

/** Lines of a private key that has no end, as in a text that was cut. @internal */
export const privateKeyLines: RegExp =
  /(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{24,})+(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]+$)?/y;
