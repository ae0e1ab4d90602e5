import { onDeployNotification } from "../shared/app/deploy-notification.ts";
import { ignored } from "../shared/app/outcome.ts";
import { parseDeployNotification } from "../shared/wire/deploy-notification.ts";
import type { DeployNotification } from "../shared/wire/deploy-notification.ts";
import type { MessageFunction } from "./message-function.ts";

/** Cloud Deploy's four topics: something moved. */
export const onDeployNotificationFunction: MessageFunction<DeployNotification | null> = {
  name: "on-deploy-notification",
  isNoted: true,
  isIdle: (hint) => hint?.rollout === undefined || hint.rollout === null,
  parse: parseDeployNotification,
  run: async (ports, hint) =>
    hint === null ? ignored("not about a delivery pipeline") : onDeployNotification(ports, hint),
};
