import { readFile, writeFile } from "node:fs/promises";
import { withRights } from "./rights-text.ts";

const GUIDE = new URL("../../docs/guides/access.md", import.meta.url);

/** Writes the table of rights into the guide. */
await writeFile(GUIDE, withRights(await readFile(GUIDE, "utf8")));
