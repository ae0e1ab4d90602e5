import { badRequest } from "../../../emulators/kit/google-error.ts";
import type { Planned } from "../../../emulators/kit/occasions.ts";
import type { DeliveryFault } from "../../../emulators/pubsub/delivery-faults.ts";
import type { DeliveryFaultPlan } from "../../../emulators/pubsub/delivery-faults.ts";
import { didYouMean } from "../../../shared/wire/spec/nearest.ts";
import { MESSAGE_FUNCTIONS } from "../ports.ts";
import { countsOf } from "./fault-request.ts";
import type { FaultRequest, FaultView } from "./fault-request.ts";
import type { Faulty } from "./faults.ts";

/** Under this name messages get lost on their way from Pub/Sub to a function. */
export const DELIVERIES = "deliveries";

/** Faults of the messages that Pub/Sub pushes: to a function, or of one subscription. */
export function deliveryFaults(pushFaults: DeliveryFaultPlan): Faulty {
  return {
    add: (request) => {
      const { every, times } = request;
      const of = toSubscriptions(request.method);
      const fault: DeliveryFault = { of, event: 1, every, times, ...toKind(request) };
      pushFaults.add(fault);
      const planned = pushFaults.list().findLast((one) => one.what === fault);
      const when = { first: 1, every, times };
      return toView(planned ?? { what: fault, when, fired: 0, left: times });
    },
    list: () => pushFaults.list().map(toView),
    clear: (method) => {
      const wanted = method === null ? null : toSubscriptions(method);
      const before = pushFaults.list();
      const isMeant = ({ of }: DeliveryFault): boolean => wanted === null || of === wanted;
      pushFaults.clear(isMeant);
      return before.filter(({ what }) => isMeant(what)).map(toView);
    },
  };
}

function toKind({ status, side, delayMs }: FaultRequest): Pick<DeliveryFault, "kind" | "delayMs"> {
  if (status !== null) {
    throw badRequest(
      "status",
      "a delivery has no status: it is lost, before or after it was taken",
    );
  }
  if (delayMs > 0 && side !== null) {
    throw badRequest("delay", "a delivery is either lost or delayed");
  }
  return delayMs > 0
    ? { kind: "delay", delayMs }
    : { kind: side === "after" ? "lose-answer" : "drop" };
}

/** All subscriptions of a function, or one by its id. */
function toSubscriptions(written: string): string {
  if (MESSAGE_FUNCTIONS.includes(written)) {
    return `${PREFIX}${written}-*`;
  }
  if (MESSAGE_FUNCTIONS.some((name) => written.startsWith(`${PREFIX}${name}-`))) {
    return written;
  }
  const hint = didYouMean(written, MESSAGE_FUNCTIONS);
  const names = `messages go to ${MESSAGE_FUNCTIONS.join(", ")}`;
  throw badRequest("method", `no message goes to ${written}${hint === "" ? `; ${names}` : hint}`);
}

/** How the ids of Slipway's subscriptions begin. */
const PREFIX = "slipway-";

function toView(planned: Planned<DeliveryFault>): FaultView {
  const { of, kind, delayMs = 0 } = planned.what;
  const side = kind === "lose-answer" ? "after" : "before";
  return {
    api: DELIVERIES,
    method: of.endsWith("-*") ? of.slice(PREFIX.length, -2) : of,
    does: kind === "delay" ? "delayed" : "lost",
    side: kind === "delay" ? null : side,
    delayMs,
    ...countsOf(planned),
  };
}
