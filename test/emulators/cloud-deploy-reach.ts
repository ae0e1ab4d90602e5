import {
  createPipeline,
  createRelease,
  createRollout,
  JOB_MS,
  read,
  renderedRelease,
  runTarget,
  type Setting,
} from "./cloud-deploy-setting.ts";

const VERIFIED = { standard: { verify: true } };

const REACH: Readonly<Record<string, (setting: Setting) => Promise<string>>> = {
  PENDING_RELEASE: async (setting) => {
    await createPipeline(setting, [{ targetId: "dev", strategy: VERIFIED }]);
    await createRelease(setting, "r1");
    return createRollout(setting, { release: "r1", target: "dev" });
  },
  PENDING_APPROVAL: async (setting) => {
    const target = runTarget({ requireApproval: true });
    await createPipeline(setting, [{ targetId: "dev", strategy: VERIFIED }], { dev: target });
    await renderedRelease(setting, "r1");
    return createRollout(setting, { release: "r1", target: "dev" });
  },
  APPROVAL_REJECTED: async (setting) => {
    const name = await reach(setting, "PENDING_APPROVAL");
    await setting.client.approveRollout({ name, approved: false });
    return name;
  },
  PENDING: async (setting) => {
    await reach(setting, "IN_PROGRESS");
    await renderedRelease(setting, "r2");
    return createRollout(setting, { release: "r2", target: "dev" });
  },
  IN_PROGRESS: async (setting) => {
    await createPipeline(setting, [{ targetId: "dev", strategy: VERIFIED }]);
    await renderedRelease(setting, "r1");
    return createRollout(setting, { release: "r1", target: "dev" });
  },
  SUCCEEDED: async (setting) => {
    const name = await reach(setting, "IN_PROGRESS");
    await setting.clock.advance(2 * JOB_MS);
    return name;
  },
  FAILED: async (setting) => {
    setting.server.failNextJob({ target: "dev", job: "verify", message: "smoke is red" });
    const name = await reach(setting, "IN_PROGRESS");
    await setting.clock.advance(2 * JOB_MS);
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
  HALTED: async (setting) => {
    const name = await reach(setting, "IN_PROGRESS");
    await setting.clock.advance(JOB_MS);
    await setting.client.terminateJobRun({ name: await jobRunOf(setting, name, "verifyJob") });
    await setting.clock.advance(JOB_MS);
    return name;
  },
};

/** Brings a rollout of a verified deploy to `dev` into a state, and returns its name. */
export async function reach(setting: Setting, state: string): Promise<string> {
  return (await REACH[state]?.(setting)) ?? "";
}

/** The latest run of a job in a rollout's last phase. */
export async function jobRunOf(
  setting: Setting,
  name: string,
  job: "deployJob" | "verifyJob",
): Promise<string> {
  const { phases } = await read(setting, name);
  return phases?.at(-1)?.deploymentJobs?.[job]?.jobRun ?? "";
}
