import type { z } from "zod";
import { anybodyKnown, needs } from "../kit/access/rules.ts";
import { type RestMethod, type Taking, taking } from "../kit/rest-table.ts";
import {
  BatchEnable,
  batchEnable,
  ByName,
  Disable,
  GenerateIdentity,
  ListServices,
  disable,
  enable,
  generateIdentity,
  getOperation,
  getService,
  listServices,
} from "./operations.ts";
import type { ServiceUsage } from "./state.ts";

const SERVICE = "/v1/{name=projects/*/services/*}";
const SERVICES = "/v1/{parent=projects/*}/services";

/** Source: https://cloud.google.com/service-usage/docs/access-control#permissions */
const ENABLE = "serviceusage.services.enable";

type Row = readonly [
  name: string,
  at: RestMethod["at"],
  needs: RestMethod["needs"],
  taking: (usage: ServiceUsage) => Taking,
];

function takes<Schema extends z.ZodObject>(
  schema: Schema,
  run: (usage: ServiceUsage, request: z.infer<Schema>) => unknown,
): Row[3] {
  return (usage) => taking(schema, (request) => run(usage, request));
}

const ROWS: readonly Row[] = [
  [
    "GetService",
    ["GET", SERVICE],
    needs("serviceusage.services.get", "name"),
    takes(ByName, getService),
  ],
  [
    "ListServices",
    ["GET", SERVICES],
    needs("serviceusage.services.list", "parent"),
    takes(ListServices, listServices),
  ],
  ["EnableService", ["POST", `${SERVICE}:enable`], needs(ENABLE, "name"), takes(ByName, enable)],
  [
    "DisableService",
    ["POST", `${SERVICE}:disable`],
    needs("serviceusage.services.disable", "name"),
    takes(Disable, disable),
  ],
  [
    "BatchEnableServices",
    ["POST", `${SERVICES}:batchEnable`],
    needs(ENABLE, "parent"),
    takes(BatchEnable, batchEnable),
  ],
  [
    "GenerateServiceIdentity",
    ["POST", "/v1beta1/{parent=projects/*/services/*}:generateServiceIdentity"],
    needs(ENABLE, "parent"),
    takes(GenerateIdentity, generateIdentity),
  ],
  ["GetOperation", ["GET", "/v1/{name=operations/*}"], anybodyKnown, takes(ByName, getOperation)],
  [
    "GetOperation",
    ["GET", "/v1beta1/{name=operations/*}"],
    anybodyKnown,
    takes(ByName, getOperation),
  ],
];

/** Every method, as the kit serves it. */
export function toMethods(usage: ServiceUsage): readonly RestMethod[] {
  return ROWS.map(([name, at, rule, take]) => ({
    name: `google.api.serviceusage.v1.ServiceUsage/${name}`,
    at,
    needs: rule,
    takes: take(usage),
  }));
}
