import { z } from "zod";
import { findAll, sourcesOf, textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

const LOCKFILE = "package-lock.json";

/** Where the command line writes: texts of others are made safe for a terminal there. */
const TERMINAL_WRITER = "infra/cli/output.ts";

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      link: z.boolean().optional(),
      integrity: z
        .string()
        .regex(/^sha512-[A-Za-z0-9+/]{86}==$/)
        .optional()
        .catch(undefined),
    }),
  ),
});

/** The terminal is written in one place, which lets nothing through that moves or hides text. */
export function scatteredTerminal(files: readonly TextFile[]): readonly string[] {
  const others = sourcesOf(files).filter(({ path }) => path !== TERMINAL_WRITER);
  return findAll(others, /\bprocess\.std(?:out|err)\b(?!\.isTTY).*/g);
}

/** Records whose names come from outside: ids of environments and releases. */
const OUTSIDE_NAMES =
  /(?<![\w.]entryOf\()\b(?:releases|environments|windows|succeededIn)(?:\?\.)?\[(?!index\b)[a-z][\w.]*\](?!\s*=[^=]).*/g;

/** A record is not read by a name from outside, which may be one that every object has; `entryOf` does that. */
export function inheritedNames(files: readonly TextFile[]): readonly string[] {
  const code = sourcesOf(files).filter(({ path }) => /^(?:shared|functions|infra)\//.test(path));
  return findAll(code, OUTSIDE_NAMES);
}

/** Every package of the lockfile is known by its content, so that the registry cannot give another. */
export function unsealedPackages(files: readonly TextFile[]): readonly string[] {
  const { packages } = Lock.parse(JSON.parse(textOf(files, LOCKFILE)));
  return Object.entries(packages)
    .filter(
      ([path, { link, integrity }]) => path !== "" && link !== true && integrity === undefined,
    )
    .map(([path]) => `${LOCKFILE} has no integrity of ${path}`);
}
