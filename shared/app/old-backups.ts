import type { Backup, BackupSource } from "../domain/backup.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import { after } from "../domain/time.ts";
import type { Duration } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import { sourcesOf } from "./backups.ts";

/** How many backups of one source are looked through for old ones. */
const LISTED_MAX = 1000;

/** How many old backups of one source are taken up at once; the rest is left to the next day. */
const TAKEN_UP_MAX = 20;

/**
 * Looks for backups of ours that are past their time and that the state no longer remembers: their sources
 * keep them until somebody removes them. Services may share a database, so a mark alone does not say whose
 * backup it is. A backup that the service's own history does not have is left alone.
 */
export async function lookAtOldBackups(
  ports: Ports,
  state: ServiceState,
  environment: Environment,
): Promise<readonly ServiceEvent[]> {
  const { backup } = environment.policy;
  if (backup === null || environmentState(state, environment.id).backups.length === 0) {
    return [];
  }
  const found: Backup[] = [];
  for (const source of await sourcesOf(ports, state, environment)) {
    found.push(...(await oldOf(ports, state, { environment, source, retain: backup.retain })));
  }
  return found.length === 0
    ? []
    : [{ kind: "old-backups-found", environment: environment.id, backups: found }];
}

type Place = {
  readonly environment: Environment;
  readonly source: BackupSource;
  readonly retain: Duration;
};

async function oldOf(
  ports: Ports,
  state: ServiceState,
  { environment, source, retain }: Place,
): Promise<readonly Backup[]> {
  const now = ports.clock.now();
  const known = new Set(environmentState(state, environment.id).backups.map(({ id }) => id));
  const listed = await ports.backups.list(source, LISTED_MAX);
  const marks = listed
    .filter(({ finishedAt }) => finishedAt !== null && after(finishedAt, retain) <= now)
    .flatMap(({ mark }) => (mark === null || known.has(mark) ? [] : [mark]))
    .toReversed();
  const old: Backup[] = [];
  for (const mark of marks.slice(0, TAKEN_UP_MAX)) {
    const own = await ports.store.backup(state.service.id, mark);
    if (own !== null && own.environment === environment.id) {
      old.push(own);
    }
  }
  return old;
}
