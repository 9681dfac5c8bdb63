/** Looking into values of unknown shape. Whatever stands where something else was expected counts as absent. */

/** @internal */
export type Values = Readonly<Record<string, unknown>>;

/** @internal */
export function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @internal */
export function valuesAt(values: Values, key: string): Values | undefined {
  const value = values[key];
  return isValues(value) ? value : undefined;
}

/** @internal */
export function textAt(values: Values | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = values?.[key];
    if (typeof value === "string") return value;
  }
  return undefined;
}

/** An identifier, which some writers give as a number. @internal */
export function idAt(values: Values | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = values?.[key];
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

/** @internal */
export function listAt(values: Values | undefined, key: string): readonly unknown[] {
  const value = values?.[key];
  return Array.isArray(value) ? value : [];
}
