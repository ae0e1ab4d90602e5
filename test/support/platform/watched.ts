import type { Api, Google, Request } from "../../../infra/platform/kinds/google.ts";

/** One call of an API. */
export type Seen = { readonly api: Api | "upload"; readonly method: string; readonly path: string };

/** Is told of each call before it is made and after it was answered: it may throw. */
export type Watch = (moment: "before" | "after", call: Seen) => void;

/** Sees nothing. */
export const UNWATCHED: Watch = () => undefined;

/** Whether a call changes something; policies are asked for by POST too. */
export function isWrite({ method, path }: Seen): boolean {
  return method !== "GET" && !/:(?:getIamPolicy|testIamPermissions)$/.test(path);
}

/** The same APIs, each call watched. */
export function watched(google: Google, watch: Watch): Google {
  const around = async <Answer>(call: Seen, act: () => Promise<Answer>): Promise<Answer> => {
    watch("before", call);
    const answer = await act();
    watch("after", call);
    return answer;
  };
  return {
    call: async (api, request) => around(seen(api, request), async () => google.call(api, request)),
    find: async (api, request) => around(seen(api, request), async () => google.find(api, request)),
    list: async (api, path, of) =>
      around(seen(api, { method: "GET", path }), async () => google.list(api, path, of)),
    put: async (url, bytes) =>
      around({ api: "upload", method: "PUT", path: new URL(url).pathname }, async () =>
        google.put(url, bytes),
      ),
  };
}

function seen(api: Api, { method, path }: Pick<Request, "method" | "path">): Seen {
  return { api, method, path };
}
