import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "../../infra/build/sources.ts";

const LEAVE_OUT = pathToFileURL(join(REPOSITORY, "infra/build/compiled-types.ts")).href;

/** What a program says that runs in a process of its own: what is left out stays so. */
function said(program: string): unknown {
  const words = ["--input-type=module", "--disable-warning=ExperimentalWarning", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: REPOSITORY, encoding: "utf8" }));
}

test("compiled types are left out, and a client of their package works without", () => {
  const program = `
    import { leaveOutCompiledTypes } from ${JSON.stringify(LEAVE_OUT)};
    leaveOutCompiledTypes();
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
    import { leaveOutCompiledTypes } from ${JSON.stringify(LEAVE_OUT)};
    leaveOutCompiledTypes();
    const { Firestore, protos } = await import("@google-cloud/firestore");
    const path = new Firestore({ projectId: "p" }).doc("a/b").path;
    console.log(JSON.stringify({ path, value: typeof protos.google.firestore.v1.Value }));
    process.exit(0);`;
  expect(said(program)).toEqual({ path: "a/b", value: "function" });
});
