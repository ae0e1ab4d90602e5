import { writeFile } from "node:fs/promises";
import { serviceJsonSchema } from "../../shared/wire/spec/json-schema.ts";

/** Writes the JSON Schema of service.yaml, which editors use, to docs/service.schema.json. */
await writeFile(
  new URL("../../docs/service.schema.json", import.meta.url),
  `${JSON.stringify(serviceJsonSchema(), null, 2)}\n`,
);
