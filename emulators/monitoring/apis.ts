import { operationsOn } from "../kit/operations-on.ts";
import type { Api, Unary } from "../kit/server.ts";
import {
  createChannel,
  deleteChannel,
  getChannel,
  listChannels,
  updateChannel,
} from "./operations-channels.ts";
import {
  createPolicy,
  deletePolicy,
  getPolicy,
  listPolicies,
  updatePolicy,
} from "./operations-policies.ts";
import type { Monitoring } from "./state.ts";

const PROTOS = "@google-cloud/monitoring/build/protos/protos.json";

/** Services of the API whose every method answers UNIMPLEMENTED by name. */
const NOT_EMULATED = [
  "GroupService",
  "MetricService",
  "QueryService",
  "ServiceMonitoringService",
  "SnoozeService",
  "UptimeCheckService",
] as const;

/** The services of google.monitoring.v3 over one state; `changed` is told after each change. */
export function toApis(monitoring: Monitoring, changed: () => void): readonly Api[] {
  const { reads: reading, writes: changing } = operationsOn(monitoring, {
    // Whatever falls due is done by the clock itself.
    settle: () => {},
    changed,
  });
  const policies = {
    ListAlertPolicies: reading(listPolicies),
    GetAlertPolicy: reading(getPolicy),
    CreateAlertPolicy: changing(createPolicy),
    UpdateAlertPolicy: changing(updatePolicy),
    DeleteAlertPolicy: changing(deletePolicy),
  };
  const channels = {
    ListNotificationChannels: reading(listChannels),
    GetNotificationChannel: reading(getChannel),
    CreateNotificationChannel: changing(createChannel),
    UpdateNotificationChannel: changing(updateChannel),
    DeleteNotificationChannel: changing(deleteChannel),
  };
  return [
    api("AlertPolicyService", policies),
    api("NotificationChannelService", channels),
    ...NOT_EMULATED.map((service) => api(service, {})),
  ];
}

function api(service: string, unary: Readonly<Record<string, Unary>>): Api {
  return { protos: PROTOS, service: `google.monitoring.v3.${service}`, unary };
}
