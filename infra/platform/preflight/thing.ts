import type { Api } from "../kinds/google.ts";
import type { Registry } from "../settings.ts";

/** Something that others make, and where it must be. */
export type Thing = {
  readonly api: Api;
  readonly project: string;
  /** What is asked for it, with the version of the API. */
  readonly path: string;
  /** Such as `secret X`. */
  readonly what: string;
  /** How it is made, or where its name is to be had. */
  readonly make: string;
};

/** A repository of images. */
export function repositoryThing({ project, location, repository }: Registry): Thing {
  return {
    api: "artifactregistry",
    project,
    path: `v1/projects/${project}/locations/${location}/repositories/${repository}`,
    what: `repository ${repository} in ${location}`,
    make: `gcloud artifacts repositories create ${repository} --project=${project} --location=${location} --repository-format=docker`,
  };
}

/** A service account that was made in a project. */
export function accountThing(email: string, project: string): Thing {
  return {
    api: "iam",
    project,
    path: `v1/projects/${project}/serviceAccounts/${email}`,
    what: `account ${email}`,
    make: `gcloud iam service-accounts create ${email.split("@")[0] ?? ""} --project=${project}`,
  };
}

/** A secret, `projects/P/secrets/S`. */
export function secretThing(name: string): Thing {
  const [, project = "", , id = ""] = name.split("/");
  return {
    api: "secretmanager",
    project,
    path: `v1/${name}`,
    what: `secret ${id}`,
    make: `gcloud secrets create ${id} --project=${project}`,
  };
}

/** A job of Cloud Run, `projects/P/locations/R/jobs/J`. */
export function jobThing(name: string): Thing {
  const [, project = "", , region = "", , id = ""] = name.split("/");
  return {
    api: "run",
    project,
    path: `v2/${name}`,
    what: `Cloud Run job ${id} in ${region}`,
    make: `gcloud run jobs create ${id} --image=IMAGE --project=${project} --region=${region}`,
  };
}

/** A plan of Backup for GKE, `projects/P/locations/L/backupPlans/B`. */
export function backupPlanThing(name: string): Thing {
  const [, project = "", , location = "", , id = ""] = name.split("/");
  return {
    api: "gkebackup",
    project,
    path: `v1/${name}`,
    what: `backup plan ${id} in ${location}`,
    make: `take a name from gcloud beta container backup-restore backup-plans list --project=${project} --location=-`,
  };
}
