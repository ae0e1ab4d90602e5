import { actAs, allOf, needs, type Rule, type Rules, textAt } from "../kit/access/rules.ts";
import { rulesOf } from "../kit/collection-methods.ts";
import type { Functions } from "./functions.ts";

/**
 * Whoever makes or changes a function must be allowed to act as the account that it runs as. The default account,
 * which counts where none is named, is not asked about here.
 * Source: https://cloud.google.com/functions/docs/reference/iam/roles#additional-configuration
 */
const asAccount: Rule = (request) =>
  actAs(textAt(request, "function.serviceConfig.serviceAccountEmail"));

/** The account of the build is named with its resource's name. */
const asBuilder: Rule = (request) =>
  actAs(textAt(request, "function.buildConfig.serviceAccount").split("/").at(-1));

/** The permission of each method. Source: https://cloud.google.com/functions/docs/reference/iam/permissions */
export function toRules(functions: Functions): Rules {
  return {
    ...rulesOf([functions]),
    CreateFunction: allOf(needs("cloudfunctions.functions.create", "parent"), asAccount, asBuilder),
    UpdateFunction: allOf(
      needs("cloudfunctions.functions.update", "function.name"),
      asAccount,
      asBuilder,
    ),
    GenerateUploadUrl: needs("cloudfunctions.functions.sourceCodeSet", "parent"),
    GetOperation: needs("cloudfunctions.operations.get", "name"),
  };
}
