import { z } from "zod";
import { AUDIT_DETAILS } from "../domain/audit-details.ts";
import { AuditView } from "./api/schemas.ts";

type Schema = z.core.JSONSchema.BaseSchema;

const HASH = z.string().regex(/^[0-9a-f]{64}$/);

/** A record as strictly as it is promised to whoever reads the feed. */
const Promised = z.strictObject({
  ...AuditView.shape,
  id: z.string().regex(/^[a-z0-9_-]+-[1-9]\d*$/),
  service: AuditView.shape.service.min(1),
  sequence: z.int().min(1),
  kind: z.enum(namesOf(AUDIT_DETAILS)),
  by: z.string().min(1),
  previousHash: HASH.meta({ description: "64 zeros for the first record" }),
  hash: HASH.meta({ description: "SHA-256 of the canonical JSON of the record without `hash`" }),
});

/**
 * The JSON Schema (draft 2020-12) of an audit record, made from the schema of the API and the table of kinds: a record has these
 * fields and no other, and its details have the names that its kind may have.
 * Source: https://json-schema.org/draft/2020-12
 */
export function auditRecordJsonSchema(): Schema {
  const schema = z.toJSONSchema(Promised, { target: "draft-2020-12" });
  const title = "A record of Slipway's audit feed";
  return { ...schema, title, allOf: Object.entries(AUDIT_DETAILS).flatMap(detailsRule) };
}

/** What a record of one kind may have as its details. Null names nothing: any text under any name. */
function detailsRule([kind, names]: readonly [
  string,
  readonly string[] | null,
]): readonly Schema[] {
  if (names === null) {
    return [];
  }
  const details: Schema =
    names.length === 0
      ? { type: "object", maxProperties: 0 }
      : { type: "object", propertyNames: { enum: [...names] } };
  const isOther: Schema = { type: "object", properties: { kind: { not: { const: kind } } } };
  const isSo: Schema = { type: "object", properties: { details } };
  return [{ anyOf: [isOther, isSo] }];
}

function namesOf<Table extends object>(table: Table): readonly (keyof Table & string)[] {
  return Object.keys(table).filter((name): name is keyof Table & string =>
    Object.hasOwn(table, name),
  );
}
