import { type PolicyKeeper, policyKeeper, policyMethods } from "../kit/access/policy-methods.ts";
import { needs, policyRules, type Rules } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { realClock, toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import { recordsOf, rulesOf, unaryOf } from "../kit/collection-methods.ts";
import { etagOf, parentOf } from "../kit/collection-names.ts";
import { googleError, type GoogleError } from "../kit/google-error.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { numberFor } from "../kit/projects.ts";
import {
  type EmulatorOptions,
  operation,
  type RunningServer,
  serve,
  type Unary,
} from "../kit/server.ts";
import { newestOf, openSecrets, PROTOS, type Secrets, stale, type Version } from "./secrets.ts";

/** How to start the emulator; everything may be left out. Secrets that are kept are kept in plain text. */
export type SecretManagerOptions = EmulatorOptions & {
  /** Project numbers by project id; a project that is not here gets a number derived from its id. */
  readonly projects?: Readonly<Record<string, string>> | undefined;
};

/** The emulator while it runs. */
export type RunningSecretManager = RunningServer;

type Methods = Readonly<Record<string, Unary>>;
type VersionRequest = { readonly name?: string; readonly etag?: string };

const PERSISTED_NAME = "secret-manager";
const SERVICE = "google.cloud.secretmanager.v1.SecretManagerService";

/**
 * Starts an emulator of Secret Manager on the loopback interface, for gRPC and REST.
 * Source: https://cloud.google.com/secret-manager/docs/reference/rpc
 * @throws Error when the port is taken.
 */
export async function startSecretManager(
  options: SecretManagerOptions = {},
): Promise<RunningSecretManager> {
  const { clock = realClock(), projects = {} } = options;
  const keeper = policyKeeper(options, PERSISTED_NAME);
  const all = openSecrets(keeper.forget);
  const { secrets, versions } = all;
  const state = keepMaps(options.persistence, PERSISTED_NAME, recordsOf([secrets, versions]));
  const known = new Map(Object.entries(projects));
  const unary = numbered(toMethods(all, keeper), (id) => known.get(id) ?? numberFor(id));
  const server = await serve({
    ...options,
    clock,
    state,
    apis: [{ protos: PROTOS, service: SERVICE, unary }],
    hasLocations: true,
    guard: { service: "secretmanager.googleapis.com", rules: rulesFor(all) },
  });
  return {
    ...server,
    reset: () => {
      [...secrets.records.keys()].forEach(keeper.forget);
      server.reset();
    },
  };
}

/** The permission of each method. Source: https://cloud.google.com/secret-manager/docs/access-control */
export function rulesFor({ secrets, versions }: Secrets): Rules {
  return {
    ...rulesOf([secrets, versions]),
    ...policyRules("secretmanager.secrets"),
    AddSecretVersion: needs("secretmanager.versions.add", "parent"),
    ListSecretVersions: needs("secretmanager.versions.list", "parent"),
    AccessSecretVersion: needs("secretmanager.versions.access", "name"),
    EnableSecretVersion: needs("secretmanager.versions.enable", "name"),
    DisableSecretVersion: needs("secretmanager.versions.disable", "name"),
    DestroySecretVersion: needs("secretmanager.versions.destroy", "name"),
  };
}

function toMethods({ secrets, versions }: Secrets, keeper: PolicyKeeper): Methods {
  /** A version by its number or `latest`, which is the one made last, whatever its state. */
  function find(name = ""): Version {
    if (!name.endsWith("/versions/latest")) {
      return versions.find(name);
    }
    const secret = secrets.find(parentOf(name));
    const newest = newestOf(versions, secret.name);
    if (newest === undefined) {
      throw googleError("NOT_FOUND", `Secret [${secret.name}] not found or has no versions.`);
    }
    return newest;
  }
  function changing(toChange: (nowMs: number) => Partial<Version>): Unary {
    return operation<VersionRequest>(({ name, etag = "" }, { clock }) => {
      const version = versions.find(name);
      if (etag !== "" && etag !== etagOf(withoutHidden(version))) {
        throw stale(version.name);
      }
      if (version.state === "DESTROYED") {
        throw inState(version);
      }
      return versions.show(versions.change(version, toChange(clock.now())));
    });
  }
  return {
    ...unaryOf([secrets]),
    AddSecretVersion: operation<Message>((request, { clock }) =>
      versions.run.create(request, clock.now()),
    ),
    GetSecretVersion: operation<VersionRequest>(({ name }) => versions.show(find(name))),
    ListSecretVersions: operation<Message>((request, { clock }) =>
      versions.run.list(request, clock.now()),
    ),
    AccessSecretVersion: operation<VersionRequest>((request) => {
      const version = find(request.name);
      if (version.state !== "ENABLED") {
        throw inState(version);
      }
      return { name: version.name, payload: version.hidden };
    }),
    EnableSecretVersion: changing(() => ({ state: "ENABLED" })),
    DisableSecretVersion: changing(() => ({ state: "DISABLED" })),
    DestroySecretVersion: changing((nowMs) => ({
      state: "DESTROYED",
      destroyTime: toTimestamp(nowMs),
      hidden: null,
    })),
    ...policyMethods(keeper, (resource) => secrets.find(resource).name),
  };
}

function inState({ name, state }: Version): GoogleError {
  return googleError("FAILED_PRECONDITION", `Secret Version [${name}] is in ${state} state.`);
}

/** The same methods by names with the project's number, as the service has them, whichever of the two a caller says. */
function numbered(methods: Methods, numberOf: (project: string) => string): Methods {
  function spell(value: unknown): unknown {
    if (typeof value === "string" && /^projects\/[^/]+\/locations\//.test(value)) {
      throw googleError("UNIMPLEMENTED", "The emulator does not implement regional secrets.");
    }
    return typeof value === "string"
      ? value.replace(
          /^projects\/(?!\d+(?:\/|$))([^/]+)/,
          (_, id: string) => `projects/${numberOf(id)}`,
        )
      : value;
  }
  const entries = Object.entries(methods).map(([method, run]): [string, Unary] => [
    method,
    (request, call) => {
      const names = ["name", "parent", "resource"].filter((field) => field in request);
      const spelled = names.map((field): [string, unknown] => [field, spell(request[field])]);
      return run({ ...request, ...Object.fromEntries(spelled) }, call);
    },
  ]);
  return Object.fromEntries(entries);
}
