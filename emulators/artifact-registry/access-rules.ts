import type { RouteRequest, RouteRules } from "../kit/access/route-rules.ts";
import {
  anybodyKnown,
  type Need,
  needs,
  policyRules,
  type Rules,
  standardRules,
} from "../kit/access/rules.ts";
import { parseDestination } from "./image-names.ts";
import { repositoryName } from "./names.ts";

/** The permission of each method. Source: https://cloud.google.com/artifact-registry/docs/access-control#permissions */
export const RULES: Rules = {
  ...standard("repositories", "Repository", "Repositories"),
  ...standard("tags", "Tag", "Tags"),
  ...policyRules("artifactregistry.repositories"),
  GetPackage: needs("artifactregistry.packages.get", "name"),
  ListPackages: needs("artifactregistry.packages.list", "parent"),
  DeletePackage: needs("artifactregistry.packages.delete", "name"),
  GetVersion: needs("artifactregistry.versions.get", "name"),
  ListVersions: needs("artifactregistry.versions.list", "parent"),
  DeleteVersion: needs("artifactregistry.versions.delete", "name"),
  BatchDeleteVersions: needs("artifactregistry.versions.delete", "parent"),
  GetDockerImage: needs("artifactregistry.dockerimages.get", "name"),
  ListDockerImages: needs("artifactregistry.dockerimages.list", "parent"),
  GetOperation: anybodyKnown,
  WaitOperation: anybodyKnown,
  ListOperations: anybodyKnown,
  CancelOperation: anybodyKnown,
  DeleteOperation: anybodyKnown,
};

function standard(kind: string, one: string, many: string): Rules {
  const field = one.toLowerCase();
  return standardRules({ permission: `artifactregistry.${kind}`, one, many, field });
}

/** What pulls and pushes need, on the repository. Nobody learns without a token that there is a registry. */
export function toRoutes(defaultLocation: string): RouteRules {
  const on =
    (verb: string) =>
    (request: RouteRequest): readonly Need[] => [
      {
        permission: `artifactregistry.repositories.${verb}`,
        resource: repositoryOf(request, defaultLocation),
      },
    ];
  const path = /^\/v2\/(.+)\/(?:blobs|manifests|tags|referrers)\/.*$/;
  return [
    { verb: "GET", path: /^\/v2\/?$/, needs: () => [] },
    { verb: "GET", path: /^\/v2\/(.+)\/blobs\/uploads\/[^/]+$/, needs: on("uploadArtifacts") },
    { verb: "GET", path, needs: on("downloadArtifacts") },
    { verb: "HEAD", path, needs: on("downloadArtifacts") },
    { verb: "POST", path, needs: on("uploadArtifacts") },
    { verb: "PUT", path, needs: on("uploadArtifacts") },
    { verb: "PATCH", path, needs: on("uploadArtifacts") },
    { verb: "DELETE", path, needs: on("deleteArtifacts") },
  ];
}

function repositoryOf({ parts, host }: RouteRequest, defaultLocation: string): string {
  return repositoryName(parseDestination({ path: parts[0] ?? "", host, defaultLocation }));
}
