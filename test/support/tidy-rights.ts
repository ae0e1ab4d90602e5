import { withRights } from "../../infra/build/rights-text.ts";
import { textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

const GUIDE = "docs/guides/access.md";

/** The guide has the table of rights as it is made of the engine's own. */
export function staleRights(files: readonly TextFile[]): readonly string[] {
  const text = textOf(files, GUIDE);
  return withRights(text) === text ? [] : [`${GUIDE} has another table: npm run rights`];
}
