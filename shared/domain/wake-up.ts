import type { EnvironmentId, ServiceId } from "./ids.ts";

/**
 * Where there may be work: in one service, or wherever something is under way. It is only a hint: what there is to do
 * is read from the state.
 */
export type WakeUp =
  | {
      readonly kind: "service";
      readonly service: ServiceId;
      /** The environment in which to read afresh what runs; null: in none. */
      readonly look: EnvironmentId | null;
    }
  | { readonly kind: "all" };
