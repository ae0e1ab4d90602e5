import { LOCAL_LOCATION, LOCAL_PROJECT, LOCAL_REPOSITORY } from "../../infra/local/settings.ts";

/** The service of the story. */
export const STORY = "parcels";

/** Where its data is, and what its labels are printed from. */
export const PROD = "parcels-prod-1a2b";
export const DEV = "parcels-dev-1a2b";
export const PLAN = `projects/${PROD}/locations/${LOCAL_LOCATION}/backupPlans/labels`;

/** A service with a stage for trying things out, and a production that asks for all that can be asked for. */
export const STORY_SPEC = `
service:
  id: ${STORY}
  owners: [logistics]
build:
  image: us-central1-docker.pkg.dev/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${STORY}
  source: {repo: github.com/example/parcels, dir: cmd/tracker}
rollout:
  stages: [{environment: dev}, {environment: prod}]
environments:
  - id: dev
    projectID: ${DEV}
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}
    resources: {postgreSQL: {databases: [parcels]}}
  - id: prod
    projectID: ${PROD}
    category: external
    deploy: {type: rollout}
    domain: {type: cloudflare, cloudflare: {subdomain: parcels, zone: example.com}}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}
    resources: {postgreSQL: {databases: [parcels]}}
delivery:
  environments:
    prod:
      soak: 30m
      approvals: {required: 1, from: ["group:sre@example.com"], notRequester: true}
      windows:
        timeZone: Europe/Berlin
        weekly: [{days: [Fri], from: "13:00", to: "16:00"}]
      backup: {cloudSQL: auto, gke: ${PLAN}, retain: 30d, maxAge: 0m}
      migrations: {before: {job: parcels-migrate}}
      canary: [25]
      verify: {bake: 10m, onFailure: rollback}
`;
