import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { RequestContext } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import type { Html } from "./parts/html.ts";

/** The field of every form that proves that a page of ours made it. */
export const TOKEN_FIELD = "formToken";

const COOKIE = "slipway-forms";
const KEY_BYTES = 24;
const SALT_BYTES = 9;
const KEY = /^[\w-]{32}$/;

/**
 * Gives the browser the secret of its forms, unless it has one. `Lax`, not `Strict`: after a sign-in elsewhere the
 * browser would send no strict cookie, get another secret, and lose the forms that are open in other tabs.
 */
export function giveFormKey(context: RequestContext): void {
  const known = getCookie(context, COOKIE);
  const key =
    known !== undefined && KEY.test(known) ? known : randomBytes(KEY_BYTES).toString("base64url");
  context.set("formKey", key);
  if (key !== known) {
    const secure = isOverTls(context);
    setCookie(context, COOKIE, key, { httpOnly: true, sameSite: "Lax", path: "/", secure });
  }
}

/** Whether the browser reaches this over TLS: a secure cookie would be lost on a local cloud's plain address. */
export function isOverTls(context: RequestContext): boolean {
  return context.req.header("x-forwarded-proto") === "https";
}

/** The hidden field of a form that only this person's browser can send. It differs with each page, however it is packed. */
export function tokenField(context: RequestContext, person: string): Html {
  const salt = randomBytes(SALT_BYTES).toString("base64url");
  const token = `${salt}.${sealOf({ salt, key: context.get("formKey") ?? "", person })}`;
  return html`<input type="hidden" name="${TOKEN_FIELD}" value="${token}" />`;
}

/** @throws RequestError PERMISSION_DENIED unless a form of ours was sent, from our own page, by this person's browser. */
export function refuseForged(
  context: RequestContext,
  form: Readonly<Record<string, string>>,
  person: string,
): void {
  const [salt = "", seal = ""] = (form[TOKEN_FIELD] ?? "").split(".");
  const key = context.get("formKey") ?? "";
  const isOurs = isSame(seal, sealOf({ salt, key, person }));
  if (!isOurs || !isFromHere(context)) {
    throw new RequestError("PERMISSION_DENIED", STALE_FORM);
  }
}

const STALE_FORM =
  "this form is not one that a page of Slipway made for you in this browser; open the page again and send it from there";

function sealOf(parts: {
  readonly salt: string;
  readonly key: string;
  readonly person: string;
}): string {
  const text = JSON.stringify(["slipway form", parts.salt, parts.key, parts.person]);
  return createHash("sha256").update(text).digest("base64url");
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.byteLength === second.byteLength && timingSafeEqual(first, second);
}

/** What the browser says of where the form was: it always says one of the two. */
function isFromHere(context: RequestContext): boolean {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined) {
    return site === "same-origin";
  }
  const origin = context.req.header("origin") ?? "";
  return URL.canParse(origin) && new URL(origin).host === context.req.header("host");
}
