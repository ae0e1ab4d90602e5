import { applyFieldMask } from "../kit/field-mask.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { checkEtag, checkId, checkUserFields, required } from "./checks.ts";
import type { Draft, Resource } from "./configuration.ts";
import { EMPTY_TYPE, mutate, type MutationRequest, type Plan } from "./mutation.ts";
import { canonicalName, idOf, locationOf, parentOf } from "./names.ts";
import { notifyResource, type ResourceType } from "./notify.ts";
import { find, newResource, put, timestamp, type World } from "./world.ts";

/** One of the three kinds of resources that are created, updated and deleted alike. */
export type Kind<T extends Resource> = {
  readonly type: ResourceType;
  /** `targets`, as in names. */
  readonly segment: string;
  /** The id as requests call it: `targetId`. */
  readonly idField: string;
  readonly collection: Map<string, T>;
  /** Refuses what the caller must not ask for. @throws GoogleError */
  readonly check: (draft: Draft<T>) => void;
  /** The server's own fields beside the common ones. */
  readonly ownFields: (id: string) => Partial<T>;
  /** The resource as it is returned. */
  readonly view: (resource: T) => T;
  /** What goes with a resource when it is deleted. @throws GoogleError when it may not be. */
  readonly beforeDelete: (resource: T, force: boolean) => () => void;
};

/** A create call. */
export type CreateRequest<T> = MutationRequest & {
  readonly parent?: string;
  readonly id: string | undefined;
  readonly draft: Draft<T> | undefined;
};

/** An update call. */
export type UpdateRequest<T> = MutationRequest & {
  readonly updateMask?: string;
  readonly allowMissing?: boolean;
  readonly draft: Draft<T> | undefined;
};

/** A delete call. */
export type DeleteRequest = MutationRequest & {
  readonly name?: string;
  readonly allowMissing?: boolean;
  readonly force?: boolean;
  readonly etag?: string;
};

/** Fields that only the server sets; an update never changes them. */
const OUTPUT_ONLY: ReadonlySet<string> = new Set([
  "name",
  "uid",
  "createTime",
  "updateTime",
  "etag",
  "targetId",
  "customTargetTypeId",
  "condition",
]);

/** Creates a resource. @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS */
export function create<T extends Resource>(
  world: World,
  kind: Kind<T>,
  request: CreateRequest<T>,
): Operation {
  return mutate(world, { method: `Create${kind.type}`, request }, () => {
    const id = checkId(request.id, kind.idField);
    const name = canonicalName(
      world.state.projects,
      `${request.parent ?? ""}/${kind.segment}/${id}`,
    );
    return planCreate(world, kind, { name, draft: required(request.draft, kind.segment) });
  });
}

/** Updates a resource. @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED for a stale etag */
export function update<T extends Resource>(
  world: World,
  kind: Kind<T>,
  request: UpdateRequest<T>,
): Operation {
  return mutate(world, { method: `Update${kind.type}`, request }, () => {
    const draft = required(request.draft, kind.segment);
    const name = canonicalName(world.state.projects, draft.name);
    const mask = request.updateMask ?? "";
    if (mask === "") {
      throw badRequest("update_mask", "Missing required field update_mask");
    }
    const current = kind.collection.get(name);
    if (current === undefined && request.allowMissing === true) {
      return planCreate(world, kind, { name, draft });
    }
    return planUpdate(world, kind, {
      current: current ?? find(kind.collection, name),
      draft,
      mask,
    });
  });
}

/** Deletes a resource. @throws GoogleError NOT_FOUND, ABORTED, FAILED_PRECONDITION */
export function remove<T extends Resource>(
  world: World,
  kind: Kind<T>,
  request: DeleteRequest,
): Operation {
  return mutate(world, { method: `Delete${kind.type}`, request }, () => {
    const name = canonicalName(world.state.projects, request.name);
    const plan = { target: name, verb: "delete", responseType: EMPTY_TYPE, preview: {} } as const;
    const current = kind.collection.get(name);
    if (current === undefined && request.allowMissing === true) {
      return { ...plan, commit: () => ({}) };
    }
    const resource = current ?? find(kind.collection, name);
    checkEtag(resource, request.etag);
    const deleteParts = kind.beforeDelete(resource, request.force === true);
    return {
      ...plan,
      commit: () => {
        deleteParts();
        kind.collection.delete(name);
        world.forgetPolicy(name);
        notifyResource(world, "Delete", { type: kind.type, name });
        return {};
      },
    };
  });
}

function planCreate<T extends Resource>(
  world: World,
  kind: Kind<T>,
  { name, draft }: { readonly name: string; readonly draft: Draft<T> },
): Plan {
  checkId(idOf(name), kind.idField);
  if (parentOf(name) !== locationOf(name)) {
    throw badRequest("parent", `Malformed parent: "${parentOf(name)}"`);
  }
  checkUserFields(draft);
  kind.check(draft);
  if (kind.collection.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  function build(): T {
    const own = { ...newResource(world, name), ...kind.ownFields(idOf(name)) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the draft has the caller's fields of a T, and the server's are put over it
    return { ...withoutOutput(draft), ...own, updateTime: own.createTime } as unknown as T;
  }
  return {
    target: name,
    verb: "create",
    responseType: `google.cloud.deploy.v1.${kind.type}`,
    preview: withoutOutput(draft, { name }),
    commit: () => {
      const created = put(kind.collection, build());
      notifyResource(world, "Create", { type: kind.type, name });
      return kind.view(created);
    },
  };
}

function planUpdate<T extends Resource>(
  world: World,
  kind: Kind<T>,
  {
    current,
    draft,
    mask,
  }: { readonly current: T; readonly draft: Draft<T>; readonly mask: string },
): Plan {
  checkEtag(current, draft.etag);
  const kept = Object.fromEntries(Object.entries(current).filter(([key]) => OUTPUT_ONLY.has(key)));
  const base: object = mask === "*" ? kept : current;
  const masked: object = applyFieldMask(base, withoutOutput(draft), mask);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field comes from a T
  const next = { ...masked, ...kept, updateTime: timestamp(world) } as unknown as T;
  checkUserFields(next);
  kind.check(next);
  return {
    target: current.name,
    verb: "update",
    responseType: `google.cloud.deploy.v1.${kind.type}`,
    preview: next,
    commit: () => {
      const updated = put(kind.collection, next);
      notifyResource(world, "Update", { type: kind.type, name: current.name });
      return kind.view(updated);
    },
  };
}

function withoutOutput(draft: object, more: object = {}): object {
  return {
    ...Object.fromEntries(Object.entries(draft).filter(([key]) => !OUTPUT_ONLY.has(key))),
    ...more,
  };
}
