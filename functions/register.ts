import { http } from "@google-cloud/functions-framework";
import type { HttpFunction } from "@google-cloud/functions-framework";
import type { Wirings } from "./wiring.ts";
import { messageFunction } from "./message-function.ts";
import { onDeployNotificationFunction } from "./on-deploy-notification.ts";
import { onImagePushFunction } from "./on-image-push.ts";
import { onIncidentFunction } from "./on-incident.ts";
import { onNoticeFunction } from "./on-notice.ts";
import { onTickFunction } from "./on-tick.ts";
import { onWorkFunction } from "./on-work.ts";

/** Registers every function with the framework, under its name. */
export function registerFunctions({ acting, deciding, telling, chat }: Wirings): void {
  http(onImagePushFunction.name, messageFunction(acting, onImagePushFunction));
  http(onDeployNotificationFunction.name, messageFunction(acting, onDeployNotificationFunction));
  http(onIncidentFunction.name, messageFunction(acting, onIncidentFunction));
  http(onTickFunction.name, messageFunction(acting, onTickFunction));
  http(onWorkFunction.name, messageFunction(acting, onWorkFunction));
  http(onNoticeFunction.name, messageFunction(telling, onNoticeFunction));
  http(
    "api",
    lazily(async () => (await import("./api.ts")).apiFunction(deciding)),
  );
  http(
    "web",
    lazily(async () => (await import("./web.ts")).webFunction(deciding)),
  );
  http(
    "chat",
    lazily(async () => (await import("./chat.ts")).chatFunction(chat)),
  );
}

/** The many modules of what people reach are loaded with its first request: every other function starts without them. */
function lazily(load: () => Promise<HttpFunction>): HttpFunction {
  let loaded: Promise<HttpFunction> | null = null;
  return async (request, response) => {
    loaded ??= load();
    const answer = await loaded;
    await answer(request, response);
  };
}
