import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Answer, askKnative, oneOf } from "./cloud-run-knative-ask.ts";
import { openCloudRun, PARENT, type Setting, TASK_MS, textWith } from "./cloud-run-setting.ts";

const JOBS = "/apis/run.googleapis.com/v1/namespaces/acme-prod";
const Named = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
});
afterEach(async () => {
  await setting.close();
});

async function ask(verb: string, path: string, body?: unknown): Promise<Answer> {
  return askKnative(setting, [verb, path, body]);
}

describe("a job in version 1", () => {
  const head = { apiVersion: "run.googleapis.com/v1", kind: "Job", metadata: { name: "migrate" } };

  async function createJob(): Promise<void> {
    const image = setting.registry.push("1", "a");
    const task = { spec: { containers: [{ name: "", image }], maxRetries: 0 } };
    const spec = { template: { spec: { taskCount: 2, template: task } } };
    expect(await ask("POST", `${JOBS}/jobs`, { ...head, spec })).toMatchObject({ status: 200 });
  }

  test("is made, read, changed, listed and deleted", async () => {
    await createJob();
    const { body } = await ask("GET", `${JOBS}/jobs/migrate`);
    expect(body).toMatchObject({
      spec: { template: { metadata: {} } },
      status: { conditions: oneOf({ type: "Ready", status: "True" }) },
    });
    const before = await setting.jobs.getJob({ name: `${PARENT}/jobs/migrate` });
    expect(await ask("PUT", `${JOBS}/jobs/migrate`, body)).toMatchObject({ status: 200 });
    expect(await setting.jobs.getJob({ name: `${PARENT}/jobs/migrate` })).toEqual(before);
    expect(await ask("GET", `${JOBS}/jobs`)).toMatchObject({ body: { items: [head] } });
    expect(await ask("DELETE", `${JOBS}/jobs/migrate`)).toMatchObject({ status: 200 });
    expect(await ask("GET", `${JOBS}/jobs/migrate`)).toMatchObject({
      status: 404,
      body: { error: { message: textWith("migrate") } },
    });
  });

  test("is executed with what one execution does differently", async () => {
    await createJob();
    const overrides = {
      containerOverrides: [{ env: [{ name: "MARK", value: "m" }] }],
      timeoutSeconds: 9,
    };
    const { body } = await ask("POST", `${JOBS}/jobs/migrate:run`, { overrides });
    const { name } = Named.parse(body).metadata;
    expect(body).toMatchObject({
      spec: {
        template: { spec: { containers: [{ env: [{ name: "MARK" }] }], timeoutSeconds: 9 } },
      },
    });
    await setting.clock.advance(TASK_MS);
    expect(await ask("GET", `${JOBS}/executions/${name}`)).toMatchObject({
      body: {
        status: { succeededCount: 2, conditions: oneOf({ type: "Completed", status: "True" }) },
      },
    });
    const ofJob = "labelSelector=run.googleapis.com%2Fjob%20%3D%20";
    expect(await ask("GET", `${JOBS}/executions?${ofJob}migrate`)).toMatchObject({
      body: { items: [{ metadata: { name } }] },
    });
    expect(await ask("GET", `${JOBS}/executions?${ofJob}other`)).toMatchObject({
      body: { items: [] },
    });
    expect(await ask("POST", `${JOBS}/executions/${name}:cancel`, {})).toMatchObject({
      status: 400,
    });
  });

  test.each([
    ["POST", `${JOBS}/jobs/none:run`, {}, 404, "none"],
    ["POST", `${JOBS}/jobs/migrate:run`, { overrides: { taskCount: "many" } }, 400, "task_count"],
    ["GET", `${JOBS}/executions?labelSelector=a%20in%20(b)`, undefined, 400, "label=value"],
    ["GET", `${JOBS}/workerpools`, undefined, 501, "workerpools"],
    ["GET", `${JOBS}/executions/none`, undefined, 404, "none"],
    ["GET", `${JOBS}/tasks/none-task1`, undefined, 501, "tasks"],
  ])(
    "is refused with the name of what is wrong: %s %s",
    async (verb, path, body, status, named) => {
      await createJob();
      expect(await ask(verb, path, body)).toMatchObject({
        status,
        body: { error: { message: textWith(named) } },
      });
    },
  );
});
