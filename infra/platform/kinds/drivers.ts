import type { Drivers } from "../engine/driver.ts";
import { bucketKind } from "./bucket-kind.ts";
import { databaseKind } from "./database-kind.ts";
import { functionKind } from "./function-kind.ts";
import type { ReadDeployable } from "./function-kind.ts";
import type { Google } from "./google.ts";
import { grantsKind } from "./grants-kind.ts";
import { alertPolicyKind, channelKind, dashboardKind } from "./named-by-label.ts";
import { agentKind, apisKind, backupScheduleKind, roleKind } from "./own-kinds.ts";
import { restKind } from "./rest-kind.ts";
import { SHAPES } from "./shapes.ts";
import { subscriptionKind } from "./subscription-kind.ts";
import { accountKind, jobKind } from "./switches.ts";

/** A driver for each kind, on Google's APIs. */
export function googleDrivers(
  google: Google,
  installation: string,
  readDeployable: ReadDeployable,
): Drivers {
  return {
    apis: apisKind(google),
    "service agent": agentKind(google),
    account: accountKind(google, installation),
    role: roleKind(google, installation),
    bucket: bucketKind(google, installation),
    repository: restKind(google, installation, SHAPES.repository),
    topic: restKind(google, installation, SHAPES.topic),
    database: databaseKind(google, installation),
    index: restKind(google, installation, SHAPES.index),
    "backup schedule": backupScheduleKind(google),
    grants: grantsKind(google),
    function: functionKind(google, installation, readDeployable),
    subscription: subscriptionKind(google, installation),
    job: jobKind(google, installation),
    channel: channelKind(google, installation),
    "alert policy": alertPolicyKind(google, installation),
    dashboard: dashboardKind(google, installation),
  };
}
