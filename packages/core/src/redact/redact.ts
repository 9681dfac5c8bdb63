/** Finding and hiding secrets in texts. Pure, and in time that grows with the text and no faster. */
import { privateKeyBegin, privateKeyEnd, privateKeyLines, shapes } from "./secret-shapes.ts";

/** Where a secret stands in a text: from its first character to the one after its last. @public */
export type Span = readonly [from: number, to: number];

/** Finds secrets in a text, in order and none within another. @public */
export type FindSecrets = (text: string) => Span[];

/** Hides secrets in a text; its length and its line breaks stay, and so does all else of it. @public */
export type Redact = (text: string) => string;

/** The longest secret that is found as a whole. @public */
export const longestSecret: number = 16 * 1024;

/** Nothing shorter is a secret. */
const shortestSecret = 8;

const label = "[redacted]";

/**
 * Makes what finds secrets: those of a known shape (keys of model providers, tokens of code hosts, private keys, ...)
 * and the given values, wherever they stand as they are or as JSON writes them.
 *
 * @param values - secrets of no shape, such as {@link secretValues} of an environment; those of less than 8 characters
 *   are passed over
 * @public
 */
export function secretFinder(values: readonly string[] = []): FindSecrets {
  const forms = formsOf(values);
  const known = forms.length === 0 ? null : new RegExp(forms.map(literally).join("|"), "g");
  const shaped = new RegExp(shapes, "g");
  return (text) => {
    if (text.length < shortestSecret) return [];
    const spans = [...spansOf(shaped, text), ...(known === null ? [] : spansOf(known, text))];
    if (text.includes("PRIVATE KEY-----") || text.includes("PRIVATE KEY BLOCK-----"))
      spans.push(...privateKeys(text));
    return merged(spans);
  };
}

/** Makes what hides all that {@link secretFinder} finds. @public */
export function redactor(values: readonly string[] = []): Redact {
  const find = secretFinder(values);
  return (text) => hideSpans(text, find(text));
}

/** The text with what stands in the spans hidden. @public */
export function hideSpans(text: string, spans: readonly Span[]): string {
  let hidden = "";
  let done = 0;
  for (const [from, to] of spans) {
    hidden += text.slice(done, from) + mask(text.slice(from, to));
    done = to;
  }
  return done === 0 ? text : hidden + text.slice(done);
}

/** As it is and as JSON writes it; the longest first, for one value may be the beginning of another. */
function formsOf(values: readonly string[]): string[] {
  const forms = values
    .filter((value) => value.length >= shortestSecret)
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function spansOf(pattern: RegExp, text: string): Span[] {
  return Array.from(text.matchAll(pattern), (found) => [found.index, found.index + found[0].length] as const);
}

function privateKeys(text: string): Span[] {
  const spans: Span[] = [];
  for (const { index, 0: line } of text.matchAll(privateKeyBegin)) {
    const end = endOfKey(text, index + line.length);
    if (end !== null) spans.push([index, end]);
  }
  return spans;
}

/** Where a key that has begun is over; `null` when what follows is none, as where somebody only writes about keys. */
function endOfKey(text: string, from: number): number | null {
  const dashes = text.indexOf("-----", from);
  if (dashes !== -1 && dashes - from <= longestSecret) {
    privateKeyEnd.lastIndex = dashes;
    if (privateKeyEnd.test(text)) {
      const isKey = /[A-Za-z0-9+/=]{24}/.test(text.slice(from, dashes));
      return isKey ? privateKeyEnd.lastIndex : null;
    }
  }
  privateKeyLines.lastIndex = from;
  return privateKeyLines.test(text) ? privateKeyLines.lastIndex : null;
}

function merged(spans: Span[]): Span[] {
  spans.sort(([a], [b]) => a - b);
  const apart: Span[] = [];
  for (const [from, to] of spans) {
    const last = apart.at(-1);
    if (last === undefined || from >= last[1]) apart.push([from, to]);
    else if (to > last[1]) apart[apart.length - 1] = [last[0], to];
  }
  return apart;
}

/** As long as the secret, with its line breaks, so that positions and lines stay what they were. */
function mask(secret: string): string {
  const stars = secret.replace(/[^\r\n]/g, "*");
  const fits = stars.length >= label.length && !/[\r\n]/.test(stars.slice(0, label.length));
  return fits ? label + stars.slice(label.length) : stars;
}
