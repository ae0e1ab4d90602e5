import type { Door, RunningEdge } from "../../emulators/edge/server.ts";
import { serviceName } from "./access.ts";

/** How a function is deployed: who reaches it, and how long and how often at once. */
const MESSAGES = {
  ingress: "internal",
  serving: { timeoutMs: 540_000, concurrency: 20, instancesMax: 10 },
} as const;
const API = {
  ingress: "all",
  serving: { timeoutMs: 120_000, concurrency: 20, instancesMax: 20 },
} as const;

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

/** A function's place behind the front; only the API can be reached from outside. */
export function doorOf(
  { name, port, instancePort }: FunctionPorts,
  audiences: readonly string[] = [`http://127.0.0.1:${port}`],
): Door {
  const { ingress, serving } = name === "api" ? API : MESSAGES;
  const service = { name: serviceName(name), ingress, isInvokerChecked: true, audiences };
  return { service, serving, port, instancePort };
}
