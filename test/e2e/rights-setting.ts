import { serviceId } from "../../shared/domain/ids.ts";
import type { AccessPolicy, Principal } from "../../shared/domain/policy.ts";
import type { Service } from "../../shared/domain/service.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { install } from "../support/storm.ts";

/** People whom the installation does not know, but specifications or its list of owners do. */
export const NAMED = {
  /** In the group that may promote into production. */
  promoter: "nina@example.com",
  /** Must approve production. */
  approver: "amy@example.com",
  /** In the group that may break the glass in production. */
  glassBreaker: "gus@example.com",
  /** In the group of the team `web`. */
  owner: "olga@example.com",
  /** Deploys anywhere, and is in the group that may promote into production as well. */
  both: "dora@example.com",
} as const;

/** The pipeline's account, which may make releases. */
export const CI = "ci@web.iam.gserviceaccount.com";

const GROUPS = {
  "eng@example.com": [NAMED.promoter, NAMED.both],
  "web-oncall@example.com": [NAMED.glassBreaker],
  "team-web@example.com": [NAMED.owner],
};

function access(parts: Partial<AccessPolicy>): AccessPolicy {
  return { promote: [], approve: [], breakGlass: [], ...parts };
}

/** The service `web`: dev (test) and qa (internal) name nobody, prod (external) names people for everything. */
export const WEB = aService({
  releaser: `serviceAccount:${CI}`,
  environments: [
    anEnvironment("dev"),
    anEnvironment("qa", { stage: 1, category: "internal", policy: aPolicy() }),
    anEnvironment("prod", {
      stage: 2,
      category: "external",
      policy: aPolicy({
        access: access({
          promote: ["group:eng@example.com"],
          breakGlass: ["group:web-oncall@example.com"],
        }),
        approvals: {
          required: 1,
          from: [`user:${NAMED.approver}`],
          notRequester: true,
          notAuthor: false,
        },
      }),
    }),
  ],
});

/** The service of others: nobody of `NAMED` is named in it, nor anybody else. */
export const BANK = another("bank", []);

/** A service like `bank`, whose development environment names whom it says. */
export function another(id: string, promote: readonly Principal[]): Service {
  return aService({
    id: serviceId(id),
    name: id,
    owners: [id],
    image: `us-central1-docker.pkg.dev/slipway/apps/${id}`,
    environments: [
      anEnvironment("dev", {
        pipeline: { project: "slipway", location: "us-central1", id: `${id}-us-central1-rollout` },
        policy: aPolicy({ promotion: "automatic", access: access({ promote }) }),
      }),
      anEnvironment("prod", {
        pipeline: { project: "slipway", location: "us-central1", id: `${id}-us-central1-rollout` },
        stage: 1,
        category: "external",
        policy: aPolicy(),
      }),
    ],
  });
}

/** The API with both services, the groups, and what more its configuration says. */
export async function startRights(
  variables: Readonly<Record<string, string>> = {},
): Promise<ApiWorld> {
  const api = await startApiWorld({
    SLIPWAY_DEPLOYERS: `user:${PEOPLE.deployer},user:${NAMED.both}`,
    ...variables,
  });
  for (const [group, members] of Object.entries(GROUPS)) {
    api.memory.world.groups.set(group, members);
  }
  await install(api.memory.ports, WEB);
  await install(api.memory.ports, BANK);
  return api;
}
