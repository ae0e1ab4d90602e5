import { html } from "hono/html";
import type { Hono } from "hono";
import { BREAKABLE } from "../../../shared/domain/gates/verdict.ts";
import { PromoteBody, RestoreBody, RollbackBody } from "../../../shared/wire/api/bodies.ts";
import { placeNamed } from "../../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../../requests/context.ts";
import { mayDo, needTo, needToEnter, permitAll } from "../../requests/needs.ts";
import { previewPromote, promoteTo } from "../../requests/promote.ts";
import type { Target } from "../../requests/promote.ts";
import { restoreFrom, restoreTargets } from "../../requests/restore.ts";
import { previewRollback, rollBackTo } from "../../requests/rollback.ts";
import { isTicked, toBody } from "../form.ts";
import type { Form } from "../form.ts";
import { plain } from "../parts/html.ts";
import { environmentTrail } from "../trails.ts";
import { addAct } from "./act.ts";
import type { Act } from "./act.ts";
import { REASON, REASON_IF_ANY } from "./field.ts";
import type { Choice, Field } from "./field.ts";
import { holdAct } from "./hold-act.ts";
import { migrateAct } from "./migrate-act.ts";
import { promotePreview, restorePreview, rollbackPreview } from "./previews.ts";

/** How many releases a form suggests. */
const SUGGESTED_COUNT = 20;

const PLACE = "/services/:service/environments/:environment";

/** Adds what a person does in an environment: promote, roll back, hold, restore, migrate. */
export function addPlaceActs(app: Hono<RequestEnvironment>): void {
  addAct(app, `${PLACE}/promote`, promote);
  addAct(app, `${PLACE}/rollback`, rollback);
  addAct(app, `${PLACE}/hold`, hold);
  addAct(app, `${PLACE}/restore`, restore);
  addAct(app, `${PLACE}/migrate`, async (context) => migrateAct(context, await targetOf(context)));
}

async function targetOf(context: RequestContext): Promise<Target> {
  const { service = "", environment = "" } = context.req.param();
  return placeNamed(context, { service, environment });
}

async function promote(context: RequestContext): Promise<Act> {
  const target = await targetOf(context);
  const { seen, environment } = target;
  const place = { service: seen.state.service, environment };
  await permitAll(context, await needToEnter(context, place));
  const [canBreak, mustBreak] = await Promise.all([
    mayDo(context, needTo.breakGlass(place)),
    mayDo(context, needTo.promote(place)).then((may) => !may),
  ]);
  const { now } = context.get("wiring").ports.clock;
  return {
    title: `Promote ${seen.state.service.name} into ${environment.id}`,
    trail: environmentTrail(seen.state, environment),
    intro: html`<p>
      Leave the release empty to take the one of the stage before. It goes when every gate is open,
      and waits until then.
    </p>`,
    fields: [
      releaseField(await suggestions(context, target), context.req.query("release") ?? ""),
      REASON_IF_ANY,
      ...(canBreak ? [{ ...BREAK_GLASS, isTicked: mustBreak }] : []),
    ],
    verb: "Promote",
    preview: async (form) =>
      promotePreview(await previewPromote(context, target, toPromote(form)), now()),
    perform: async (form) => {
      const { promotion } = await promoteTo(context, target, toPromote(form));
      return `/promotions/${promotion.id}`;
    },
  };
}

function toPromote(form: Form): PromoteBody {
  return toBody(PromoteBody, {
    release: form["release"],
    reason: form["reason"],
    ...(isTicked(form, "breakGlass") && { breakGlass: [...BREAKABLE] }),
  });
}

const BREAK_GLASS = {
  kind: "box" as const,
  name: "breakGlass",
  label: "Break the glass: pass gates that are closed",
  hint: "Needs a reason. It goes on the record under your name.",
};

function releaseField(choices: readonly Choice[], chosen: string): Field {
  return {
    kind: "text",
    name: "release",
    label: "Release",
    hint: "By id, tag or digest, or a part that no other has.",
    suggestions: choices,
    initial: chosen,
  };
}

async function suggestions(context: RequestContext, { seen }: Target): Promise<readonly Choice[]> {
  const request = { pageSize: SUGGESTED_COUNT, pageToken: "" };
  const { items } = await context
    .get("wiring")
    .ports.store.releases(seen.state.service.id, request);
  return items
    .filter(({ image }) => image.bad === null)
    .map(({ id, tag }) => ({ value: id, label: tag ?? id }));
}

