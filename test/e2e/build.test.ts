import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { functionsEnvironment } from "../../infra/local/functions-environment.ts";
import { choosePorts } from "../../infra/local/ports.ts";
import { until } from "../support/until.ts";

/** The build compiles everything, whatever was compiled before. */
const BUILD_MS = 120_000;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The program that serves a function in Google's cloud. */
const FRAMEWORK = createRequire(import.meta.url)
  .resolve("@google-cloud/functions-framework")
  .replace(/index\.js$/, "main.js");

beforeAll(() => {
  execFileSync("npm", ["run", "--silent", "gcp-build"], { cwd: ROOT, stdio: "inherit" });
}, BUILD_MS);

test("a function that was built as for a deployment answers, from what the build has compiled", async () => {
  const ports = await choosePorts(null);
  const child = spawn(process.execPath, [FRAMEWORK, "--target", "api"], {
    cwd: `${ROOT}/dist/functions`,
    env: {
      ...functionsEnvironment(ports, process.env, "{}"),
      FUNCTION_SOURCE: "index.js",
      PORT: String(ports.api),
      NODE_DEBUG_NATIVE: "COMPILE_CACHE",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (data: Buffer) => {
    log += data.toString();
  });
  try {
    const url = `http://127.0.0.1:${ports.api}/openapi.json`;
    const status = await until(
      "the built function answers",
      async () => fetch(url).then(({ status: code }) => code, String),
      (code) => typeof code === "number",
    );
    expect(status).toBe(200);
    const refused = await fetch(`http://127.0.0.1:${ports.api}/v1/holds`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{not json",
    });
    expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await refused.json(), "the door stands before the framework").toMatchObject({
      error: { code: 401, status: "UNAUTHENTICATED" },
    });
    const accepted = log.split("\n").filter((line) => line.includes("was accepted"));
    expect(accepted.some((line) => line.includes("/dist/shared/"))).toBe(true);
    expect(accepted.some((line) => line.includes("/node_modules/zod/"))).toBe(true);
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
});
