import type { Refusal } from "../domain/refusal.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { RollbackVerdict } from "../domain/rollback.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { PendingContract, ServiceState } from "../domain/state.ts";
import { afterContract } from "../domain/steps/floor.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import { tryRollback } from "./rollback.ts";

/** A migration that waits for somebody to start it, and what it does to the way back. */
export type MigrationPlan = {
  readonly pending: PendingContract;
  /** Going back, as it is now and as it will be when the migration has run. */
  readonly wayBack: { readonly now: RollbackVerdict; readonly after: RollbackVerdict };
};

/** What the migration that waits in an environment would mean; nothing is stored or done. */
export async function planMigration(
  ports: DecidingPorts,
  state: ServiceState,
  environment: Environment,
): Promise<Result<MigrationPlan, Refusal>> {
  const { contract } = environmentState(state, environment.id);
  const after = afterContract(state, environment, ports.clock.now());
  if (contract === null || after === null) {
    const message = `no migration waits to be started in ${environment.id}`;
    return refused({ kind: "conflict", message });
  }
  if (contract.startedBy !== null) {
    const message = `the migration ${contract.job} in ${environment.id} runs already: ${contract.startedBy} started it`;
    return refused({ kind: "conflict", message });
  }
  const wish = { environment, release: null };
  const [now, then] = await Promise.all([
    tryRollback(ports, state, wish),
    tryRollback(ports, after, wish),
  ]);
  if (!now.ok) {
    return now;
  }
  return then.ok
    ? accepted({ pending: contract, wayBack: { now: now.value, after: then.value } })
    : then;
}
