import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doubtsOf, type FileChange, readDiff } from "../src/integrity/index.ts";

function changed(
  path: string,
  removed: string[],
  added: string[],
  changes: Partial<FileChange> = {},
): FileChange {
  return { path, oldPath: null, status: "changed", added, removed, ...changes };
}

describe("what makes a result doubtful", () => {
  test.each([
    ["src/a.test.ts", "test('a', () => {})", "test.skip('a', () => {})"],
    ["src/a.test.ts", "describe('a', () => {", "describe.only('a', () => {"],
    ["src/a.spec.js", "it('a', () => {", "xit('a', () => {"],
    ["src/a.spec.js", "it('a', () => {", "fit('a', () => {"],
    ["test/a.ts", "test.each([1])('a', () => {", "test.skip.each([1])('a', () => {"],
    ["test/a.js", "t.test('a', function (st) {", "t.test('a', { skip: true }, function (st) {"],
    ["test/a.mjs", "test('a', (t) => {", "test('a', { timeout: 5, todo: 'later' }, (t) => {"],
    ["test/a.mjs", "test('a', (t) => {", "test('a', (t) => {\n  t.skip('later');"],
    ["tests/test_a.py", "def test_a():", "@pytest.mark.skip\ndef test_a():"],
    ["tests/test_a.py", "def test_a():", "@pytest.mark.xfail(reason='later')\ndef test_a():"],
    ["pkg/test_a.py", "    def test_a(self):", "    @unittest.skip('x')\n    def test_a(self):"],
    ["src/lib.rs", "#[test]", "#[test]\n#[ignore]"],
    ["pkg/a_test.go", "func TestA(t *testing.T) {", 'func TestA(t *testing.T) {\n\tt.Skip("later")'],
    ["src/test/java/ATest.java", "@Test", "@Disabled\n@Test"],
    ["spec/a_spec.rb", "it 'works' do", "it 'works' do\n  skip 'later'"],
    ["A.Tests/ATest.cs", "[Fact]", '[Fact(Skip = "later")]'],
    ["tests/ATest.php", "public function testA() {", "public function testA() {\n $this->markTestSkipped();"],
  ])("a skipped test in %s: %s becomes %s", (path, before, after) => {
    expect(doubtsOf([changed(path, before.split("\n"), after.split("\n"))], [])).toContain(
      `a test is skipped, or runs alone: ${path}`,
    );
  });

  test.each([
    ["a.test.ts", "expect(f(1)).toBe(2)", "expect(f(1)).toBeDefined()", "an assertion was weakened"],
    ["a.test.ts", "  expect(f(1)).toBe(2);", "  f(1);", "1 fewer assertions"],
    ["test_a.py", "    assert f(1) == 2", "    assert True", "an assertion was weakened"],
    ["test_a.py", "    self.assertEqual(f(1), 2)", "    pass", "1 fewer assertions"],
    ["tests/a.rs", "    assert_eq!(f(1), 2);", "    assert!(true);", "an assertion was weakened"],
    ["test/a.js", "    st.deepEqual(f(1), [2]);", "    f(1);", "1 fewer assertions"],
    ["test/a.mjs", "  t.assert.equal(f(1), 2);", "  f(1);", "1 fewer assertions"],
    ["test/a.js", "    t.test('a', function (st) {", "    (function (st) {", "1 fewer tests"],
    ["a_test.go", '\t\tt.Errorf("no")', "\t\treturn", "1 fewer assertions"],
    ["a.test.ts", "  it('a', () => {", "  // it('a', () => {", "1 fewer tests"],
    ["test_a.py", "def test_a():", "def helper():", "1 fewer tests"],
    ["x/__snapshots__/a.snap", "exports[`a`] = `1`", "exports[`a`] = `2`", "expected output was rewritten"],
  ])("in %s, %s becomes %s: %s", (path, before, after, doubt) => {
    expect(doubtsOf([changed(path, [before], [after])], [])).toContain(`${doubt}: ${path}`);
  });

  test("tests that were removed, or moved to where no runner finds them", () => {
    const gone = changed("test/a.test.ts", ["test('a')"], [], { status: "removed" });
    const moved = changed("old/a.txt", [], [], { status: "renamed", oldPath: "src/a.test.ts" });

    expect(doubtsOf([gone, moved], [])).toEqual([
      "a test was removed: test/a.test.ts",
      "a test was moved to where it is none: src/a.test.ts is now old/a.txt",
    ]);
  });

  test.each([
    ["sh scripts/check.sh", changed("scripts/check.sh", ["exit 1"], ["exit 0"])],
    ["cd x && ./check", changed("check", ["a"], [])],
    ["node --test-reporter=tap tools/verify.mjs --all", changed("tools/verify.mjs", ["a"], ["b"])],
    ["npm test", changed("package.json", ['    "test": "vitest run",'], ['    "test": "true",'])],
    ["npm run -s lint", changed("package.json", [], ['    "prelint": "rm -r test",'])],
    ["npm test", changed("vitest.config.ts", ["  include: all"], ["  exclude: all"])],
    ["npx tsc -b", changed("packages/a/tsconfig.json", ['"strict": true'], ['"strict": false'])],
    ["make check", changed("Makefile", ["\tpytest"], ["\ttrue"])],
    ["pytest -q", changed("pytest.ini", ["testpaths = tests"], ["testpaths = none"])],
  ])("what the check %s runs was changed", (command, file) => {
    expect(doubtsOf([file], [{ command }])).toEqual([
      `what a check runs was changed: ${file.path}, for ${command}`,
    ]);
  });

  test.each([".github/workflows/ci.yml", ".gitlab-ci.yml", "Jenkinsfile", ".ci/run"])(
    "the configuration of CI was changed: %s",
    (path) => {
      expect(doubtsOf([changed(path, ["a"], ["b"])], [])).toEqual([
        `the configuration of CI was changed: ${path}`,
      ]);
    },
  );

  test.each([
    ["more tests", changed("a.test.ts", [], ["test('b', () => {", "  expect(1).toBe(1);", "});"])],
    ["a test that says more", changed("a.test.ts", ["expect(a).toBeDefined()"], ["expect(a).toBe(1)"])],
    ["a test that was renamed", changed("a.test.ts", ["test('a', () => {"], ["test('b', () => {"])],
    ["a skipped test that moved", changed("a.test.ts", ["test.skip('a')"], ["test.skip('a')"])],
    ["a new test file", changed("b.test.ts", [], ["test('b')"], { status: "added" })],
    ["code that has a word like it", changed("src/a.ts", ["  skip(1);", "expect(1)"], ["  list.skip(2);"])],
    ["a product that a check looks at", changed("docs/graph.md", ["a"], ["b"])],
    ["another script", changed("package.json", ['"build": "a"'], ['"build": "b"'])],
    ["a new workflow", changed(".github/workflows/new.yml", [], ["a"], { status: "added" })],
  ])("%s is none", (_, file) => {
    expect(doubtsOf([file], [{ command: "npm test" }, { command: "test -s docs/graph.md" }])).toEqual([]);
  });

  test("of many only some are named, and the number of the rest", () => {
    const files = Array.from({ length: 50 }, (_, i) =>
      changed(`test/${i}.test.ts`, [], [], { status: "removed" }),
    );

    const doubts = doubtsOf(files, []);

    expect(doubts).toHaveLength(21);
    expect(doubts.at(-1)).toBe("and 30 more of the kind");
  });
});

