import type { Access } from "../../emulators/kit/access.ts";
import type { Door } from "../../emulators/edge/server.ts";
import { mayAskApi } from "../../infra/local/access.ts";
import { LOCAL_EVENTS_ACCOUNT, LOCAL_LOCATION, LOCAL_PROJECT } from "../../infra/local/settings.ts";

/** Who may invoke what in a story: everybody who is known the API, and the account that delivers the message functions. */
export function storyAccess(): Access {
  return {
    allows: (question) =>
      mayAskApi(question) ||
      (question.permission === "run.routes.invoke" &&
        question.resource.startsWith(serviceName("")) &&
        question.resource !== serviceName("api") &&
        question.member === `serviceAccount:${LOCAL_EVENTS_ACCOUNT}`),
  };
}

function serviceName(id: string): string {
  return `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/services/${id}`;
}

/** How a function is deployed: who reaches it, and how long and how often at once. */
type Setting = Pick<Door["service"], "ingress" | "isInvokerChecked"> &
  Required<Pick<Door, "serving">>;

const MESSAGES: Setting = {
  ingress: "internal",
  isInvokerChecked: true,
  serving: { timeoutMs: 540_000, concurrency: 20, instancesMax: 10 },
};
const API: Setting = {
  ingress: "all",
  isInvokerChecked: true,
  serving: { timeoutMs: 120_000, concurrency: 20, instancesMax: 20 },
};

/** Where a function's callers reach it, and where it listens itself. */
type FunctionPorts = {
  readonly name: string;
  readonly port: number;
  readonly instancePort: number;
};

/** A function's place behind the front; only the API and the pages can be reached from outside. */
export function doorOf(
  { name, port, instancePort }: FunctionPorts,
  audiences: readonly string[] = [`http://127.0.0.1:${port}`],
): Door {
  const { ingress, serving, isInvokerChecked } = name === "api" ? API : MESSAGES;
  const service = { name: serviceName(name), ingress, isInvokerChecked, audiences };
  return { service, serving, port, instancePort };
}
