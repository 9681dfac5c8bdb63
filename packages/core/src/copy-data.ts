/** A deep copy of plain data. Not by assignment: a key called `__proto__` must stay a key. @internal */
export function copyData<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyData) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyData(part)])) as T;
}
