import { nullWhenMissing } from "../../../shared/adapters/outside-call.ts";
import type { FieldChange } from "../../../shared/domain/apply-plan.ts";
import { differences, merged } from "../engine/differences.ts";
import type { Driver, Listed } from "../engine/driver.ts";
import type { Fields, Resource } from "../resource.ts";
import { apiName } from "./google.ts";
import type { Api, Google, Request } from "./google.ts";
import { ownerOf } from "./marks.ts";
import type { MarkPlace } from "./marks.ts";

/** A kind of resource whose API follows Google's standard methods, and where it does not. */
export type Shape = {
  readonly api: Api;
  /** The path of the resource; `v1/` and its name unless it says otherwise. */
  readonly path?: (resource: Resource) => string;
  readonly create: (resource: Resource) => Request;
  /** `fields` are the first parts of the names of fields that change. */
  readonly update: (resource: Resource, body: Fields, fields: readonly string[]) => Request;
  readonly mark: MarkPlace;
  readonly exact?: readonly string[];
  readonly immutable?: readonly string[];
  /** What is there, as the table has it. */
  readonly normal?: (found: Fields) => Fields;
  readonly list?: (google: Google, project: string, location: string) => Promise<readonly Listed[]>;
};

/** A driver for a kind with standard methods. Source: https://google.aip.dev/130 */
export function restKind(google: Google, installation: string, shape: Shape): Driver {
  const { api, mark, exact = [], normal = (found: Fields): Fields => found, list } = shape;
  const path = shape.path ?? ((resource: Resource): string => `v1/${resource.name}`);
  return {
    behind: behind(api),
    read: async (resource) => {
      const found = await google.find(api, { method: "GET", path: path(resource) });
      return found === null ? null : normal(found);
    },
    create: async (resource) => {
      await google.call(api, shape.create(resource));
    },
    update: async (resource, found, changes) => {
      const fields = topFields(changes);
      const wanted = Object.fromEntries(
        fields.map((field) => [field, resource.fields[field] ?? null] as const),
      );
      const there = Object.fromEntries(
        fields.flatMap((field) => {
          const isKept = !exact.includes(field) && found[field] !== undefined;
          return isKept ? [[field, found[field] ?? null] as const] : [];
        }),
      );
      await google.call(api, shape.update(resource, merged(there, wanted), fields));
    },
    remove: async (resource) => {
      await nullWhenMissing(() => google.call(api, { method: "DELETE", path: path(resource) }));
    },
    differences: (wanted, found) => differences(wanted, found, exact),
    owner: (_, found) => ownerOf(mark, installation, found),
    immutable: shape.immutable ?? [],
    ...(list !== undefined && {
      list: async (project: string, location: string) => list(google, project, location),
    }),
  };
}

/** The fields that change, by the first part of their names, each once. */
export function topFields(changes: readonly FieldChange[]): readonly string[] {
  return [...new Set(changes.map(({ field }) => field.split(".")[0] ?? field))];
}

/** Resources that are there only when an API is on in their project. */
export function behind(api: Api): Driver["behind"] {
  return ({ project }) => ({ project, api: apiName(api) });
}

/** The last part of a name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** What a name is under: all of it but the collection and the id. */
export function parentOf(name: string): string {
  return name.split("/").slice(0, -2).join("/");
}

/** Items of a list by their names. */
export function byName(items: readonly Fields[]): readonly Listed[] {
  return items.flatMap((found) =>
    typeof found["name"] === "string" ? [{ name: found["name"], found }] : [],
  );
}
