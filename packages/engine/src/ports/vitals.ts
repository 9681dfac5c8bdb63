/** How the engine looks at an attempt that says nothing. */

/** What an attempt did since it was last looked at; `null` where nobody can tell. @public */
export interface Pulse {
  /** Its processes used CPU, read or wrote more than one that only waits. */
  readonly busy: boolean | null;
  /** Something in its workspace changed. */
  readonly changed: boolean | null;
}

/** Looks at one attempt, again and again. The first look has nothing to compare with, and tells nothing. @public */
export interface Watch {
  /** @param workspace - absolute; `null` where others work too, whose changes would say nothing of this attempt */
  look(workspace: string | null): Promise<Pulse>;
}

/** The signs of life that an attempt gives without saying anything. @public */
export interface Vitals {
  /** @param mark - that of the attempt's processes */
  watch(mark: string): Watch;
}
