import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { print } from "../cli/output.ts";
import { DEPLOYABLE } from "./current.ts";
import { writeDeployable } from "./deployable.ts";
import { REPOSITORY } from "./sources.ts";

/** Makes what is deployed: `npm run build`. */
await writeDeployable(DEPLOYABLE);
const names = readdirSync(DEPLOYABLE);
const bytes = names.reduce((sum, name) => sum + statSync(join(DEPLOYABLE, name)).size, 0);
print(`${relative(REPOSITORY, DEPLOYABLE)}: ${names.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
