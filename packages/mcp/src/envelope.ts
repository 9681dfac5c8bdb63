/** The one form in which every tool answers: `ok` and the answer's own fields, or `ok: false` and an error that says what to do. */
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** What went wrong, for a program and its reader. @internal */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** The shape of an answer that went well: `fields` and `ok`. @internal */
export function envelopeOf<Shape extends z.ZodRawShape>(
  fields: Shape,
): Shape & { readonly ok: z.ZodLiteral<true> } {
  return { ok: z.literal(true), ...fields };
}

/** @internal */
export function answered(fields: Readonly<Record<string, unknown>>): CallToolResult {
  return told({ ok: true, ...fields }, false);
}

/** Errors are values: a caller's mistake never breaks the connection. @internal */
export function refused(error: unknown): CallToolResult {
  return told({ ok: false, error: failureOf(error) }, true);
}

/** @internal */
export function failureOf(error: unknown): Failure {
  const { code, message, hint } = (
    typeof error === "object" && error !== null ? error : {}
  ) as Partial<Failure>;
  return {
    code: typeof code === "string" ? code : "internal",
    message: typeof message === "string" ? message : String(error),
    hint: typeof hint === "string" ? hint : null,
  };
}

/** Clients that know no structured content read the same as text. */
function told(content: Record<string, unknown>, isError: boolean): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(content) }],
    structuredContent: content,
    ...(isError && { isError }),
  };
}
