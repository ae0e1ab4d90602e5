import { z } from "zod";
import { collection } from "../kit/collection.ts";
import { describedFields, type Fields, withoutOutputOnly } from "../kit/collection-fields.ts";
import { longRunning } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { deploy, endFunction } from "./deploy.ts";
import type {
  CloudFunctions,
  FunctionDraft,
  FunctionOwn,
  FunctionRecord,
  Functions,
} from "./functions.ts";
import { partsOf, urlOf } from "./names.ts";

/** The descriptors of the API. */
export const PROTOS = "@google-cloud/functions/build/protos/protos.json";
/** Where its service is. */
export const PACKAGE = "google.cloud.functions.v2";

const BUILD = describedFields(PROTOS, `${PACKAGE}.BuildConfig`);
const SERVICE = describedFields(PROTOS, `${PACKAGE}.ServiceConfig`);

const [NODE] = process.versions.node.split(".");

/**
 * Variables that the platform sets itself.
 * Source: https://cloud.google.com/functions/docs/configuring/env-var
 */
const RESERVED =
  /^(?:FUNCTION_TARGET|FUNCTION_SIGNATURE_TYPE|K_SERVICE|K_REVISION|PORT|X_GOOGLE_.*)$/;

/** What must hold of what an owner sets. */
const Rules = z.object({
  environment: z.literal("GEN_2").optional(),
  buildConfig: z.object({
    runtime: z.literal(`nodejs${NODE}`, `The emulator has the runtime nodejs${NODE} alone`),
    source: z.object({
      storageSource: z.object({ bucket: z.string().min(1), object: z.string().min(1) }),
    }),
  }),
  serviceConfig: z
    .object({
      timeoutSeconds: z.int().min(1).max(3600),
      availableMemory: z.string().regex(/^\d+(?:\.\d+)?(?:k|M|G|Mi|Gi)?$/),
      environmentVariables: z
        .record(z.string(), z.string())
        .refine(
          (variables) => !Object.keys(variables).some((name) => RESERVED.test(name)),
          "The platform sets FUNCTION_*, K_*, PORT and X_GOOGLE_* itself",
        ),
    })
    .partial()
    .optional(),
});

/**
 * The functions. Whatever is made or changed is deployed, and an operation ends with that; what ran before goes on if it
 * fails. They see the emulator only once they are called.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
 */
export function openFunctions(emulator: () => CloudFunctions): Functions {
  return collection<FunctionDraft, FunctionOwn>({
    type: "Function",
    pattern: "projects/*/locations/*/functions/*",
    permission: "cloudfunctions.functions",
    verbs: ["create", "get", "list", "update", "delete"],
    fields: describedFields(PROTOS, `${PACKAGE}.Function`, { rules: Rules }),
    ids: {
      pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      rule: "1 to 63 lower-case letters, numbers and dashes, and start with a letter",
    },
    pages: { defaultSize: 1000, maxSize: 1000 },
    begin: (about) =>
      longRunning(emulator().operations, {
        package: PACKAGE,
        runMs: () => 0,
        settle: async ({ target, verb }) =>
          (verb === "delete" ? endFunction : deploy)(emulator(), target),
      })(about),
    create: (draft, { name }) => ({
      ...configured(name, draft),
      state: "DEPLOYING",
      environment: "GEN_2",
      url: urlOf(name),
      hidden: { deployments: 0 },
    }),
    update: (next, before, { name }) => {
      checkSettled(emulator(), before);
      return { ...configured(name, next, before), state: "DEPLOYING" };
    },
    remove: (resource) => {
      checkSettled(emulator(), resource);
      return { ...resource, state: "DELETING" };
    },
  });
}

type Configs = Partial<Pick<FunctionRecord, "buildConfig" | "serviceConfig">>;

/** What an owner set, with the defaults that the API fills in and what came of it before. */
function configured(name: string, said: Configs, before: Configs = {}): Required<Configs> {
  const { buildConfig = {}, serviceConfig = {} } = said;
  return {
    buildConfig: {
      entryPoint: partsOf(name).id,
      ...withoutOutputOnly(BUILD, { ...buildConfig }),
    },
    serviceConfig: {
      ingressSettings: "ALLOW_ALL",
      maxInstanceRequestConcurrency: 1,
      timeoutSeconds: 60,
      availableMemory: "256M",
      ...withoutOutputOnly(SERVICE, { ...serviceConfig }),
      ...outputOnly(SERVICE, before.serviceConfig ?? {}),
    },
  };
}

function outputOnly(fields: Fields, config: object): object {
  return Object.fromEntries(Object.entries(config).filter(([name]) => fields.outputOnly.has(name)));
}

function checkSettled({ underWay }: CloudFunctions, { name, state }: FunctionRecord): void {
  if (state === "DEPLOYING" || state === "DELETING" || underWay.has(name)) {
    throw googleError("ABORTED", "unable to queue the operation: another one is under way");
  }
}
