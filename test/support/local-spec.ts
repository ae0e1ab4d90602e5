import { LOCAL_PROJECT, LOCAL_REPOSITORY } from "../../infra/local/settings.ts";

/** The image repository of a small service, as its specification has it. */
export function imageOf(id: string): string {
  return `us-central1-docker.pkg.dev/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${id}`;
}

/**
 * The specification of a small service with the stages dev and prod. `delivery` is its last part, as lines
 * of YAML; without it everything follows from the categories.
 */
export function smallSpec(id: string, delivery: readonly string[] = []): string {
  return [
    "service:",
    `  id: ${id}`,
    "  owners: [testers]",
    "build:",
    `  image: ${imageOf(id)}`,
    "  source: {repo: github.com/example/web, dir: web}",
    "rollout:",
    "  stages: [{environment: dev}, {environment: prod}]",
    "environments:",
    ...environment(id, { name: "dev", category: "test" }),
    ...environment(id, { name: "prod", category: "internal" }),
    ...delivery,
    "",
  ].join("\n");
}

function environment(
  id: string,
  { name, category }: { readonly name: string; readonly category: string },
): readonly string[] {
  return [
    `  - id: ${name}`,
    `    projectID: ${id}-${name}-1a2b`,
    `    category: ${category}`,
    "    deploy: {type: rollout}",
    "    healthProbes: {}",
    "    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}",
  ];
}
