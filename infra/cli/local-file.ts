import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CliError, EXIT } from "./cli-error.ts";

/** The people of the local cloud. */
export const ROLES = ["viewer", "deployer", "approver", "oncall"] as const;

/** A person of the local cloud, by what they may do. */
export type Role = (typeof ROLES)[number];

/** Some of the local cloud's endpoints are written as URLs, though a gRPC client wants `HOST:PORT`. */
const address = z
  .string()
  .transform((text) => text.replace(/^https?:\/\//, "").replace(/\/.*$/, ""));

const LocalFile = z.object({
  project: z.string(),
  location: z.string(),
  database: z.string(),
  api: z.url(),
  audience: z.string(),
  owner: z.string(),
  address: z.url(),
  tokens: z.record(z.enum(ROLES), z.string()),
  endpoints: z.object({
    identity: z.url(),
    storage: z.url(),
    cloudDeploy: address,
    cloudRun: address,
    artifactRegistry: address,
    firestore: address,
    pubsub: address,
    secretManager: address,
    cloudSql: z.url(),
    gkeBackup: z.url(),
    monitoring: z.url(),
    scheduler: address,
    iam: z.url(),
    resourceManager: z.url(),
    serviceUsage: z.url(),
    cloudBilling: z.url(),
    cloudFunctions: z.url(),
    slack: z.url(),
    github: z.url(),
  }),
});

/** What `.slipway/local.json` says of the local cloud that wrote it. */
export type LocalFile = z.output<typeof LocalFile>;

/**
 * Looks for `.slipway/local.json` in a folder and those above it; null when there is none.
 * @throws CliError when there is one that cannot be used.
 */
export async function findLocalFile(folder: string): Promise<LocalFile | null> {
  const found = await findText(folder);
  return found === null ? null : parse(found.path, found.text);
}

/** Where that file is; null when there is none. @throws CliError when it cannot be read. */
export async function findLocalPath(folder: string): Promise<string | null> {
  return (await findText(folder))?.path ?? null;
}

async function findText(
  folder: string,
): Promise<{ readonly path: string; readonly text: string } | null> {
  for (let here = folder; ; here = dirname(here)) {
    const path = join(here, ".slipway", "local.json");
    const text = await readIfThere(path);
    if (text !== null) {
      return { path, text };
    }
    if (here === dirname(here)) {
      return null;
    }
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return null;
    }
    throw new CliError(EXIT.usage, `${path} cannot be read: ${String(code)}`);
  }
}

function parse(path: string, text: string): LocalFile {
  const parsed = LocalFile.safeParse(parseJson(text));
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
    const message = `this version cannot read ${path} (${places}): start the local cloud again with npm start`;
    throw new CliError(EXIT.usage, message);
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
