/** Blanks out what is not code, so that rules can look for words without being fooled by comments and strings. */

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const string = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
/** From a backtick, or the brace that ends a hole, to the next hole or the end of the template. */
const templatePart = /[`}](?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;
/** After these a slash starts a regular expression; after anything else it divides. */
const beforeExpression = /(?:^|[=(,:;!&|?{}[>\n]|\breturn)\s*$/;

/** The same text, as long as before, with spaces for what is named. What stands in `${}` is code and stays. */
export function blank(text: string, what: "comments" | "comments and strings"): string {
  let out = "";
  /** For every template hole that `at` stands in: how many braces are open within it. */
  const holes: number[] = [];
  const take = (pattern: RegExp, blanked: boolean): boolean => {
    pattern.lastIndex = out.length;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) return false;
    out += blanked ? found.replace(/[^\n]/g, " ") : found;
    if (pattern === templatePart && found.endsWith("${")) holes.push(0);
    return true;
  };
  const strings = what === "comments and strings";
  while (out.length < text.length) {
    const character = text[out.length] ?? "";
    const depth = holes.at(-1);
    if (character === "/" && take(comment, true)) continue;
    if ((character === '"' || character === "'") && take(string, strings)) continue;
    if (character === "`" && take(templatePart, strings)) continue;
    if (character === "/" && beforeExpression.test(out.slice(-40)) && take(regularExpression, strings))
      continue;
    if (character === "}" && depth === 0) {
      holes.pop();
      if (take(templatePart, strings)) continue;
    }
    if (depth !== undefined && character === "{") holes.push((holes.pop() ?? 0) + 1);
    if (depth !== undefined && character === "}" && depth > 0) holes.push((holes.pop() ?? 1) - 1);
    out += character;
  }
  return out;
}
