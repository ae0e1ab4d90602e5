import { show } from "../explain-issue.ts";
import type { Path, Report } from "../problem.ts";
import type { Draft, EnvironmentDraft, SpecDraft } from "../schema.ts";
import { environmentsOf, isInvalid } from "./draft-environments.ts";

const MEMORY_GB_DEFAULT = 4;
const MEMORY_GB_PER_CPU_MAX = 6;
/** Cloud SQL's own lower bound (https://cloud.google.com/sql/docs/postgres/create-instance). */
const MEMORY_GB_PER_CPU_MIN = 0.9;
const CONNECTIONS_MIN = 14;
const CONNECTIONS_MAX = 262_143;
const DATASET_ID = /^\w+$/;

type Database = NonNullable<NonNullable<EnvironmentDraft["resources"]>["postgreSQL"]>;
type Publications = NonNullable<NonNullable<Database["logicalReplication"]>["publications"]>;

/** Sizes of databases, and the names in them. */
export function judgeResources(draft: SpecDraft, report: Report): void {
  for (const { environment, path } of environmentsOf(draft)) {
    const { postgreSQL, bigQueryDataset } = environment.resources ?? {};
    const at = [...path, "resources"];
    if (postgreSQL !== undefined) {
      judgeDatabase(postgreSQL, [...at, "postgreSQL"], report);
    }
    if (bigQueryDataset?.datasetID !== undefined && !DATASET_ID.test(bigQueryDataset.datasetID)) {
      report.warning(
        [...at, "bigQueryDataset", "datasetID"],
        `should have letters, digits and underscores only, not ${show(bigQueryDataset.datasetID)}`,
      );
    }
  }
}

function judgeDatabase(database: Draft<Database>, path: Path, report: Report): void {
  judgeDatabaseSize(database, path, report);
  const { databases, maxConnections, logicalReplication } = database;
  if ((databases ?? []).length === 0) {
    report.warning([...path, "databases"], "names no database: upstream asks for at least one");
  }
  if (
    maxConnections !== undefined &&
    (maxConnections < CONNECTIONS_MIN || maxConnections > CONNECTIONS_MAX)
  ) {
    report.warning(
      [...path, "maxConnections"],
      `should be ${CONNECTIONS_MIN} to ${CONNECTIONS_MAX}, not ${maxConnections}`,
    );
  }
  judgePublications(
    logicalReplication?.publications ?? [],
    [...path, "logicalReplication", "publications"],
    report,
  );
}

/** Upstream compares memory with processors only where the memory is written. */
function judgeDatabaseSize(database: Draft<Database>, path: Path, report: Report): void {
  if (isInvalid(database, "cpu")) {
    return;
  }
  const { cpu = 1, memoryGB } = database;
  if (cpu > 1 && cpu % 2 !== 0) {
    report.error([...path, "cpu"], `must be 1 or an even number, not ${cpu}`);
  }
  const at = [...path, "memoryGB"];
  if (memoryGB === undefined) {
    if (!("memoryGB" in database) && MEMORY_GB_DEFAULT < cpu * MEMORY_GB_PER_CPU_MIN) {
      report.warning(
        at,
        `is ${MEMORY_GB_DEFAULT} when left out, which is too little for ${cpu} processors`,
      );
    }
    return;
  }
  if (memoryGB < cpu) {
    report.error(at, `must be at least ${cpu} for ${cpu} processors, not ${memoryGB}`);
  }
  if (memoryGB > MEMORY_GB_PER_CPU_MAX * cpu) {
    report.error(
      at,
      `must be at most ${MEMORY_GB_PER_CPU_MAX * cpu} for ${cpu} processors, not ${memoryGB}`,
    );
  }
}

function judgePublications(publications: Publications, path: Path, report: Report): void {
  const names = new Set<string>();
  for (const [index, publication] of publications.entries()) {
    const name = publication?.name;
    if (name !== undefined && names.has(name)) {
      report.error([...path, index, "name"], `is used twice: ${show(name)}`);
    }
    names.add(name ?? "");
  }
}
