import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Hono } from "hono";
import { assertionReader, IAP_HEADER } from "../../shared/adapters/iap-assertion.ts";
import type { ReadAssertion } from "../../shared/adapters/iap-assertion.ts";
import { membershipOf } from "../../shared/app/membership.ts";
import type { Caller } from "../../shared/app/rights.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import type { DecidingWiring } from "../wiring.ts";
import { isOverTls, tokenField } from "./forgery.ts";
import { readForm } from "./form.ts";
import { plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { showBare } from "./layout.ts";

/** The cookie that says as whom somebody chose to sign in; it is believed in a local cloud alone. */
const PERSON_COOKIE = "slipway-person";

/** Nobody has signed in yet when the sign-in's own form is made. */
const NOBODY = "";

/** Says who visits; null: nobody has been chosen yet. @throws RequestError UNAUTHENTICATED where the proxy vouches for nobody. */
export type WhoVisits = (context: RequestContext) => Promise<Caller | null>;

/** Makes the function that says who visits: by the proxy's assertion, or by the choice that a local cloud offers. */
export function whoVisits({ config, ports }: DecidingWiring): WhoVisits {
  const { people } = config.pages;
  if (people.length > 0) {
    return async (context) => {
      const chosen = getCookie(context, PERSON_COOKIE) ?? "";
      return people.includes(chosen) ? { email: chosen, isManaged: true } : null;
    };
  }
  const read = assertionReader({ ...config.pages, clock: ports.clock });
  return async (context) => callerOf(read, context.req.header(IAP_HEADER));
}

async function callerOf(read: ReadAssertion, assertion: string | undefined): Promise<Caller> {
  const verdict = await read(assertion);
  if (!verdict.ok) {
    throw new RequestError("UNAUTHENTICATED", verdict.refusal.reason);
  }
  return verdict.value;
}

/** Has a request go on as that caller's. */
export function admit(context: RequestContext, caller: Caller): void {
  context.set("caller", caller);
  context.set("members", membershipOf(context.get("wiring").ports, caller.email));
}

/** Adds the pages on which one chooses a person; where the proxy signs people in there are none. */
export function addSignIn(app: Hono<RequestEnvironment>): void {
  app.get("/sign-in", (context) => {
    const people = peopleOf(context);
    return showBare(context, { title: "Sign in", body: choice(context, people) });
  });
  app.post("/sign-in", async (context) => {
    const people = peopleOf(context);
    const { person = "" } = await readForm(context, NOBODY);
    if (!people.includes(person)) {
      throw new RequestError("INVALID_ARGUMENT", "choose one of the people on the page");
    }
    const secure = isOverTls(context);
    setCookie(context, PERSON_COOKIE, person, {
      httpOnly: true,
      sameSite: "Lax",
      path: "/",
      secure,
    });
    return context.redirect("/", 303);
  });
  app.post("/sign-out", async (context) => {
    await readForm(context, getCookie(context, PERSON_COOKIE) ?? NOBODY);
    deleteCookie(context, PERSON_COOKIE, { path: "/" });
    return context.redirect("/sign-in", 303);
  });
}

/** @throws RequestError NOT_FOUND where nobody is chosen. */
function peopleOf(context: RequestContext): readonly string[] {
  const { people } = context.get("wiring").config.pages;
  if (people.length === 0) {
    throw new RequestError("NOT_FOUND", "Identity-Aware Proxy signs people in here");
  }
  return people;
}

function choice(context: RequestContext, people: readonly string[]): Html {
  return html`<p>
      This is a local cloud. Choose as whom you look and act: what each person may do differs.
    </p>
    <form method="post" action="/sign-in" class="people">
      ${tokenField(context, NOBODY)}
      ${people.map(
        (person) =>
          html`<button name="person" value="${person}" class="quiet">
            ${plain(person)} ${rolesOf(context, person)}
          </button>`,
      )}
    </form>`;
}

/** What the person is to the installation, to help whoever chooses. */
function rolesOf(context: RequestContext, person: string): string {
  const { access } = context.get("wiring").config;
  const roles = (["viewer", "deployer", "approver", "oncall"] as const).filter((role) =>
    access[role].includes(`user:${person}`),
  );
  return roles.length === 0 ? "" : `(${roles.join(", ")})`;
}
