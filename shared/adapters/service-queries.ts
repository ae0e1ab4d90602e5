import type { Query } from "@google-cloud/firestore";
import type { Meeting } from "../ports/store.ts";

/** How many services may share an image or a pipeline, or carry holds, and still be found in one go. */
export const SERVICES_FOUND_MAX = 500;

/** The services whose image is in a repository. */
export function withImage(services: Query, image: string): Query {
  return services.where("image", "==", image).limit(SERVICES_FOUND_MAX);
}

/** The services that have an environment in a project. */
export function inProject(services: Query, project: string): Query {
  return services.where("projects", "array-contains", project).limit(SERVICES_FOUND_MAX);
}

/** The services that have a pipeline of an id. */
export function withPipeline(services: Query, pipeline: string): Query {
  return services.where("pipelines", "array-contains", pipeline).limit(SERVICES_FOUND_MAX);
}

/** The queries that together find who is where services meet. */
export function meetingQueries(
  services: Query,
  { image, projects, pipelines }: Meeting,
): readonly Query[] {
  return [
    ...(image === "" ? [] : [withImage(services, image)]),
    ...projects.map((project) => inProject(services, project)),
    ...pipelines.map((pipeline) => withPipeline(services, pipeline)),
  ];
}
