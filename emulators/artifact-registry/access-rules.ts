import {
  anybodyKnown,
  needs,
  policyRules,
  type Rules,
  standardRules,
} from "../kit/access/rules.ts";

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
  GetDockerImage: needs("artifactregistry.dockerimages.get", "name"),
  ListDockerImages: needs("artifactregistry.dockerimages.list", "parent"),
  GetOperation: anybodyKnown,
};

function standard(kind: string, one: string, many: string): Rules {
  const field = one.toLowerCase();
  return standardRules({ permission: `artifactregistry.${kind}`, one, many, field });
}
