import type { Kind } from "../../../infra/platform/resource.ts";
import { texts } from "../../../infra/platform/resource.ts";
import {
  call,
  DEV,
  fieldsOf,
  OWN,
  patch,
  PLACE,
  post,
  PROD,
  remove,
  without,
} from "./by-hand-calls.ts";
import type { Hand } from "./by-hand-calls.ts";

const ACCOUNT = `${OWN}/serviceAccounts/slipway-deploy@acme-slipway.iam.gserviceaccount.com`;
const BUCKET = "acme-slipway-sources";

/** What people do to who may do what, and to what runs. */
export const HANDS_ON_ACCESS = {
  apis: [
    {
      what: "turned off",
      change: post(
        "serviceusage",
        "v1/projects/acme-web-prod/services/gkebackup.googleapis.com:disable",
      ),
      shown: [`update apis ${PROD}/services: gkebackup.googleapis.com`],
    },
    {
      what: "turned off, and what is behind it is not seen",
      change: post("serviceusage", `v1/${OWN}/services/cloudscheduler.googleapis.com:disable`),
      shown: [
        `update apis ${OWN}/services: cloudscheduler.googleapis.com`,
        ...["minute", "hour", "day"].map((kind) => `create job ${PLACE}/jobs/slipway-${kind}: `),
      ],
    },
  ],
  "service agent": [
    {
      what: "named by no policy any more",
      change: without(`${OWN}/topics/slipway-dead`, "roles/pubsub.publisher"),
      shown: [
        `create service agent ${OWN}/services/pubsub.googleapis.com: `,
        `update grants ${OWN}/topics/slipway-dead: roles/pubsub.publisher`,
      ],
    },
  ],
  account: [
    {
      what: "renamed",
      change: call("iam", {
        method: "PATCH",
        path: `v1/${ACCOUNT}`,
        body: { serviceAccount: { displayName: "mine" }, updateMask: "displayName" },
      }),
      shown: [`update account ${ACCOUNT}: displayName`],
    },
    {
      what: "disabled",
      change: post("iam", `v1/${ACCOUNT}:disable`),
      shown: [`update account ${ACCOUNT}: disabled`],
    },
    {
      what: "deleted, and everything that it was given with it",
      change: remove("iam", `v1/${ACCOUNT}`),
      shown: [
        `create account ${ACCOUNT}: `,
        `update grants ${OWN}: roles/clouddeploy.jobRunner`,
        `create grants ${ACCOUNT}: `,
        `update grants ${BUCKET}: roles/storage.objectViewer`,
        "update grants projects/acme-images/locations/europe-west3/repositories/apps: roles/artifactregistry.reader",
        `update grants ${DEV}: ${DEV}/roles/slipwayDeploy`,
        `update grants ${PROD}: ${PROD}/roles/slipwayDeploy`,
      ],
    },
  ],
  role: [
    {
      what: "given one permission more",
      change: async (google) => {
        const path = `v1/${OWN}/roles/slipwayState`;
        const found = await google.call("iam", { method: "GET", path });
        const more = [...texts(found["includedPermissions"]), "datastore.entities.delete"];
        await patch("iam", path, { includedPermissions: more })(google);
      },
      shown: [`update role ${OWN}/roles/slipwayState: includedPermissions`],
    },
    {
      what: "disabled",
      change: patch("iam", `v1/${DEV}/roles/slipwayDeploy`, { stage: "DISABLED" }),
      shown: [`update role ${DEV}/roles/slipwayDeploy: stage`],
    },
    {
      what: "deleted",
      change: remove("iam", `v1/${OWN}/roles/slipwayState`),
      shown: [`create role ${OWN}/roles/slipwayState: `],
    },
  ],
  grants: [
    {
      what: "taken back on a project",
      change: without(DEV, `${DEV}/roles/slipwayDeploy`),
      shown: [`update grants ${DEV}: ${DEV}/roles/slipwayDeploy`],
    },
    {
      what: "taken back on a function",
      change: without(`${PLACE}/services/on-tick`, "roles/run.invoker"),
      shown: [`update grants ${PLACE}/services/on-tick: roles/run.invoker`],
    },
  ],
  function: [
    {
      what: "given another time and a variable more",
      change: async (google) => {
        const path = `v2/${PLACE}/functions/on-work`;
        const found = await google.call("functions", { method: "GET", path });
        const config = fieldsOf(found["serviceConfig"]);
        const variables = fieldsOf(config["environmentVariables"]);
        const serviceConfig = {
          ...config,
          timeoutSeconds: 60,
          environmentVariables: { ...variables, MINE: "1" },
        };
        await patch("functions", path, { serviceConfig })(google);
      },
      shown: [
        `update function ${PLACE}/functions/on-work: serviceConfig.timeoutSeconds, serviceConfig.environmentVariables.MINE`,
      ],
    },
    {
      what: "deleted, and who may call it with it",
      change: remove("functions", `v2/${PLACE}/functions/on-work`),
      shown: [
        `create function ${PLACE}/functions/on-work: `,
        `create grants ${PLACE}/services/on-work: `,
      ],
    },
  ],
  bucket: [
    {
      what: "open to public access",
      change: call("storage", {
        method: "PATCH",
        path: `storage/v1/b/${BUCKET}`,
        body: { iamConfiguration: { publicAccessPrevention: "inherited" } },
      }),
      shown: [`update bucket ${BUCKET}: iamConfiguration.publicAccessPrevention`],
    },
  ],
  repository: [
    {
      what: "described anew",
      change: patch("artifactregistry", `v1/${PLACE}/repositories/slipway-functions`, {
        description: "mine",
      }),
      shown: [`update repository ${PLACE}/repositories/slipway-functions: description`],
    },
    {
      what: "deleted",
      change: remove("artifactregistry", `v1/${PLACE}/repositories/slipway-functions`),
      shown: [
        `create repository ${PLACE}/repositories/slipway-functions: `,
        `create grants ${PLACE}/repositories/slipway-functions: `,
      ],
    },
  ],
} as const satisfies Partial<Record<Kind, readonly Hand[]>>;
