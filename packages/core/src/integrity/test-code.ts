/** How tests look in the languages that agents write: which files they are in, and what switches them off. */

const testPaths: readonly RegExp[] = [
  /(?:^|\/)(?:__tests__|__snapshots__|tests?|specs?|e2e|testdata)\//i,
  /\.(?:test|spec|e2e|cy)\.[cm]?[jt]sx?$/,
  /(?:^|\/)test_[^/]*\.py$/,
  /(?:^|\/)conftest\.py$/,
  /_(?:test|spec)\.(?:py|go|rb|exs?|dart|cc|cpp|c|rs)$/,
  /(?:Test|Tests|Spec|IT)\.(?:java|kt|scala|groovy|cs|swift|php)$/,
  /\.snap$/,
];

/** What makes a test runner pass over a test, or over all others. */
const skips: readonly RegExp[] = [
  // JavaScript, TypeScript
  /\b(?:it|test|describe|suite|context|specify|bench)(?:\.\w+)*\.(?:skip|skipIf|runIf|only|todo|fixme|fails|failing)\b/,
  /(?<![\w.$])(?:x|f)(?:it|describe|test|specify|context)\s*\(/,
  // node:test, tape, tap: among the options of a test, or as a call on its context
  /\b(?:it|test|describe|suite)\s*\(.*[{,]\s*["']?(?:skip|todo|only)["']?\s*:\s*(?!false\b)/,
  /(?<![\w.$])s?t\d?\.(?:skip|todo)\s*\(/,
  // Python
  /@pytest\.mark\.(?:skip|skipif|xfail)\b/,
  /\bpytest\.(?:skip|xfail|importorskip)\s*\(/,
  /@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b/,
  /\bself\.skipTest\s*\(|\braise\s+(?:unittest\.)?SkipTest\b/,
  // Rust, Go, C++
  /#\[\s*ignore\b|#\[\s*cfg_attr\s*\([^\]]*\bignore\b/,
  /\bt\.Skip(?:f|Now)?\s*\(/,
  /\bGTEST_SKIP\s*\(|\bTEST(?:_[FP])?\s*\([^)]*\bDISABLED_/,
  // Java, Kotlin, C#, Swift, PHP, Ruby, Elixir
  /@(?:Ignore|Disabled)\b|\[(?:Ignore|Fact\s*\(\s*Skip|Theory\s*\(\s*Skip)\b/,
  /\bXCTSkip\b|\bmarkTest(?:Skipped|Incomplete)\s*\(|@tag\s+:skip\b/,
  /^\s*(?:skip|pending)(?:\s*$|\s+["'(]|\()/,
];

const cases: RegExp =
  /(?<![\w.$])(?:s?t\d?\.)?(?:it|test|specify)(?:\.\w+)*\s*[(`]|^\s*(?:async\s+)?def\s+test|#\[(?:\w+::)?test\b|^\s*func\s+(?:\([^)]*\)\s*)?Test|@(?:Parameterized)?Test\b|\[(?:Fact|Theory|Test|TestMethod)\b|\bTEST(?:_[FP])?\s*\(|^\s*it\s+["']/;

const assertions: RegExp =
  /(?<![\w$])(?:expect(?:TypeOf)?\s*[(.]|assert\w*[!(. ]|t\.(?:Error|Fatal|Fail)\w*\(|require\.\w+\(|s?t\d?\.(?:assert\.\w+|(?:deep|loose|strict|not)\w*|same|equals?|is|ok|fail|error|ifError|throws|doesNotThrow|match|doesNotMatch|rejects|resolves\w*)\(|XCTAssert\w*\(|(?:EXPECT|ASSERT)_\w+\(|Assert\.\w+)|\.should\b|\bself\.assert\w+\(|\$this->assert/;

/** Assertions that hold of almost anything. */
const weak: RegExp =
  /\.toBe(?:Defined|Truthy)\(\)|\.not\.toBe(?:Undefined|Null)\(\)|expect\((?:true|1)\)|\.anything\(|assert\w*!?\(?\s*(?:true|True|1)\s*[,)]|^\s*assert\s+(?:True|1)\s*$|assert(?:NotNull|IsNotNone|_not_nil)\b|\.ok\(true\)/;

/** @internal */
export function isTestPath(path: string): boolean {
  return testPaths.some((pattern) => pattern.test(path));
}

/** Whether a file may hold tests beside what they test. @internal */
export function mayHoldTests(path: string): boolean {
  return isTestPath(path) || /\.rs$/.test(path);
}

/** How often lines do what. @internal */
export interface TestLines {
  readonly skips: number;
  readonly cases: number;
  readonly strict: number;
  readonly weak: number;
}

/** @internal */
export function countTestLines(lines: readonly string[]): TestLines {
  const code = lines.filter((line) => !/^\s*(?:\/\/|\/?\*|#(?!\[)|--)/.test(line));
  const asserting = code.filter((line) => assertions.test(line));
  const weakOnes = asserting.filter((line) => weak.test(line)).length;
  return {
    skips: code.filter((line) => skips.some((pattern) => pattern.test(line))).length,
    cases: code.filter((line) => cases.test(line)).length,
    strict: asserting.length - weakOnes,
    weak: weakOnes,
  };
}
