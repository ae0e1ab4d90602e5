import { knownProjects } from "../../emulators/kit/projects.ts";
import { LOCAL_PROJECT, LOCAL_PROJECT_NUMBER } from "./settings.ts";

/** The projects of the samples' environments. */
export const ENVIRONMENT_PROJECTS = [
  "approval-demo-dev-5e11",
  "approval-demo-prod-a90c",
  "msp-testbed-dev-8d3f",
  "msp-testbed-prod-41c7",
  "parcel-tracker-dev-3c1e",
  "parcel-tracker-staging-9a04",
  "parcel-tracker-prod-b6f2",
] as const;

/** The project of the samples' continuous integration. */
export const CI_PROJECT = "example-ci";

/** Every project of the local cloud. Somebody pays for each. */
export const LOCAL_PROJECTS = knownProjects([
  { projectId: LOCAL_PROJECT, number: LOCAL_PROJECT_NUMBER },
  ...[...ENVIRONMENT_PROJECTS, CI_PROJECT].map((projectId) => ({ projectId })),
]);
