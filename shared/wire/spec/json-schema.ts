import { z } from "zod";
import { ServiceSpec } from "./schema.ts";

/**
 * The JSON Schema (draft 7) of a service.yaml, made from the schema that `parseServiceSpec` reads with. Keys that
 * it does not know are allowed, as upstream does, but not under `delivery`. The rules between fields are not in it.
 * Source: https://json-schema.org/draft-07
 */
export function serviceJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(ServiceSpec, { io: "input", target: "draft-7" });
}
