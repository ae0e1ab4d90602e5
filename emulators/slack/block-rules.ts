import { z } from "zod";

/**
 * Block Kit's limits, in characters and pieces.
 * Source: https://docs.slack.dev/reference/block-kit/blocks and the descriptions in `@slack/types`.
 */
const BLOCK_LIMITS = {
  blocksInMessage: 50,
  blocksInView: 100,
  elements: 25,
  contextElements: 10,
  id: 255,
  sectionText: 3000,
  buttonText: 75,
  buttonValue: 2000,
  viewTitle: 24,
  privateMetadata: 3000,
  labelText: 2000,
} as const;

function plainText(
  characters: number,
): z.ZodObject<{ type: z.ZodLiteral<"plain_text">; text: z.ZodString }> {
  return z.strictObject({ type: z.literal("plain_text"), text: textUpTo(characters) });
}

function textUpTo(characters: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(characters, `must be less than ${characters + 1} characters`);
}

const AnyText = z.discriminatedUnion("type", [
  plainText(BLOCK_LIMITS.sectionText),
  z.strictObject({ type: z.literal("mrkdwn"), text: textUpTo(BLOCK_LIMITS.sectionText) }),
]);

/** A text object: plain, or with Slack's marks. */
export type TextObject = z.infer<typeof AnyText>;

/** Slack makes ids where they are left out. */
const Id = z.string().min(1).max(BLOCK_LIMITS.id);

const Button = z.strictObject({
  type: z.literal("button"),
  action_id: Id,
  text: plainText(BLOCK_LIMITS.buttonText),
  value: z.string().max(BLOCK_LIMITS.buttonValue).optional(),
  style: z.enum(["primary", "danger"]).optional(),
});

/** A button of a message. */
export type Button = z.infer<typeof Button>;

const MESSAGE_BLOCKS = [
  z.strictObject({ type: z.literal("section"), text: AnyText }),
  z.strictObject({
    type: z.literal("context"),
    elements: z.array(AnyText).min(1).max(BLOCK_LIMITS.contextElements),
  }),
  z.strictObject({
    type: z.literal("actions"),
    block_id: Id.optional(),
    elements: z
      .array(Button)
      .min(1)
      .max(BLOCK_LIMITS.elements)
      .refine(
        (buttons) => new Set(buttons.map(({ action_id }) => action_id)).size === buttons.length,
        "`action_id` already exists",
      ),
  }),
] as const;

const InputBlock = z.strictObject({
  type: z.literal("input"),
  block_id: Id,
  label: plainText(BLOCK_LIMITS.labelText),
  hint: plainText(BLOCK_LIMITS.labelText).optional(),
  element: z.strictObject({
    type: z.literal("plain_text_input"),
    action_id: Id,
    multiline: z.boolean().optional(),
    max_length: z.int().min(1).max(BLOCK_LIMITS.sectionText).optional(),
  }),
});

const OTHERS = "this emulator has no blocks of this type";
const MessageBlock = z.discriminatedUnion("type", [...MESSAGE_BLOCKS], OTHERS);
const ViewBlock = z.discriminatedUnion("type", [...MESSAGE_BLOCKS, InputBlock], OTHERS);

/** A block of a message. */
export type Block = z.infer<typeof MessageBlock>;

/** A block of a view, where fields may stand as well. */
export type ViewBlock = z.infer<typeof ViewBlock>;

/** The blocks of a message. */
export const Blocks = z.array(MessageBlock).max(BLOCK_LIMITS.blocksInMessage);

/** A modal. */
export const Modal = z
  .strictObject({
    type: z.literal("modal"),
    title: plainText(BLOCK_LIMITS.viewTitle),
    submit: plainText(BLOCK_LIMITS.viewTitle).optional(),
    close: plainText(BLOCK_LIMITS.viewTitle).optional(),
    blocks: z.array(ViewBlock).max(BLOCK_LIMITS.blocksInView),
    private_metadata: z.string().max(BLOCK_LIMITS.privateMetadata).default(""),
    callback_id: z.string().max(BLOCK_LIMITS.id).default(""),
  })
  .refine(
    ({ submit, blocks }) => submit !== undefined || !blocks.some(({ type }) => type === "input"),
    { path: ["submit"], message: "missing required field: submit" },
  );

/** What an app shows before a person. */
export type Modal = z.infer<typeof Modal>;

/** What an app may keep with a message. */
export const Metadata = z.strictObject({
  event_type: z.string().min(1),
  event_payload: z.record(z.string(), z.unknown()),
});

/** What an app keeps with a message. */
export type Metadata = z.infer<typeof Metadata>;
