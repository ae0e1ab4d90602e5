import { z } from "zod";
import type { Instant } from "../../domain/time.ts";
import { exactly } from "../exactly.ts";
import { InstantValue } from "./words.ts";

/** That a request from chat was taken up, when last, and whether it is done. */
export type TakenRequest = { readonly at: Instant; readonly isDone: boolean };

/** The same as it is stored. */
export const TakenRequestValue = exactly<TakenRequest>()(
  z.object({ at: InstantValue, isDone: z.boolean() }),
);
