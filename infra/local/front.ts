import type { Door, RunningEdge } from "../../emulators/edge/server.ts";
import { serviceName } from "./access.ts";

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

/** Identity-Aware Proxy checks who comes to the pages; here a page asks. So no token is asked for at the front. */
const PAGES: Setting = { ...API, isInvokerChecked: false };

/** Slack brings no token of Google's; the function knows it by its signature. */
const CHAT: Setting = { ...API, isInvokerChecked: false };

const SETTINGS: Readonly<Record<string, Setting>> = { api: API, web: PAGES, chat: CHAT };

/** Where a function's callers reach it, and where it listens itself. */
type FunctionPorts = {
  readonly name: string;
  readonly port: number;
  readonly instancePort: number;
};

/** Puts every function behind the front, under the address that callers know. */
export async function openFront(
  edge: RunningEdge,
  functions: readonly FunctionPorts[],
): Promise<void> {
  await Promise.all(functions.map(async (ports) => edge.open(doorOf(ports))));
}

/** A function's place behind the front; only the API, the pages and chat can be reached from outside. */
export function doorOf(
  { name, port, instancePort }: FunctionPorts,
  audiences: readonly string[] = [`http://127.0.0.1:${port}`],
): Door {
  const { ingress, serving, isInvokerChecked } = SETTINGS[name] ?? MESSAGES;
  const service = { name: serviceName(name), ingress, isInvokerChecked, audiences };
  return { service, serving, port, instancePort };
}
