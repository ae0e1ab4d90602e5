import type { Message } from "../kit/call.ts";
import { toTimestamp } from "../kit/clock.ts";
import { type Begin, collection } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { executionView } from "./executions.ts";
import { jobView, writeJob } from "./jobs.ts";
import { beginOperation, endOperation } from "./long-running.ts";
import { FIELDS, PROTOS } from "./messages.ts";
import { IDS, REFUSALS } from "./names.ts";
import { checkRetired, revisionView } from "./revisions.ts";
import { serviceView, writeService } from "./services.ts";
import type { JobSpec, RevisionTemplate, ServiceSpec } from "./spec.ts";
import type {
  CloudRun,
  ExecutionOwn,
  JobOwn,
  RevisionOwn,
  ServiceOwn,
  Surroundings,
} from "./state.ts";

/** How many items a page of any list has. */
export const PAGES = { defaultSize: 100, maxSize: 1000 };

/** What every kind has alike. */
const ALIKE = {
  ids: IDS,
  refusals: REFUSALS,
  pages: PAGES,
  usualOrder: "newest first",
} as const;

/** What people make and change. An update without a mask replaces everything that an owner sets. */
const WRITTEN = {
  ...ALIKE,
  verbs: ["create", "get", "list", "update", "delete"],
  usualMask: "*",
} as const;

/** What the emulator makes. */
const MADE = {
  ...ALIKE,
  verbs: ["get", "list", "delete"],
  create: (): never => {
    throw new Error("nobody else makes these");
  },
} as const;

/** The kinds of resources of an emulator, none at first. */
export function openCloudRun(surroundings: Surroundings): CloudRun {
  const begin: Begin = ({ target, verb, type }) =>
    verb === "delete"
      ? endOperation(run, { type, response: { name: target, deleteTime: toTimestamp(run.now()) } })
      : beginOperation(run, target);
  const run: CloudRun = {
    ...surroundings,
    services: collection<ServiceSpec, ServiceOwn>({
      ...WRITTEN,
      type: "Service",
      pattern: "projects/*/locations/*/services/*",
      permission: "run.services",
      fields: FIELDS.Service,
      begin,
      create: (given, place) => writeService(run, { given, before: null }, place),
      update: (given, before, place) => writeService(run, { given, before }, place),
      remove: ({ name }) => forgetBelow(run, name),
      view: (service) => serviceView(run, service),
    }),
    revisions: collection<RevisionTemplate, RevisionOwn>({
      ...MADE,
      type: "Revision",
      pattern: "projects/*/locations/*/services/*/revisions/*",
      permission: "run.revisions",
      fields: describedFields(PROTOS, "google.cloud.run.v2.Revision"),
      begin,
      remove: (revision) => {
        checkRetired(run, revision);
        return null;
      },
      view: (revision) => revisionView(run, revision),
    }),
    jobs: collection<JobSpec, JobOwn>({
      ...WRITTEN,
      type: "Job",
      pattern: "projects/*/locations/*/jobs/*",
      permission: "run.jobs",
      fields: FIELDS.Job,
      begin,
      create: (given, place) => writeJob(run, { given, before: null }, place),
      update: (given, before, place) => writeJob(run, { given, before }, place),
      remove: ({ name }) => forgetBelow(run, name),
      view: (job) => jobView(run, job),
    }),
    executions: collection<Message, ExecutionOwn>({
      ...MADE,
      type: "Execution",
      pattern: "projects/*/locations/*/jobs/*/executions/*",
      permission: "run.executions",
      fields: describedFields(PROTOS, "google.cloud.run.v2.Execution"),
      begin,
      view: (execution) => executionView(run, execution),
    }),
    operations: new Map(),
  };
  return run;
}

/** Forgets what is in a service or a job; nothing of it remains. */
function forgetBelow(run: CloudRun, name: string): null {
  for (const { records } of [run.revisions, run.executions]) {
    for (const key of records.keys()) {
      if (key.startsWith(`${name}/`)) {
        records.delete(key);
      }
    }
  }
  run.keeper.forget(name);
  return null;
}
