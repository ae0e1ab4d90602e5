import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { errorOf, REPOSITORY, useRegistry } from "./artifact-registry-fixture.ts";

const EUROPE = "projects/acme/locations/europe-west1/repositories/apps";

const DOMAIN = "projects/example.com:my-project/locations/us-central1/repositories/apps";

const { request, registry } = useRegistry({
  repositories: [{ name: REPOSITORY }, { name: EUROPE }, { name: DOMAIN }],
});

/** GETs a path with a Host header of its own, which fetch does not allow. */
async function getAs(host: string, path: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = httpRequest(`${registry().url}${path}`, { headers: { host } }, (response) => {
    text(response).then(resolve, reject);
  });
  sent.on("error", reject);
  sent.end();
  return JSON.parse(await promise);
}

describe("the name of an image", () => {
  test("is in the default location when it names none", async () => {
    const digest = await pushImage(`${registry().url}/acme/apps/web`, await buildImage(), "v1");
    const found = registry().images.find("us-central1-docker.pkg.dev/acme/apps/web:v1");
    expect(found?.digest).toBe(digest);
    expect(registry().images.find("europe-west1-docker.pkg.dev/acme/apps/web:v1")).toBeNull();
  });

  test("may start with a host, which is taken at its word", async () => {
    const url = `${registry().url}/europe-west1-docker.pkg.dev/acme/apps/web`;
    const digest = await pushImage(url, await buildImage(), "v1");
    const found = registry().images.find("europe-west1-docker.pkg.dev/acme/apps/web:v1");
    expect(found?.digest).toBe(digest);
    expect(registry().images.find("us-central1-docker.pkg.dev/acme/apps/web:v1")).toBeNull();
  });

  test.each(["europe-west1-docker.pkg.dev", "europe-west1-docker.pkg.dev:5000"])(
    "is in the location of the host %s that the request is for",
    async (host) => {
      const url = `${registry().url}/europe-west1-docker.pkg.dev/acme/apps/web`;
      await pushImage(url, await buildImage(), "v1");
      expect(await getAs(host, "/v2/acme/apps/web/tags/list")).toEqual({
        name: "acme/apps/web",
        tags: ["v1"],
      });
    },
  );

  test("has a project of a domain in two parts", async () => {
    const url = `${registry().url}/example.com/my-project/apps/team/web`;
    const digest = await pushImage(url, await buildImage(), "v1");
    const reference = "us-central1-docker.pkg.dev/example.com/my-project/apps/team/web:v1";
    expect(registry().images.find(reference)?.digest).toBe(digest);
    const response = await request("GET", `/v1/${encodeURI(DOMAIN)}/dockerImages?pageSize=1`);
    expect(await response.json()).toMatchObject({
      dockerImages: [{ uri: `${reference.replace(":v1", "")}@${digest}`, tags: ["v1"] }],
    });
  });

  test("may have slashes, and words of the API in it", async () => {
    const name = "acme/apps/team/blobs/uploads/manifests/web";
    await pushImage(`${registry().url}/${name}`, await buildImage(), "v1");
    const response = await request("GET", `/v2/${name}/tags/list`);
    expect(await response.json()).toEqual({ name, tags: ["v1"] });
  });

  test.each([
    "acme/apps/Web",
    "acme/apps/web..app",
    "acme/apps/-web",
    "acme/apps/web-",
    "acme//web",
    `acme/apps/${"w".repeat(246)}`,
  ])("is refused when it breaks the grammar: %s", async (name) => {
    const response = await request("POST", `/v2/${name}/blobs/uploads/`);
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "NAME_INVALID" });
  });

  test.each(["acme/apps/web__app", "acme/apps/a.b--c/d_e", `acme/apps/${"w".repeat(245)}`])(
    "is taken when it keeps to the grammar: %s",
    async (name) => {
      const response = await request("POST", `/v2/${name}/blobs/uploads/`);
      expect(response.status).toBe(202);
    },
  );

  test.each(["acme/apps", "acme", "us-docker.pkg.dev/acme/apps"])(
    "is refused when its image is missing: %s",
    async (name) => {
      const error = await errorOf(await request("POST", `/v2/${name}/blobs/uploads/`));
      expect(error).toMatchObject({ status: 400, code: "NAME_INVALID" });
      expect(error.message).toContain("Missing image name");
    },
  );

  test("of a repository that was not created is unknown, and the answer says which there are", async () => {
    for (const name of ["acme/other/web", "europe-north1-docker.pkg.dev/acme/apps/web"]) {
      const error = await errorOf(await request("POST", `/v2/${name}/blobs/uploads/`));
      expect(error).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
      expect(error.message).toContain(
        "europe-west1-docker.pkg.dev/acme/apps, us-central1-docker.pkg.dev/acme/apps",
      );
    }
  });
});
