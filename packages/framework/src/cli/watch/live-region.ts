/** Lines at the bottom of a terminal that are drawn again and again, with text that scrolls away above them. */
import { cursor, erase } from "sisteransi";
import type { Output } from "../io.ts";
import { sizeOf } from "../text/table.ts";
import { widthOf } from "../text/text.ts";

/** @internal */
export interface LiveRegion {
  /** Draws the lines in place of those drawn before; `above` scrolls away over them. */
  draw(lines: readonly string[], above?: readonly string[]): void;
  /** Removes the region and shows the cursor again. */
  close(): void;
}

// Terminals that know it show the whole frame at once; others pass over it.
const beginFrame = "\u001b[?2026h";
const endFrame = "\u001b[?2026l";

/** @internal */
export function liveRegion(output: Output): LiveRegion {
  let drawn: readonly string[] = [];
  let last = "";
  output.write(cursor.hide);
  return {
    draw: (lines, above = []) => {
      const text = lines.join("\n");
      if (above.length === 0 && text === last) return;
      // Line by line over what stands there: erasing it all first would flicker.
      const body = [...above, ...lines].map((line) => `${line}${erase.lineEnd}\n`).join("");
      output.write(`${beginFrame}${upOver(drawn, sizeOf(output).columns)}${body}${erase.down()}${endFrame}`);
      drawn = lines;
      last = text;
    },
    close: () => {
      output.write(`${upOver(drawn, sizeOf(output).columns)}${erase.down()}${cursor.show}`);
      drawn = [];
      last = "";
    },
  };
}

/** To the first row of lines drawn before; a terminal that got narrower has broken some in two. */
function upOver(lines: readonly string[], columns: number): string {
  let rows = 0;
  for (const line of lines) rows += Math.max(1, Math.ceil(widthOf(line) / columns));
  return rows === 0 ? "" : `${cursor.up(rows)}${cursor.left}`;
}
