import type { FullConfig, FullResult, Reporter, Suite, TestCase } from "@playwright/test/reporter";

/** Ends the run with one plain line: `12 passed, 0 failed`. */
export default class ClosingLine implements Reporter {
  #tests: TestCase[] = [];
  #errors = 0;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#tests = suite.allTests();
  }

  /** An error outside of any test, such as a file that does not compile. */
  onError(): void {
    this.#errors += 1;
  }

  onEnd(result: FullResult): void {
    let passed = 0;
    let failed = this.#errors;
    let skipped = 0;
    for (const test of this.#tests) {
      const outcome = test.outcome();
      if (outcome === "expected") passed += 1;
      else if (outcome === "skipped") skipped += 1;
      else failed += 1;
    }
    // A run without tests, or one that was cut short, has not passed.
    if (result.status !== "passed" && failed === 0) failed = 1;
    const line = `${passed} passed, ${failed} failed`;
    console.log(skipped > 0 ? `\n${line}, ${skipped} skipped` : `\n${line}`);
  }

  printsToStdio(): boolean {
    // The `list` reporter has the terminal to itself; this one adds a line.
    return false;
  }
}
