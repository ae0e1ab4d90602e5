import { z } from "zod";
import { needs, type Rule, type Rules, textAt } from "./access/rules.ts";
import { type Message, operation, type Unary } from "./call.ts";
import type { Begin, Collection, Kind } from "./collection.ts";
import type { Verb } from "./collection-fields.ts";
import { wordsOf } from "./collection-names.ts";
import type { RecordMaps } from "./kept-maps.ts";
import type { OperationTimes, Operations } from "./operation.ts";
import { type RestMethod, taking } from "./rest-table.ts";

/** Any collection. */
type Some = {
  readonly kind: Pick<
    Kind<object, object>,
    "type" | "pattern" | "permission" | "verbs" | "fields" | "params"
  >;
  readonly records: Map<string, unknown>;
  readonly run: Collection<object, object>["run"];
};

/** What collections hold, by type, as `keepMaps` and `clearRecords` take it. */
export function recordsOf(collections: readonly Some[]): RecordMaps {
  return Object.fromEntries(collections.map(({ kind, records }) => [kind.type, records]));
}

/** A method of a kind: its name, what it needs, and whether it is about what is in a parent. */
type Standard = {
  readonly name: string;
  readonly verb: Verb;
  readonly needs: Rule;
  readonly isInside: boolean;
};

function standard({ kind }: Some): readonly Standard[] {
  const { type, permission, verbs } = kind;
  const { field, segment } = wordsOf(kind);
  return verbs.map((verb) => {
    const isInside = verb === "create" || verb === "list";
    return {
      verb,
      isInside,
      name: upperFirst(verb) + (verb === "list" ? upperFirst(segment) : type),
      needs: needsOneOf(`${permission}.${verb}`, isInside ? ["parent"] : ["name", `${field}.name`]),
    };
  });
}

/** The resource of an update is named by the path where there are no descriptors, else by its own field. */
function needsOneOf(permission: string, fields: readonly string[]): Rule {
  return (request) => {
    const resource = fields.map((field) => textAt(request, field)).find((name) => name !== "");
    return [{ permission, resource: resource ?? "" }];
  };
}

/** The standard methods of collections, for an API with descriptors. */
export function unaryOf(collections: readonly Some[]): Readonly<Record<string, Unary>> {
  const entries = collections.flatMap((one) =>
    standard(one).map(({ name, verb }): [string, Unary] => [
      name,
      operation<Message>((request, { clock }) => one.run[verb](request, clock.now())),
    ]),
  );
  return Object.fromEntries(entries);
}

/** What each of these methods needs. */
export function rulesOf(collections: readonly Some[]): Rules {
  return Object.fromEntries(
    collections.flatMap(standard).map((method) => [method.name, method.needs]),
  );
}

const HTTP = {
  create: "POST",
  get: "GET",
  list: "GET",
  update: "PATCH",
  delete: "DELETE",
} as const;

/** The standard methods of collections as rows of a REST table, for an API without descriptors. */
export function rowsOf(collections: readonly Some[], service: string): readonly RestMethod[] {
  return collections.flatMap((one) => {
    const { field, segment, parents } = wordsOf(one.kind);
    return standard(one).map(({ name, verb, needs: rule, isInside }): RestMethod => {
      const path = isInside ? `{parent=${parents}}/${segment}` : `{name=${one.kind.pattern}}`;
      return {
        name: `${service}/${name}`,
        at: [HTTP[verb], `/v1/${path}`],
        needs: rule,
        body: verb === "create" || verb === "update" ? field : undefined,
        takes: taking(schemaOf(one, verb), (request, { nowMs }) => one.run[verb](request, nowMs)),
      };
    });
  });
}

const text = z.string().optional();
const flag = z.boolean().optional();

function schemaOf({ kind }: Some, verb: Verb): z.ZodObject {
  const { field } = wordsOf(kind);
  const draft = { [field]: kind.fields.schema };
  const usual: Readonly<Record<Verb, z.ZodRawShape>> = {
    create: { parent: text, [`${field}Id`]: text, ...draft },
    get: { name: text },
    list: {
      parent: text,
      filter: text,
      orderBy: text,
      pageSize: z.int().optional(),
      pageToken: text,
    },
    update: { name: text, updateMask: text, allowMissing: flag, ...draft },
    delete: { name: text, etag: text, allowMissing: flag },
  };
  return z.strictObject({ ...usual[verb], ...kind.params?.[verb] });
}

function upperFirst(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** How operations answer. */
type LongRunning = {
  /** Where the API's OperationMetadata and resources are, such as `google.cloud.gkebackup.v1`. */
  readonly package: string;
  readonly runMs: () => number;
  /** What happens before it is over. Without it, one that takes no time is over when it is answered. */
  readonly settle?: (about: { readonly target: string; readonly verb: Verb }) => unknown;
};

/** Answers by operations of the kit, whose metadata is the OperationMetadata that most of Google's APIs have. */
export function longRunning(
  operations: Pick<Operations, "start" | "done">,
  about: LongRunning,
): Begin {
  const prefix = `type.googleapis.com/${about.package}.`;
  return ({ target, verb, type, response }) => {
    const ended = (): object =>
      response === null
        ? { "@type": "type.googleapis.com/google.protobuf.Empty" }
        : { "@type": prefix + type, ...response() };
    const input = {
      parent: target.split("/").slice(0, 4).join("/"),
      metadata: (times: OperationTimes) => ({
        "@type": `${prefix}OperationMetadata`,
        ...times,
        target,
        verb,
        apiVersion: about.package.split(".").at(-1),
      }),
    };
    const runMs = about.runMs();
    if (runMs === 0 && about.settle === undefined) {
      return operations.done({ ...input, response: ended() });
    }
    const work = async (): Promise<object> => {
      await about.settle?.({ target, verb });
      return ended();
    };
    return operations.start({ ...input, runMs, work });
  };
}

/** GetOperation, as a row of a REST table. */
export function operationRow(operations: Pick<Operations, "get">, permission: string): RestMethod {
  return {
    name: "google.longrunning.Operations/GetOperation",
    at: ["GET", "/v1/{name=projects/*/locations/*/operations/*}"],
    needs: needs(permission, "name"),
    takes: taking(z.strictObject({ name: z.string() }), ({ name }) => operations.get(name)),
  };
}
