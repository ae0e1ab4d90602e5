import { readFileSync } from "node:fs";
import addFormats from "ajv-formats";
import { Ajv } from "ajv";
import type { ValidateFunction } from "ajv";
import { z } from "zod";

const FILE = new URL("../fixtures/github-rest-23.0.2/api.github.com.json", import.meta.url);

/** A schema as ajv takes it. */
const Schema = z.record(z.string(), z.unknown());

const Content = z.object({ "application/json": z.object({ schema: Schema }).optional() });

const Response = z.union([
  z.object({ $ref: z.string() }),
  z.object({ content: Content.optional() }),
]);

const Description = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        requestBody: z.object({ content: Content }).optional(),
        responses: z.record(z.string(), Response),
      }),
    ),
  ),
  components: z.object({
    schemas: z.record(z.string(), Schema),
    responses: z.record(z.string(), Response),
  }),
});

/** Where the components are for ajv. */
const BASE = "https://api.github.com/description";

/**
 * OpenAPI 3.0 says `nullable`, where JSON Schema has `null` among the types. An answer may leave out what nobody reads,
 * but has no other names than those that are described.
 */
function toJsonSchema(value: unknown, isAnswer: boolean): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => toJsonSchema(one, isAnswer));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => [
    name,
    name === "$ref"
      ? String(one).replace("#/components/schemas/", `${BASE}#/definitions/`)
      : toJsonSchema(one, isAnswer),
  ]);
  const { nullable, ...whole } = Object.fromEntries(entries);
  const schema = isAnswer ? named(whole) : whole;
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

/** A field that is called `required` is no list. */
function named({ required, ...schema }: Readonly<Record<string, unknown>>): object {
  const kept = Array.isArray(required) || required === undefined ? schema : { ...schema, required };
  const { properties, additionalProperties } = kept;
  const isClosed = typeof properties === "object" && additionalProperties === undefined;
  return isClosed ? { ...kept, additionalProperties: false } : kept;
}

const description = Description.parse(JSON.parse(readFileSync(FILE, "utf8")));

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
// GitHub gives an address that nobody set as an empty text, which is also its described default.
ajv.addFormat("uri", (text: string) => text === "" || URL.canParse(text));
ajv.addSchema({
  $id: BASE,
  definitions: Schema.parse(toJsonSchema(description.components.schemas, true)),
});

const compiled = new Map<object, ValidateFunction>();

function brokenBy(
  schema: z.output<typeof Schema>,
  text: string,
  { name, isAnswer }: { readonly name: string; readonly isAnswer: boolean },
): readonly string[] {
  const validate =
    compiled.get(schema) ?? ajv.compile(Schema.parse(toJsonSchema(schema, isAnswer)));
  compiled.set(schema, validate);
  let value: unknown;
  try {
    value = JSON.parse(text === "" ? "{}" : text);
  } catch {
    return [`${name} is not JSON`];
  }
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message = "", params }) =>
          `${name}${instancePath} ${message} ${JSON.stringify(params)}`,
      );
}

/** What passed between a client and GitHub; the bodies are texts. */
type Passed = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly told: string;
};

/** What is not right about a call by GitHub's published description of its REST API, in words. */
export function brokenByDescription({
  method,
  path,
  body,
  status,
  told,
}: Passed): readonly string[] {
  const [bare = ""] = path.split("?", 1);
  const template = Object.keys(description.paths).find((one) =>
    new RegExp(`^${one.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(bare),
  );
  const operation = description.paths[template ?? ""]?.[method.toLowerCase()];
  if (operation === undefined) {
    return [`${method} ${bare} is not described`];
  }
  const sent = operation.requestBody?.content["application/json"]?.schema;
  const unknown = sent === undefined ? [] : unknownNames(sent, body, operation.operationId);
  const request =
    sent === undefined
      ? []
      : brokenBy(sent, body, { name: `the request of ${operation.operationId}`, isAnswer: false });
  return [...request, ...unknown, ...brokenAnswer(operation, status, told)];
}

/** A name that the description does not have is ignored by GitHub, and is a slip of the pen here. */
function unknownNames(
  { properties }: z.output<typeof Schema>,
  body: string,
  id: string,
): readonly string[] {
  const known = new Set(Object.keys(Schema.safeParse(properties).data ?? {}));
  const given = Schema.safeParse(body === "" ? {} : JSON.parse(body)).data ?? {};
  return Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => `the request of ${id} has ${name}, which is not described`);
}

/** GitHub does not describe each error of each operation: one that is not described has no schema. */
function brokenAnswer(
  {
    operationId,
    responses,
  }: { operationId: string; responses: Record<string, z.output<typeof Response>> },
  status: number,
  told: string,
): readonly string[] {
  const described = responses[String(status)];
  if (described === undefined) {
    return status < 300 ? [`${operationId} does not answer ${status}`] : [];
  }
  const found =
    "$ref" in described
      ? description.components.responses[described.$ref.split("/").at(-1) ?? ""]
      : described;
  const schema =
    found === undefined || "$ref" in found
      ? undefined
      : found.content?.["application/json"]?.schema;
  return schema === undefined
    ? []
    : brokenBy(schema, told, { name: `the answer ${status} of ${operationId}`, isAnswer: true });
}
