/**
 * States what the code around it relies on. A failure is a bug of this library
 * (or a damaged store), never bad input: nothing catches it.
 *
 * @internal
 */
export function invariant(condition: boolean, reliedOn: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${reliedOn}`);
}
