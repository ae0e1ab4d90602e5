import { fact } from "../audit-record.ts";
import { perform, putEnvironment, putPromotion, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import { isAt, stepOf } from "../promotion.ts";
import type { StepName } from "../promotion.ts";
import { imageOf } from "../release.ts";
import type { Environment } from "../service.ts";
import { environmentState } from "../state.ts";
import type { PendingContract } from "../state.ts";
import { raiseFloor } from "./floor.ts";
import { beginStep, finishStep, runOf } from "./run.ts";
import type { Run } from "./run.ts";
import { entryOf } from "../entry-of.ts";

type ExecutionObserved = Extract<ServiceEvent, { kind: "execution-observed" }>;

/** The step `migrate`: the job that prepares the data for the release, before the rollout. */
export function beginMigrate(change: Change, run: Run): Change {
  const job = run.environment.policy.migrations.before?.job;
  return job === undefined ? change : beginJob(change, run, { name: "migrate", job });
}

/** The step `contract`: the job that takes away what only the releases before needed. */
export function beginContract(change: Change, run: Run): Change {
  const job = run.environment.policy.migrations.after?.job;
  return job === undefined ? change : beginJob(change, run, { name: "contract", job });
}

function beginJob(
  change: Change,
  run: Run,
  step: { readonly name: "migrate" | "contract"; readonly job: string },
): Change {
  const promotion = { ...run.promotion, execution: null };
  return perform(beginStep(change, promotion, step.name), {
    kind: "run-job",
    promotion: promotion.id,
    job: toJobRef(run.environment, step.job),
    mark: `${promotion.id}-${step.name}`,
    image: imageOf(run.release),
  });
}

function toJobRef(
  environment: Environment,
  job: string,
): { readonly project: string; readonly region: string; readonly job: string } {
  return { project: environment.project, region: environment.region, job };
}

/** A migration's execution was looked at. */
export function onExecutionObserved(change: Change, event: ExecutionObserved): Change {
  const run = runOf(change, event.promotion);
  if (run === null) {
    return onContractObserved(change, event);
  }
  const name = isAt(run.promotion, "migrate") ? "migrate" : "contract";
  const known = run.promotion.execution;
  const { execution } = event;
  const isOver = stepOf(run.promotion, "migrate")?.message === execution.name;
  if (
    !isAt(run.promotion, name) ||
    isOver ||
    (known?.name === execution.name && known.state === execution.state)
  ) {
    return change;
  }
  const noted = putPromotion(change, { ...run.promotion, execution });
  return settleJob(noted, { ...run, promotion: { ...run.promotion, execution } }, name);
}

function settleJob(change: Change, run: Run, name: "migrate" | "contract"): Change {
  const { execution } = run.promotion;
  if (execution?.state === "SUCCEEDED") {
    const done = finishStep(recordJob(change, run, execution.name), run.promotion, {
      name,
      message: execution.name,
    });
    const after = run.environment.policy.migrations.after;
    return name === "contract" && after?.reversible === false
      ? raiseFloor(done, { ...run, promotion: run.promotion.id })
      : done;
  }
  if (execution?.state === "FAILED") {
    const message = `the migration failed: ${execution.message ?? execution.name}${consequence(name)}`;
    return endPromotion(change, run.promotion, { state: "FAILED", message, by: "slipway" });
  }
  return change;
}

function consequence(name: StepName): string {
  return name === "migrate" ? "; nothing was deployed" : "; the release is deployed";
}

function recordJob(change: Change, run: Run, execution: string): Change {
  const { promotion } = run;
  return record(
    change,
    fact("migration.finished", "slipway", {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      details: { execution },
    }),
  );
}

/** A migration that somebody started after its promotion had ended. */
function onContractObserved(change: Change, event: ExecutionObserved): Change {
  for (const environment of change.state.service.environments) {
    const { contract } = environmentState(change.state, environment.id);
    if (
      contract !== null &&
      contract.promotion === event.promotion &&
      contract.startedBy !== null
    ) {
      return settleContract(change, environment, { contract, event });
    }
  }
  return change;
}

function settleContract(
  change: Change,
  environment: Environment,
  { contract, event }: { readonly contract: PendingContract; readonly event: ExecutionObserved },
): Change {
  const { execution } = event;
  const about = {
    environment: environment.id,
    release: contract.release,
    promotion: contract.promotion,
    details: { execution: execution.name },
  };
  const release = entryOf(change.state.releases, contract.release);
  if (execution.state === "SUCCEEDED") {
    const told = record(change, fact("migration.finished", contract.startedBy ?? "slipway", about));
    const done = putEnvironment(told, environment.id, { contract: null });
    return contract.reversible || release === undefined
      ? done
      : raiseFloor(done, { environment, release, promotion: contract.promotion });
  }
  if (execution.state === "FAILED") {
    return failContract(change, environment, { contract, event });
  }
  return contract.execution?.state === execution.state
    ? change
    : putEnvironment(change, environment.id, { contract: { ...contract, execution } });
}

/** A migration that a person started has failed. A person may start it again; the next mark follows from this run. */
function failContract(
  change: Change,
  environment: Environment,
  { contract, event }: { readonly contract: PendingContract; readonly event: ExecutionObserved },
): Change {
  const { execution } = event;
  const release = entryOf(change.state.releases, contract.release);
  const told = record(
    change,
    fact("effect.failed", "slipway", {
      environment: environment.id,
      release: contract.release,
      promotion: contract.promotion,
      reason: execution.message ?? "no reason given",
      details: { execution: execution.name },
    }),
  );
  const again = { ...contract, execution, startedBy: null };
  const freed = putEnvironment(told, environment.id, { contract: again });
  // The job may have changed some of the data before it failed.
  return contract.reversible || release === undefined
    ? freed
    : raiseFloor(freed, { environment, release, promotion: contract.promotion });
}
