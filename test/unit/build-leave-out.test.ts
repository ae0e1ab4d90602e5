import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "../../infra/build/sources.ts";

const LEAVE_OUT = pathToFileURL(join(REPOSITORY, "infra/build/leave-out.ts")).href;

/** What a program says that runs in a process of its own: what is left out stays so. */
function said(program: string): unknown {
  const words = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: REPOSITORY, encoding: "utf8" }));
}

test("compiled types are left out, and a client of their package works without", () => {
  const program = `
    import { leaveOutUnused } from ${JSON.stringify(LEAVE_OUT)};
    leaveOutUnused();
    const { CloudDeployClient, protos } = await import("@google-cloud/deploy");
    const { credentials } = await import("@grpc/grpc-js");
    const client = new CloudDeployClient({ projectId: "p", sslCreds: credentials.createInsecure() });
    await client.initialize();
    console.log(JSON.stringify({ types: Object.keys(protos), calls: typeof client.innerApiCalls.getRelease }));
    process.exit(0);`;
  expect(said(program)).toEqual({ types: [], calls: "function" });
});

test("those that Firestore's client takes its values from stay", () => {
  const program = `
    import { leaveOutUnused } from ${JSON.stringify(LEAVE_OUT)};
    leaveOutUnused();
    const { Firestore, protos } = await import("@google-cloud/firestore");
    const path = new Firestore({ projectId: "p" }).doc("a/b").path;
    console.log(JSON.stringify({ path, value: typeof protos.google.firestore.v1.Value }));
    process.exit(0);`;
  expect(said(program)).toEqual({ path: "a/b", value: "function" });
});

test("clients that nothing calls are empty, and those that are called know their methods", () => {
  const program = `
    import { leaveOutUnused } from ${JSON.stringify(LEAVE_OUT)};
    leaveOutUnused();
    const { JobsClient, ServicesClient, BuildsClient } = await import("@google-cloud/run");
    const { CloudSchedulerClient } = await import("@google-cloud/scheduler");
    const { default: { v1 } } = await import("@google-cloud/firestore");
    const { credentials } = await import("@grpc/grpc-js");
    const calls = async (Client, name) => {
      const client = new Client({ projectId: "p", sslCreds: credentials.createInsecure() });
      await client.initialize();
      return typeof client.innerApiCalls[name];
    };
    console.log(JSON.stringify({
      left: [typeof BuildsClient, typeof v1.FirestoreAdminClient],
      calls: [await calls(JobsClient, "runJob"), await calls(ServicesClient, "getService"), await calls(CloudSchedulerClient, "getJob"), await calls(v1.FirestoreClient, "commit")],
    }));
    process.exit(0);`;
  expect(said(program)).toEqual({
    left: ["undefined", "undefined"],
    calls: ["function", "function", "function", "function"],
  });
});
