import { imageOf } from "./local-spec.ts";
import { tagArrives } from "./local-views.ts";
import type { LocalWorld } from "./local-world.ts";

/** A job in a project of the installation, which a release deploys. */
const JOB = "parcel";
const PLACE = "parcel-tracker-staging-9a04";

const SPEC = `
service: {id: ${JOB}, description: Sweeps at night., owners: [logistics], kind: job}
build: {image: ${imageOf(JOB)}}
environments:
  - id: staging
    projectID: ${PLACE}
    category: test
    deploy: {type: subscription, subscription: {tag: main}}
    schedule: {cron: 0 3 * * *}
    instances: {resources: {cpu: 1, memory: 512Mi}}
delivery:
  environments:
    staging: {runtime: {serviceAccount: parcel-tracker-sa@${PLACE}.iam.gserviceaccount.com}}
`;

/** Deploys a job, and deploys it again. */
export async function playJob(
  world: LocalWorld,
  asOwner: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await asOwner(async () => void (await world.apply(SPEC)));
  for (const tag of ["main", "next"]) {
    await world.push(JOB, tag);
  }
  await tagArrives(world, JOB, { environment: "staging", tag: "main" });
}
