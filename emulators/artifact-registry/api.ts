import { policyMethods } from "../kit/access/policy-methods.ts";
import { anybodyKnown, needs, policyRules, type Rules } from "../kit/access/rules.ts";
import { type Api, operation } from "../kit/call.ts";
import { rulesOf, unaryOf } from "../kit/collection-methods.ts";
import { idOf } from "../kit/collection-names.ts";
import { parseFilter } from "../kit/filter.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { orderBy } from "../kit/values.ts";
import { tagsByVersion } from "./changes.ts";
import { API, PAGES, PROTOS } from "./kinds.ts";
import { packageOf, repositoryOf, uriOf, versionOf } from "./names.ts";
import type { Held, Kinds, Registry, Version } from "./state.ts";

/** A version lists this many of its tags at most. */
const RELATED_TAGS_MAX = 100;

/** The permission of each method. Source: https://cloud.google.com/artifact-registry/docs/access-control#permissions */
export function toRules({ repositories, packages, versions, tags }: Kinds): Rules {
  return {
    ...rulesOf([repositories, packages, versions, tags]),
    ...policyRules("artifactregistry.repositories"),
    GetDockerImage: needs("artifactregistry.dockerimages.get", "name"),
    ListDockerImages: needs("artifactregistry.dockerimages.list", "parent"),
    GetOperation: anybodyKnown,
  };
}

/** The Artifact Registry API v1 on a registry's state. */
export function toApi(registry: Registry): Api {
  const { repositories, packages, versions, tags, keeper } = registry;
  return {
    protos: PROTOS,
    service: `${API}.ArtifactRegistry`,
    unary: {
      ...unaryOf([repositories, packages, versions, tags]),
      ...policyMethods(keeper, (name) => repositories.find(name).name),
      GetVersion: operation<Viewed>(({ name, view }) => {
        const found = versions.find(name);
        return { ...versions.show(found), ...(view === "FULL" && related(registry)(found)) };
      }),
      ListVersions: operation<Viewed>((request, { clock }) => {
        const page: { readonly versions?: readonly Held<Version>[] } = versions.run.list(
          request,
          clock.now(),
        );
        const withTags = related(registry);
        return request.view === "FULL"
          ? { ...page, versions: page.versions?.map((one) => ({ ...one, ...withTags(one) })) }
          : page;
      }),
      GetDockerImage: operation<{ readonly name?: string }>(({ name = "" }) =>
        imagesOf(registry)(versions.find(versionOf(name))),
      ),
      ListDockerImages: operation<Listed>((request) => {
        const { name } = repositories.find(request.parent);
        const all = [...versions.records.values()]
          .filter((version) => repositoryOf(version.name) === name)
          .map(imagesOf(registry))
          .filter(parseFilter(request.filter ?? ""));
        const { items, nextPageToken } = paginate(orderBy(all, request.orderBy), request, PAGES);
        return { dockerImages: items, nextPageToken };
      }),
    },
  };
}

type Viewed = { readonly name?: string; readonly view?: string };

type Listed = PageRequest & {
  readonly parent?: string;
  readonly filter?: string;
  readonly orderBy?: string;
};

/** What only the full view of a version has. */
function related(registry: Registry): (version: Held<Version>) => object {
  const tagsOf = tagsByVersion(registry);
  return ({ name: version }) => ({
    relatedTags: tagsOf(version)
      .slice(0, RELATED_TAGS_MAX)
      .map((name) => ({ name, version })),
  });
}

/** Shows versions as the API's DockerImage. */
function imagesOf(registry: Registry): (version: Held<Version>) => object {
  const tagsOf = tagsByVersion(registry);
  return ({ name, createTime, updateTime, metadata }) => ({
    ...metadata,
    uri: `${uriOf(packageOf(name))}@${idOf(name)}`,
    tags: tagsOf(name).map(idOf),
    uploadTime: createTime,
    updateTime,
  });
}
