import { applyFieldMask } from "../kit/field-mask.ts";
import { parseFilter } from "../kit/filter.ts";
import { googleError } from "../kit/google-error.ts";
import type { Operation, OperationTimes } from "../kit/operation.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { toSpec } from "./checks.ts";
import { deploy } from "./deploy.ts";
import type { CloudFunctions, FunctionRecord } from "./functions.ts";
import { checkId, checkParent, isIn, partsOf } from "./names.ts";
import { functionView } from "./view.ts";
import type { FunctionInput } from "./wire.ts";

const PAGE_LIMITS = { defaultSize: 1000, maxSize: 1000 };
const TYPE_PREFIX = "type.googleapis.com/google.cloud.functions.v2.";

/**
 * CreateFunction.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/create
 * @throws GoogleError INVALID_ARGUMENT; that it is there already is the operation's error.
 */
export function createFunction(
  functions: CloudFunctions,
  request: {
    readonly parent?: string;
    readonly functionId?: string;
    readonly function?: FunctionInput;
  },
  nowMs: number,
): Operation {
  const parent = checkParent(request.parent);
  const id = checkId(request.functionId);
  const name = `${parent}/functions/${id}`;
  const spec = toSpec(id, request.function ?? {});
  if (functions.state.functions.has(name)) {
    return begin(functions, { target: name, verb: "create" }, () => {
      throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
    });
  }
  keep(functions, {
    name,
    spec,
    state: "DEPLOYING",
    createTimeMs: nowMs,
    updateTimeMs: nowMs,
    deployments: 0,
    revision: null,
    failure: null,
  });
  return begin(functions, { target: name, verb: "create" }, async () => deployed(functions, name));
}

/**
 * UpdateFunction: it is built and started anew; what ran before goes on if that fails.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/patch
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED while another change is under way
 */
export function updateFunction(
  functions: CloudFunctions,
  request: { readonly function?: FunctionInput; readonly updateMask?: string },
): Operation {
  const { function: patch = {}, updateMask } = request;
  const record = settled(functions, patch.name);
  const { name } = record;
  const spec = toSpec(partsOf(name).id, applyFieldMask(record.spec, patch, updateMask));
  keep(functions, { ...record, spec, state: "DEPLOYING" });
  return begin(functions, { target: name, verb: "update" }, async () => deployed(functions, name));
}

/**
 * DeleteFunction: its instance ends.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/delete
 * @throws GoogleError NOT_FOUND, ABORTED while another change is under way
 */
export function deleteFunction(
  functions: CloudFunctions,
  request: { readonly name?: string },
): Operation {
  const record = settled(functions, request.name);
  const { name } = record;
  keep(functions, { ...record, state: "DELETING" });
  return begin(functions, { target: name, verb: "delete" }, async () => {
    await functions.front?.end(name);
    const instance = functions.running.get(name);
    functions.running.delete(name);
    await instance?.stop();
    functions.state.functions.delete(name);
    return { "@type": "type.googleapis.com/google.protobuf.Empty" };
  });
}

/** GetFunction. @throws GoogleError NOT_FOUND */
export function getFunction(
  functions: CloudFunctions,
  request: { readonly name?: string },
): object {
  return view(functions, find(functions, request.name));
}

/** ListFunctions, in the order of their names. @throws GoogleError INVALID_ARGUMENT */
export function listFunctions(
  functions: CloudFunctions,
  request: PageRequest & { readonly parent?: string; readonly filter?: string },
): object {
  const parent = checkParent(request.parent);
  const isMeant = parseFilter(request.filter ?? "");
  const found = [...functions.state.functions.values()]
    .filter(({ name }) => isIn(name, parent))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map((record) => view(functions, record))
    .filter(isMeant);
  const { items, nextPageToken } = paginate(found, request, PAGE_LIMITS);
  return { functions: items, nextPageToken };
}

function view({ numberOf }: CloudFunctions, record: FunctionRecord): object {
  return functionView(record, numberOf(partsOf(record.name).project));
}

async function deployed(functions: CloudFunctions, name: string): Promise<object> {
  const record = await deploy(functions, name);
  return { "@type": `${TYPE_PREFIX}Function`, ...view(functions, record) };
}

function find({ state }: CloudFunctions, name: string | undefined): FunctionRecord {
  const record = state.functions.get(name ?? "");
  if (record === undefined) {
    throw googleError("NOT_FOUND", `Resource '${name ?? ""}' was not found`);
  }
  return record;
}

function settled(functions: CloudFunctions, name: string | undefined): FunctionRecord {
  const record = find(functions, name);
  if (record.state === "DEPLOYING" || record.state === "DELETING") {
    throw googleError("ABORTED", "unable to queue the operation: another one is under way");
  }
  return record;
}

function keep(functions: CloudFunctions, record: FunctionRecord): void {
  functions.state.functions.set(record.name, record);
}

function begin(
  { operations, underWay }: CloudFunctions,
  { target, verb }: { readonly target: string; readonly verb: "create" | "update" | "delete" },
  work: () => unknown,
): Operation {
  return operations.start({
    parent: target.split("/").slice(0, 4).join("/"),
    metadata: (times: OperationTimes) => ({
      "@type": `${TYPE_PREFIX}OperationMetadata`,
      createTime: times.createTime,
      ...(times.endTime === undefined ? {} : { endTime: times.endTime }),
      target,
      verb,
      apiVersion: "v2",
      operationType: `${verb.toUpperCase()}_FUNCTION`,
    }),
    runMs: 0,
    work: async () => {
      const working = Promise.resolve().then(work);
      underWay.add(working);
      return working.finally(() => underWay.delete(working));
    },
  });
}
