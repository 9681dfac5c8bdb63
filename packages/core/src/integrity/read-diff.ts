/** From the text of a git diff to what changed in each file. */

/** What changed in one file. @public */
export interface FileChange {
  /** As it is called after the change; before it where it was removed. */
  readonly path: string;
  /** As it was called before, where that is another name; else `null`. */
  readonly oldPath: string | null;
  readonly status: "added" | "changed" | "removed" | "renamed";
  /** Lines that are there now, in order, without the sign. */
  readonly added: readonly string[];
  /** Lines that were there before. */
  readonly removed: readonly string[];
}

interface Draft {
  path: string;
  oldPath: string | null;
  status: FileChange["status"];
  readonly added: string[];
  readonly removed: string[];
}

/**
 * Reads what `git diff` prints with the prefixes `a/` and `b/`. Total: what is
 * no diff gives nothing.
 *
 * @public
 */
export function readDiff(text: string): readonly FileChange[] {
  const files: Draft[] = [];
  let file: Draft | null = null;
  /** Lines of the hunk that are still to come: only there do signs mean lines. */
  let [oldLeft, newLeft] = [0, 0];
  for (const line of text.split("\n")) {
    if (file !== null && (oldLeft > 0 || newLeft > 0)) {
      const sign = line[0];
      if (sign === "-" && oldLeft > 0) {
        file.removed.push(line.slice(1));
        oldLeft--;
        continue;
      }
      if (sign === "+" && newLeft > 0) {
        file.added.push(line.slice(1));
        newLeft--;
        continue;
      }
      if (sign === " " && oldLeft > 0 && newLeft > 0) {
        oldLeft--;
        newLeft--;
        continue;
      }
      if (sign === "\\") continue;
      [oldLeft, newLeft] = [0, 0];
    }
    if (line.startsWith("diff --git ")) {
      file = { path: pathOfHeader(line), oldPath: null, status: "changed", added: [], removed: [] };
      files.push(file);
    } else if (file !== null) {
      const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
      if (hunk !== null) [oldLeft, newLeft] = [Number(hunk[1] ?? 1), Number(hunk[2] ?? 1)];
      else readHeader(file, line);
    }
  }
  return files;
}

function readHeader(file: Draft, line: string): void {
  if (line.startsWith("new file mode")) file.status = "added";
  else if (line.startsWith("deleted file mode")) file.status = "removed";
  else if (line.startsWith("rename from ")) {
    file.status = "renamed";
    file.oldPath = unquoted(line.slice("rename from ".length));
  } else if (line.startsWith("rename to ")) file.path = unquoted(line.slice("rename to ".length));
  else if (line.startsWith("+++ b/") || line.startsWith('+++ "b/')) file.path = withoutPrefix(line.slice(4));
}

/** Both names are the same here, unless a `rename` line says otherwise. */
function pathOfHeader(line: string): string {
  const names = line.slice("diff --git ".length);
  const quoted = /^("(?:[^"\\]|\\.)*") /.exec(names)?.[1];
  if (quoted !== undefined) return withoutPrefix(quoted);
  // `a/PATH b/PATH`: the two are of one length.
  return names.slice(2, (names.length - 1) / 2);
}

function withoutPrefix(name: string): string {
  return unquoted(name.replace(/\t$/, "")).slice(2);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" };

function unquoted(name: string): string {
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  return name
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    );
}
