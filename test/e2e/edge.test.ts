import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { buildImage } from "../../infra/local/image.ts";
import { writeImageLayout } from "../support/image-shapes.ts";
import { GCLOUD_AUDIENCE, LOCAL_EVENTS_ACCOUNT, LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import { deliveryOf, tokenFor } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { promotionEnds, tagArrives } from "../support/local-views.ts";
import { imageUrl, openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { isMissing } from "../support/needs.ts";

const run = promisify(execFile);
const TAG = "0123456789ab_7";
const SERVICES = "/v1/services";
const hasNoSkopeo = isMissing("skopeo", ["skopeo", "--version"]);

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
});
afterAll(async () => world.close());

/** What `gcloud auth print-identity-token` prints for a person. */
async function gcloudToken(email: string): Promise<string> {
  return tokenFor(world, { email, audience: GCLOUD_AUDIENCE });
}

type Answer = { readonly status: number; readonly text: string; readonly type: string };

async function ask(url: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(url, init);
  const type = answer.headers.get("content-type") ?? "";
  return { status: answer.status, text: await answer.text(), type };
}

function bearing(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

describe.skipIf(hasNoSkopeo)("whoever has nothing but Google's tools", () => {
  test("pushes with skopeo and promotes with curl and gcloud's token", async () => {
    await world.apply(smallSpec("web"));
    const folder = await mkdtemp(join(tmpdir(), "slipway-edge-"));
    await writeImageLayout(folder, await buildImage({ env: { VERSION: TAG } }), TAG);
    const target = imageUrl(world.file, "web").replace("http://", "docker://");
    const image = [`oci:${folder}:${TAG}`, `${target}:${TAG}`];
    await run("skopeo", ["copy", "--dest-tls-verify=false", ...image]);
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    const token = await gcloudToken(LOCAL_PEOPLE.deployer);
    const { stdout } = await run("curl", [
      "--silent",
      "--show-error",
      "--fail",
      "--json",
      "{}",
      "--header",
      `Authorization: Bearer ${token}`,
      `${world.file.api}/v1/services/web/environments/prod:promote`,
    ]);
    const { id } = z.object({ id: z.string() }).parse(JSON.parse(stdout));
    expect(await promotionEnds(world, id)).toMatchObject({
      state: "SUCCEEDED",
      requestedBy: `user:${LOCAL_PEOPLE.deployer}`,
    });
    await rm(folder, { recursive: true });
  });
});

describe("the API behind the front", () => {
  test("is reached by whoever may invoke it, and says itself what they may do", async () => {
    const known = await ask(`${world.file.api}${SERVICES}`, bearing(world.file.tokens.viewer));
    expect(known).toMatchObject({ status: 200, type: expect.stringContaining("json") as unknown });
    const colleague = await gcloudToken("new@example.com");
    const refused = await ask(`${world.file.api}${SERVICES}`, bearing(colleague));
    expect(refused).toMatchObject({
      status: 403,
      text: expect.stringContaining("viewer") as unknown,
    });
    expect(refused.type).toContain("json");
  });

  test("is reached by nobody else, whom Google's front answers", async () => {
    const stranger = await gcloudToken("eve@example.org");
    for (const init of [{}, bearing(stranger)]) {
      const answer = await ask(`${world.file.api}${SERVICES}`, init);
      expect(answer).toMatchObject({ status: 403, type: "text/html; charset=UTF-8" });
    }
    const [head = "", body = ""] = world.file.tokens.oncall.split(".");
    for (const end of ["SIGNATURE_REMOVED_BY_GOOGLE", "AAAA"]) {
      const answer = await ask(`${world.file.api}${SERVICES}`, bearing(`${head}.${body}.${end}`));
      expect(answer).toMatchObject({ status: 401, type: "text/html; charset=UTF-8" });
    }
  });
});

test("a message function is not there for anybody outside, whatever token they have", async () => {
  const url = world.file.functions["on-image-push"] ?? "";
  const token = await tokenFor(world, { email: LOCAL_EVENTS_ACCOUNT, audience: url });
  const answer = await ask(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: deliveryOf("1", {}),
  });
  expect(answer.status).toBe(404);
  expect(answer.text).toContain("The requested URL was not found on this server.");
});
