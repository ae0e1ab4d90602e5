import { Hono } from "hono";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { RequestEnvironment } from "../requests/context.ts";
import type { DecidingWiring } from "../wiring.ts";
import { addOtherActs } from "./acts/other-acts.ts";
import { addPlaceActs } from "./acts/place-acts.ts";
import { addPromotionActs } from "./acts/promotion-acts.ts";
import { addAssets } from "./assets.ts";
import { addAudit } from "./audit.ts";
import { addChanged } from "./changed.ts";
import { addDecisions } from "./decisions.ts";
import { addEnvironment } from "./environment.ts";
import { showFailure, showNothingThere } from "./failure.ts";
import { giveFormKey } from "./forgery.ts";
import { addHolds } from "./holds.ts";
import { addNumbers } from "./numbers.ts";
import { addOverview } from "./overview.ts";
import { addPromotion } from "./promotion.ts";
import { addService } from "./service.ts";
import { addTimeline } from "./timeline.ts";
import { tellOf } from "../requests/telling.ts";
import { addSignIn, admit, whoVisits } from "./sign-in.ts";
import type { WhoVisits } from "./sign-in.ts";

/** From where a page may load what, and where it may stand: from us alone, and in no frame. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  scriptSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

/** The pages as a web application. */
export function createPages(wiring: () => Promise<DecidingWiring>): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>();
  let asking: WhoVisits | null = null;
  app.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      // Without a referrer browsers send `Origin: null` with our own forms.
      referrerPolicy: "same-origin",
      xFrameOptions: "DENY",
    }),
  );
  app.use(compress());
  addAssets(app);
  app.use(async (context, next) => {
    context.set("wiring", await wiring());
    giveFormKey(context);
    context.header("cache-control", "no-store");
    await next();
  });
  addSignIn(app);
  app.use(async (context, next) => {
    asking ??= whoVisits(context.get("wiring"));
    const caller = await asking(context);
    if (caller === null) {
      return context.redirect("/sign-in", 303);
    }
    admit(context, caller);
    return tellOf("web", context, next);
  });
  addOverview(app);
  addService(app);
  addTimeline(app);
  addEnvironment(app);
  addPromotion(app);
  addChanged(app);
  addNumbers(app);
  addDecisions(app);
  addHolds(app);
  addAudit(app);
  addPlaceActs(app);
  addPromotionActs(app);
  addOtherActs(app);
  app.notFound(showNothingThere);
  app.onError((error, context) =>
    error instanceof HTTPException ? error.getResponse() : showFailure(context, error),
  );
  return app;
}
