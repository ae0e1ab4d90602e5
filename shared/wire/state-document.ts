import { z } from "zod";

import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { reasonOf } from "./parsed.ts";

/** The version of what is written now. Raise it when a document of today cannot be read by yesterday's code. */
export const SCHEMA_VERSION = 1;

/**
 * How a body of each version becomes one of the next, by the version it comes from. Every version below
 * the present one has its entry; a body is carried up through all of them when it is read.
 */
const MIGRATIONS: ReadonlyMap<number, (body: unknown) => unknown> = new Map();

/** Every stored document: the schema's version, the body, and beside them fields that queries use. */
const StoredDocument = z.object({ schemaVersion: z.number().int().positive(), body: z.unknown() });

/** Why a stored document cannot be read. */
type StoredRefusal = {
  readonly reason: string;
  /** Whether a later version wrote it, which can read it. */
  readonly isNewer: boolean;
};

/** Reads a stored document of any version up to the present one, and checks its body. */
export function readStored<Value>(
  schema: z.ZodType<Value>,
  stored: unknown,
): Result<Value, StoredRefusal> {
  const document = StoredDocument.safeParse(stored);
  if (!document.success) {
    return damaged(document.error);
  }
  const { schemaVersion } = document.data;
  if (schemaVersion > SCHEMA_VERSION) {
    const reason = `it has schema version ${schemaVersion}, and this version of Slipway reads up to ${SCHEMA_VERSION}: update Slipway`;
    return refused({ reason, isNewer: true });
  }
  let { body } = document.data;
  for (let version = schemaVersion; version < SCHEMA_VERSION; version += 1) {
    body = MIGRATIONS.get(version)?.(body);
  }
  const parsed = schema.safeParse(body);
  return parsed.success ? accepted(parsed.data) : damaged(parsed.error);
}

function damaged(error: z.ZodError): Result<never, StoredRefusal> {
  return refused({ reason: reasonOf(error), isNewer: false });
}
