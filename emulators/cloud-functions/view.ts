import { toTimestamp } from "../kit/clock.ts";
import { partsOf, serviceUrls, urlOf } from "./names.ts";
import type { CloudFunctions, FunctionRecord, ServingFunction } from "./functions.ts";

/** A function as the API shows it. */
export function functionView(
  { name, spec, state, failure, revision, ...times }: FunctionRecord,
  projectNumber: string,
): object {
  const { project, location, id } = partsOf(name);
  const [uri] = serviceUrls(name, projectNumber);
  const service = `projects/${project}/locations/${location}/services/${id}`;
  const isServing = revision !== null;
  return {
    ...spec,
    name,
    environment: "GEN_2",
    state,
    url: urlOf(name),
    createTime: toTimestamp(times.createTimeMs),
    updateTime: toTimestamp(times.updateTimeMs),
    buildConfig: {
      ...spec.buildConfig,
      sourceProvenance: { resolvedStorageSource: spec.buildConfig?.source?.storageSource },
    },
    serviceConfig: {
      ...spec.serviceConfig,
      allTrafficOnLatestRevision: true,
      ...(isServing ? { service, uri, revision } : {}),
    },
    ...(failure === null
      ? {}
      : { stateMessages: [{ severity: "ERROR", type: "DeploymentFailed", message: failure }] }),
  };
}

/** How a function serves; null when it does not. */
export function servingOf(
  { running, state, numberOf }: CloudFunctions,
  name: string,
): ServingFunction | null {
  const instance = running.get(name);
  const record = state.functions.get(name);
  return instance === undefined || record === undefined
    ? null
    : {
        name,
        urls: [urlOf(name), ...serviceUrls(name, numberOf(partsOf(name).project))],
        address: instance.address,
        config: record.spec.serviceConfig ?? {},
      };
}
