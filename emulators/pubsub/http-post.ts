/** A request to an endpoint. */
export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the waiting for an answer. */
  readonly signal: AbortSignal;
};

/** The status of the answer, or null when there was none: no connection, cut, or too late. */
export async function post({ url, ...init }: Post): Promise<number | null> {
  try {
    const response = await fetch(url, { method: "POST", redirect: "manual", ...init });
    // The answer ends with its body, and the connection is only then free for the next.
    await response.arrayBuffer();
    return response.status;
  } catch {
    // Every way in which there is no answer means the same to a sender: try again.
    return null;
  }
}
