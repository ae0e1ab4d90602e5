import { z } from "zod";
import type { Decision } from "../../domain/decision.ts";
import { toTime } from "./views.ts";

const DecisionView = z
  .object({
    id: z.string(),
    time: z.string().meta({ format: "date-time", description: "RFC 3339, UTC" }),
    trigger: z.string().meta({ description: "The function that took the event" }),
    outcome: z.enum(["DECIDED", "IGNORED", "REFUSED", "FAILED"]),
    why: z.string().meta({ description: "What was decided, or why nothing was" }),
  })
  .meta({ id: "Decision" });

/** A page of what became of events, newest first. */
export const DecisionList = z.object({
  decisions: z.array(DecisionView),
  nextPageToken: z.string().meta({ description: "Empty on the last page" }),
});

const OUTCOMES = {
  decided: "DECIDED",
  ignored: "IGNORED",
  refused: "REFUSED",
  failed: "FAILED",
} as const;

/** What became of an event, as the API shows it. */
export function toDecisionView({
  at,
  outcome,
  ...decision
}: Decision): z.output<typeof DecisionView> {
  return { ...decision, time: toTime(at), outcome: OUTCOMES[outcome] };
}
