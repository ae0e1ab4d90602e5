/** An object of Cloud Storage that is to be there. */
export type PutObject = {
  readonly project: string;
  readonly bucket: string;
  readonly name: string;
  readonly bytes: Uint8Array;
};

/**
 * Puts an object into a Cloud Storage that runs, in a bucket that is made if need be, and gives its `gs://` URI. Where
 * callers are checked, `token` says who puts it.
 */
export async function putObject(
  storage: { readonly url: string },
  { project, bucket, name, bytes }: PutObject,
  token = "",
): Promise<string> {
  async function post(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> {
    const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
    const { status } = await fetch(`${storage.url}/${path}`, { method: "POST", headers, body });
    return status;
  }
  await post(`storage/v1/b?project=${project}`, JSON.stringify({ name: bucket }));
  const query = `uploadType=media&name=${encodeURIComponent(name)}`;
  const status = await post(`upload/storage/v1/b/${bucket}/o?${query}`, new Uint8Array(bytes));
  if (status !== 200) {
    throw new Error(`gs://${bucket}/${name} was not put: ${status}`);
  }
  return `gs://${bucket}/${name}`;
}
