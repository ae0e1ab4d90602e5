import type { RouteRules } from "../kit/access/route-rules.ts";
import { needs, type Rule, type Rules } from "../kit/access/rules.ts";

const CHANNELS = "monitoring.notificationChannels";
const DESCRIPTORS = "monitoring.notificationChannelDescriptors";
const POLICIES = "monitoring.alertPolicies";

/** Lists and creations name their project in `name` too. */
function on(permission: string): Rule {
  return needs(permission, "name");
}

/** The permission of each method. Source: https://cloud.google.com/monitoring/access-control */
export const RULES: Rules = {
  ListAlertPolicies: on(`${POLICIES}.list`),
  GetAlertPolicy: on(`${POLICIES}.get`),
  CreateAlertPolicy: on(`${POLICIES}.create`),
  UpdateAlertPolicy: needs(`${POLICIES}.update`, "alertPolicy.name"),
  DeleteAlertPolicy: on(`${POLICIES}.delete`),
  ListNotificationChannelDescriptors: on(`${DESCRIPTORS}.list`),
  GetNotificationChannelDescriptor: on(`${DESCRIPTORS}.get`),
  ListNotificationChannels: on(`${CHANNELS}.list`),
  GetNotificationChannel: on(`${CHANNELS}.get`),
  CreateNotificationChannel: on(`${CHANNELS}.create`),
  UpdateNotificationChannel: needs(`${CHANNELS}.update`, "notificationChannel.name"),
  DeleteNotificationChannel: on(`${CHANNELS}.delete`),
  SendNotificationChannelVerificationCode: on(`${CHANNELS}.sendVerificationCode`),
  GetNotificationChannelVerificationCode: on(`${CHANNELS}.getVerificationCode`),
  VerifyNotificationChannel: on(`${CHANNELS}.verify`),
};

/** Alerts and dashboards, which no descriptor has. */
export const ROUTES: RouteRules = [
  ...dashboards([
    ["GET", "list", ""],
    ["POST", "create", ""],
    ["GET", "get", "/[^/]+"],
    ["PATCH", "update", "/[^/]+"],
    ["DELETE", "delete", "/[^/]+"],
  ]),
  {
    verb: "GET",
    path: /^\/v3\/(projects\/[^/]+)\/alerts$/,
    needs: ({ parts }) => [{ permission: "monitoring.alerts.list", resource: parts[0] ?? "" }],
  },
  {
    verb: "GET",
    path: /^\/v3\/(projects\/[^/]+\/alerts\/[^/]+)$/,
    needs: ({ parts }) => [{ permission: "monitoring.alerts.get", resource: parts[0] ?? "" }],
  },
];

function dashboards(
  rows: readonly (readonly [verb: RouteRules[number]["verb"], act: string, id: string])[],
): RouteRules {
  return rows.map(([verb, act, id]) => ({
    verb,
    path: new RegExp(`^/v1/(projects/[^/]+)/dashboards${id}$`),
    needs: ({ parts }) => [
      { permission: `monitoring.dashboards.${act}`, resource: parts[0] ?? "" },
    ],
  }));
}