async function rollback(context: RequestContext): Promise<Act> {
  const target = await targetOf(context);
  const { seen, environment } = target;
  const { service } = seen.state;
  await permitAll(context, needTo.rollBack({ service, environment }));
  const here = { service, from: environment, into: environment };
  const canRestore = await mayDo(context, needTo.restore(here));
  const { now } = context.get("wiring").ports.clock;
  return {
    title: `Roll back ${service.name} in ${environment.id}`,
    trail: environmentTrail(seen.state, environment),
    intro: html`<p>
      Leave the release empty to go back to the newest earlier one that proved itself here. Holds
      and windows do not stop a rollback.
    </p>`,
    fields: [
      releaseField([], context.req.query("release") ?? ""),
      REASON,
      HOLD_AFTER,
      ...(canRestore ? [{ ...RESTORE_DATA, isTicked: context.req.query("data") === "yes" }] : []),
    ],
    verb: "Roll back",
    isDangerous: true,
    preview: async (form) => {
      const body = toRollback(form);
      const judged = await previewRollback(context, target, body);
      return rollbackPreview(judged, { now: now(), restoresData: body.restoreData === true });
    },
    perform: async (form) =>
      `/promotions/${(await rollBackTo(context, target, toRollback(form))).id}`,
  };
}

function toRollback(form: Form): RollbackBody {
  return toBody(RollbackBody, {
    release: form["release"],
    reason: form["reason"],
    restoreData: isTicked(form, "restoreData"),
    hold: isTicked(form, "hold"),
  });
}

const HOLD_AFTER: Field = {
  kind: "box",
  name: "hold",
  label: "Hold the environment afterwards, and mark the release bad",
  hint: "So that nothing brings the release back by itself.",
  isTicked: true,
};

const RESTORE_DATA = {
  kind: "box" as const,
  name: "restoreData",
  label: "Bring back the data from before the release",
  hint: "What was written since then is lost.",
};

async function hold(context: RequestContext): Promise<Act> {
  const { seen, environment } = await targetOf(context);
  const { service } = seen.state;
  const scope = {
    kind: "environment" as const,
    service: service.id,
    environment: environment.id,
  };
  await permitAll(context, needTo.hold({ scope, service }));
  return holdAct(context, {
    title: `Hold ${service.name} in ${environment.id}`,
    trail: environmentTrail(seen.state, environment),
    intro: html`<p>
      A hold stops promotions into ${plain(environment.id)}, and never a rollback.
    </p>`,
    where: { service: service.id, environment: environment.id },
  });
}

async function restore(context: RequestContext): Promise<Act> {
  const target = await targetOf(context);
  const { seen, environment } = target;
  const { service } = seen.state;
  const { now } = context.get("wiring").ports.clock;
  const targets = await restoreTargets(context, target);
  if (targets.length === 0) {
    await permitAll(context, needTo.restore({ service, from: environment, into: environment }));
  }
  return {
    title: `Restore data of ${seen.state.service.name} in ${environment.id}`,
    trail: environmentTrail(seen.state, environment),
    intro: html`<p>
      The data as it is now is backed up first. Into another environment it goes only if that is one
      for tests.
    </p>`,
    fields: [
      {
        kind: "text",
        name: "backup",
        label: "Backup",
        hint: "A backup's id, or a promotion's for all that it took.",
        isRequired: true,
        initial: context.req.query("backup") ?? "",
      },
      {
        kind: "choice",
        name: "into",
        label: "Into",
        choices: targets.map(({ id }) => ({ value: id, label: id })),
        chosen: context.req.query("into") ?? environment.id,
      },
      REASON,
    ],
    verb: "Restore",
    isDangerous: true,
    preview: async (form) => {
      const body = { ...toRestore(form), validateOnly: true };
      return restorePreview(await restoreFrom(context, target, body), now());
    },
    perform: async (form) =>
      `/promotions/${(await restoreFrom(context, target, toRestore(form))).id}`,
  };
}

function toRestore(form: Form): RestoreBody {
  return toBody(RestoreBody, {
    backup: form["backup"],
    into: form["into"],
    reason: form["reason"],
  });
}
