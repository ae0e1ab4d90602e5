import { needs, type Rule, type Rules } from "../kit/access/rules.ts";

const CHANNELS = "monitoring.notificationChannels";
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
  ListNotificationChannels: on(`${CHANNELS}.list`),
  GetNotificationChannel: on(`${CHANNELS}.get`),
  CreateNotificationChannel: on(`${CHANNELS}.create`),
  UpdateNotificationChannel: needs(`${CHANNELS}.update`, "notificationChannel.name"),
  DeleteNotificationChannel: on(`${CHANNELS}.delete`),
};
