import { z } from "zod";
import { accepted, refused } from "../../shared/domain/result.ts";
import { ApplyView, toPlacementBody } from "../../shared/wire/api/specification.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { Records } from "../plan/records.ts";
import { pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { CliError } from "./cli-error.ts";

/** The API's answer to a specification that cannot be applied. */
const Refused = z.object({
  error: z.object({
    details: z.tuple([
      z.object({
        "@type": z.literal("slipway/Problems"),
        problems: z.array(
          z.object({
            severity: z.enum(["error", "warning"]),
            path: z.string(),
            line: z.number(),
            column: z.number(),
            message: z.string(),
          }),
        ),
      }),
    ]),
  }),
});

/** Records through the API, which decides whether whoever asks may apply. */
export function apiRecords(api: Api): Records {
  return {
    submit: async ({ service, text, placement, isTried }) => {
      const body = {
        specification: text,
        placement: toPlacementBody(placement),
        validateOnly: isTried,
      };
      try {
        const { steps, problems } = await api.put(pathOf("services", service), body, ApplyView);
        return accepted({ steps, problems });
      } catch (error) {
        const problems = problemsIn(error);
        if (problems === null) {
          throw error;
        }
        return refused(problems);
      }
    },
  };
}

function problemsIn(error: unknown): readonly Problem[] | null {
  const parsed = error instanceof CliError ? Refused.safeParse(error.body) : null;
  return parsed?.success === true ? parsed.data.error.details[0].problems : null;
}
