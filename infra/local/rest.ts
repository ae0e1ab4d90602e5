const CONFLICT = 409;

/** One JSON request to an emulator, as any client makes it. @throws Error when it is refused. */
export async function send(method: string, url: string, body?: object): Promise<unknown> {
  const answer = await request(method, url, body);
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
  }
  const json: unknown = text === "" ? null : JSON.parse(text);
  return json;
}

/** Creates something; that it is there already, as after a restart, is as good. @throws Error when it is refused. */
export async function create(url: string, body: object): Promise<void> {
  const answer = await request("POST", url, body);
  if (!answer.ok && answer.status !== CONFLICT) {
    throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  }
  await answer.body?.cancel();
}

async function request(method: string, url: string, body?: object): Promise<Response> {
  return fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
