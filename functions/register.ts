import { http } from "@google-cloud/functions-framework";
import type { HttpFunction } from "@google-cloud/functions-framework";
import type { Wiring } from "./wiring.ts";
import { messageFunction } from "./message-function.ts";
import { onDeployNotificationFunction } from "./on-deploy-notification.ts";
import { onImagePushFunction } from "./on-image-push.ts";
import { onIncidentFunction } from "./on-incident.ts";
import { onTickFunction } from "./on-tick.ts";

/** The functions' names: as deployed, and as their files are called. */
export const FUNCTION_NAMES = [
  "on-image-push",
  "on-deploy-notification",
  "on-incident",
  "on-tick",
  "api",
] as const;

/** Registers every function with the framework, under its name. */
export function registerFunctions(wiring: () => Promise<Wiring>): void {
  http(onImagePushFunction.name, messageFunction(wiring, onImagePushFunction));
  http(onDeployNotificationFunction.name, messageFunction(wiring, onDeployNotificationFunction));
  http(onIncidentFunction.name, messageFunction(wiring, onIncidentFunction));
  http(onTickFunction.name, messageFunction(wiring, onTickFunction));
  http("api", lazyApi(wiring));
}

/** The API's many modules are loaded with its first request: every other function starts without them. */
function lazyApi(wiring: () => Promise<Wiring>): HttpFunction {
  let loaded: Promise<HttpFunction> | null = null;
  return async (request, response) => {
    loaded ??= import("./api.ts").then(({ apiFunction }) => apiFunction(wiring));
    const api = await loaded;
    await api(request, response);
  };
}
