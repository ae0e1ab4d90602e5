import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import addFormats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import { CloudEvent, ValidationError } from "cloudevents";
import { z } from "zod";

const ROOT = new URL("../../", import.meta.url);
const CDEVENTS = new URL("test/fixtures/cdevents-0.5.1/", ROOT);

/** A schema as ajv takes it: an object of whatever a draft has. */
const Schema = z.record(z.string(), z.unknown());

/** What of a CDEvent says which of its schemas holds, and where our record is. */
const Wrapped = z.looseObject({
  context: z.looseObject({ type: z.string() }),
  customData: z.unknown(),
});

/** The schemas that are published, each by the type of event that it is for. */
const validators = openValidators();

/**
 * What is not right about a message of the feed by the schemas that others check it with, in words: CloudEvents' own, CDEvents' where
 * the type is one of theirs, and the published schema of our record, wherever in the event the record is.
 */
export function brokenBySchema(body: string): readonly string[] {
  const event = z.record(z.string(), z.unknown()).parse(JSON.parse(body));
  const { type, data } = event;
  if (typeof type !== "string") {
    return ["the event has no type"];
  }
  const isOurs = type.startsWith("dev.slipway.");
  const record = isOurs ? data : Wrapped.safeParse(data).data?.customData;
  return [
    ...brokenEnvelope(event),
    ...(isOurs ? [] : brokenBy(validators.cdevents.get(type), type, data)),
    ...brokenBy(validators.record, "the record", record),
  ];
}

/** What CloudEvents' own kit does not take, or takes only with what it adds by itself, such as an id. */
function brokenEnvelope(event: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    const read = new CloudEvent(event, true);
    const isWhole = isDeepStrictEqual(JSON.parse(JSON.stringify(read)), event);
    return isWhole && read.specversion === "1.0" ? [] : ["not a CloudEvent of version 1.0"];
  } catch (error) {
    if (error instanceof ValidationError) {
      return [`not a CloudEvent: ${error.message}`];
    }
    throw error;
  }
}

function brokenBy(
  validate: ValidateFunction | undefined,
  name: string,
  value: unknown,
): readonly string[] {
  if (validate === undefined) {
    return [`${name} has no schema`];
  }
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message = "", params }) =>
          `${name}${instancePath} ${message} ${JSON.stringify(params)}`,
      );
}

type Validators = {
  readonly cdevents: ReadonlyMap<string, ValidateFunction>;
  readonly record: ValidateFunction;
};

function openValidators(): Validators {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  for (const link of readSchemas("links/")) {
    ajv.addSchema(link);
  }
  const cdevents = readSchemas("").map((schema) => [typeOf(schema), ajv.compile(schema)] as const);
  return {
    cdevents: new Map(cdevents),
    record: ajv.compile(readSchema(new URL("docs/audit-record.schema.json", ROOT))),
  };
}

/** The one type of event that a schema of CDEvents is for. */
function typeOf(schema: unknown): string {
  const Typed = z.object({
    properties: z.object({
      context: z.object({
        properties: z.object({ type: z.object({ enum: z.tuple([z.string()]) }) }),
      }),
    }),
  });
  return Typed.parse(schema).properties.context.properties.type.enum[0];
}

function readSchemas(folder: string): readonly z.output<typeof Schema>[] {
  const names = readdirSync(new URL(folder, CDEVENTS)).filter((name) => name.endsWith(".json"));
  return names.map((name) => readSchema(new URL(`${folder}${name}`, CDEVENTS)));
}

function readSchema(url: URL): z.output<typeof Schema> {
  return Schema.parse(JSON.parse(readFileSync(url, "utf8")));
}
