import { needs, type Rules, standardRules } from "../kit/access/rules.ts";

/** The permission of each method. Source: https://cloud.google.com/scheduler/docs/access-control */
export const RULES: Rules = {
  ...standardRules({ permission: "cloudscheduler.jobs", one: "Job", many: "Jobs", field: "job" }),
  PauseJob: needs("cloudscheduler.jobs.pause", "name"),
  ResumeJob: needs("cloudscheduler.jobs.enable", "name"),
  RunJob: needs("cloudscheduler.jobs.run", "name"),
};
