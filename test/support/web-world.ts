import { webFunction } from "../../functions/web.ts";
import { PEOPLE, startApiWorld } from "./api-world.ts";
import type { ApiWorld } from "./api-world.ts";
import { serveFunction } from "./function-server.ts";

/** A page as a browser without scripts gets it. */
export type PageAnswer = {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
};

/** The pages on ports in memory, on which people are chosen. */
export type WebWorld = {
  readonly api: ApiWorld;
  readonly url: string;
  /** Opens a page as somebody. */
  readonly open: (who: keyof typeof PEOPLE, path: string) => Promise<PageAnswer>;
  /** The same as whoever has an address. */
  readonly openAs: (email: string, path: string) => Promise<PageAnswer>;
  /** Opens a page as somebody and sends the form on it that goes to `action`, with these fields beside its hidden ones. */
  readonly send: (
    who: keyof typeof PEOPLE,
    form: { readonly page: string; readonly action?: string },
    fields: Readonly<Record<string, string>>,
  ) => Promise<PageAnswer>;
  /** The same as whoever has an address. */
  readonly sendAs: (
    email: string,
    form: { readonly page: string; readonly action?: string },
    fields: Readonly<Record<string, string>>,
  ) => Promise<PageAnswer>;
  readonly close: () => Promise<void>;
};

let count = 0;

/** Serves the pages on a world in memory; without `variables` one chooses a person there. */
export async function startWebWorld(
  variables: Readonly<Record<string, string>> = LOCAL_PAGES,
): Promise<WebWorld> {
  return serveWebWorld(await startApiWorld(variables));
}

/** Serves the pages beside an API, on the same world. */
export async function serveWebWorld(api: ApiWorld): Promise<WebWorld> {
  count += 1;
  const server = await serveFunction(
    `web-${count}`,
    webFunction(async () => api.wiring),
  );
  const openAs: WebWorld["openAs"] = async (email, path) => {
    const headers = { cookie: `slipway-person=${email}` };
    return toAnswer(await fetch(`${server.url}${path}`, { headers, redirect: "manual" }));
  };
  const sendAs: WebWorld["sendAs"] = async (email, { page, action = page }, fields) => {
    const { text, headers } = await openAs(email, page);
    const body = new URLSearchParams({ ...hiddenFields(text, action), ...fields });
    const sent = await fetch(`${server.url}${action}`, {
      method: "POST",
      redirect: "manual",
      headers: {
        cookie: `slipway-person=${email}; ${formsCookie(headers)}`,
        origin: server.url,
      },
      body,
    });
    return toAnswer(sent);
  };
  return {
    api,
    url: server.url,
    openAs,
    sendAs,
    open: async (who, path) => openAs(PEOPLE[who], path),
    send: async (who, form, fields) => sendAs(PEOPLE[who], form, fields),
    close: async () => {
      await server.close();
      await api.close();
    },
  };
}

/** What has the pages let one choose a person. */
export const LOCAL_PAGES = {
  SLIPWAY_SIGN_IN_AS: Object.values(PEOPLE).join(","),
  SLIPWAY_FIRESTORE_ENDPOINT: "127.0.0.1:1",
};

async function toAnswer(response: Response): Promise<PageAnswer> {
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The cookie that the forms of an answer need. */
export function formsCookie(headers: Headers): string {
  return headers.getSetCookie().find((cookie) => cookie.startsWith("slipway-forms=")) ?? "";
}

/**
 * The hidden fields of a form of a page: of the one that goes to that address, else of the first that goes to the page
 * itself, else of any.
 */
export function hiddenFields(text: string, action: string): Record<string, string> {
  const forms = text
    .split("<form")
    .slice(1)
    .filter((form) => form.includes('type="hidden"'));
  const form =
    forms.find((other) => other.includes(`action="${action}"`)) ??
    forms.find((other) => !other.includes("action=")) ??
    forms[0] ??
    "";
  const [own = ""] = form.split("</form>");
  return Object.fromEntries(
    [
      ...own.matchAll(/<input\s+type="hidden"\s+name="(?<name>[^"]*)"\s+value="(?<value>[^"]*)"/g),
    ].map(({ groups }) => [groups?.["name"] ?? "", unescaped(groups?.["value"] ?? "")]),
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
