import { z } from "zod";
import type { ExplainedGate, Explanation } from "../../domain/explain/explain.ts";
import type { Advice } from "../../domain/explain/gate.ts";
import type { EnvironmentId, ServiceId } from "../../domain/ids.ts";
import type { IncidentReading } from "../../domain/incident.ts";
import { toCommand } from "../next-step.ts";
import { ArrivalView, toArrivalView } from "./arrival.ts";
import { ChangesView } from "./changes.ts";
import { DeploymentView, GateView, PromotionView, ReleaseView } from "./schemas.ts";
import {
  toDeploymentView,
  toGateView,
  toPromotionView,
  toReleaseView,
  toTime,
  toTimeOrNull,
} from "./views.ts";

const AdviceView = z.object({ command: z.string(), does: z.string() });

const ExplainedGateView = GateView.extend({
  opensWhen: z.string().nullable().meta({ description: "What would open it" }),
  advice: z.array(AdviceView),
}).meta({ id: "ExplainedGate" });

/** Why a release is in an environment, or is not. */
export const ExplanationView = z
  .object({
    service: z.string(),
    environment: z.string(),
    standing: z.enum(["THERE", "UNDER_WAY", "WAITING", "READY", "BLOCKED", "NO_RELEASE"]),
    summary: z.string().meta({ description: "The answer in one sentence" }),
    release: ReleaseView.nullable(),
    current: DeploymentView.nullable().meta({ description: "What is there now" }),
    promotion: PromotionView.nullable().meta({
      description: "The open promotion of it there, or the last one",
    }),
    expected: ArrivalView.nullable().meta({
      description: "When the open promotion will probably be there; null when there is none",
    }),
    gates: z.array(ExplainedGateView),
    incidentsReadTime: z.string().nullable().meta({
      description:
        "When the incidents were read by which it is said; they are read again before a release starts",
    }),
    ignored: z
      .array(
        z.object({
          digest: z.string(),
          tag: z.string().nullable(),
          reason: z.string(),
          time: z.string(),
        }),
      )
      .meta({ description: "The last pushes that changed nothing, the newest first" }),
    advice: z.array(AdviceView).meta({ description: "Commands that would help, likeliest first" }),
  })
  .meta({ id: "Explanation" });

/** The same, with what goes there with the release. */
export const ExplanationWithChanges = ExplanationView.extend({
  changes: ChangesView.nullable().meta({ description: "What goes there with the release" }),
}).meta({ id: "ExplanationWithChanges" });

/** An explanation as the API shows it. */
export function toExplanationView(
  explanation: Explanation,
  place: {
    readonly service: ServiceId;
    readonly environment: EnvironmentId;
    readonly incidents: IncidentReading;
  },
): z.output<typeof ExplanationView> {
  const { standing, summary, release, current, promotion, arrival, gates, advice, ignored } =
    explanation;
  return {
    service: place.service,
    environment: place.environment,
    incidentsReadTime: place.incidents.kind === "never" ? null : toTime(place.incidents.at),
    standing,
    summary,
    release: release === null ? null : toReleaseView(release),
    current: current === null ? null : toDeploymentView(current),
    promotion: promotion === null ? null : toPromotionView(promotion),
    expected: toArrivalView(arrival),
    gates: gates.map(toExplainedGateView),
    ignored: ignored.map(({ digest, tag, reason, at }) => ({
      digest,
      tag,
      reason,
      time: toTime(at),
    })),
    advice: advice.map(toAdviceView),
  };
}

function toAdviceView({ step, does }: Advice): z.output<typeof AdviceView> {
  return { command: toCommand(step), does };
}

function toExplainedGateView({
  report,
  since,
  opening,
}: ExplainedGate): z.output<typeof ExplainedGateView> {
  return {
    ...toGateView(report),
    since: toTimeOrNull(since),
    opensWhen: opening?.when ?? null,
    advice: (opening?.advice ?? []).map(toAdviceView),
  };
}