describe("a diff", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}.ts`);
  const line = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ""));
  const lines = fc.array(line, { maxLength: 5 });
  const anyFile = fc
    .record({ path, added: lines, removed: lines })
    .filter(({ added, removed }) => added.length + removed.length > 0);

  test("is read as it was written, whatever its lines look like", () => {
    fc.assert(
      fc.property(fc.array(anyFile, { maxLength: 4 }), (files) => {
        const text = files.map(({ path: name, added, removed }) =>
          [
            `diff --git a/${name} b/${name}`,
            "index 0000..1111 100644",
            `--- a/${name}`,
            `+++ b/${name}`,
            `@@ -1,${removed.length} +1,${added.length} @@ context`,
            ...removed.map((one) => `-${one}`),
            ...added.map((one) => `+${one}`),
          ].join("\n"),
        );

        expect(readDiff(`${text.join("\n")}\n`)).toEqual(
          files.map((file) => ({ oldPath: null, status: "changed", ...file })),
        );
      }),
    );
  });

  test("of any text is read without an error, and taking tests away is never without a doubt", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readDiff(text)));
    fc.assert(
      fc.property(
        fc.array(fc.record({ path, added: lines, removed: lines }), { maxLength: 4 }),
        path,
        (files, name) => {
          const honest = files.map((file): FileChange => ({ oldPath: null, status: "changed", ...file }));
          const gone = changed(`tests/${name}`, ["x"], [], { status: "removed" });

          expect(doubtsOf([...honest, gone], [])).toContain(`a test was removed: tests/${name}`);
          expect(
            doubtsOf(
              honest.filter(({ path: one }) => !/test|spec|e2e/.test(one)),
              [],
            ),
          ).toEqual([]);
        },
      ),
    );
  });

  test("names files that were added, removed, renamed, or are binary", () => {
    const text = `diff --git a/new.ts b/new.ts
new file mode 100644
--- /dev/null
+++ b/new.ts
@@ -0,0 +1 @@
+++ x
\\ No newline at end of file
diff --git a/old.ts b/old.ts
deleted file mode 100644
--- a/old.ts
+++ /dev/null
@@ -1,2 +0,0 @@
--- a
-b
diff --git a/from me.ts b/to me.ts
similarity index 100%
rename from from me.ts
rename to to me.ts
diff --git "a/t\\303\\244.bin" "b/t\\303\\244.bin"
Binary files differ
`;

    expect(readDiff(text).map(({ path: name, oldPath, status }) => [name, oldPath, status])).toMatchObject([
      ["new.ts", null, "added"],
      ["old.ts", null, "removed"],
      ["to me.ts", "from me.ts", "renamed"],
      [expect.stringMatching(/^t.*\.bin$/), null, "changed"],
    ]);
    expect(readDiff(text)[0]?.added).toEqual(["++ x"]);
    expect(readDiff(text)[1]?.removed).toEqual(["-- a", "b"]);
  });
});
