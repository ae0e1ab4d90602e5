import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const ROOT = new URL("../../", import.meta.url);
const MAIN = "infra/cli/main.ts";
const Package = z.object({ scripts: z.object({ start: z.string() }) });

/**
 * The arguments with which node does what `npm start` does, in whatever folder it runs.
 * @throws Error when `npm start` no longer runs node on our program.
 */
export function startArguments(): readonly string[] {
  const text: unknown = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  const [program, ...words] = Package.parse(text).scripts.start.split(" ");
  if (program !== "node" || !words.includes(MAIN)) {
    throw new Error(`npm start is not node on ${MAIN}`);
  }
  return words.map((word) => (word === MAIN ? fileURLToPath(new URL(MAIN, ROOT)) : word));
}
