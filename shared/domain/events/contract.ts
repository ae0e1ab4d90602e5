import { perform, putEnvironment, refuse, reply } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { ServiceEvent } from "../event.ts";
import { imageOf } from "../release.ts";
import { environmentState, findEnvironment } from "../state.ts";
import type { PendingContract } from "../state.ts";
import { entryOf } from "../entry-of.ts";

type ContractRequested = Extract<ServiceEvent, { kind: "contract-requested" }>;

/** Somebody starts the migration that waits for a person after its deployment. */
export function onContractRequested(
  change: Change,
  { environment: id, promotion, by }: ContractRequested,
): Change {
  const environment = findEnvironment(change.state.service, id);
  const contract =
    environment === null ? null : environmentState(change.state, environment.id).contract;
  const release = contract === null ? undefined : entryOf(change.state.releases, contract.release);
  if (environment === null || contract === null || release === undefined) {
    return refuse(change, {
      kind: "conflict",
      message: `no migration waits to be started in ${id}`,
    });
  }
  if (promotion !== undefined && promotion !== contract.promotion) {
    const message = `another migration waits in ${id} by now, that of release ${contract.release}; look at it before you start it`;
    return refuse(change, { kind: "conflict", message });
  }
  const answer = { kind: "promotion" as const, promotion: contract.promotion };
  if (contract.startedBy !== null) {
    return reply(change, answer);
  }
  const started = putEnvironment(change, environment.id, {
    contract: { ...contract, execution: null, startedBy: by },
  });
  const asked = perform(started, {
    kind: "run-job",
    promotion: contract.promotion,
    job: { project: environment.project, region: environment.region, job: contract.job },
    mark: markOf(contract),
    image: imageOf(release),
  });
  return reply(asked, answer);
}

/** The mark of the run. After a failed run it is a new mark, or the failed run would be found again by it. */
function markOf({ promotion, execution }: PendingContract): string {
  const failed = execution?.name.split("/").at(-1);
  return failed === undefined ? `${promotion}-contract` : `${promotion}-contract-after-${failed}`;
}
