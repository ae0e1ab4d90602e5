import { sourceName } from "../domain/backup.ts";
import type { Backup, BackupSource } from "../domain/backup.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { BackupView, RecoveryWindow } from "../ports/backups.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { Page, PageRequest } from "../ports/store.ts";

/** How many of a source's own backups are shown. */
const OWN_SHOWN = 10;

/** How many pages of a service's history are looked through for one environment's backups. */
const PAGES_MAX = 50;

/** How many backups of the history are read at once while one of them is looked for. */
const SEARCH_PAGE_SIZE = 200;

/** What the services of backups hold of an environment's data by themselves. */
export type OwnBackups = {
  /** Taken by the services, or by somebody else; not by Slipway. */
  readonly backups: readonly BackupView[];
  readonly recovery: readonly { readonly source: BackupSource; readonly window: RecoveryWindow }[];
  /** What could not be read, and why. */
  readonly unreadable: readonly { readonly source: string; readonly reason: string }[];
};

/**
 * A page of the backups that Slipway took of an environment's data, newest first. The history is the whole
 * service's, so a page may be shorter than asked, but it is empty only when it is the last.
 */
export async function listBackups(
  ports: DecidingPorts,
  { service }: ServiceState,
  request: PageRequest & { readonly environment: Environment },
): Promise<Page<Backup>> {
  let { pageToken } = request;
  for (let read = 1; ; read += 1) {
    const page = await ports.store.backups(service.id, { pageSize: request.pageSize, pageToken });
    const items = page.items.filter(({ environment }) => environment === request.environment.id);
    const isEnough = items.length > 0 || page.nextPageToken === "" || read >= PAGES_MAX;
    if (isEnough) {
      return { items, nextPageToken: page.nextPageToken };
    }
    pageToken = page.nextPageToken;
  }
}

/** The backups of an environment of that id, or all those that the promotion of that id took. */
export async function findBackups(
  ports: DecidingPorts,
  state: ServiceState,
  wanted: { readonly environment: Environment; readonly id: string },
): Promise<readonly Backup[]> {
  const { environment, id } = wanted;
  const isWanted = (backup: Backup): boolean =>
    backup.environment === environment.id && (backup.id === id || backup.promotion === id);
  const near = environmentState(state, environment.id).backups.filter(isWanted);
  if (near.length > 0) {
    return near;
  }
  const named = await ports.store.backup(state.service.id, id);
  if (named !== null) {
    return isWanted(named) ? [named] : [];
  }
  // Those of a promotion are looked for in the history: how many it took is not known.
  let pageToken = "";
  for (let read = 1; read <= PAGES_MAX; read += 1) {
    const request = { pageSize: SEARCH_PAGE_SIZE, pageToken };
    const page = await ports.store.backups(state.service.id, request);
    const found = page.items.filter(isWanted);
    if (found.length > 0 || page.nextPageToken === "") {
      return found;
    }
    pageToken = page.nextPageToken;
  }
  return [];
}

/** What the services hold of an environment's data beside Slipway's backups. What cannot be read is said. */
export async function listOwnBackups(
  ports: DecidingPorts,
  state: ServiceState,
  environment: Environment,
): Promise<OwnBackups> {
  const found = await collect(environment.project, async () =>
    sourcesOf(ports, state, environment),
  );
  const looks = await Promise.all(
    (found.value ?? []).map(async (source) => {
      const look = await collect(sourceName(source), async () => lookAtSource(ports, source));
      return { source, look };
    }),
  );
  return {
    backups: looks.flatMap(({ look }) => look.value?.backups ?? []),
    recovery: looks.flatMap(({ source, look }) =>
      look.value === null || look.value.window === null
        ? []
        : [{ source, window: look.value.window }],
    ),
    unreadable: [...found.unreadable, ...looks.flatMap(({ look }) => look.unreadable)],
  };
}

/** What the environment has to be backed up, and what was backed up before. */
export async function sourcesOf(
  ports: DecidingPorts,
  state: ServiceState,
  { id, project, hasDatabase, policy }: Environment,
): Promise<readonly BackupSource[]> {
  const isAsked = hasDatabase || policy.backup?.cloudSql === true;
  const instances = isAsked ? await ports.backups.databases(project) : [];
  const plan = policy.backup?.gkePlan ?? null;
  const known = environmentState(state, id).backups.map(({ source }) => source);
  const all: readonly BackupSource[] = [
    ...instances.map((instance) => ({ kind: "cloud-sql" as const, project, instance })),
    ...(plan === null ? [] : [{ kind: "gke" as const, plan }]),
    ...known,
  ];
  return [...new Map(all.map((source) => [sourceName(source), source])).values()];
}

type SourceLook = {
  readonly backups: readonly BackupView[];
  readonly window: RecoveryWindow | null;
};

async function lookAtSource(ports: DecidingPorts, source: BackupSource): Promise<SourceLook> {
  const backups = await ports.backups.list(source, OWN_SHOWN);
  const window =
    source.kind === "gke"
      ? null
      : await ports.backups.recoveryWindow(source.project, source.instance);
  return { backups: backups.filter(({ mark }) => mark === null), window };
}

type Collected<Value> = Pick<OwnBackups, "unreadable"> & { readonly value: Value | null };

/** One source that cannot be read does not keep the others from being shown. */
async function collect<Value>(
  source: string,
  look: () => Promise<Value>,
): Promise<Collected<Value>> {
  try {
    return { value: await look(), unreadable: [] };
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return { value: null, unreadable: [{ source, reason: `${error.status}: ${error.message}` }] };
    }
    throw error;
  }
}
