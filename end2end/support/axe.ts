import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/**
 * Fails when axe finds something serious or critical on the page as it stands.
 *
 * Call it when the page has settled: a fade that is half-way reads as a lack of
 * contrast.
 */
export async function expectAccessible(
  page: Page,
  { include, exclude = [] }: { include?: string; exclude?: string[] } = {},
): Promise<void> {
  let axe = new AxeBuilder({ page });
  if (include !== undefined) axe = axe.include(include);
  for (const selector of exclude) axe = axe.exclude(selector);

  const { violations } = await axe.analyze();
  const findings = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, impact, help, nodes }) =>
      nodes.map((node) => `${impact} ${id}: ${help}\n    ${node.target.join(" ")}\n    ${node.html}`),
    );
  if (findings.length > 0) throw new Error(`axe on ${page.url()}:\n${findings.join("\n")}`);
}
