import { writeFile } from "node:fs/promises";
import { auditRecordJsonSchema } from "../../shared/wire/audit-schema.ts";
import { serviceJsonSchema } from "../../shared/wire/spec/json-schema.ts";

/** The JSON Schemas that are published: of service.yaml, which editors use, and of the records of the audit feed. */
const SCHEMAS = {
  "docs/service.schema.json": serviceJsonSchema(),
  "docs/audit-record.schema.json": auditRecordJsonSchema(),
};

for (const [path, schema] of Object.entries(SCHEMAS)) {
  await writeFile(
    new URL(`../../${path}`, import.meta.url),
    `${JSON.stringify(schema, null, 2)}\n`,
  );
}
