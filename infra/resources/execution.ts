import type { protos } from "@google-cloud/deploy";
import { accountAddress } from "./account-address.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import type { Pairs } from "./ownership.ts";
import type { FieldChange } from "../../shared/domain/apply-plan.ts";

type ExecutionConfig = protos.google.cloud.deploy.v1.IExecutionConfig;
type UsageNumber = protos.google.cloud.deploy.v1.ExecutionConfig.ExecutionEnvironmentUsage;
type Usage = keyof typeof NUMBERS;

/** As whom Cloud Deploy renders and deploys, and the bucket in which it leaves what it made. */
export type Execution = { readonly account: string; readonly storage: string };

/** What a target's execution settings become, and why. */
export type ExecutionPlan = {
  /** Null: they are somebody else's and left alone. */
  readonly configs: readonly ExecutionConfig[] | null;
  /** What marks them as ours. */
  readonly annotations: Pairs;
  readonly changes: readonly FieldChange[];
  readonly notes: readonly string[];
};

/** The field of a target. */
export const EXECUTION_FIELD = "executionConfigs";

/** Says that the execution settings are ours, and which account they got. */
const MARK = "slipway.dev/execution-account";

/**
 * All that Cloud Deploy runs for a target. Once there are settings at all, rendering and deploying must be among them.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets#ExecutionConfig
 */
const USAGES = ["RENDER", "DEPLOY", "VERIFY", "PREDEPLOY", "POSTDEPLOY"] as const;

/** The client answers with names, and is typed for numbers. */
const NUMBERS = { RENDER: 1, DEPLOY: 2, VERIFY: 3, PREDEPLOY: 4, POSTDEPLOY: 5 } as const;

/** The account by which an installation's releases are rendered and deployed, unless it names another. */
export function defaultDeployAccount(project: string): string {
  return accountAddress(project, "slipway-deploy");
}

/**
 * The execution settings of a target. Without any, Cloud Deploy runs as the project's default Compute account, which
 * may do nothing in a new organization and far too much in an old one. A target that somebody gave another account
 * keeps it; one that has ours is mended. Pools and timeouts of others stay.
 */
export function planExecution(
  there: {
    readonly executionConfigs?: readonly ExecutionConfig[] | null;
    readonly annotations?: Pairs | null;
  } | null,
  wanted: Execution,
): ExecutionPlan {
  const now = there?.executionConfigs ?? [];
  const foreign = there?.annotations?.[MARK] === undefined ? othersIn(now, wanted.account) : [];
  if (foreign.length > 0) {
    const note = `it deploys as ${foreign.join(" and ")}, which somebody else chose, and Slipway leaves that so; remove the account from the target, and it will deploy as ${wanted.account}`;
    return { configs: null, annotations: {}, changes: [], notes: [note] };
  }
  const next = merge(now, wanted);
  return {
    configs: next,
    annotations: { [MARK]: wanted.account },
    changes: changeOf(EXECUTION_FIELD, describe(now), describe(next)),
    notes: [],
  };
}

/** The accounts of a target's execution settings; empty where it runs as the default one. */
export function accountsIn(configs: readonly ExecutionConfig[]): readonly string[] {
  const named = configs.map(({ serviceAccount }) => serviceAccount ?? "");
  return [...new Set(named.filter((account) => account !== ""))];
}

function othersIn(configs: readonly ExecutionConfig[], account: string): readonly string[] {
  return accountsIn(configs).filter((one) => one !== account);
}

function merge(
  now: readonly ExecutionConfig[],
  { account, storage }: Execution,
): readonly ExecutionConfig[] {
  const missing = USAGES.filter((usage) => !now.some((config) => isFor(config, usage)));
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum itself would load the client
  const usages = missing.map((usage): UsageNumber => NUMBERS[usage]);
  const ours = { serviceAccount: account, artifactStorage: storage };
  return [
    ...now.map((config) => Object.assign({}, config, ours)),
    ...(missing.length === 0 ? [] : [{ usages, ...ours }]),
  ];
}

/** As whom each part runs and where it leaves its results: once where that is the same for all. */
function describe(configs: readonly ExecutionConfig[]): string {
  const parts = USAGES.map((usage) => [usage, describeOne(configs, usage)] as const);
  const texts = [...new Set(parts.map(([, text]) => text))];
  return texts
    .map((text) => {
      const usages = parts.filter(([, other]) => other === text).map(([usage]) => usage);
      return texts.length === 1 ? text : `${usages.join(", ")} ${text}`;
    })
    .join("; ");
}

function describeOne(configs: readonly ExecutionConfig[], usage: Usage): string {
  const config = configs.find((one) => isFor(one, usage));
  const account = config?.serviceAccount ?? "";
  const storage = config?.artifactStorage ?? "";
  const who = account === "" ? "as the default Compute account" : `as ${account}`;
  return storage === "" ? who : `${who}, results in ${storage}`;
}

function isFor({ usages }: ExecutionConfig, usage: Usage): boolean {
  const said = new Set((usages ?? []).map(String));
  return said.has(usage) || said.has(String(NUMBERS[usage]));
}
