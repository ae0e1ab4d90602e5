import { realClock } from "../kit/clock.ts";
import { type PolicyKeeper, policyKeeper, policyMethods } from "../kit/access/policy-methods.ts";
import { methodsOn } from "../kit/call.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type Api, type RunningServer, serve } from "../kit/server.ts";
import { parseSecretName, type ProjectNumbers } from "./names.ts";
import { RULES } from "./access-rules.ts";
import { createSecret, deleteSecret, getSecret, listSecrets } from "./operations-secrets.ts";
import {
  accessSecretVersion,
  addSecretVersion,
  destroySecretVersion,
  disableSecretVersion,
  enableSecretVersion,
  getSecretVersion,
  listSecretVersions,
} from "./operations-versions.ts";
import { requireSecret, type SecretState } from "./state.ts";

/** How to start the emulator; everything may be left out. Secrets that are kept are kept in plain text. */
export type SecretManagerOptions = EmulatorOptions & {
  /** Project numbers by project id; a project that is not here gets a number derived from its id. */
  readonly projects?: ProjectNumbers | undefined;
};

/** The emulator while it runs. */
export type RunningSecretManager = RunningServer;

const PERSISTED_NAME = "secret-manager";
const PROTOS = "@google-cloud/secret-manager/build/protos/protos.json";
const HOST = "secretmanager.googleapis.com";
const SERVICE = "google.cloud.secretmanager.v1.SecretManagerService";

/**
 * Starts an emulator of Secret Manager on the loopback interface, for gRPC and REST.
 * Source: https://cloud.google.com/secret-manager/docs/reference/rpc
 * @throws Error when the port is taken.
 */
export async function startSecretManager(
  options: SecretManagerOptions = {},
): Promise<RunningSecretManager> {
  const { clock = realClock() } = options;
  const keeper = policyKeeper(options, PERSISTED_NAME);
  const numbers = options.projects ?? {};
  const state: SecretState = { numbers, secrets: new Map(), forgetPolicy: keeper.forget };
  keepMaps(options.persistence, PERSISTED_NAME, { secrets: state.secrets });
  const server = await serve({
    ...options,
    clock,
    state: { secrets: state.secrets },
    apis: [toApi(state, keeper)],
    hasLocations: true,
    guard: { service: HOST, rules: RULES },
  });
  return {
    ...server,
    reset: () => {
      [...state.secrets.keys()].forEach(keeper.forget);
      server.reset();
    },
  };
}

function toApi(state: SecretState, keeper: PolicyKeeper): Api {
  const unary = {
    ...methodsOn(state, {
      CreateSecret: createSecret,
      GetSecret: getSecret,
      ListSecrets: listSecrets,
      DeleteSecret: deleteSecret,
      AddSecretVersion: addSecretVersion,
      GetSecretVersion: getSecretVersion,
      ListSecretVersions: listSecretVersions,
      AccessSecretVersion: accessSecretVersion,
      EnableSecretVersion: enableSecretVersion,
      DisableSecretVersion: disableSecretVersion,
      DestroySecretVersion: destroySecretVersion,
    }),
    ...policyMethods(
      keeper,
      (resource) => requireSecret(state, parseSecretName(state.numbers, resource)).name,
    ),
  };
  return { protos: PROTOS, service: SERVICE, unary };
}
