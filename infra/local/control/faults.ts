import { ANY_METHOD } from "../../../emulators/kit/faults.ts";
import type { Fault, FaultPlan } from "../../../emulators/kit/faults.ts";
import { badRequest, googleError } from "../../../emulators/kit/google-error.ts";
import { isStatusName, STATUS_NAMES } from "../../../emulators/kit/google-error.ts";
import type { StatusName } from "../../../emulators/kit/google-error.ts";
import type { Planned } from "../../../emulators/kit/occasions.ts";
import { didYouMean } from "../../../shared/wire/spec/nearest.ts";
import type { Emulators } from "../emulators.ts";
import { DELIVERIES, deliveryFaults } from "./delivery-faults.ts";
import { countsOf, FaultRequest } from "./fault-request.ts";
import type { FaultView } from "./fault-request.ts";

/** What goes wrong on purpose in the local cloud. */
export type FaultControl = {
  /** @throws GoogleError INVALID_ARGUMENT for what is not there, RESOURCE_EXHAUSTED when there are too many. */
  readonly add: (request: unknown) => FaultView;
  /** Oldest first in each API; what is over is there for a while. */
  readonly list: () => readonly FaultView[];
  /** Ends faults: all, those of an API, or those of one of its methods. @throws GoogleError for what is not there */
  readonly clear: (api: string | null, method: string | null) => readonly FaultView[];
};

/** How many faults may be in force at a time: each is looked at with each call. */
const FAULTS_MAX = 100;

/** Names under which people may look for an API, beside its own. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["artifactregistry", "registry"],
  ["gke", "gkeBackup"],
  ["run", "cloudRun"],
  ["sql", "cloudSql"],
  ["deploy", "cloudDeploy"],
]);

/** One API of which something may go wrong. */
export type Faulty = {
  readonly add: (request: FaultRequest) => FaultView;
  readonly list: () => readonly FaultView[];
  readonly clear: (method: string | null) => readonly FaultView[];
};

/** Plans faults of every emulator, as its own plan of faults takes them. */
export function faultControl(emulators: () => Emulators): FaultControl {
  const apis = (): ReadonlyMap<string, Faulty> => faultyApis(emulators());
  function list(): readonly FaultView[] {
    return [...apis().values()].flatMap((api) => api.list());
  }
  return {
    list,
    add: (request) => {
      const parsed = FaultRequest.safeParse(request);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const field = issue?.path.join(".") ?? "";
        throw badRequest(field, `${field === "" ? "" : `${field}: `}${issue?.message ?? ""}`);
      }
      if (list().filter(({ left }) => left !== 0).length >= FAULTS_MAX) {
        const message = `there are ${FAULTS_MAX} faults already: end some with slipway local fault clear`;
        throw googleError("RESOURCE_EXHAUSTED", message);
      }
      return find(apis(), parsed.data.api).add(parsed.data);
    },
    clear: (api, method) =>
      api === null
        ? [...apis().values()].flatMap((one) => one.clear(null))
        : find(apis(), api).clear(method),
  };
}

/** What Google's emulators do in a cloud that was started with them, where nothing can be made to fail. */
const GOOGLES: ReadonlySet<string> = new Set(["firestore", "pubsub"]);

function find(apis: ReadonlyMap<string, Faulty>, written: string): Faulty {
  const wanted = written.toLowerCase();
  const names = [...apis.keys()];
  const name =
    names.find((one) => one.toLowerCase() === wanted) ?? OTHER_NAMES.get(wanted) ?? written;
  const found = apis.get(name);
  if (found === undefined) {
    const hint = didYouMean(written, names);
    throw badRequest(
      "api",
      `the local cloud has no API ${written}${hint === "" ? `; it has ${names.join(", ")}` : hint}`,
    );
  }
  return found;
}

function faultyApis(emulators: Emulators): ReadonlyMap<string, Faulty> {
  const {
    edge: _edge,
    loadBalancer: _lb,
    close: _close,
    blobDirectory: _blobs,
    isOfficial,
    ...servers
  } = emulators;
  const ours = Object.entries(servers).filter(([name]) => !isOfficial || !GOOGLES.has(name));
  const faulty = ours.map(([name, { faults }]): [string, Faulty] => [
    name,
    methodFaults(name, faults),
  ]);
  const { pushFaults } = emulators.pubsub;
  return new Map(isOfficial ? faulty : [...faulty, [DELIVERIES, deliveryFaults(pushFaults)]]);
}

function methodFaults(api: string, plan: FaultPlan): Faulty {
  return {
    add: (request) => {
      const { every, times, delayMs } = request;
      const fault: Fault = {
        method: toMethod(api, plan, request.method),
        call: 1,
        every,
        times,
        ...(delayMs > 0 && { delayMs }),
        ...toKind(request),
      };
      plan.add(fault);
      const what = plan.list().findLast((one) => one.what === fault);
      return toView(
        api,
        what ?? { what: fault, when: { first: 1, every, times }, fired: 0, left: times },
      );
    },
    list: () => plan.list().map((planned) => toView(api, planned)),
    clear: (method) => {
      const wanted = method === null ? null : toMethod(api, plan, method);
      const before = plan.list();
      const isMeant = (fault: Fault): boolean => wanted === null || fault.method === wanted;
      plan.clear(isMeant);
      return before.filter(({ what }) => isMeant(what)).map((planned) => toView(api, planned));
    },
  };
}

function toKind(request: FaultRequest): Pick<Fault, "kind" | "status" | "isDone"> {
  const { status, side, delayMs } = request;
  if (status !== null) {
    return { kind: "status", status: toStatus(status), isDone: side === "after" };
  }
  if (side === null && delayMs > 0) {
    return { kind: "delay" };
  }
  return { kind: side === "after" ? "drop-after" : "drop-before" };
}

function toStatus(written: string): StatusName {
  const status = written.toUpperCase();
  if (!isStatusName(status)) {
    const hint = didYouMean(status, STATUS_NAMES);
    throw badRequest(
      "status",
      `${written} is no status${hint === "" ? `: it is one of ${STATUS_NAMES.join(", ")}` : hint}`,
    );
  }
  return status;
}

/** The name as people write it, without the service; `*` is any. */
function toMethod(api: string, plan: FaultPlan, written: string): string {
  if (written === ANY_METHOD) {
    return ANY_METHOD;
  }
  const full = plan.methods();
  const names = [...new Set(full.map((name) => name.slice(name.lastIndexOf("/") + 1)))];
  const wanted = written.toLowerCase();
  const found =
    names.find((name) => name.toLowerCase() === wanted) ??
    full.find((name) => name.toLowerCase() === wanted);
  if (found === undefined) {
    const hint = didYouMean(written, names);
    throw badRequest(
      "method",
      `${api} has no method ${written}${hint === "" ? `; it has ${names.join(", ")}, and * for all` : hint}`,
    );
  }
  return found;
}

function toView(api: string, planned: Planned<Fault>): FaultView {
  const { method, kind, status, isDone, delayMs = 0 } = planned.what;
  const side = kind === "drop-after" || isDone === true ? "after" : "before";
  const does = kind === "delay" ? "delayed" : "lost";
  return {
    api,
    method,
    does: kind === "status" ? (status ?? "UNAVAILABLE") : does,
    side: kind === "delay" ? null : side,
    delayMs,
    ...countsOf(planned),
  };
}
