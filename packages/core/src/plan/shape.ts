/**
 * The shapes that plans and configurations are made of, as data. The reader
 * (`read-shape.ts`) and the JSON Schema (`schema-of.ts`) are two readings of
 * the same table, so that they cannot disagree.
 */

/** What is wrong with a text that its pattern could not say. @public */
export interface Refused {
  readonly message: string;
  readonly hint: string;
}

/** A text that must match a pattern. @public */
export interface TextShape {
  readonly kind: "text";
  /** Source of a regular expression with the flag `u`. */
  readonly pattern: string;
  /** What the pattern asks for, after "must be". */
  readonly says: string;
  readonly refuse?: (text: string) => Refused | undefined;
}

/** An object that has known keys only; unknown ones are refused. @public */
export interface ObjectShape {
  readonly kind: "object";
  readonly fields: readonly Field[];
  /** The key that a plain text in place of the object stands for. */
  readonly shorthand?: string;
  /** Keys that people look for here, and what to do instead. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  readonly variants?: Variants;
}

/** Keys that may stand, or not, by what another key says. @public */
export interface Variants {
  /** The key that decides. */
  readonly by: string;
  /** What each of its values takes; a key that stands in none of the lists may always stand. */
  readonly takes: Readonly<Record<string, readonly string[]>>;
  /** What may stand when the key is left out. */
  readonly otherwise: readonly string[];
  /** What to do instead. */
  readonly remedy: (value: string | null, key: string) => string;
}

/** What a value in a plan or configuration must look like. @public */
export type Shape =
  | TextShape
  | ObjectShape
  | { readonly kind: "duration" }
  | { readonly kind: "integer"; readonly least: number }
  /** US dollars, more than 0. */
  | { readonly kind: "dollars" }
  | { readonly kind: "amount" }
  | { readonly kind: "scalar" }
  | { readonly kind: "boolean" }
  | { readonly kind: "constant"; readonly value: number }
  | {
      readonly kind: "choice";
      readonly values: readonly string[];
      /** Values that are known and still not accepted, with the reason. */
      readonly refused?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "list"; readonly of: Shape; readonly least: number }
  | { readonly kind: "schema" }
  | { readonly kind: "map"; readonly keys: TextShape; readonly of: Shape };

/** One key of an object. @public */
export interface Field {
  /** As it is written in the file. */
  readonly key: string;
  /** As it is called in the program; `null` when nothing there needs it. */
  readonly name: string | null;
  readonly shape: Shape;
  readonly required: boolean;
  /** One sentence for those who write the file. */
  readonly doc: string;
}

/** The largest integer a file may hold: far above any use, far below where arithmetic gets inexact. @internal */
export const largestInteger = 1_000_000;

/** The keys that do not belong to a variant. @internal */
export function strangersTo({ takes, otherwise }: Variants, value: string | null): string[] {
  const taken = new Set(value === null ? otherwise : takes[value]);
  return [...new Set([...Object.values(takes), otherwise].flat())].filter((key) => !taken.has(key));
}

/** Text with something to read in it. @internal */
export const words: TextShape = {
  kind: "text",
  pattern: "^(?=\\s*\\S)[^\\u0000]*$",
  says: "text that is not empty",
};

/** Any text that an environment can hold. @internal */
export const anyText: TextShape = { kind: "text", pattern: "^[^\\u0000]*$", says: "text" };

/** Ids of tasks and agents: also good names of files. @internal */
export const idText: TextShape = {
  kind: "text",
  pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
  says: "1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit",
};

/** @internal */
export const environment: Shape = {
  kind: "map",
  keys: {
    kind: "text",
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
    says: "letters, digits and `_`, the first not a digit",
  },
  of: anyText,
};

/** A list that may be empty. @internal */
export function listOf(of: Shape): Shape {
  return { kind: "list", of, least: 0 };
}

/** A key that may be left out. @internal */
export function optional(key: string, name: string | null, shape: Shape, doc: string): Field {
  return { key, name, shape, required: false, doc };
}

/** A key that must stand. @internal */
export function required(key: string, name: string | null, shape: Shape, doc: string): Field {
  return { key, name, shape, required: true, doc };
}
