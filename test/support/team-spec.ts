import { LOCAL_PROJECT, LOCAL_REPOSITORY } from "../../infra/local/settings.ts";

/** The service with the whole week, and the project where its production's data is. */
export const ORDERS = "orders";
export const ORDERS_PROD = "orders-prod-1a2b";

/**
 * It releases what is tagged `release-N`. A preview follows the tag `stable`, and production has a database and is
 * what somebody promotes.
 */
export function ordersSpec(memory: string): string {
  return `
service:
  id: ${ORDERS}
  owners: [logistics]
build:
  image: us-central1-docker.pkg.dev/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${ORDERS}
  source: {repo: github.com/example/orders, dir: cmd/orders}
rollout:
  stages: [{environment: dev}, {environment: prod}]
environments:
  - id: dev
    projectID: orders-dev-1a2b
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: ${memory}}, scaling: {maxCount: 2}}
  - id: preview
    projectID: orders-preview-1a2b
    category: test
    deploy: {type: subscription, subscription: {tag: stable}}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: ${memory}}, scaling: {maxCount: 2}}
  - id: prod
    projectID: ${ORDERS_PROD}
    category: internal
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: ${memory}}, scaling: {maxCount: 2}}
    resources: {postgreSQL: {databases: [orders]}}
delivery:
  tags: '^release-[0-9]+$'
`;
}

/** The service with an old line of versions that gets a hotfix. */
export const CARRIER = "carrier";

/** Its releases are versions, and a lower one never takes a higher one's place by itself. */
export const CARRIER_SPEC = `
service:
  id: ${CARRIER}
  owners: [logistics]
build:
  image: us-central1-docker.pkg.dev/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${CARRIER}
  source: {repo: github.com/example/carrier, dir: cmd/carrier}
rollout:
  stages: [{environment: dev}, {environment: prod}]
environments:
  - id: dev
    projectID: carrier-dev-1a2b
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}
  - id: prod
    projectID: carrier-prod-1a2b
    category: internal
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}
delivery:
  tags: {semver: ">=1.0.0"}
`;
