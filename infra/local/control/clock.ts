import { badRequest } from "../../../emulators/kit/google-error.ts";
import type { MovableClock } from "../../../emulators/kit/clock.ts";
import { ADVANCE_MAX_MS, AdvanceRequest } from "./clock-view.ts";
import type { ClockView } from "./clock-view.ts";

/** What people do with the local cloud's clock. */
export type ClockControl = {
  readonly view: () => ClockView;
  /** Moves it ahead. @throws GoogleError INVALID_ARGUMENT */
  readonly advance: (request: unknown) => Promise<ClockView>;
  readonly freeze: () => Promise<ClockView>;
  readonly run: () => Promise<ClockView>;
};

/** What moving the clock takes. */
export type ClockMoving = {
  readonly clock: () => MovableClock;
  /** Resolves when no message is on its way to a function. */
  readonly rest: () => Promise<void>;
  /** Called when the clock was moved. */
  readonly moved: () => Promise<void>;
};

/** The clock goes ahead in strides, each followed by a rest, so that what falls due is worked on in its order. */
const STRIDE_MS = 60_000;

/** A long way is gone in longer strides. A schedule that is passed over several times in one fires once. */
const STRIDES_MAX = 30;

/** How long is waited after a stride, of the machine's time: messages that nobody takes are not waited for. */
const REST_MS = 1000;

/** Moves the clock. */
export function clockControl(moving: ClockMoving): ClockControl {
  const { clock, moved } = moving;
  function view(): ClockView {
    const nowMs = clock().now();
    return {
      now: new Date(nowMs).toISOString(),
      aheadMs: nowMs - Date.now(),
      isFrozen: clock().place().frozenMs !== null,
    };
  }
  async function after(): Promise<ClockView> {
    await moved();
    return view();
  }
  return {
    view,
    advance: async (request) => {
      const parsed = AdvanceRequest.safeParse(request);
      if (!parsed.success) {
        throw badRequest("byMs", `byMs is a whole number from 1 to ${ADVANCE_MAX_MS}`);
      }
      await goAhead(moving, parsed.data.byMs);
      return after();
    },
    freeze: async () => {
      clock().freeze();
      return after();
    },
    run: async () => {
      clock().run();
      return after();
    },
  };
}

async function goAhead({ clock, rest }: ClockMoving, byMs: number): Promise<void> {
  const strideMs = Math.max(STRIDE_MS, Math.ceil(byMs / STRIDES_MAX));
  for (let leftMs = byMs; leftMs > 0; leftMs -= strideMs) {
    await atMost(rest());
    await clock().advance(Math.min(strideMs, leftMs));
  }
  await atMost(rest());
}

async function atMost(waiting: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, REST_MS);
  await Promise.race([waiting, promise]);
  clearTimeout(timer);
}
