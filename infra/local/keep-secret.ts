import { send } from "./rest.ts";

/** Puts a value into a secret. A later start finds it there, and adds no version. @throws Error when it is refused. */
export async function keepSecret(
  secretManager: string,
  { project, id }: { readonly project: string; readonly id: string },
  value: string,
): Promise<void> {
  const parent = `${secretManager}/v1/projects/${project}/secrets`;
  const listed = await send("GET", `${parent}?filter=name:${id}`);
  if (JSON.stringify(listed).includes(`/secrets/${id}"`)) {
    return;
  }
  await send("POST", `${parent}?secretId=${id}`, { replication: { automatic: {} } });
  const payload = { data: Buffer.from(value).toString("base64") };
  await send("POST", `${parent}/${id}:addVersion`, { payload });
}
