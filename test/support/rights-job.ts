import { buildImage, pushImage } from "../../infra/local/image.ts";
import { imageOf } from "./local-spec.ts";
import { readService } from "./local-views.ts";
import { imageUrl } from "./local-world.ts";
import type { LocalWorld } from "./local-world.ts";
import { until } from "./until.ts";

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

/** Deploys a job, which makes it, and deploys it again, which replaces it. */
export async function playJob(
  world: LocalWorld,
  asOwner: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await asOwner(async () => void (await world.apply(SPEC)));
  for (const text of ["first", "second"]) {
    const image = await buildImage({ files: { "app/version.txt": text } });
    const digest = await pushImage(imageUrl(world.file, JOB), image, "main");
    await until(
      `the ${text} image of the job is deployed`,
      async () => readService(world, JOB),
      ({ environments }) => environments[0]?.current?.image.endsWith(digest) === true,
    );
  }
}
