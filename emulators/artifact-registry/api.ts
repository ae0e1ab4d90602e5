import { type PolicyKeeper, policyMethods } from "../kit/access/policy-methods.ts";
import { operation } from "../kit/call.ts";
import type { Api } from "../kit/call.ts";
import type { Operations } from "../kit/operation.ts";
import { getDockerImage, listDockerImages } from "./operations-images.ts";
import type { ListDockerImagesRequest } from "./operations-images.ts";
import { deletePackage, getPackage, listPackages } from "./operations-packages.ts";
import type { ListPackagesRequest } from "./operations-packages.ts";
import {
  createRepository,
  deleteRepository,
  getRepository,
  listRepositories,
  updateRepository,
} from "./operations-repositories.ts";
import type {
  CreateRepositoryRequest,
  ListRepositoriesRequest,
  UpdateRepositoryRequest,
} from "./operations-repositories.ts";
import { createTag, deleteTag, getTag, listTags, updateTag } from "./operations-tags.ts";
import type { CreateTagRequest, ListTagsRequest, UpdateTagRequest } from "./operations-tags.ts";
import {
  batchDeleteVersions,
  deleteVersion,
  getVersion,
  listVersions,
} from "./operations-versions.ts";
import type { BatchDeleteVersionsRequest, ListVersionsRequest } from "./operations-versions.ts";
import type { Registry } from "./state.ts";

type ByName = { readonly name?: string };

/** The Artifact Registry API v1 on a registry's state. */
export function toApi(registry: Registry, operations: Operations, keeper: PolicyKeeper): Api {
  return {
    protos: "@google-cloud/artifact-registry/build/protos/protos.json",
    service: "google.devtools.artifactregistry.v1.ArtifactRegistry",
    unary: {
      ListDockerImages: operation<ListDockerImagesRequest>((r) => listDockerImages(registry, r)),
      GetDockerImage: operation<ByName>((r) => getDockerImage(registry, r)),
      ListTags: operation<ListTagsRequest>((r) => listTags(registry, r)),
      GetTag: operation<ByName>((r) => getTag(registry, r)),
      CreateTag: operation<CreateTagRequest>((r) => createTag(registry, r)),
      UpdateTag: operation<UpdateTagRequest>((r) => updateTag(registry, r)),
      DeleteTag: operation<ByName>((r) => deleteTag(registry, r)),
      ListVersions: operation<ListVersionsRequest>((r) => listVersions(registry, r)),
      GetVersion: operation<ByName & { readonly view?: string }>((r) => getVersion(registry, r)),
      DeleteVersion: operation<ByName & { readonly force?: boolean }>((r) =>
        deleteVersion(registry, operations, r),
      ),
      BatchDeleteVersions: operation<BatchDeleteVersionsRequest>((r) =>
        batchDeleteVersions(registry, operations, r),
      ),
      ListPackages: operation<ListPackagesRequest>((r) => listPackages(registry, r)),
      GetPackage: operation<ByName>((r) => getPackage(registry, r)),
      DeletePackage: operation<ByName>((r) => deletePackage(registry, operations, r)),
      ListRepositories: operation<ListRepositoriesRequest>((r) => listRepositories(registry, r)),
      GetRepository: operation<ByName>((r) => getRepository(registry, r)),
      CreateRepository: operation<CreateRepositoryRequest>((r) =>
        createRepository(registry, operations, r),
      ),
      UpdateRepository: operation<UpdateRepositoryRequest>((r) => updateRepository(registry, r)),
      DeleteRepository: operation<ByName>((r) => {
        const answer = deleteRepository(registry, operations, r);
        keeper.forget(r.name ?? "");
        return answer;
      }),
      ...policyMethods(keeper, (name) => getRepository(registry, { name }).name),
    },
  };
}
