import { afterAll, beforeAll, expect, test } from "vitest";
import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import {
  type RunningCloudFunctions,
  startCloudFunctions,
} from "../../emulators/cloud-functions/server.ts";
import { creation, PARENT } from "./cloud-functions-setting.ts";

const ANN = "user:ann@example.com";
const PROJECT = "projects/acme";

let access: CloudAccess;
let server: RunningCloudFunctions;

beforeAll(async () => {
  access = createCloudAccess();
  access.use({ identify: () => ({ member: ANN }) });
  server = await startCloudFunctions({ access });
});

afterAll(async () => {
  await server.close();
});

/** What a request is answered, as somebody who has these roles in the project. */
async function answerTo(roles: readonly string[], line: string, body?: object): Promise<string> {
  const bindings = roles.map((role) => ({ role, members: [ANN] }));
  access.policies.set(PROJECT, { bindings });
  const [method = "", path = ""] = line.split(" ");
  const response = await fetch(`${server.url}/v2/${path}`, {
    method,
    headers: { authorization: "Bearer token", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return `${response.status} ${await response.text()}`;
}

test("each method asks for its permission, and names it", async () => {
  const list = `GET ${PARENT}/functions`;
  expect(await answerTo([], list)).toContain("cloudfunctions.functions.list");
  expect(await answerTo(["roles/cloudfunctions.viewer"], list)).toMatch(/^200 /);
  const upload = `POST ${PARENT}/functions:generateUploadUrl`;
  const refused = await answerTo(["roles/cloudfunctions.viewer"], upload, {});
  expect(refused).toContain("cloudfunctions.functions.sourceCodeSet");
  expect(await answerTo(["roles/cloudfunctions.developer"], upload, {})).toMatch(/^200 /);
});

test("whoever makes a function must be allowed to act as its account", async () => {
  const line = `POST ${PARENT}/functions?functionId=hello`;
  const { function: body } = creation({ bucket: "b", object: "o" });
  const developer = ["roles/cloudfunctions.developer"];
  expect(await answerTo(developer, line, body ?? {})).toContain("iam.serviceAccounts.actAs");
  const user = [...developer, "roles/iam.serviceAccountUser"];
  expect(await answerTo(user, line, body ?? {})).toMatch(/^200 /);
});
