import {
  BROKEN,
  createPipeline,
  createRelease,
  createRollout,
  JOB_MS,
  read,
  renderedRelease,
  runTarget,
  type Setting,
} from "./cloud-deploy-setting.ts";

const REACH: Readonly<Record<string, (setting: Setting) => Promise<string>>> = {
  PENDING_RELEASE: async (setting) => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await createRelease(setting, "r1");
    return createRollout(setting, { release: "r1", target: "dev" });
  },
  PENDING_APPROVAL: async (setting) => {
    const target = runTarget({ requireApproval: true });
    await createPipeline(setting, [{ targetId: "dev" }], { dev: target });
    await renderedRelease(setting, "r1");
    return createRollout(setting, { release: "r1", target: "dev" });
  },
  APPROVAL_REJECTED: async (setting) => {
    const name = await reach(setting, "PENDING_APPROVAL");
    await setting.client.approveRollout({ name, approved: false });
    return name;
  },
  PENDING: async (setting) => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    await renderedRelease(setting, "r2");
    await createRollout(setting, { release: "r1", target: "dev" });
    return createRollout(setting, { release: "r2", target: "dev" });
  },
  IN_PROGRESS: async (setting) => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    return createRollout(setting, { release: "r1", target: "dev" });
  },
  SUCCEEDED: async (setting) => {
    const name = await reach(setting, "IN_PROGRESS");
    await setting.clock.advance(JOB_MS);
    return name;
  },
  FAILED: async (setting) => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1", { buildArtifacts: [{ image: "api", tag: BROKEN }] });
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    await setting.clock.advance(JOB_MS);
    return name;
  },
  CANCELLING: async (setting) => {
    const name = await reach(setting, "IN_PROGRESS");
    await setting.client.cancelRollout({ name });
    return name;
  },
  CANCELLED: async (setting) => {
    const name = await reach(setting, "CANCELLING");
    await setting.clock.advance(JOB_MS);
    return name;
  },
};

/** Brings a rollout to `dev` into a state, and returns its name. */
export async function reach(setting: Setting, state: string): Promise<string> {
  return (await REACH[state]?.(setting)) ?? "";
}

/** The latest job run of a rollout's last phase. */
export async function jobRunOf(setting: Setting, name: string): Promise<string> {
  const { phases } = await read(setting, name);
  return phases?.at(-1)?.deploymentJobs?.deployJob?.jobRun ?? "";
}
