/** One thing that was looked at. @internal */
export interface Finding {
  readonly subject: string;
  /** `note`: works, but somebody should know. */
  readonly state: "good" | "note" | "wrong";
  readonly text: string;
  readonly remedy: string | null;
}

/** @internal */
export function good(subject: string, text: string): Finding {
  return { subject, state: "good", text, remedy: null };
}

/** @internal */
export function note(subject: string, text: string, remedy: string): Finding {
  return { subject, state: "note", text, remedy };
}

/** @internal */
export function wrong(subject: string, text: string, remedy: string): Finding {
  return { subject, state: "wrong", text, remedy };
}
