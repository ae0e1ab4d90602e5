import type { FieldChange } from "../../../shared/domain/apply-plan.ts";
import type { Fields, Kind, Resource } from "../resource.ts";

/** Whose something is by its mark. */
export type Owner =
  | { readonly kind: "ours" }
  | { readonly kind: "another"; readonly installation: string }
  | { readonly kind: "nobody" }
  /** The kind takes no mark. */
  | { readonly kind: "unmarked" };

/** An API in a project. */
export type Behind = { readonly project: string; readonly api: string };

/** How resources of one kind are read and written. Each call may be made twice. */
export type Driver = {
  /** The API that must be on, and where, before the resource can be read; null for none. */
  readonly behind: (resource: Resource) => Behind | null;
  /** What is there, as the API has it; null for nothing. */
  readonly read: (resource: Resource) => Promise<Fields | null>;
  readonly create: (resource: Resource) => Promise<void>;
  readonly update: (
    resource: Resource,
    found: Fields,
    changes: readonly FieldChange[],
  ) => Promise<void>;
  /** Takes it away; one that is not there is no error. */
  readonly remove: (resource: Resource, found: Fields) => Promise<void>;
  readonly differences: (wanted: Fields, found: Fields) => readonly FieldChange[];
  /** Whether what is there is still being made; left out for kinds that are there at once. */
  readonly isBeingMade?: (found: Fields) => boolean;
  readonly owner: (resource: Resource, found: Fields) => Owner;
  /** Fields that the API does not change. */
  readonly immutable: readonly string[];
  /** What to do about a field that cannot be changed, where it is something else than for most; null for that. */
  readonly mend?: (resource: Resource, change: FieldChange) => string | null;
  /** What else of this installation is there in a project, such as from an older version; for kinds with marks. */
  readonly list?: (project: string, location: string) => Promise<readonly Listed[]>;
};

/** Something that is there, and whose it is. */
export type Listed = { readonly name: string; readonly found: Fields };

/** A driver for each kind. */
export type Drivers = Readonly<Record<Kind, Driver>>;
