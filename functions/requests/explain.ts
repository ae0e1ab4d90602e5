import type { z } from "zod";
import { explainRelease } from "../../shared/app/explain.ts";
import type { Advice } from "../../shared/domain/explain/gate.ts";
import { environmentState } from "../../shared/domain/state.ts";
import { toExplanationView } from "../../shared/wire/api/explanation.ts";
import type { ExplanationWithChanges } from "../../shared/wire/api/explanation.ts";
import { changesView } from "./changes.ts";
import { actorOf } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { toRequestError } from "./errors.ts";
import { releaseIdNamed } from "./named-releases.ts";
import type { Target } from "./promote.ts";

/** An explanation as the API shows it, and what would help as steps, which chat and pages show in their own way. */
export type Explained = {
  readonly told: z.output<typeof ExplanationWithChanges>;
  readonly advice: readonly Advice[];
};

/** Why the release of that name is in the environment or is not; without a name the newest. @throws RequestError */
export async function explainAt(
  context: RequestContext,
  { seen, environment }: Target,
  name: string | undefined,
): Promise<Explained> {
  const release = await releaseIdNamed(context, seen, { name });
  const explained = await explainRelease(context.get("wiring").ports, seen, {
    environment,
    release,
    by: actorOf(context),
  });
  if (!explained.ok) {
    throw toRequestError(explained.refusal);
  }
  const { incidents } = environmentState(seen.state, environment.id);
  const place = { service: seen.state.service.id, environment: environment.id, incidents };
  const explanation = toExplanationView(explained.value, place);
  const { release: found, advice } = explained.value;
  const changes =
    found === null
      ? null
      : await changesView(context, seen.state, {
          environment,
          release: found.id,
          isRollback: false,
        });
  return { told: { ...explanation, changes }, advice };
}
