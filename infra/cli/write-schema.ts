import { writeFile } from "node:fs/promises";
import { auditRecordJsonSchema } from "../../shared/wire/audit-schema.ts";
import { noticeEventJsonSchema } from "../../shared/wire/notice-event.ts";
import { serviceJsonSchema } from "../../shared/wire/spec/json-schema.ts";

/** The JSON Schemas that are published: of service.yaml, which editors use, of the records of the audit feed, and of a webhook's events. */
const SCHEMAS = {
  "docs/service.schema.json": serviceJsonSchema(),
  "docs/audit-record.schema.json": auditRecordJsonSchema(),
  "docs/notice-event.schema.json": noticeEventJsonSchema(),
};

for (const [path, schema] of Object.entries(SCHEMAS)) {
  await writeFile(
    new URL(`../../${path}`, import.meta.url),
    `${JSON.stringify(schema, null, 2)}\n`,
  );
}
