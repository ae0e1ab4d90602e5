import { z } from "zod";
import type { Decision } from "../../domain/decision.ts";
import { exactly } from "../exactly.ts";
import { InstantValue } from "./words.ts";

/** What became of an event. */
export const DecisionValue = exactly<Decision>()(
  z.object({
    id: z.string(),
    at: InstantValue,
    trigger: z.string(),
    outcome: z.enum(["decided", "ignored", "refused", "failed"]),
    why: z.string(),
  }),
);
