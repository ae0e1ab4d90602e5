import type { EnvironmentId, ServiceId } from "./ids.ts";

/**
 * Where there is work: in one service, of which an environment may have to be looked at afresh; or wherever
 * something is under way. Only a hint: what there is to do is read from the state.
 */
export type WakeUp =
  | {
      readonly kind: "service";
      readonly service: ServiceId;
      /** The environment in which somebody wants to know what runs; null: nothing has to be looked at. */
      readonly look: EnvironmentId | null;
    }
  | { readonly kind: "all" };
