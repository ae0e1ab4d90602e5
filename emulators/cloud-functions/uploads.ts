import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { readBytes } from "../kit/body.ts";
import { checkPath } from "../kit/collection-names.ts";
import type { CloudFunctions } from "./functions.ts";
import { partsOf } from "./names.ts";

/**
 * The largest archive of sources.
 * Source: https://cloud.google.com/functions/quotas#resource_limits
 */
const ARCHIVE_BYTES_MAX = 100 * 1024 * 1024;

const ZIP = "application/zip";

/**
 * GenerateUploadUrl: where to put an archive, once and for all. The address stands for one of Cloud Storage
 * that is signed: whoever has it needs no credentials.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/generateUploadUrl
 * @throws GoogleError INVALID_ARGUMENT
 */
export function generateUploadUrl(
  { uploads, numberOf, baseUrl }: CloudFunctions,
  request: { readonly parent?: string },
): object {
  const place = { field: "parent", pattern: "projects/*/locations/*" } as const;
  const { project, location } = partsOf(checkPath(request.parent ?? "", place));
  const bucket = `gcf-v2-uploads-${numberOf(project)}.${location}.cloudfunctions.appspot.com`;
  const object = `${randomUUID()}.zip`;
  uploads.set(`${bucket}/${object}`, "");
  return {
    uploadUrl: `${baseUrl()}/uploads/${bucket}/${object}?GoogleAccessId=emulator`,
    storageSource: { bucket, object },
  };
}

/** Takes and gives the archives. What was uploaded is not replaced. */
export function addUploadRoutes(app: Hono, { uploads }: CloudFunctions): void {
  app.put("/uploads/:bucket/:object", async (c) => {
    const key = `${c.req.param("bucket")}/${c.req.param("object")}`;
    const isSigned = c.req.header("content-type") === ZIP && uploads.get(key) === "";
    if (!isSigned || c.req.header("authorization") !== undefined) {
      return c.text(`The address takes one archive, as ${ZIP}, without credentials.`, 403);
    }
    const archive = await readBytes(c.req.raw, ARCHIVE_BYTES_MAX);
    uploads.set(key, archive.toString("base64"));
    return c.text("");
  });
  app.get("/uploads/:bucket/:object", (c) => {
    const archive = uploads.get(`${c.req.param("bucket")}/${c.req.param("object")}`) ?? "";
    const bytes = new Uint8Array(Buffer.from(archive, "base64"));
    return archive === ""
      ? c.text("There is no such archive.", 404)
      : c.body(bytes, 200, { "content-type": ZIP });
  });
}
