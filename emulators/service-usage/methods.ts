import type { Message } from "../kit/call.ts";
import { anybodyKnown, needs } from "../kit/access/rules.ts";
import type { RestMethod } from "../kit/rest-table.ts";
import {
  batchEnable,
  batchGet,
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
  run: (usage: ServiceUsage, request: Message) => unknown,
];

const ROWS: readonly Row[] = [
  ["GetService", ["GET", SERVICE], needs("serviceusage.services.get", "name"), getService],
  ["ListServices", ["GET", SERVICES], needs("serviceusage.services.list", "parent"), listServices],
  [
    "BatchGetServices",
    ["GET", `${SERVICES}:batchGet`],
    needs("serviceusage.services.get", "parent"),
    batchGet,
  ],
  ["EnableService", ["POST", `${SERVICE}:enable`], needs(ENABLE, "name"), enable],
  [
    "DisableService",
    ["POST", `${SERVICE}:disable`],
    needs("serviceusage.services.disable", "name"),
    disable,
  ],
  [
    "BatchEnableServices",
    ["POST", `${SERVICES}:batchEnable`],
    needs(ENABLE, "parent"),
    batchEnable,
  ],
  [
    "GenerateServiceIdentity",
    ["POST", "/v1beta1/{parent=projects/*/services/*}:generateServiceIdentity"],
    needs(ENABLE, "parent"),
    generateIdentity,
  ],
  ["GetOperation", ["GET", "/v1/{name=operations/*}"], anybodyKnown, getOperation],
  ["GetOperation", ["GET", "/v1beta1/{name=operations/*}"], anybodyKnown, getOperation],
];

/** Every method, as the kit serves it. */
export function toMethods(usage: ServiceUsage): readonly RestMethod[] {
  return ROWS.map(([name, at, rule, run]) => ({
    name: `google.api.serviceusage.v1.ServiceUsage/${name}`,
    at,
    needs: rule,
    run: (request) => run(usage, request),
  }));
}
